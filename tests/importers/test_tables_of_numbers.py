"""Carbon Gap, Carbon Majors and the small table: pages, repeated headers, states, ambiguous units, and the desk they share."""

from pathlib import Path
from typing import Any

import pytest

from almanac.errors import BadFile
from almanac.importers import carbon_gap, carbon_majors, imanzaf
from almanac.importers.identity import Index
from tests.importers.numbers import DAY, real, table, told

ONE, TWO, THREE = "Scope 1 GHG emissions tons CO₂e", "Scope 2 emissions tons CO₂e", "Scope 3 emissions tons CO₂e"
GAP = ["Rank", "Company Name", "Industry", "Country/Territory", ONE, TWO, THREE, ONE]
GAP += [f"{TWO} (location based when available)", "Scope 1+2", THREE, "Share of profit"]
GAP += ["Datasource emission data (name, link + page nr)"]
FIGURES = ["1", "2", "3", "4", "5", "9", "6", "0,3346%"]


def gap(folder: Path, *rows: list[str], header: list[str] = GAP) -> tuple[Any, Any]:
    path = table(folder / "gap.csv", header, rows, above=["Emission data (for 2020) manually collected", ""])
    assert carbon_gap.recognise(path)
    return carbon_gap.load(path, DAY, Index())


def test_headers_that_repeat_are_of_the_first_and_of_the_second_year(tmp_path: Path):
    batch, report = gap(
        tmp_path, ["2", "Borealis AB", "Energy", "Sweden", *FIGURES, "Report 2020, page 32 https://example.org"]
    )
    assert [(one.metric, one.period, str(one.value)) for one in batch.rows] == [
        ("ghg.scope1", "2019", "1"),
        ("ghg.scope2", "2019", "2"),
        ("ghg.scope3", "2019", "3"),
        ("ghg.scope1", "2020", "4"),
        ("ghg.scope2", "2020", "5"),
        ("ghg.scope3", "2020", "6"),
    ]
    assert {one.page for one in batch.rows} == {"32"}
    assert (report.sheets[0].header_row, report.lines) == (3, [])
    assert ONE not in report.sheets[0].ignored_columns


@pytest.mark.parametrize(
    ("named", "page"),
    [
        ("Report, page 57 and 58 https://example.org", "57 and 58"),
        ("Report, Page 32-34", "32-34"),
        ("A, page 11 ; B, page 5", None),
        ("ESG Data, web page https://example.org", None),
        ("", None),
    ],
)
def test_a_page_is_cited_where_the_text_names_it_once(tmp_path: Path, named: str, page: str | None):
    batch, _ = gap(tmp_path, ["2", "Borealis AB", "Energy", "Sweden", *FIGURES, named])
    assert batch.rows[0].page == page


def test_dashes_are_no_answers_and_errors_of_the_spreadsheet_are_reported(tmp_path: Path):
    figures = ["--", "-", "", "#VALUE!", "0,35", "9", "7", "#VALUE!"]
    batch, report = gap(tmp_path, ["2", "Borealis AB", "Energy", "Sweden", *figures, "file:///C:/Users/me/a.pdf"])
    assert [(one.metric, one.period, one.note) for one in batch.rows] == [
        ("ghg.scope3", "2020", "The data set names no report that can be found.")
    ]
    assert told(report, "unreadable") == [
        (4, f"{ONE} [H]", "#VALUE!"),
        (4, f"{TWO} (location based when available)", "0,35"),
    ]


def test_a_header_that_names_one_year_is_refused(tmp_path: Path):
    header = [name if place != 7 else "Something" for place, name in enumerate(GAP)]
    with pytest.raises(BadFile, match=r"missing: Scope 1 GHG emissions tons CO₂e for 2020"):
        gap(tmp_path, ["2", "Borealis AB", "Energy", "Sweden", *FIGURES, ""], header=header)


MAJORS = ["year", "parent_entity", "parent_type", "total_emissions_MtCO2e"]


def test_traced_emissions_are_kept_apart_from_an_inventory(tmp_path: Path):
    rows = [["1962", "Eni", "Investor-owned Company", "0.498240043"], ["1962", "Poland", "Nation State", "300"]]
    path = table(tmp_path / "majors.csv", MAJORS, [*rows, ["1864", "Eni", "Investor-owned Company", "1"]])
    batch, report = carbon_majors.load(path, DAY, Index())
    (one,) = batch.rows
    assert (one.metric, one.period, str(one.value), one.basis) == ("ghg.total", "1962", "498240.043", "third_party")
    assert "Carbon Majors" in one.boundary
    assert batch.companies[0].country == "IT"
    assert "Poland is a state" in report.of("rejected")[0].reason
    assert (report.sheets[0].rows, report.sheets[0].imported, report.sheets[0].rejected["rejected"]) == (3, 1, 2)


SMALL = ["company", "year", "scope1_value", "scope1_unit", "scope2_location_value", "scope2_location_unit"]
SMALL += ["scope2_market_value", "scope2_market_unit"]


def small(folder: Path, *rows: list[str], index: Index | None = None) -> tuple[Any, Any]:
    return imanzaf.load(table(folder / "small.csv", SMALL, rows), DAY, index or Index())


def test_the_publishers_spelling_of_metric_tonnes_is_read_as_such(tmp_path: Path):
    batch, _ = small(tmp_path, ["MICROSOFT CORP", "FY22", "4612.0", "MT CO2e", "", "", "2.48", "million t-CO2"])
    assert [(one.metric, one.period, str(one.value), one.gas, one.as_reported) for one in batch.rows] == [
        ("ghg.scope1", "FY2022", "4612", None, "4612.0 MT CO2e"),
        ("ghg.scope2.mb", "FY2022", "2480000", "CO2", "2.48 million t-CO2"),
    ]


def test_a_unit_that_is_not_known_leaves_its_value_out_and_says_so(tmp_path: Path):
    batch, report = small(tmp_path, ["MICROSOFT CORP", "2022", "1", "barrels", "2", "", "3", "tCO2e"])
    assert [str(one.value) for one in batch.rows] == ["3"]
    assert told(report, "unreadable") == [(2, "D scope1_unit", "barrels"), (2, "F scope2_location_unit", None)]


def test_rows_that_repeat_or_contradict_another_are_told_apart(tmp_path: Path):
    first = ["MICROSOFT CORP", "2022", "1", "tCO2e", "", "", "", ""]
    batch, report = small(
        tmp_path, first, first, [*first[:2], "2", *first[3:]], ["MICROSOFT CORP", *[""] * 7], [""] * 8
    )
    assert len(batch.rows) == 1
    assert dict(report.sheets[0].rejected) == {"duplicate": 1, "conflict": 1, "rejected": 1, "blank": 1}
    assert len(batch.raw) == 5


def test_a_namesake_in_another_country_is_no_match_and_is_reported(tmp_path: Path):
    index = Index()
    path = table(tmp_path / "gap.csv", GAP, [["2", "Microsoft", "IT", "Venezuela", *FIGURES, ""]])
    carbon_gap.load(path, DAY, index)
    batch, report = small(tmp_path, ["MICROSOFT CORP", "2022", "1", "tCO2e", "", "", "", ""], index=index)
    assert [one.company for one in batch.rows] == ["microsoft-us"]
    assert [line.finding for line in report.lines] == ["ambiguous"]


def test_the_real_restatement_of_microsoft_keeps_both_numbers():
    gap_rows, _ = real("carbon-gap/profit_and_emmissions_database.csv")
    small_rows, _ = real("small/imanzaf_company_emissions_137e664.csv")
    asked = ("microsoft", "FY2020")
    before = [
        str(one.value) for one in gap_rows.rows if (one.company, one.period) == asked and one.metric == "ghg.scope2"
    ]
    after = [
        str(one.value)
        for one in small_rows.rows
        if (one.company, one.period) == asked and one.metric == "ghg.scope2.lb"
    ]
    assert (before, after) == (["4102000"], ["4328916"])
