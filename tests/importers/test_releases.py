"""The five releases of 2025 and 2026: every row is accounted for, and a history is what changed."""

import datetime as dt
import functools
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from almanac.importers.identity import Index
from almanac.importers.report import ImportReport
from almanac.importers.sbti import load
from almanac.kind import Kind
from almanac.kinds import KINDS
from almanac.model import isin_ok, lei_ok
from almanac.publish.batch import Batch
from almanac.publish.candidate import Known, check
from almanac.publish.state import ref
from tests.conftest import SHARED
from tests.importers.workbook import answers

pytestmark = pytest.mark.slow
FOLDER = SHARED / "data/sbti"
RELEASES = {
    "c2025-03-13": 10867,
    "c2025-07-17": 11878,
    "c2025-12-22": 13405,
    "c2026-03-12_blank_years": 14152,
    "c2026-03-26": 14303,
}


def path_of(release: str) -> Path:
    path = FOLDER / f"sbti_companies_{release}.xlsx"
    if not path.exists():
        pytest.skip(f"shared/data/sbti/{path.name} is absent")
    return path


@functools.cache
def history() -> dict[str, tuple[Batch, ImportReport]]:
    """Every release after the ones before it."""
    index = Index()
    return {release: load(path_of(release), dt.date.fromisoformat(release[1:11]), index) for release in RELEASES}


@functools.cache
def cells(release: str) -> list[dict[str, Any]]:
    rows = CalamineWorkbook.from_path(path_of(release)).get_sheet_by_index(0).to_python()
    names = [str(cell).strip() for cell in rows[0]]
    return [dict(zip(names, row, strict=True)) for row in rows[1:]]


@pytest.mark.parametrize(("release", "count"), RELEASES.items())
def test_every_row_is_accounted_for(release: str, count: int):
    (sheet,) = history()[release][1].sheets
    assert sheet.rows == count == len(cells(release))
    assert sheet.imported + sum(sheet.rejected.values()) == count
    assert sheet.ignored_columns == ["region", "target_classification_long"]


@pytest.mark.parametrize("release", RELEASES)
def test_answers_are_as_many_as_the_statuses_of_the_file(release: str):
    batch, report = history()[release]
    expected = 0
    for row in cells(release):
        for term in ("near_term", "long_term", "net_zero"):
            year = row["net_zero_year"] if term == "net_zero" else row[f"{term}_target_year"]
            ambition = "" if term == "net_zero" else row[f"{term}_target_classification"]
            expected += row[f"{term}_status"] == "Targets set" and year != "" and (term == "net_zero" or ambition != "")
    # Where nothing was known, the answer says that a target is set and has nulls.
    null = {
        (line.row, line.column.split()[1].split("_target_")[0].removesuffix("_year"))
        for line in report.of("not_stated")
        if line.reason.endswith("it is null in the answer")
    }
    assert report.answers["targets targets_set"] == expected + len(null)
    lacking = {(line.row, line.column.split()[1]) for line in report.of("not_stated")}
    blank = {
        (number, column)
        for number, row in enumerate(cells(release), 2)
        for term in ("near_term", "long_term", "net_zero")
        for column in (
            ("net_zero_year",) if term == "net_zero" else (f"{term}_target_year", f"{term}_target_classification")
        )
        if row[f"{term}_status"] == "Targets set" and row[column] == ""
    }
    assert lacking == blank
    removed = sum(
        row[f"{term}_status"] == "Commitment removed" for row in cells(release) for term in ("near_term", "net_zero")
    )
    assert report.answers["commitments removed"] == removed
    assert len(
        {(type(row), row.company, getattr(row, "term", ""), getattr(row, "type", "")) for row in batch.rows}
    ) == len(batch.rows)


@pytest.mark.parametrize("release", RELEASES)
def test_every_failing_identifier_is_named(release: str):
    blank = ("", "na", "null")
    failing = {
        (number, str(row[column]).upper().strip())
        for number, row in enumerate(cells(release), 2)
        for column, ok in (("isin", isin_ok), ("lei", lei_ok))
        if str(row[column]).strip().casefold() not in blank and not ok(str(row[column]).upper().strip())
    }
    assert {(line.row, line.value) for line in history()[release][1].of("failing_identifier")} == failing


@pytest.mark.parametrize("release", RELEASES)
def test_every_cell_of_these_releases_is_readable_and_every_country_known(release: str):
    assert history()[release][1].of("unreadable", "unknown_country", "rejected", "duplicate", "conflict") == []


@pytest.mark.parametrize("release", RELEASES)
def test_the_store_would_take_every_row(release: str):
    batch, _ = history()[release]
    by_name: dict[str, Kind] = {kind.name: kind for kind in KINDS}
    companies = frozenset(row.company for row in batch.rows)
    sources = {key: ref(source) for key, source in batch.sources.items()}
    _, faults = check(
        batch.rows,
        by_name,
        Known(companies=companies, sources=sources, metrics={}, origins={}, today=dt.date(2030, 1, 1)),
    )
    assert faults == []


@pytest.mark.parametrize("release", RELEASES)
def test_zte_is_the_same_in_every_release(release: str):
    batch, _ = history()[release]
    rows = [row for row in batch.rows if row.company == "zte"]
    found = answers(Batch(publisher="", note=None, sources={}, companies=[], rows=rows))
    assert {
        key: (row.status, row.target_year, row.year_type, row.ambition, row.target_kind) for key, row in found.items()
    } == {
        "targets near_term": ("targets_set", 2030, None, "1.5C", None),
        "targets long_term": ("targets_set", 2050, None, "1.5C", None),
        "targets net_zero": ("targets_set", 2050, None, None, "net_zero"),
    }
    assert {row.published_on for row in rows} == {"2024-05-16"}
    assert {row.wording for row in rows} == {found["targets near_term"].wording}
    assert "52% per TeraByte throughput" in found["targets near_term"].wording


def test_zte_carries_its_identifiers():
    (line,) = [line for line in history()["c2025-03-13"][0].companies if line.id == "zte"]
    assert (line.name, line.country) == ("ZTE Corporation", "CN")
    given = {one.scheme: one.value for one in line.identifiers}
    assert given == {"sbti_id": "40006632", "isin": "CNE000000TK5", "lei": "3003004FBGVVG1CW5U45"}
    assert {one.scheme: one.code for one in line.classes} == {
        "sbti_sector": "Technology Hardware and Equipment",
        "sbti_organisation_type": "Corporate",
    }


def test_the_faulty_release_takes_back_no_year():
    batch, report = history()["c2026-03-12_blank_years"]
    before = history()["c2025-12-22"][0].rows
    known = {(row.company, row.term) for row in before if type(row).__struct_config__.tag == "targets"}
    blank = {(row.company, row.term) for row in batch.rows if "leaves blank" in (row.note or "")}
    assert len(blank) > 500
    assert not blank & known
    columns = [line.column.split()[1] for line in report.of("not_stated")]
    assert columns.count("near_term_target_year") == 1536


def test_the_register_gives_one_lei_to_two_companies_in_one_release():
    found = [
        line for line in history()["c2025-12-22"][1].of("shared_identifier") if line.value == "5299000J2N45DDNE4Y28"
    ]
    assert len(found) == 1
    assert "uniqa-insurance-group" in found[0].reason
