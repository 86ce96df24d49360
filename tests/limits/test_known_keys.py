"""Keys that were found before stay keys, however many others are guessed beside them; those that are revoked do not."""

import asyncio

import pytest

from almanac.errors import TooManyRequests, Unauthorized
from almanac.settings import Secret, Settings
from almanac.store import keys
from almanac.store.db import Database, connect
from almanac.store.keys import KnownKeys
from almanac.store.rate import Rates
from almanac.store.redis_link import RedisLink
from almanac.web.asked import asked
from almanac.web.limits import Admission, Limits
from tests.api.handed import make_key

pytestmark = pytest.mark.anyio


async def test_guesses_beside_it_do_not_lock_out_a_known_key_and_a_revoked_one_ends(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(keys, "KNOWN_S", 0)  # what was found is looked up again at once
    monkeypatch.setattr(keys, "_MOST_KNOWN", 3)
    settings = Settings(database_url=Secret(empty_database), rate_anonymous="4/600s", rate_key="1000/600s")
    database = Database(settings)
    known = KnownKeys(database)
    limits = Limits(settings, Rates(RedisLink(settings), 1), known, [])

    async def admitted(token: str) -> Admission:
        scope = {"type": "http", "path": "/v1/kinds", "method": "GET", "client": ("192.0.2.1", 1)}
        scope["headers"] = [(b"authorization", f"Bearer {token}".encode())]
        found = limits.admit(scope, asked(scope))
        return found if isinstance(found, Admission) else await found

    token, other = [await asyncio.to_thread(make_key, empty_database) for _ in range(2)]
    await database.open()
    try:
        assert (await admitted(token)).refusal is None
        refused = [(await admitted(f"{token[:-4]}{number:04}")).refusal for number in range(8)]
        assert [type(one) for one in refused] == [Unauthorized] * 4 + [TooManyRequests] * 4
        found = await admitted(token)
        assert (found.refusal, found.caller) == (None, f"key:{token.split('_')[1]}")
        assert isinstance((await admitted(other)).refusal, TooManyRequests), "control: nobody had said what this one is"
        connection = await connect(empty_database)
        await keys.revoke(connection, token.split("_")[1])
        await connection.close()
        assert isinstance((await admitted(token)).refusal, Unauthorized)
        assert isinstance((await admitted(token)).refusal, TooManyRequests), "from now on it is a guess like others"
        assert max(len(known._keys), len(known._none)) <= 3
    finally:
        await database.close()
