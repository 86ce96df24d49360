"""What a request was found to mean is remembered under the edition that it was answered from, and under no other."""

import asyncio
from pathlib import Path

import asyncpg
import msgspec
import pytest

from almanac.store import editions, told
from almanac.web.asked import asked
from almanac.web.operation import Answer, Call
from almanac.web.reading import Request
from almanac.web.reads import Reads
from tests.api.batches import emission, put
from tests.queries.test_query_count import OPERATIONS, _serving

pytestmark = pytest.mark.anyio

SCOPE = {"raw_path": b"/v1/emissions", "query_string": b"", "headers": []}
REQUEST = Request(path={}, suffix="", query=b"", headers={})


async def test_an_answer_from_one_edition_is_not_remembered_as_that_of_the_next(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
):
    """Another worker has told of edition 2; this one cannot read it in time, answers from 1, and hears of 2 meanwhile."""
    monkeypatch.setattr(editions, "_PATIENCE_S", 0.1)
    await asyncio.to_thread(put, empty_database, emission("a", 2022, 1))
    shared: Path | None = told.place()
    async with _serving(empty_database, told.Told(shared)) as service:
        (listing,) = [one for one in OPERATIONS if one.id == "list_emissions"]
        reads = Reads(service, OPERATIONS, remember=True)
        await asyncio.to_thread(put, empty_database, emission("a", 2023, 2))
        told.Told(shared).tell(2)
        locked = await asyncpg.connect(empty_database)
        await locked.execute("begin; lock table edition in access exclusive mode")
        letter = reads.letter(SCOPE, asked(SCOPE))
        assert (letter[-1], service.editions.newest) == (2, 1)

        async def overtaken(call: Call) -> Answer:
            await locked.close()
            await service.editions.refresh()
            return await listing.handle(call)

        first = await reads.answer(msgspec.structs.replace(listing, handle=overtaken), REQUEST, letter)
        assert (rests_on(first.body), service.editions.newest) == (1, 2)
        assert reads.place(letter) is None
        second = await reads.answer(listing, REQUEST, letter)
        assert rests_on(second.body) == 2
        assert reads.place(letter) == second.place, "control: what was answered from its edition is remembered"


def rests_on(body: bytes) -> int:
    """The edition that an answer rests on."""
    return msgspec.json.decode(body)["meta"]["edition"]
