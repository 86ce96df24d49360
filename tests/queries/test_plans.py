"""Reads of a page touch a page, not the table: plans over 20,000 rows."""

import asyncio
import datetime as dt
import json
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from almanac.store.db import READER, Connection, connect
from almanac.store.queries import PLANNED_ONCE, QUERIES, params
from tests.conftest import Servers, _copy
from tests.queries.many import FILL

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

DAY = dt.date(2023, 5, 1)
NONE = (None,) * 6


@pytest.fixture(scope="module")
def many(servers: Servers, empty_template: str) -> Iterator[str]:
    """URL of a database with 20,000 emissions."""

    async def fill(url: str) -> None:
        owner = await connect(url)
        for statement in FILL:
            await owner.execute(statement)
        await owner.close()

    for url in _copy(servers, empty_template):
        asyncio.run(fill(url))
        yield url


@pytest.fixture
async def planner(many: str) -> AsyncIterator[Connection]:
    """A connection as the pool opens them: plans are made for the values given."""
    opened = await connect(many, READER)
    await opened.execute("set plan_cache_mode = force_custom_plan; set jit = off")
    yield opened
    await opened.close()


async def explain(connection: Connection, query: str, *args: Any) -> list[dict[str, Any]]:
    """Every node of the plan as it ran, outermost first."""
    text = await connection.fetchval(f"explain (analyze, timing off, format json) {query}", *args)
    return list(nodes(json.loads(text)[0]["Plan"]))


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan and those inside it."""
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def seq_scans(plan: list[dict[str, Any]]) -> list[str]:
    """Tables that are read from end to end."""
    return [one["Relation Name"] for one in plan if one["Node Type"] == "Seq Scan"]


def touched(plan: list[dict[str, Any]]) -> int:
    """Rows that the scans gave or threw away."""
    scans = [one for one in plan if "Scan" in one["Node Type"]]
    gone = [int(one.get("Rows Removed by Filter", 0)) for one in scans]
    return sum(int((one["Actual Rows"] + g) * one["Actual Loops"]) for one, g in zip(scans, gone, strict=True))


async def anchor(connection: Connection, company: str) -> int:
    return await connection.fetchval("select max(seq) from change where company_id = $1", company)


async def test_a_metric_and_year_across_companies_reads_by_index(planner: Connection):
    args = (1, DAY, None, None, 51, "ghg.scope1", None, 2022, None, None, None)
    plan = await explain(planner, QUERIES["emissions/list"], *args)
    assert seq_scans(plan) == []
    assert touched(plan) < 600
    assert [one.get("Index Name") for one in plan if one.get("Alias") == "v"] == ["emission_metric"]


async def test_the_next_page_starts_where_the_last_one_ended(planner: Connection):
    after = await anchor(planner, "c-0700")
    args = (1, DAY, None, after, 51, "ghg.scope1", None, 2022, None, None, None)
    plan = await explain(planner, QUERIES["emissions/list"], *args)
    assert seq_scans(plan) == []
    assert touched(plan) < 600, "the 700 companies before are not read again"


async def test_a_company_reads_its_own_rows(planner: Connection):
    plan = await explain(planner, QUERIES["emissions/list"], 1, DAY, "c-0500", None, 51, *NONE)
    assert seq_scans(plan) == []
    assert touched(plan) < 200


async def test_a_page_of_everything_reads_a_page(planner: Connection):
    after = await anchor(planner, "c-0500")
    for place in (None, after):
        plan = await explain(planner, QUERIES["emissions/list"], 1, DAY, None, place, 51, *NONE)
        assert seq_scans(plan) == []
        assert touched(plan) < 600


async def test_the_feed_goes_on_by_its_key(planner: Connection):
    plan = await explain(planner, QUERIES["changes/feed"], 1, DAY, 15_000, 101, None, None, None)
    assert [one["Node Type"] for one in plan] == ["Limit", "Index Scan"]
    assert touched(plan) <= 102


@pytest.mark.parametrize(
    ("kind", "company", "op", "most"),
    [
        ("emissions", None, "add", 102),
        ("targets", None, None, 0),
        (None, None, "withdraw", 0),
        ("emissions", None, "withdraw", 0),
        (None, "c-0500", None, 60),
        (None, "c-0500", "withdraw", 60),
    ],
)
async def test_what_a_filter_of_the_feed_leaves_out_is_not_read(
    planner: Connection, kind: str | None, company: str | None, op: str | None, most: int
):
    plan = await explain(planner, QUERIES["changes/feed"], 1, DAY, 0, 101, kind, company, op)
    assert seq_scans(plan) == []
    assert touched(plan) <= most


async def test_without_its_index_a_feed_of_withdrawals_would_read_everything(planner: Connection, many: str):
    """Control: what the index on `op` is for."""
    owner = await connect(many)
    async with owner.transaction():
        await owner.execute("drop index change_op; set local plan_cache_mode = force_custom_plan")
        plan = await explain(owner, QUERIES["changes/feed"], 1, DAY, 0, 101, None, None, "withdraw")
        await owner.execute("create index change_op on change (op, seq) where op <> 'add'")
    await owner.close()
    assert touched(plan) > 10_000


async def test_a_disclosure_is_read_by_its_index(planner: Connection):
    one = await planner.fetchval("select disclosure_id from change where seq = 10000")
    plan = await explain(planner, QUERIES["disclosures/read"], 1, DAY, one)
    assert [(one["Node Type"], one.get("Index Name")) for one in plan] == [
        ("Limit", None),
        ("Index Scan", "change_answer"),
    ]
    assert touched(plan) == 1


@pytest.mark.parametrize(
    ("name", "args", "most"),
    [
        ("companies/list", (1, None, 51, None, None, None), 200),
        ("companies/profile", (1, DAY, "c-0500"), 200),
        ("changes/history", (1, DAY, "c-0500", None, 51, None), 60),
        ("companies/diff", (1, DAY, "c-0500", None, 51, 0, 1), 200),
        ("coverage/list", (1, DAY, None, 51, "c-0500", None, None), 300),
        ("deltas/list", (1, DAY, "c-0500", None, 51, None, None), 1000),
        ("progress/list", (1, DAY, "c-0500", None, 51, ["ghg.scope1", "ghg.scope2.mb"]), 100),
        ("frames/list", (1, DAY, None, 51, "ghg.scope1", None, 2022), 600),
    ],
)
async def test_other_reads_leave_the_large_tables_unread(
    planner: Connection, name: str, args: tuple[Any, ...], most: int
):
    plan = await explain(planner, QUERIES[name], *args)
    assert not {"emission", "change"} & set(seq_scans(plan))
    assert touched(plan) < most


async def test_a_table_read_from_end_to_end_would_be_seen(planner: Connection):
    """Control: an expression that no index knows."""
    plan = await explain(planner, "select seq from emission where metric || '' = $1 limit 5000", "ghg.scope1")
    assert seq_scans(plan) == ["emission"]
    assert touched(plan) > 10_000


@pytest.mark.parametrize("name", sorted(PLANNED_ONCE))
async def test_what_is_planned_once_reads_by_index_whatever_the_values(planner: Connection, name: str):
    """A plan without values: it must not depend on them, and so has no filter that may be absent."""
    assert not re.search(r"\$\d+(::\w+)? is null", QUERIES[name])
    none = [None] * len(params(QUERIES[name]))
    text = await planner.fetchval(f"explain (generic_plan, format json) {QUERIES[name]}", *none)
    read = seq_scans(list(nodes(json.loads(text)[0]["Plan"])))
    # Small tables, of which a few pages are all there is.
    assert set(read) <= {"metric", "edition", "edition_state", "api_key", "company", "source"}


NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize("current", [False, True])
async def test_files_of_the_corpus_are_read_in_their_order(planner: Connection, current: bool):
    """No version is sorted among those of another disclosure, none is looked up by its place, and a part begins at its row."""
    await planner.execute(QUERIES["bulk/session"])
    begin = ("", uuid.UUID(NOBODY), 0)
    edition = await planner.fetchval("select max(edition) from edition")
    plans = {
        "change_file": await explain(planner, QUERIES["bulk/lines"], edition, 0, current, "emissions", *begin, 5000),
        "emission_company_id_disclosure_id_version_idx": await explain(
            planner, QUERIES["emissions/flat"], edition, current, *begin, 5000
        ),
    }
    for index, plan in plans.items():
        assert {node["Index Name"] for node in plan if "Index Name" in node} == {index}
        assert set(seq_scans(plan)) <= {"source"}
        rows = {node["Node Type"]: node["Actual Rows"] for node in plan}
        assert not rows.get("Sort")
        assert bool(rows.get("Unique")) == current, "every version is told apart by the index"
        (scan,) = [node for node in plan if node.get("Index Name") == index]
        assert "ROW(" in scan["Index Cond"]
        assert scan["Actual Rows"] < 7000, "a part reads a part"


async def test_where_parts_begin_is_found_in_an_index_alone(planner: Connection):
    await planner.execute(QUERIES["bulk/session"])
    edition = await planner.fetchval("select max(edition) from edition")
    begin = ("", uuid.UUID(NOBODY), 0)
    plan = await explain(planner, QUERIES["bulk/part"], edition, 0, False, "emissions", *begin, 5000)
    assert "Index Only Scan" in {node["Node Type"] for node in plan}
    assert set(seq_scans(plan)) <= {"source"}


MORE = (
    """
    insert into edition (edition, published_at, publisher, versions, last_seq, known_to)
    values (2, now(), 'tests', 20, 20020, '2023-05-01')
    """,
    """
    insert into change
    select 20000 + seq, 2, kind, disclosure_id, 2, 'restate', company_id, known_from, natural_key, source_id, content_hash, '{}',
           body
      from change where seq <= 20
    """,
)


@pytest.mark.parametrize("current", [False, True])
async def test_a_delta_reads_what_it_holds(many: str, current: bool):
    owner = await connect(many)
    turn = owner.transaction()
    await turn.start()
    for statement in (*MORE, QUERIES["bulk/session"]):
        await owner.execute(statement)
    begin = ("", uuid.UUID(NOBODY), 0)
    plan = await explain(owner, QUERIES["bulk/lines"], 2, 1, current, "emissions", *begin, 5000)
    await turn.rollback()
    await owner.close()
    assert "change" not in seq_scans(plan)
    assert plan[0]["Actual Rows"] == 20
    read = [node["Actual Rows"] * node["Actual Loops"] for node in plan if node.get("Relation Name") == "change"]
    assert max(read) <= 2 * 20, "the versions of what was touched"
