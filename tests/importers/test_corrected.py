"""A file that is imported again after its importer was mended: what was misread is corrected, everywhere it mattered."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from almanac.importers import registry, sbti, sbti_profiles, sbti_rows
from almanac.importers.profiles import Parse, Profile
from almanac.store.db import PUBLISHER, Connection, connect
from tests.importers.workbook import NEAR, company, register

pytestmark = pytest.mark.anyio
DAYS = [dt.date(2025, 3, 13), dt.date(2025, 4, 10), dt.date(2025, 5, 8)]
MANY = [company(n, f"Company {n}", **NEAR) for n in range(100, 200)]
Misread = Callable[[str, Parse], None]


@pytest.fixture
def misread(monkeypatch: pytest.MonkeyPatch) -> Misread:
    """Reads one field of the 2025 shape by another parser, until `monkeypatch` is undone."""

    def patch(field: str, parse: Parse) -> None:
        shape = sbti_profiles.COMPANY_2025
        columns = [msgspec.structs.replace(one, parse=parse) if one.field == field else one for one in shape.columns]
        broken: tuple[Profile, ...] = (msgspec.structs.replace(shape, columns=tuple(columns)),)
        for module in (sbti, sbti_rows):
            monkeypatch.setattr(module, "PROFILES", broken)

    return patch


async def take(connection: Connection, folder: Path, day: dt.date, *rows: dict[str, Any], **options: Any) -> Any:
    path = folder / f"register_{day}.xlsx"
    if not path.exists():
        register(folder, [*rows, *MANY], name=path.name)
    return await registry.run(connection, registry.Found(path, sbti, day), registry.Options(**options))


async def told(connection: Connection, day: dt.date, kind: str = "targets") -> list[tuple[str, Any]]:
    """Status and year of what reads give of Borealis on a day; nothing where it is withdrawn."""
    rows = await connection.fetch(
        """
        select distinct on (disclosure_id) op, body from change
         where company_id = 'borealis-foods' and kind = $1 and known_from <= $2
         order by disclosure_id, known_from desc, seq desc
        """,
        kind,
        day,
    )
    bodies = [msgspec.json.decode(row["body"]) for row in rows if row["op"] != "withdraw"]
    return sorted((one["status"], one.get("target_year")) for one in bodies)


def later(cell: Any) -> Any:
    """A year that is misread by five."""
    found = sbti_profiles.cells.target_year(cell)
    return msgspec.structs.replace(found, year=found.year + 5)


async def test_what_was_misread_is_corrected(
    empty_database: str, tmp_path: Path, misread: Misread, monkeypatch: pytest.MonkeyPatch
):
    connection = await connect(empty_database, PUBLISHER)
    misread("near_term_year", later)
    await take(connection, tmp_path, DAYS[0], company(**NEAR))
    assert await told(connection, DAYS[0]) == [("targets_set", 2035)]
    monkeypatch.undo()
    report, published = await take(connection, tmp_path, DAYS[0])
    assert {op: count for op, count in published.counts.items() if count} == {"correct": 101}
    assert (report.sheets[0].imported, report.sheets[0].unchanged) == (101, 0)
    assert await told(connection, DAYS[0]) == [("targets_set", 2030)]
    _, again = await take(connection, tmp_path, DAYS[0])
    assert again.edition is None
    await connection.close()


async def test_an_importer_that_was_not_mended_changes_nothing_and_keeps_no_row_twice(
    empty_database: str, tmp_path: Path
):
    connection = await connect(empty_database, PUBLISHER)
    await take(connection, tmp_path, DAYS[0], company(**NEAR), {"company_name": "Only A Name"})
    kept = await connection.fetchval("select count(*) from raw_row")
    report, published = await take(connection, tmp_path, DAYS[0])
    (sheet,) = report.sheets
    assert (published.edition, kept) == (None, 102)
    assert await connection.fetchval("select count(*) from raw_row") == kept
    assert (sheet.rows, sheet.imported, sheet.unchanged, dict(sheet.rejected)) == (102, 0, 101, {"blank": 1})
    await connection.close()


async def test_what_was_read_and_is_not_there_is_withdrawn(
    empty_database: str, tmp_path: Path, misread: Misread, monkeypatch: pytest.MonkeyPatch
):
    connection = await connect(empty_database, PUBLISHER)
    misread("ba15_status", lambda _: "active")
    await take(connection, tmp_path, DAYS[0], company(**NEAR, ba15_status="No"))
    assert await told(connection, DAYS[0], "commitments") == [("active", None)]
    monkeypatch.undo()
    _, published = await take(connection, tmp_path, DAYS[0])
    assert {op: count for op, count in published.counts.items() if count} == {"withdraw": 1, "unchanged": 101}
    assert await told(connection, DAYS[0], "commitments") == []
    _, again = await take(connection, tmp_path, DAYS[0])
    assert again.edition is None
    await connection.close()


async def test_what_was_known_before_stands_where_a_release_was_misread(
    empty_database: str, tmp_path: Path, misread: Misread, monkeypatch: pytest.MonkeyPatch
):
    """A blank that was read as a year took back what the release before said; read rightly it takes back nothing."""
    connection = await connect(empty_database, PUBLISHER)
    await take(connection, tmp_path, DAYS[0], company(**NEAR))
    misread("near_term_year", lambda cell: sbti_profiles.cells.target_year(2040 if cell == "?" else cell))
    await take(connection, tmp_path, DAYS[1], company(**NEAR | {"near_term_target_year": "?"}))
    assert await told(connection, DAYS[1]) == [("targets_set", 2040)]
    monkeypatch.undo()
    _, published = await take(connection, tmp_path, DAYS[1])
    assert published.counts["correct"] == 1
    assert await told(connection, DAYS[1]) == [("targets_set", 2030)]
    _, again = await take(connection, tmp_path, DAYS[1])
    assert again.edition is None
    await connection.close()


async def test_a_row_that_could_not_be_read_is_imported_and_placed(
    empty_database: str, tmp_path: Path, misread: Misread, monkeypatch: pytest.MonkeyPatch
):
    connection = await connect(empty_database, PUBLISHER)
    misread("name", sbti_profiles.cells.text(12))
    report, _ = await take(connection, tmp_path, DAYS[0], company(**NEAR))
    assert dict(report.sheets[0].rejected) == {"rejected": 1}
    monkeypatch.undo()
    report, published = await take(connection, tmp_path, DAYS[0])
    assert (published.counts["add"], report.companies_new, report.sheets[0].imported) == (1, 1, 1)
    row = await connection.fetchrow("select count(*) as kept, min(company_id) as company from raw_row where row = 2")
    assert dict(row) == {"kept": 1, "company": "borealis-foods"}
    await take(connection, tmp_path, DAYS[1], hold_share=1)
    assert await told(connection, DAYS[1]) == [], "the next release leaves it out, so it has to be known to be listed"
    await connection.close()


async def test_a_correction_reaches_the_releases_after_it(
    empty_database: str, tmp_path: Path, misread: Misread, monkeypatch: pytest.MonkeyPatch
):
    """A commitment counts as met only where it was known: misread once, it was not."""
    connection = await connect(empty_database, PUBLISHER)
    misread("near_term_status", lambda cell: None if cell == "Committed" else "targets_set")
    await take(connection, tmp_path, DAYS[0], company(near_term_status="Committed", ba15_status="Yes"))
    monkeypatch.undo()
    await take(connection, tmp_path, DAYS[1], company(**NEAR, ba15_status="Yes"))
    assert await told(connection, DAYS[1], "commitments") == [("active", None)]
    await take(connection, tmp_path, DAYS[0])
    assert await told(connection, DAYS[0], "commitments") == [("active", None), ("active", None)]
    assert await told(connection, DAYS[1], "commitments") == [("active", None), ("targets_set", None)]
    await connection.close()


async def test_an_importer_that_broke_is_held(empty_database: str, tmp_path: Path, misread: Misread):
    connection = await connect(empty_database, PUBLISHER)
    await take(connection, tmp_path, DAYS[0], company(**NEAR))
    misread("near_term_status", lambda _: None)
    report, published = await take(connection, tmp_path, DAYS[0])
    assert published is None
    assert "leaves 101 blank (100.0%" in report.held
    assert (report.sheets[0].held, report.sheets[0].imported) == (0, 0)
    await connection.close()


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)], ids=str)
async def test_a_year_that_is_never_given_is_null_in_every_order(
    empty_database: str, tmp_path: Path, order: tuple[int, ...]
):
    """Blank before it is known, known, blank again: the blank says nothing against what is known."""
    rows = [company(**NEAR | {"near_term_target_year": year}) for year in (None, 2030, None)]
    connection = await connect(empty_database, PUBLISHER)
    for one in order:
        await take(connection, tmp_path, DAYS[one], rows[one], hold_share=1)
    found = [await told(connection, day) for day in DAYS]
    await connection.close()
    assert found == [[("targets_set", None)], [("targets_set", 2030)], [("targets_set", 2030)]]
