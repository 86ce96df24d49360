"""Many publishers at once: the feed stays dense and in order of commit, and nobody's answer is lost."""

import asyncio
import contextlib
import datetime as dt

import asyncpg
import pytest

from almanac.publish import publish as publishing
from almanac.publish.batch import CompanyLine
from almanac.store.db import PUBLISHER, READER, Connection, connect
from almanac.store.queries import QUERIES
from tests.publish.build import batch, emission, put, said, source
from tests.publish.store import newest, value, versions

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

PUBLISHERS, BATCHES = 16, 20
DOOMSDAY = dt.date(2100, 1, 1)


async def test_a_consumer_of_the_feed_sees_every_change_once_and_in_order(empty_database: str):
    done = asyncio.Event()
    consumer = asyncio.create_task(_consume(empty_database, done))
    async with asyncio.TaskGroup() as group:
        for number in range(PUBLISHERS):
            group.create_task(_publish(empty_database, number))
    done.set()
    seen = await consumer
    connection = await connect(empty_database, READER)
    stored = [row["seq"] for row in await connection.fetch("select seq from change order by seq")]
    editions = [row["edition"] for row in await connection.fetch("select edition from edition order by published_at")]
    await connection.close()
    assert len(stored) == PUBLISHERS * BATCHES * 2
    assert seen == stored == list(range(1, len(stored) + 1))
    assert editions == list(range(1, PUBLISHERS * BATCHES + 1))


async def _publish(database: str, number: int) -> None:
    """Batches about a company of its own, broken off now and then: what is rolled back leaves no hole."""
    connection = await connect(database, PUBLISHER)
    company = CompanyLine(id=f"company-{number}", name="x")
    for turn in range(BATCHES):
        one = source(f"r{number}-{turn}", "2023-05-01")
        rows = [emission(one.key, "1", company=company.id, period=str(1950 + turn), gas=gas) for gas in ("CO2", "CH4")]
        whole = batch([one], rows, [company])
        if turn % 4 == number % 4:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(put(connection, whole), 0.005 * turn)
            connection.terminate()
            connection = await connect(database, PUBLISHER)
        await put(connection, whole)
    await connection.close()


async def _consume(database: str, done: asyncio.Event) -> list[int]:
    """Poll the feed as a partner does: everything after the last seq that was seen."""
    connection = await connect(database, READER)
    seen: list[int] = []
    polls = 0
    while True:
        finished = done.is_set()
        after = seen[-1] if seen else 0
        rows = await connection.fetch(QUERIES["changes/feed"], 2**31 - 1, DOOMSDAY, after, 7, None, None, None)
        seen += [row["seq"] for row in rows]
        polls += bool(rows)
        if finished and not rows:
            break
        await asyncio.sleep(0)
    await connection.close()
    assert polls > 50, "the consumer polled while there was publishing"
    return seen


async def test_polling_a_bigserial_loses_what_commits_late(empty_database: str):
    """Control: the same poll over numbers that are taken before the turn to commit misses one for ever."""
    owner, early, late = [await connect(empty_database) for _ in range(3)]
    await owner.execute("create table serial (seq bigserial primary key)")
    seen: list[int] = []

    async def poll() -> None:
        rows = await owner.fetch("select seq from serial where seq > $1 order by seq", seen[-1] if seen else 0)
        seen.extend(row["seq"] for row in rows)

    polled = asyncio.Event()

    async def slow() -> None:
        async with early.transaction():
            await early.execute("insert into serial default values")
            taken.set()
            await polled.wait()

    taken = asyncio.Event()
    task = asyncio.create_task(slow())
    await taken.wait()
    await late.execute("insert into serial default values")
    await poll()
    polled.set()
    await task
    await poll()
    stored = [row["seq"] for row in await owner.fetch("select seq from serial order by seq")]
    for connection in (owner, early, late):
        await connection.close()
    assert stored == [1, 2]
    assert seen == [2], "the first is never delivered"


async def test_a_publish_that_commits_late_keeps_the_others_waiting(empty_database: str):
    """The same interleaving with real publishes: who took numbers first commits first, so nothing is passed over."""
    slow, fast, reader = [await connect(empty_database, PUBLISHER) for _ in range(3)]
    async with slow.transaction():
        await slow.execute(QUERIES["publish/lock"])
        task = asyncio.create_task(put(fast, said("r1", "2023-05-01", "1")))
        done, _ = await asyncio.wait([task], timeout=0.3)
        assert not done, "it waits for its turn"
        assert await newest(reader) == 0
    assert (await task).edition == 1
    for connection in (slow, fast, reader):
        await connection.close()


async def _both(database: str, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Two publishers decide about one disclosure before either writes."""
    connections = [await connect(database, PUBLISHER) for _ in range(2)]
    decide, decided, first_try = publishing._decide, asyncio.Barrier(2), set()

    async def together(connection: Connection, *args: object) -> object:
        plan = await decide(connection, *args)
        if connection not in first_try:
            first_try.add(connection)
            await decided.wait()
        return plan

    monkeypatch.setattr(publishing, "_decide", together)
    found = await asyncio.gather(
        put(connections[0], said("r1", "2023-05-01", "100")),
        put(connections[1], said("r2", "2024-05-01", "120")),
        return_exceptions=True,
    )
    for connection in connections:
        await connection.close()
    return found


async def test_two_publishers_of_one_disclosure_make_two_versions(
    empty_database: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
):
    reports = await _both(empty_database, monkeypatch)
    assert {report.edition for report in reports} == {1, 2}
    found = await versions(connection)
    assert [one["version"] for one in found] == [1, 2]
    assert {one["value"] for one in found} == {100, 120}
    assert [await value(connection, day) for day in ("2023-05-01", "2024-05-01")] == [100, 120]
    assert await connection.fetchval("select count(*) from company") == 1


async def test_without_the_check_one_of_the_two_would_be_lost(
    empty_database: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
):
    """Control: the constraints catch a stale plan, and the check is what makes a fresh one of it."""

    async def never(*_: object) -> bool:
        return False

    monkeypatch.setattr(publishing, "overtaken", never)
    outcomes = await _both(empty_database, monkeypatch)
    assert sum(isinstance(one, asyncpg.UniqueViolationError) for one in outcomes) == 1
    assert len(await versions(connection)) == 1
