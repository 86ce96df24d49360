"""The real files of numbers, in the order of their dates, and small ones written cell by cell."""

import csv
import datetime as dt
import functools
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import openpyxl
import pytest

from almanac.importers import carbon_gap, carbon_majors, cdp, imanzaf, itr
from almanac.importers.identity import Index
from almanac.importers.report import ImportReport
from almanac.publish.batch import Batch, RawRow
from tests.conftest import SHARED

DAY = dt.date(2023, 4, 16)

# File, importer, release, and rows by sheet as counted by hand: every one of them is accounted for.
FILES: dict[str, tuple[ModuleType, str, dict[str, int]]] = {
    "cdp/2011_global500_emissions.csv": (cdp, "2011-12-31", {"": 500}),
    "cdp/2012_global500_emissions.csv": (cdp, "2012-12-31", {"": 500}),
    "cdp/2010_2013_carbon_action_emissions.csv": (cdp, "2014-12-31", {"": 1569}),
    "itr/20220215_ITR_Tool_Sample_Data.xlsx": (
        itr,
        "2023-05-02",
        {"ITR input data": 43, "ITR target input data": 54},
    ),
    "carbon-gap/profit_and_emmissions_database.csv": (carbon_gap, "2023-01-09", {"": 179}),
    "itr/20221025_ITR_V2_Sample_Data_c2023-04-16.xlsx": (
        itr,
        "2023-04-16",
        {"ITR V2 input data": 86, "ITR V2 esg data": 963, "Extra V2 esg data": 46, "ITR target input data": 128},
    ),
    "itr/20220927_ITR_V2_Sample_Data.xlsx": (
        itr,
        "2023-12-15",
        {"ITR V2 input data": 76, "ITR V2 esg data": 584, "ITR input data": 76, "ITR target input data": 113},
    ),
    "carbon-majors/emissions_low_granularity_2024-05.csv": (carbon_majors, "2024-05-31", {"": 6069}),
    "small/imanzaf_company_emissions_137e664.csv": (imanzaf, "2024-12-31", {"": 39}),
}


def real(name: str, index: Index | None = None) -> tuple[Batch, ImportReport]:
    """The batch and the report of a real file; the test is skipped, by name, where the file is absent.

    Without an index it is the file alone, which is read once.
    """
    if not (SHARED / "data" / name).exists():
        pytest.skip(f"shared/data/{name} is absent")
    return _alone(name) if index is None else _read(name, index)


@functools.cache
def _alone(name: str) -> tuple[Batch, ImportReport]:
    return _read(name, Index())


def _read(name: str, index: Index) -> tuple[Batch, ImportReport]:
    module, released, _ = FILES[name]
    return module.load(SHARED / "data" / name, dt.date.fromisoformat(released), index)


def table(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]], *, above: Sequence[str] = ()) -> Path:
    """A .csv file with a byte order mark; `above` are lines over the header."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([[line] for line in above])
        writer.writerows([header, *rows])
    return path


def workbook(path: Path, sheets: dict[str, list[list[Any]]], merged: dict[str, list[str]] | None = None) -> Path:
    """An .xlsx file; `merged` names ranges by sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for one in (merged or {}).get(name, []):
            sheet.merge_cells(one)
    book.save(path)
    return path


def cells(raw: RawRow) -> dict[str, Any]:
    """The cells of a raw row by header."""
    return msgspec.json.Decoder(float_hook=Decimal).decode(raw.cells)


def told(report: ImportReport, *findings: Any) -> list[tuple[int | None, str | None, str | None]]:
    """Row, column and value of the findings of some sorts."""
    return [(line.row, line.column, line.value) for line in report.lines if line.finding in findings]
