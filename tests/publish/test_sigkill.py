"""A publisher that is killed leaves the whole batch or nothing of it."""

import asyncio
import random
import time

import pytest

from almanac.store.db import Connection, connect
from tests.publish.build import put
from tests.publish.victim import ROWS, large, start

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

KILLS = 50


async def test_a_killed_publisher_leaves_all_or_nothing(empty_database: str, connection: Connection):
    spent = []
    for number in range(-3, 0):
        began = time.monotonic()
        start(empty_database, number + 1000).join()
        spent.append(time.monotonic() - began)
        assert await rows_of(connection, number + 1000) == ROWS
    span, chance, outcomes = sorted(spent)[1] * 1.2, random.Random(7), []
    for number in range(KILLS):
        process = start(empty_database, number)
        await asyncio.sleep(chance.uniform(0, span))
        process.kill()
        process.join()
        outcomes.append(await rows_of(connection, number))
        span *= 0.9 if outcomes[-1] else 1.1  # how long one lasts changes with what else the machine does
        report = await put(connection, large(number))
        assert report.counts["add"] + report.counts["unchanged"] == ROWS, "publishing again completes"
        assert await rows_of(connection, number) == ROWS
    assert set(outcomes) == {0, ROWS}, "some were killed before the end and some after it"
    await dense(connection, KILLS + 3)


@pytest.mark.parametrize("table", ["edition", "company", "change", "emission", "award", "statement"])
async def test_a_publisher_killed_between_two_tables_leaves_nothing(
    empty_database: str, connection: Connection, table: str
):
    """It is held up at one table, where it has written those before, and killed there."""
    owner = await connect(empty_database)
    transaction = owner.transaction()
    await transaction.start()
    await owner.execute(f"lock table {table} in share mode")
    process = start(empty_database, 1)
    await waiting(connection)
    assert process.is_alive()
    process.kill()
    process.join()
    await transaction.rollback()
    await owner.close()
    assert await rows_of(connection, 1) == 0
    report = await put(connection, large(1))
    assert (report.edition, report.counts["add"]) == (1, ROWS)
    await dense(connection, 1)


async def test_half_a_batch_would_be_seen(empty_database: str, connection: Connection):
    """Control: a row of a kind that goes missing is noticed by what the tests above look at."""
    await put(connection, large(1))
    owner = await connect(empty_database)
    await owner.execute("drop trigger refuse_rewrite on award")
    await owner.execute("delete from award where seq = (select max(seq) from award)")
    await owner.close()
    with pytest.raises(AssertionError):
        await rows_of(connection, 1)


async def rows_of(connection: Connection, number: int) -> int:
    """Rows of a company's batch, the same in every table; all from one snapshot."""
    counts = await connection.fetchrow(
        """
        select (select count(*) from change where company_id = $1) as changes,
               (select count(*) from emission where company_id = $1) as emissions,
               (select count(*) from award where company_id = $1) as awards,
               (select count(*) from statement s join change c using (seq) where c.company_id = $1) as statements,
               (select sum(e.versions) from edition e
                 where e.edition in (select edition from company where company_id = $1)) as promised,
               (select count(*) from company_record where company_id = $1) as heads,
               (select count(*) from company_name where company_id = $1) as names,
               (select count(*) from company_identifier where company_id = $1) as identifiers
        """,
        f"company-{number}",
    )
    whole = (ROWS, ROWS // 2, ROWS // 2, ROWS, ROWS, 1, 1, 1)
    assert tuple(counts) in (whole, (0, 0, 0, 0, None, 0, 0, 0)), dict(counts)
    return counts["changes"]


async def dense(connection: Connection, editions: int) -> None:
    """No edition and no seq is missing."""
    assert await connection.fetchval("select array_agg(edition order by edition) from edition") == list(
        range(1, editions + 1)
    )
    assert await connection.fetchval("select array_agg(last_seq order by edition) from edition") == [
        ROWS * n for n in range(1, editions + 1)
    ]
    assert await connection.fetchval("select count(*) = max(seq) from change")


async def waiting(connection: Connection) -> None:
    """Until a backend waits for a table."""
    for _ in range(2000):
        if await connection.fetchval("select count(*) from pg_locks where not granted and relation is not null"):
            return
        await asyncio.sleep(0.01)
    pytest.fail("the publisher never came to the table")
