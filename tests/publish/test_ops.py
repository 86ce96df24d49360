"""What a published answer does to the answers before it."""

import pytest

from almanac.store.db import Connection
from tests.publish.build import ACME, batch, emission, emission_id, put, row, said, source
from tests.publish.store import answer, newest, ops, sizes, value, versions

pytestmark = pytest.mark.anyio


async def test_a_first_answer_is_added(connection: Connection):
    report = await put(connection, said("r1", "2023-05-01", "100.0"))
    assert (report.edition, report.counts["add"], report.companies) == (1, 1, 1)
    assert await value(connection, "2023-04-30") is None
    found = await answer(connection, "2023-05-01")
    assert found is not None
    assert (found["value"], found["version"], found["op"], found["changed"]) == (100.0, 1, "add", [])
    assert (found["company_name"], found["known_from"], found["source"]["title"]) == (
        "Acme Corp.",
        "2023-05-01",
        "Report r1",
    )


async def test_a_later_document_restates_from_its_day_on(connection: Connection):
    await put(connection, said("r1", "2023-05-01", "100"))
    await put(connection, said("r2", "2024-05-01", "120", basis="restated"))
    assert await ops(connection) == ["add", "restate"]
    assert [await value(connection, day) for day in ("2023-05-01", "2024-04-30", "2024-05-01")] == [100, 100, 120]
    assert await value(connection, "2024-05-01", edition=1) == 100
    assert (await versions(connection))[1]["changed"] == ["value", "basis"]


async def test_an_older_document_loaded_late_does_not_disturb_the_newest_answer(connection: Connection):
    await put(connection, said("r2", "2024-05-01", "120"))
    await put(connection, said("r1", "2023-05-01", "100"))
    assert await ops(connection) == ["add", "backfill"]
    assert await value(connection, "2024-05-01") == 120
    assert await value(connection, "2023-06-01") == 100
    assert await value(connection, "2023-06-01", edition=1) is None


async def test_the_same_source_with_another_value_corrects(connection: Connection):
    await put(connection, said("r1", "2023-05-01", "100"))
    await put(connection, said("r1", "2023-05-01", "1000", page="3"))
    assert await ops(connection) == ["add", "correct"]
    assert await value(connection, "2023-05-01") == 1000
    assert await value(connection, "2023-05-01", edition=1) == 100
    assert (await versions(connection))[1]["changed"] == ["value", "page"]


async def test_digits_are_part_of_the_answer(connection: Connection):
    await put(connection, said("r1", "2023-05-01", "7.5"))
    await put(connection, said("r2", "2024-05-01", "7.50"))
    assert [one["changed"] for one in await versions(connection)] == [[], ["value", "decimals"]]
    bodies = [row["body"] for row in await connection.fetch("select body from change order by seq")]
    assert [b'"value":7.5,' in bodies[0], b'"value":7.50,' in bodies[1]] == [True, True]


async def test_withdrawn_is_absent_until_a_new_answer(connection: Connection):
    await put(connection, said("r1", "2023-05-01", "100"))
    await put(connection, said("r2", "2024-05-01", "100", withdrawn=True))
    await put(connection, said("r3", "2025-05-01", "90"))
    assert await ops(connection) == ["add", "withdraw", "restate"]
    days = ("2023-05-01", "2024-05-01", "2025-04-30", "2025-05-01")
    assert [await value(connection, day) for day in days] == [100, None, None, 90]


async def test_an_uncovered_withdrawal_is_still_a_withdrawal(connection: Connection):
    """A register confirms that nothing holds; then an older document with an answer is loaded before that."""
    await put(connection, said("r1", "2021-05-01", "100"))
    await put(connection, said("r2", "2022-05-01", "100", withdrawn=True))
    await put(connection, said("r4", "2024-05-01", "100", withdrawn=True))
    await put(connection, said("r3", "2023-05-01", "90"))
    days = ("2021-05-01", "2022-05-01", "2023-05-01", "2024-05-01")
    assert [await value(connection, day) for day in days] == [100, None, 90, None]
    assert await ops(connection) == ["add", "withdraw", "backfill", "withdraw"]


async def test_what_a_source_only_confirms_makes_no_version(connection: Connection):
    await put(connection, said("r1", "2023-05-01", "100"))
    report = await put(connection, said("r2", "2024-05-01", "100"))
    assert (report.edition, report.counts["unchanged"]) == (None, 1)
    assert await ops(connection) == ["add"]


async def test_a_confirmation_is_said_again_when_an_older_document_comes_between(connection: Connection):
    await put(connection, said("r1", "2023-05-01", "100"))
    await put(connection, said("r3", "2025-05-01", "100", page="7"))
    report = await put(connection, said("r2", "2024-05-01", "110"))
    assert (report.counts["backfill"], report.counts["said_again"]) == (1, 1)
    found = await answer(connection, "2025-05-01")
    assert found is not None
    assert (found["value"], found["source"]["title"], found["page"]) == (100, "Report r3", None)
    assert [await value(connection, day) for day in ("2023-05-01", "2024-05-01", "2025-05-01")] == [100, 110, 100]


async def test_a_corrected_date_leaves_nothing_at_the_old_one(connection: Connection):
    await put(connection, said("r1", "2022-05-01", "100"))
    await put(connection, said("r2", "2023-05-01", "200"))
    await put(connection, batch([source("r2", "2023-05-01")], [emission("r2", "200", known_from="2024-05-01")]))
    days = ("2022-05-01", "2023-05-01", "2024-04-30", "2024-05-01")
    assert [await value(connection, day) for day in days] == [100, 100, 100, 200]
    assert [await value(connection, day, edition=2) for day in days] == [100, 200, 200, 200]
    found = await answer(connection, "2023-06-01")
    assert found is not None
    assert found["source"]["title"] == "Report r1"


async def test_publishing_the_same_batch_twice_changes_nothing(connection: Connection):
    one = batch(
        [source("r1", "2023-05-01"), source("r2", "2024-05-01")],
        [
            emission("r1", "100"),
            emission("r2", "110"),
            emission("r2", None, period="2021"),
            emission("r1", "1", period="2021"),
        ],
    )
    await put(connection, one)
    before = await sizes(connection)
    report = await put(connection, one)
    assert (report.edition, report.counts["unchanged"], report.companies) == (None, 4, 0)
    assert await sizes(connection) == before


async def test_a_dry_run_writes_nothing_and_reports_the_same(connection: Connection):
    await put(connection, said("r1", "2023-05-01", "100"))
    one = batch(
        [source("r1", "2023-05-01"), source("r0", "2022-05-01"), source("r2", "2024-05-01")],
        [
            emission("r1", "101"),
            emission("r0", "99"),
            emission("r2", "101", withdrawn=True),
            emission("r2", "5", period="2021"),
        ],
    )
    before = await sizes(connection)
    dry = await put(connection, one, dry_run=True)
    assert await sizes(connection) == before
    assert (dry.edition, dry.published_at, dry.dry_run) == (None, None, True)
    wet = await put(connection, one)
    assert dry.counts == wet.counts == {
        "add": 1, "restate": 0, "backfill": 1, "correct": 1, "withdraw": 1, "said_again": 0, "unchanged": 0
    }  # fmt: skip
    assert await sizes(connection) != before


async def test_rows_of_one_batch_are_taken_in_the_order_of_the_world(connection: Connection):
    sources = [source("r2", "2024-05-01"), source("r1", "2023-05-01")]
    await put(connection, batch(sources, [emission("r2", "120"), emission("r1", "100")]))
    assert await ops(connection) == ["add", "restate"]


async def test_editions_and_seqs_are_dense(connection: Connection):
    for number in range(1, 4):
        await put(connection, said(f"r{number}", f"202{number}-05-01", str(number)))
        await put(connection, said(f"r{number}", f"202{number}-05-01", str(number)))
    rows = await connection.fetch("select seq, edition from change order by seq")
    assert [(row["seq"], row["edition"]) for row in rows] == [(1, 1), (2, 2), (3, 3)]
    assert await newest(connection) == 3
    assert await connection.fetchval("select bool_and(last_seq = edition) from edition")


async def test_the_disclosure_id_is_made_from_the_question(connection: Connection):
    await put(
        connection, batch([source("r1", "2023-05-01")], [emission("r1", "1"), emission("r1", "2", gas="CO2")], [ACME])
    )
    ids = {one["gas"]: one["id"] for one in await versions(connection)}
    assert ids[None] == emission_id() != ids["CO2"]


async def test_what_is_no_fault_is_taken(connection: Connection):
    """The same row twice, two sources that contradict each other, a source by its id, a change in per cent."""
    one, two = source("r1", "2023-05-01"), source("r2", "2023-05-02")
    report = await put(connection, batch([one, two], [emission("r1", "1"), emission("r1", "1"), emission("r2", "2")]))
    assert (report.rows, report.counts["add"], report.counts["restate"], report.counts["unchanged"]) == (3, 1, 1, 1)
    change = {"metric": "ghg.scope1", "period": "2022", "compared_period": "2021", "measure": "change_pct", "value": -7}
    report = await put(connection, batch([], [row("claimed-changes", one.id, unit="percent", **change)], []))
    assert report.counts["add"] == 1
