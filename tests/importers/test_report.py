"""Nothing is silent: rows in are rows imported plus rows rejected, and every odd cell has a line with its place."""

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from almanac.importers.identity import Index
from almanac.importers.report import ImportReport
from almanac.importers.sbti import load
from tests.importers.workbook import HEADER, NEAR, RELEASED, answers, company, moment, read, register


def places(report: ImportReport) -> list[tuple[str, int | None, str | None]]:
    return [(line.finding, line.row, (line.column or "").split(" ")[-1] or None) for line in report.lines]


def test_blank_and_nearly_blank_rows_are_counted_and_named(tmp_path: Path):
    rows = [company(**NEAR), {}, {"company_name": "Only A Name"}, company(2, None, **NEAR), company(3, "Nova", **NEAR)]
    batch, report = read(tmp_path, *rows)
    (sheet,) = report.sheets
    assert (sheet.rows, sheet.imported, dict(sheet.rejected)) == (5, 2, {"blank": 2, "rejected": 1})
    assert places(report) == [("blank", 3, None), ("blank", 4, None), ("rejected", 5, None)]
    assert [line.id for line in batch.companies] == ["borealis-foods", "nova"]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("sbti_id", "soon"),
        ("near_term_status", "Perhaps"),
        ("near_term_target_year", "by 2030"),
        ("near_term_target_classification", "3°C"),
        ("net_zero_year", dt.date(2050, 1, 1)),
        ("date_updated", "31/02/2024"),
        ("ba15_status", 7),
        ("full_target_language", "x" * 8001),
        ("company_name", "x" * 401),
    ],
)
def test_every_unreadable_cell_has_a_line(tmp_path: Path, column: str, cell: object):
    _, report = read(tmp_path, company(9, "Nova", **NEAR), company(**NEAR | {column: cell}))
    (line,) = report.of("unreadable")
    assert (line.file, line.sheet, line.row) == ("register.xlsx", "Data", 3)
    assert line.column.endswith(f" {column}")
    assert line.value == str(cell)[:400]
    assert line.reason


def test_a_spreadsheet_error_is_no_blank(tmp_path: Path):
    path = register(tmp_path, [company(**NEAR)])
    book = openpyxl.load_workbook(path)
    cell = book["Data"].cell(2, HEADER.index("lei") + 1)
    cell.value, cell.data_type = "#N/A", "e"
    book.save(path)
    _, report = load(path, RELEASED, Index())
    assert [(line.finding, line.row, line.column, line.value) for line in report.lines] == [
        ("unreadable", 2, "D lei", "#N/A")
    ]


def test_failing_identifiers_are_kept_and_named_in_every_release(tmp_path: Path):
    index = Index()
    for released in (RELEASED, dt.date(2025, 7, 17)):
        batch, report = read(
            tmp_path, company(lei="91310000607234567X", isin="us0378331006", **NEAR), index=index, released=released
        )
        found = [(line.finding, line.column, line.value) for line in report.lines]
        assert found == [
            ("cleaned", "C isin", "us0378331006"),
            ("failing_identifier", "C isin", "US0378331006"),
            ("failing_identifier", "D lei", "91310000607234567X"),
        ]
        kept = [(one.scheme, one.value) for line in batch.companies for one in line.identifiers]
        assert ("lei", "91310000607234567X") in kept or released != RELEASED


def test_an_identifier_on_two_companies_is_named(tmp_path: Path):
    _, report = read(tmp_path, company(isin="US0378331005", **NEAR), company(2, "Nova", isin="US0378331005", **NEAR))
    assert places(report) == [("ambiguous", 3, None), ("shared_identifier", 3, "isin")]


def test_an_unknown_country_is_named_and_left_out(tmp_path: Path):
    batch, report = read(tmp_path, company(**NEAR | {"location": "Atlantis"}))
    assert batch.companies[0].country is None
    assert places(report) == [("unknown_country", 2, "location")]


def test_a_repeated_row_is_a_duplicate(tmp_path: Path):
    batch, report = read(tmp_path, company(**NEAR), company(**NEAR))
    assert len(batch.rows) == 1
    assert dict(report.sheets[0].rejected) == {"duplicate": 1}
    assert report.lines[0].reason == "repeats row 2"


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_rows_the_later_dated_counts_wherever_it_stands(tmp_path: Path, order: int):
    older = company(**NEAR | {"near_term_target_year": 2025, "date_updated": moment(2023, 1, 1)})
    batch, report = read(tmp_path, *[company(**NEAR), older][::order])
    assert [row.target_year for row in batch.rows] == [2030]
    (line,) = report.of("conflict")
    assert "near_term_year: 2025" in line.value
    assert (report.sheets[0].imported, dict(report.sheets[0].rejected)) == (1, {"conflict": 1})


def test_two_rows_about_different_terms_are_both_imported(tmp_path: Path):
    batch, report = read(tmp_path, company(**NEAR), company(net_zero_status="Committed"))
    assert list(answers(batch)) == ["targets near_term", "commitments net_zero"]
    assert (report.sheets[0].imported, report.lines) == (2, [])


def test_companies_of_one_name_are_never_merged(tmp_path: Path):
    batch, report = read(tmp_path, company(1, "Shinwa Co.,Ltd.", **NEAR), company(2, "SHINWA inc.", **NEAR))
    assert [line.id for line in batch.companies] == ["shinwa", "shinwa-2"]
    (line,) = report.of("ambiguous")
    assert (line.row, line.value) == (3, "SHINWA inc.")
    assert "might be shinwa" in line.reason


def test_a_renamed_company_keeps_its_slug_and_gets_another_name(tmp_path: Path):
    index = Index()
    read(tmp_path, company(1, "Nova AB", **NEAR), index=index)
    batch, report = read(tmp_path, company(1, "Aurora AB", **NEAR), index=index, released=dt.date(2025, 7, 17))
    assert [(line.id, line.name) for line in batch.companies] == [("nova", "Aurora AB")]
    assert places(report) == [("renamed", 2, None)]
    again, _ = read(tmp_path, company(1, "Aurora AB", **NEAR), index=index, released=dt.date(2025, 12, 22))
    assert again.companies == []


def test_an_older_release_brings_an_older_name_and_does_not_rename(tmp_path: Path):
    index = Index()
    read(tmp_path, company(1, "Aurora AB", **NEAR), index=index, released=dt.date(2025, 7, 17))
    batch, _ = read(tmp_path, company(1, "Nova AB", **NEAR), index=index)
    (line,) = batch.companies
    assert (line.id, line.name, [one.name for one in line.names]) == ("aurora", "Aurora AB", ["Nova AB"])


def test_the_source_says_which_file_it_was(tmp_path: Path):
    batch, _ = read(tmp_path, company(**NEAR))
    source = batch.sources["release"]
    assert (source.title, source.published_on) == ("Companies taking action, 2025-03-13", RELEASED)
    assert (source.type, source.redistributable, len(source.sha256)) == ("registry_file", False, 64)
