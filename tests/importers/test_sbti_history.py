"""What releases say together: by leaving out, by leaving blank, and whatever the order they are loaded in."""

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import msgspec
import pytest

from almanac.importers import registry, sbti
from almanac.importers.identity import Index
from almanac.store.db import PUBLISHER, connect
from tests.importers.workbook import NEAR, company, register

pytestmark = pytest.mark.anyio
DAYS = [dt.date(2025, 3, 13), dt.date(2025, 4, 10), dt.date(2025, 5, 8), dt.date(2025, 6, 5)]
MANY = [company(n, f"Company {n}", **NEAR) for n in range(100, 130)]
BLANK = NEAR | {"near_term_target_year": None}
COMMITTED = {"near_term_status": "Committed", "net_zero_status": "Committed"}
GONE = {"near_term_status": "Commitment removed", "net_zero_status": "Commitment removed"}
# Committed, set, away, back as removed, and a company that comes late.
STORY = [
    [company(**COMMITTED)],
    [company(**NEAR, net_zero_status="Committed")],
    [company(2, "Nova", **NEAR)],
    [company(**GONE), company(2, "Nova", **BLANK)],
]


async def take(connection: Any, folder: Path, rows: list[dict[str, Any]], day: dt.date, **options: Any):
    path = folder / f"register_{day}.xlsx"
    if not path.exists():
        register(folder, [*rows, *MANY], name=path.name)
    found = registry.Found(path, sbti, day)
    return await registry.run(connection, found, registry.Options(**options))


async def answers(connection: Any, *companies: str) -> dict[dt.date, dict[tuple[str, ...], tuple[Any, ...]]]:
    """What reads give on each day: the latest known version of each question, the newest of several."""
    rows = await connection.fetch("select * from change where company_id = any($1) order by known_from, seq", companies)
    found: dict[dt.date, dict[tuple[str, ...], tuple[Any, ...]]] = {}
    for day in DAYS:
        held: dict[tuple[str, ...], tuple[Any, ...]] = {}
        for row in rows:
            key = (row["company_id"], row["kind"], row["natural_key"])
            body = msgspec.json.decode(row["body"])
            if row["known_from"] <= day:
                held[key] = () if row["op"] == "withdraw" else (body["status"], body.get("target_year"))
        found[day] = {key: answer for key, answer in held.items() if answer}
    return found


async def told(url: str, folder: Path, order: tuple[int, ...]) -> Any:
    connection = await connect(url, PUBLISHER)
    for one in order:
        _, published = await take(connection, folder, STORY[one], DAYS[one], hold_share=1.0)
        assert published is not None
    found = await answers(connection, "borealis-foods", "nova")
    await connection.close()
    return [{f"{company} {kind} {key}": say for (company, kind, key), say in found[day].items()} for day in DAYS]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
async def test_the_order_of_loading_does_not_matter(empty_database: str, tmp_path: Path, order: tuple[int, ...]):
    assert await told(empty_database, tmp_path, order) == [
        {
            "borealis-foods commitments sbti|near_term": ("active", None),
            "borealis-foods commitments sbti|net_zero": ("active", None),
        },
        {
            "borealis-foods targets sbti|near_term|headline": ("targets_set", 2030),
            "borealis-foods commitments sbti|near_term": ("targets_set", None),
            "borealis-foods commitments sbti|net_zero": ("active", None),
        },
        {"nova targets sbti|near_term|headline": ("targets_set", 2030)},
        {
            "borealis-foods targets sbti|near_term|headline": ("removed", None),
            "borealis-foods commitments sbti|near_term": ("removed", None),
            "borealis-foods commitments sbti|net_zero": ("removed", None),
            "nova targets sbti|near_term|headline": ("targets_set", 2030),
        },
    ]


async def test_what_is_left_out_is_withdrawn_with_its_reason(empty_database: str, tmp_path: Path):
    connection = await connect(empty_database, PUBLISHER)
    await take(connection, tmp_path, STORY[1], DAYS[1])
    report, _ = await take(connection, tmp_path, STORY[2], DAYS[2], hold_share=0.5)
    rows = await connection.fetch("select body from change where op = 'withdraw' and company_id = 'borealis-foods'")
    await connection.close()
    assert {msgspec.json.decode(row["body"])["note"] for row in rows} == {
        "The register's release of 2025-05-08 leaves it out; the release before lists it."
    }
    assert len(report.of("withdrawn")) == len(rows) == 2


@pytest.mark.parametrize("how", ["blank", "left out"])
@pytest.mark.parametrize("name", ["day", "sha256"])
async def test_a_release_that_takes_back_too_much_is_held_until_it_is_accepted(
    empty_database: str, tmp_path: Path, how: str, name: str
):
    connection = await connect(empty_database, PUBLISHER)
    await take(connection, tmp_path, [company(n, f"Other {n}", **NEAR) for n in range(1, 6)], DAYS[0])
    faulty = [company(n, f"Other {n}", **BLANK) for n in range(1, 6)] if how == "blank" else []
    report, published = await take(connection, tmp_path, faulty, DAYS[1])
    assert (published, report.hold.known) == (None, 35)
    assert "of 35 answers that the register gave before" in report.held
    assert "--accept 2025-04-10" in report.held
    assert await connection.fetchval("select max(edition) from edition") == 1
    sha256 = sbti.load(tmp_path / f"register_{DAYS[1]}.xlsx", DAYS[1], Index())[0].sources["release"].sha256
    accept = frozenset({"2025-04-10" if name == "day" else sha256})
    _, published = await take(connection, tmp_path, faulty, DAYS[1], accept=accept)
    await connection.close()
    assert published.counts["withdraw"] == (0 if how == "blank" else 5)
    assert published.counts["restate"] == 0


async def test_a_larger_share_lets_it_pass(empty_database: str, tmp_path: Path):
    connection = await connect(empty_database, PUBLISHER)
    await take(connection, tmp_path, STORY[0], DAYS[0])
    _, published = await take(connection, tmp_path, [], DAYS[1], hold_share=0.5)
    await connection.close()
    assert published.counts["withdraw"] == 2


async def test_the_same_release_again_says_nothing(empty_database: str, tmp_path: Path):
    connection = await connect(empty_database, PUBLISHER)
    for rows, day in zip(STORY, DAYS, strict=True):
        await take(connection, tmp_path, rows, day, hold_share=0.5)
    for rows, day in zip(STORY, DAYS, strict=True):
        _, published = await take(connection, tmp_path, rows, day, hold_share=0.5)
        assert published.edition is None
    await connection.close()
