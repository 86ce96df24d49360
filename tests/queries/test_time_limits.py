"""How long a query may run: a list as long as the setting says, what reads one thing a fifth of it."""

import time
from collections.abc import AsyncIterator

import asyncpg
import pytest

from almanac.errors import TooSlow
from almanac.settings import Secret, Settings
from almanac.store.db import Database

pytestmark = pytest.mark.anyio
LONGEST_S = 1.5


@pytest.fixture
async def locked(corpus_database: str) -> AsyncIterator[Database]:
    """A database in which nobody gets to the editions."""
    given = Settings(database_url=Secret(corpus_database), statement_timeout_ms=round(LONGEST_S * 1000))
    database = Database(given)
    await database.open()
    # Connections are opened beforehand: opening one is no part of a query.
    await database.fetch("editions/read", 1)
    owner = await asyncpg.connect(corpus_database)
    async with owner.transaction():
        await owner.execute("lock table edition in access exclusive mode")
        yield database
    await owner.close()
    await database.close()


@pytest.mark.parametrize(("query", "args", "longest_s"), [
    ("editions/read", [1], LONGEST_S / 5),
    ("editions/list", [1, None, 10], LONGEST_S),
])  # fmt: skip
async def test_a_query_ends_when_its_time_is_up(locked: Database, query: str, args: list[object], longest_s: float):
    began = time.monotonic()
    with pytest.raises(TooSlow):
        await locked.fetch(query, *args)
    assert longest_s <= time.monotonic() - began < longest_s * 2
