"""CDP's files: old bands and scores, withheld emissions, estimates apart from reports, and the accounting year."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from almanac.errors import BadFile
from almanac.importers.cdp import load, recognise
from almanac.importers.identity import Index
from tests.importers.numbers import cells, table, told

DAY = dt.date(2011, 12, 31)
GLOBAL = [
    "company_name",
    "account_number",
    "country",
    "reporting_year",
    "ticker_symbol",
    "isin",
    "disclosure_score",
    "performance_band",
    "parent_account",
    "permission",
    "response_status",
    "scope_1_metric_tonnes_co2e",
    "scope_2_metric_tonnes_co2e",
    "country_location",
]
ROW = {
    "company_name": "Borealis AB",
    "country": "Sweden",
    "reporting_year": "2011",
    "disclosure_score": "84",
    "performance_band": "A-",
    "permission": "Public",
    "response_status": "AQ*",
    "scope_1_metric_tonnes_co2e": "30753.37",
    "scope_2_metric_tonnes_co2e": "0",
}


def read(folder: Path, *rows: dict[str, str], header: list[str] = GLOBAL) -> tuple[Any, Any]:
    path = table(folder / "cdp.csv", header, [[row.get(name, "") for name in header] for row in rows])
    assert recognise(path)
    return load(path, DAY, Index())


def test_marks_go_to_the_reporting_year_and_emissions_to_the_year_before(tmp_path: Path):
    batch, report = read(tmp_path, ROW)
    mark, one, two = batch.rows
    assert (mark.scheme, mark.programme, mark.year, mark.grade, str(mark.score)) == ("cdp", "climate", 2011, "A-", "84")
    assert mark.response_status == "AQ*"
    assert [(row.metric, row.period, str(row.value), row.unit) for row in (one, two)] == [
        ("ghg.scope1", "2010", "30753.37", "tCO2e"),
        ("ghg.scope2", "2010", "0", "tCO2e"),
    ]
    (source,) = batch.sources.values()
    assert (source.redistributable, source.published_precision) == (False, "year")
    assert (report.sheets[0].rows, report.sheets[0].imported, report.lines) == (1, 1, [])
    assert cells(batch.raw[0])["scope_1_metric_tonnes_co2e"] == "30753.37"


def test_what_is_not_public_is_withheld_and_keeps_its_marks(tmp_path: Path):
    blank = dict.fromkeys(("scope_1_metric_tonnes_co2e", "scope_2_metric_tonnes_co2e"), "")
    batch, _ = read(tmp_path, ROW | blank | {"permission": "Not public"})
    assert [(getattr(row, "grade", None), getattr(row, "missing_reason", None)) for row in batch.rows] == [
        ("A-", None),
        (None, "withheld"),
        (None, "withheld"),
    ]


def test_a_blank_that_is_public_is_no_answer(tmp_path: Path):
    batch, _ = read(tmp_path, ROW | {"scope_1_metric_tonnes_co2e": ""})
    assert [getattr(row, "metric", None) for row in batch.rows] == [None, "ghg.scope2"]


@pytest.mark.parametrize("status", ["AQ*", "AQ", "NR", "DP", "SA", "IN"])
def test_who_gave_no_answer_has_a_status_alone(tmp_path: Path, status: str):
    row = {name: ROW[name] for name in ("company_name", "country", "reporting_year")}
    batch, _ = read(tmp_path, row | {"response_status": status})
    assert [(one.grade, one.score, one.response_status, one.note) for one in batch.rows] == [(None, None, status, None)]


def test_band_e_is_a_grade(tmp_path: Path):
    batch, _ = read(tmp_path, ROW | {"performance_band": "E"})
    mark = batch.rows[0]
    assert (mark.grade, str(mark.score), mark.as_reported) == ("E", "84", None)


def test_every_unreadable_cell_is_reported_and_the_rest_imported(tmp_path: Path):
    odd = {"performance_band": "G", "response_status": "??", "scope_1_metric_tonnes_co2e": "n.k.", "country": "Nowhere"}
    batch, report = read(tmp_path, ROW | odd)
    assert told(report, "unreadable", "unknown_country") == [
        (2, "H performance_band", "G"),
        (2, "K response_status", "??"),
        (2, "L scope_1_metric_tonnes_co2e", "n.k."),
        (2, "C country", "Nowhere"),
    ]
    assert len(batch.rows) == 2


def test_columns_in_another_order_and_case_with_one_more_are_no_obstacle(tmp_path: Path):
    header = [name.upper() for name in reversed(GLOBAL)] + ["NEW"]
    path = table(tmp_path / "cdp.csv", header, [[ROW.get(name.lower(), "") for name in header]])
    assert len(load(path, DAY, Index())[0].rows) == 3


def test_an_unknown_header_is_refused_with_the_nearest_profile(tmp_path: Path):
    header = [name for name in GLOBAL if name != "performance_band"]
    path = table(tmp_path / "cdp.csv", header, [])
    assert not recognise(path)
    with pytest.raises(BadFile, match=r"nearest profile is cdp-global-500.*missing: performance_band"):
        load(path, DAY, Index())


ACTION = [
    "company_name",
    "account_number",
    "country",
    "accounting_year",
    "reporting_period_to",
    "ticker_symbol",
    "isin",
]
for scope in ("scope_1", "scope_2"):
    ACTION += [f"reported_{scope}_metric_tonnes_co2e", f"reported_{scope}_source"]
    ACTION += [f"estimated_{scope}_metric_tonnes_co2e", f"estimated_{scope}_model_type"]
    ACTION += [f"estimated_{scope}_model_quality", f"{scope}_comments"]


def test_an_estimate_stands_beside_what_was_reported(tmp_path: Path):
    row = {
        "company_name": "Borealis AB",
        "country": "Sweden",
        "accounting_year": "2012",
        "reporting_period_to": "2013-03-31T00:00:00.000",
        "reported_scope_1_metric_tonnes_co2e": "21000",
        "reported_scope_1_source": "CDP Response",
        "estimated_scope_1_metric_tonnes_co2e": "66000",
        "estimated_scope_1_model_type": "Model 2",
        "estimated_scope_1_model_quality": "2",
    }
    batch, _ = read(tmp_path, row, {"company_name": "Borealis AB", "accounting_year": "2013"}, header=ACTION)
    reported, estimated = batch.rows
    assert (reported.period, reported.basis, reported.boundary, str(reported.value)) == (
        "2012",
        "reported",
        None,
        "21000",
    )
    assert (estimated.basis, estimated.boundary, str(estimated.value)) == (
        "third_party",
        "estimate by CDP's model",
        "66000",
    )
    assert "Model 2, quality: 2" in estimated.note
    assert "ends on 2013-03-31" in reported.note
