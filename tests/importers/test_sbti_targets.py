"""Target-level rows: one disclosure a target and a commitment, under a reference that the same words give again."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from almanac.importers.identity import Index
from almanac.importers.sbti import load, released
from tests.importers.workbook import register

DAY = dt.date(2023, 8, 18)
TARGET = {
    "Company Name": "Borealis Foods AB",
    "ISIN": "NA",
    "LEI": "",
    "Location": "Sweden",
    "Region": "Europe",
    "Sector": "Food",
    "Organization Type": "Company",
    "Action": "Target",
    "Commitment Type": "NA",
    "Commitment Deadline": "NA",
    "Status": "NA",
    "Reason for commitment extension or removal": "NA",
    "Full target language": "All of it.",
    "Company Temperature Alignment": "1.5°C",
    "Target": "Near-term",
    "Target Wording": "Borealis commits to reduce absolute scope 1 and 2 GHG emissions 51.7% by 2030.",
    "Scope": "1+2",
    "Target Value": 0.517,
    "Type": "Absolute",
    "Sub-type": "Reduction",
    "Target Classification": "1.5°C",
    "Base Year": 2021.0,
    "Target Year": 2030.0,
    "Year Type": "CY",
    "Date Published": "2023-06-15",
}
COMMITMENT = dict.fromkeys(TARGET, "NA") | {
    "Company Name": "Borealis Foods AB",
    "Location": "Sweden",
    "Action": "Commitment",
    "Commitment Type": "Net-Zero",
    "Commitment Deadline": "11/05/2025",
    "Status": "Extended",
    "Reason for commitment extension or removal": "Legacy extension",
    "Year Type": "CY",
    "Date Published": "2023-05-11",
}


def read(folder: Path, *rows: dict[str, Any]) -> Any:
    return load(register(folder, rows, TARGET), DAY, Index())


def test_a_target_row(tmp_path: Path):
    batch, report = read(tmp_path, TARGET)
    (row,) = batch.rows
    assert (row.term, row.status, row.target_kind, row.scopes) == ("near_term", "targets_set", "absolute", ["1", "2"])
    assert (row.value_pct, row.base_year, row.target_year, row.year_type) == (Decimal("51.7"), 2021, 2030, None)
    assert (row.ambition, row.published_on) == ("1.5C", "2023-06-15")
    assert row.reference.startswith("scope-1-2-absolute-2030-")
    assert batch.sources["release"].series == "sbti/targets"
    assert report.lines == []


def test_a_commitment_row(tmp_path: Path):
    (row,) = read(tmp_path, COMMITMENT)[0].rows
    assert (row.type, row.status, row.published_on) == ("net_zero", "extended", "2023-05-11")
    assert (row.deadline, row.reason) == (dt.date(2025, 5, 11), "Legacy extension")


@pytest.mark.parametrize("cell", ["45.00%", "45%", 0.45, 45, "45", "0,45"])
def test_values_in_every_spelling(tmp_path: Path, cell: object):
    (row,) = read(tmp_path, TARGET | {"Target Value": cell})[0].rows
    assert row.value_pct == 45


def test_a_value_that_is_no_percentage_is_told(tmp_path: Path):
    batch, report = read(tmp_path, TARGET | {"Target Value": "21 gCO₂e/kWh"})
    assert batch.rows[0].value_pct is None
    assert [(line.finding, line.value) for line in report.lines] == [("unreadable", "21 gCO₂e/kWh")]


def test_spelling_makes_no_other_target(tmp_path: Path):
    spelled = TARGET | {"Target Wording": f"  {TARGET['Target Wording'].replace(' ', '  ')}\n", "Base Year": "2021"}
    batch, report = read(tmp_path, TARGET, spelled)
    assert len(batch.rows) == 1
    assert dict(report.sheets[0].rejected) == {"duplicate": 1}


def test_another_wording_is_another_target(tmp_path: Path):
    batch, _ = read(tmp_path, TARGET, TARGET | {"Target Wording": "Borealis commits to more."})
    assert len({row.reference for row in batch.rows}) == 2


def test_two_rows_about_one_commitment_are_a_conflict_and_the_later_dated_counts(tmp_path: Path):
    batch, report = read(tmp_path, COMMITMENT, COMMITMENT | {"Status": "Active", "Date Published": "2023-06-01"})
    assert [row.status for row in batch.rows] == ["active"]
    assert dict(report.sheets[0].rejected) == {"conflict": 1}


def test_a_commitment_without_a_status_is_told(tmp_path: Path):
    batch, report = read(tmp_path, COMMITMENT | {"Status": ""})
    assert (batch.rows, report.lines[0].reason) == ([], "is a commitment without status")


def test_the_extract_is_no_complete_register(tmp_path: Path):
    names = ("Company name", "ISIN", "Region ", "Sector", "Organization type", "Target", "Target value", "Target year")
    values = ("4most", "", "Europe", "Food", "Company", "Near-term", "23%", "2030", "29/09/2022")
    row = dict(zip((*names, "Date published"), values, strict=True))
    batch, report = load(register(tmp_path, [row, row], row), DAY, Index())
    (target,) = batch.rows
    assert (target.reference, target.value_pct, target.published_on) == ("2030-23pct", 23, "2022-09-29")
    assert batch.sources["release"].series is None
    assert dict(report.sheets[0].rejected) == {"duplicate": 1}


def test_the_extract_was_known_by_the_end_of_the_year_of_its_newest_target(tmp_path: Path):
    row = {"Company name": "4most", "ISIN": "", "Sector": "Food", "Organization type": "Company", "Target": "Near-term"}
    row |= {"Target value": "23%", "Target year": "2030"}
    rows = [row | {"Date published": day} for day in ("29/09/2022", "16/12/2021")]
    path = register(tmp_path, rows, rows[0])
    assert released(path) == dt.date(2022, 12, 31)
    batch, _ = load(path, dt.date(2022, 12, 31), Index())
    assert batch.sources["release"].published_precision == "year"
