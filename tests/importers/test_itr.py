"""ITR workbooks: merged cells, units, parts of companies, and reports that restate."""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from almanac.importers.identity import Index
from almanac.importers.itr import load, recognise
from almanac.kinds import KINDS
from almanac.publish.publish import publish
from almanac.store.db import PUBLISHER, connect
from tests.client import Client
from tests.importers.numbers import DAY, cells, real, told, workbook

HEADER = [
    "company_name",
    "company_lei",
    "company_id",
    "metric",
    "submetric",
    "boundary",
    "unit",
    "report_date",
    "base_year",
]
YEARS: list[Any] = [2019, 2020, 2021]
BOREALIS = ["Borealis AB", "", "SE0000148884"]
REAL = "itr/20221025_ITR_V2_Sample_Data_c2023-04-16.xlsx"


def row(metric: str, submetric: Any, unit: str, day: dt.date | None, *values: Any, **more: Any) -> list[Any]:
    who = more.get("who", BOREALIS)
    return [*who, metric, submetric, more.get("boundary"), unit, day, more.get("base"), *values]


def read(folder: Path, *rows: list[Any], merged: tuple[str, ...] = ()) -> tuple[Any, Any]:
    sheets = {"ITR V2 esg data": [[*HEADER, *YEARS], *rows]}
    path = workbook(folder / "itr.xlsx", sheets, {"ITR V2 esg data": list(merged)})
    assert recognise(path)
    return load(path, DAY, Index())


FIRST, SECOND = dt.date(2021, 3, 1), dt.date(2022, 3, 1)


def test_a_merged_company_counts_in_every_row_that_it_covers(tmp_path: Path):
    rows = [row("s1", "", "kt CO2e", FIRST, 1.5), *(row("s3", n, "t CO2e", FIRST, n, who=[None] * 3) for n in (3, 6))]
    batch, report = read(tmp_path, *rows, merged=("A2:A4", "B2:B4", "C2:C4"))
    assert [(one.company, one.metric, str(one.value)) for one in batch.rows] == [
        ("borealis", "ghg.scope1", "1500"),
        ("borealis", "ghg.scope3.c3", "3"),
        ("borealis", "ghg.scope3.c6", "6"),
    ]
    assert [one.as_reported for one in batch.rows] == ["1.5 kt CO2e", None, None]
    assert "company_name" not in cells(batch.raw[1]) or not cells(batch.raw[1])["company_name"]
    assert (report.sheets[0].rows, report.sheets[0].imported) == (3, 3)


def test_a_row_that_no_merge_covers_belongs_to_nobody(tmp_path: Path):
    _, report = read(tmp_path, row("s1", "", "t CO2e", FIRST, 1), row("s2", "", "t CO2e", FIRST, 2, who=[None] * 3))
    assert (report.sheets[0].imported, report.sheets[0].rejected) == (1, Counter(rejected=1))


def test_each_report_is_a_source_and_a_number_that_differs_is_restated(tmp_path: Path):
    rows = [row("s1", "", "t CO2e", FIRST, 10, 20), row("s1", "", "t CO2e", SECOND, 10, 25, 30)]
    batch, _ = read(tmp_path, *rows)
    assert [(batch.sources[one.source].published_on, one.period, str(one.value), one.basis) for one in batch.rows] == [
        (FIRST, "2019", "10", "reported"),
        (FIRST, "2020", "20", "reported"),
        (SECOND, "2019", "10", "reported"),
        (SECOND, "2020", "25", "restated"),
        (SECOND, "2021", "30", "reported"),
    ]


def test_a_date_on_which_the_year_was_not_over_is_not_believed(tmp_path: Path):
    rows = [
        row("s1", "", "t CO2e", dt.date(2021, 12, 31), None, 20, 31),
        row("s1", "", "t CO2e", SECOND, None, None, 30),
        row("s2", "location", "t CO2e", dt.date(2021, 12, 31), None, None, 7),
        row("s3", "", "t CO2e", None, None, None, 9),
    ]
    batch, report = read(tmp_path, *rows)
    known = [
        (one.metric, str(one.value), one.known_from or batch.sources[one.source].published_on) for one in batch.rows
    ]
    assert known == [
        ("ghg.scope1", "20", dt.date(2021, 12, 31)),
        ("ghg.scope1", "30", SECOND),
        ("ghg.scope2.lb", "7", DAY),
        ("ghg.scope3", "9", DAY),
    ]
    assert told(report, "conflict") == [(2, "L 2021.0", "31")]
    assert {one.published_precision for one in batch.sources.values() if one.published_on.month == 12} == {"year"}


def test_what_is_no_number_is_reported_with_its_place(tmp_path: Path):
    odd = row("s1", "", "t CO2e", SECOND, "x", "https://example.org/a.pdf", 5, base="X")
    batch, report = read(tmp_path, odd)
    assert told(report, "unreadable") == [
        (2, "I base_year", "X"),
        (2, "J 2019.0", "x"),
        (2, "K 2020.0", "https://example.org/a.pdf"),
    ]
    assert [str(one.value) for one in batch.rows] == ["5"]


@pytest.mark.parametrize(
    ("metric", "unit", "why"),
    [
        ("production", "GWh", "no metric of the vocabulary"),
        ("s1", "t CH4", "no warming potential"),
        ("s1", "t CO2e/MWh", "ratio"),
        ("s1", "MT CO2e", "metric tonnes"),
    ],
)
def test_what_has_no_place_is_rejected_with_the_reason(tmp_path: Path, metric: str, unit: str, why: str):
    batch, report = read(tmp_path, row(metric, "", unit, SECOND, 1))
    (line,) = report.of("rejected")
    assert (batch.rows, why in line.reason) == ([], True)


def test_parts_of_a_company_are_segments_of_it(tmp_path: Path):
    rows = [
        row("s1", "", "t CO2e", SECOND, 9, who=["Borealis AB - Group", "", "SE0000148884"]),
        row("s1", "", "t CO2e", SECOND, 4, who=["Borealis AB - Oil", "", "SE0000148884-Oil"]),
        row("s1", "", "t CO2e", SECOND, 3, who=["POLARCHEM", "", "SE0000148884"]),
        row("s1", "fleet", "t CO2e", SECOND, 1),
    ]
    batch, _ = read(tmp_path, *rows)
    assert {one.company for one in batch.rows} == {"borealis"}
    assert [one.segment for one in batch.rows] == [None, "Oil", "POLARCHEM", "fleet"]


def test_a_document_row_gives_the_report_its_address(tmp_path: Path):
    rows = [row("s1", "", "t CO2e", SECOND, 1), row("pdf", "", "", SECOND, None, "https://example.org/a.pdf")]
    batch, report = read(tmp_path, *rows)
    assert {one.url for one in batch.sources.values()} == {None, "https://example.org/a.pdf"}
    assert report.sheets[0].imported == 2


def test_a_value_that_can_hardly_be_meant_is_published_with_a_flag(tmp_path: Path):
    rows = [row("s1", "", "t CO2e", SECOND, 31_000, 32_000_000, 33_000), row("s2", "", "Mt CO2e", SECOND, 5000)]
    batch, report = read(tmp_path, *rows)
    assert told(report, "implausible") == [(2, "K 2020.0", "32000000"), (3, "J 2019.0", "5000000000")]
    assert [one.quality_flags for one in batch.rows] == [[], ["jump_1000"], [], ["over_1_gt"]]


@pytest.mark.slow
def test_a_real_workbook_gives_restatements_and_deltas_on_both_bases(empty_database: str, serve: Callable[..., Client]):
    batch, _ = real(REAL)

    async def run() -> None:
        connection = await connect(empty_database, PUBLISHER)
        await publish(connection, batch, kinds=KINDS)
        await connection.close()

    asyncio.run(run())
    api = serve(empty_database)
    (one,) = api.data("/v1/companies/aes/emissions?metric=ghg.scope1&period=2018")
    versions = api.data(f"/v1/disclosures/{one['id']}/versions")
    assert [(each["known_from"], each["value"]) for each in sorted(versions, key=lambda each: each["known_from"])] == [
        ("2019-02-27", 51878000),
        ("2020-02-27", 54154000),
        ("2021-09-01", 50291000),
    ]
    (delta,) = [
        each for each in api.data("/v1/companies/aes/emission-deltas?metric=ghg.scope1") if each["period"] == "2018"
    ]
    first, restated = delta["computed"]
    assert (first["basis"], first["base"]["value"], first["current"]["value"]) == (
        "as_first_published",
        63497000,
        51878000,
    )
    assert (restated["basis"], restated["base"]["value"], restated["current"]["value"]) == (
        "as_restated",
        59804000,
        50291000,
    )
    raw = api.data(f"/v1/disclosures/{one['id']}/versions/1/raw")
    assert (raw["sheet"], raw["row"], raw["cells"]["unit"]) == ("ITR V2 esg data", 2, "kt CO2e")
