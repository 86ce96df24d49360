"""Each shape of the register, written small: what its columns and words come to, from a workbook and from text."""

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from almanac.importers import registry
from almanac.importers.identity import Index
from almanac.importers.report import ImportReport
from almanac.importers.sbti import load
from almanac.publish.batch import Batch
from tests.importers.numbers import cells
from tests.importers.workbook import answers, register

DAY = dt.date(2024, 5, 2)
OLD = {
    "Company Name": "Borealis Foods AB",
    "ISIN": "",
    "Target Qualification": "WB2C",
    "Country": "Sweden",
    "Region": "Europe",
    "Sector": "Food",
    "Status": "Targets Set",
    "Date Committed / Target published": "Nov 2019",
    "About": "Borealis commits to less.",
}
ROW = {
    "Company Name": "Borealis Foods AB",
    "ISIN": "n/a",
    "LEI": ".",
    "Near term - Target Status": "Targets Set",
    "Near term - Target Classification": "2°C ",
    "Near term - Target Year": "FY2030",
    "Long term - Target Status": "",
    "Long term - Target Classification": "",
    "Long term - Target Year": "",
    "Net-Zero Committed": "Yes",
    "Net-Zero Year": "",
    "Organization Type": "Small or Medium Enterprise",
    "BA1.5": "No",
    "BA1.5 Date": "",
    "Location": "United Kingdom (UK)",
    "Region": "Europe",
    "Sector": "Food",
    "Date": "01/04/2024",
    "Target": "Borealis commits.",
    "Target Classification": "The targets covering.",
    "Extension": "",
}


def read(folder: Path, row: dict[str, Any], released: dt.date = DAY) -> tuple[Batch, ImportReport]:
    return load(register(folder, [row], row), released, Index())


def told(batch: Batch) -> dict[str, tuple[Any, ...]]:
    return {key: (row.status, row.published_on) for key, row in answers(batch).items()}


def test_the_oldest_shape_has_one_status_and_no_year(tmp_path: Path):
    batch, report = read(tmp_path, OLD)
    target = answers(batch)["targets near_term"]
    assert report.sheets[0].profile == "sbti-2020-company"
    assert (target.status, target.ambition, target.target_year) == ("targets_set", "well_below_2C", None)
    assert (target.published_on, target.wording) == ("2019-11", "Borealis commits to less.")
    assert report.lines == []


@pytest.mark.parametrize(
    "cell",
    ["Nov 2019", dt.datetime(2019, 11, 3), "01/11/2019", "2019-10-31 23:00:00", 43770],  # noqa: DTZ001
)
def test_before_2025_a_date_is_its_month(tmp_path: Path, cell: object):
    batch, _ = read(tmp_path, OLD | {"Date Committed / Target published": cell})
    assert batch.rows[0].published_on == "2019-11"


def test_a_yes_to_net_zero_is_a_commitment(tmp_path: Path):
    batch, report = read(tmp_path, ROW)
    assert report.sheets[0].profile == "sbti-2022b-company"
    assert told(batch) == {
        "targets near_term": ("targets_set", "2024-04"),
        "commitments net_zero": ("active", None),
    }
    assert (batch.rows[0].ambition, batch.rows[0].target_year, batch.rows[0].year_type) == ("2C", 2030, "financial")
    (line,) = batch.companies
    assert (line.country, [one.code for one in line.classes]) == ("GB", ["Food", "SME"])
    assert line.identifiers == []


def test_a_yes_to_net_zero_with_a_year_is_a_target(tmp_path: Path):
    batch, _ = read(tmp_path, ROW | {"Net-Zero Year": 2050.0})
    assert answers(batch)["targets net_zero"].target_year == 2050


def test_a_no_to_net_zero_says_nothing_and_a_year_with_it_is_told(tmp_path: Path):
    batch, report = read(tmp_path, ROW | {"Net-Zero Committed": "No", "Net-Zero Year": 2050})
    assert list(told(batch)) == ["targets near_term"]
    assert [(line.finding, line.column) for line in report.lines] == [("unplaced", "K Net-Zero Year")]


def test_the_shape_without_lei(tmp_path: Path):
    row = {("BA1.5?" if name == "BA1.5" else name): cell for name, cell in ROW.items() if name != "LEI"}
    batch, report = read(tmp_path, {("Country" if name == "Location" else name): cell for name, cell in row.items()})
    assert report.sheets[0].profile == "sbti-2022-company"
    assert list(told(batch)) == ["targets near_term", "commitments net_zero"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_reads_as_a_workbook_does(tmp_path: Path, encoding: str, delimiter: str):
    row = ROW | {"Company Name": "Société Générale, S.A.", "Target": "We, too;\nall of it."}
    path = tmp_path / "register_2024-05-02.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([list(row), list(row.values())])
    found = registry.find(path)
    batch, report = load(path, found.released, Index())
    workbook, _ = read(tmp_path, row)
    assert found.released == DAY
    assert [(one.target_year, one.wording) for one in batch.rows if hasattr(one, "wording") and one.wording] == [
        (2030, "We, too; all of it.")
    ]
    assert (told(batch), batch.companies) == (told(workbook), workbook.companies)
    assert (report.sheets[0].rows, report.sheets[0].imported) == (1, 1)


def test_every_row_is_kept_as_it_was(tmp_path: Path):
    batch, _ = load(register(tmp_path, [ROW, {}, {"Region": "Europe"}], ROW), DAY, Index())
    assert [(one.row, one.company) for one in batch.raw] == [(2, "borealis-foods"), (3, None), (4, None)]
    assert cells(batch.raw[0])["Near term - Target Year"] == "FY2030"
    assert {(row.sheet, row.row) for row in batch.rows} == {("Data", 2)}


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("x_2024-05-02", DAY),
        ("x_c2024-05-02", DAY),
        ("x_c2024-05-02_blank_years", DAY),
        ("x_2024-05-32", None),
        ("2024-05-02_x2", None),
        ("x_2024", None),
    ],
)
def test_the_day_at_the_end_of_a_name(name: str, day: dt.date | None):
    assert registry.dated(Path(f"{name}.csv")) == day
