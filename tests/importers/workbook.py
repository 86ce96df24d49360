"""Small registers, written cell by cell; every company in them is invented."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl

from almanac.importers.identity import Index
from almanac.importers.report import ImportReport
from almanac.importers.sbti import load
from almanac.publish.batch import Batch

RELEASED = dt.date(2025, 3, 13)
HEADER = [
    "sbti_id",
    "company_name",
    "isin",
    "lei",
    "organization_type",
    "location",
    "region",
    "sector",
    "near_term_status",
    "near_term_target_classification",
    "near_term_target_year",
    "long_term_status",
    "long_term_target_classification",
    "long_term_target_year",
    "net_zero_status",
    "net_zero_year",
    "full_target_language",
    "ba15_status",
    "ba15_date",
    "target_classification_long",
    "reason_for_extension_or_removal",
    "date_updated",
]
NEAR = {
    "near_term_status": "Targets set",
    "near_term_target_classification": "1.5°C",
    "near_term_target_year": 2030,
    "full_target_language": "Borealis commits.",
}


def moment(*parts: int) -> dt.datetime:
    """A date and time as a spreadsheet has it, which knows no zone."""
    return dt.datetime(*parts)  # noqa: DTZ001


def company(number: int | None = 40000001, name: str | None = "Borealis Foods AB", **cells: Any) -> dict[str, Any]:
    """One row; the cells that are not given are blank."""
    base = {"sbti_id": number, "company_name": name, "location": "Sweden", "date_updated": moment(2024, 5, 16, 1)}
    return base | cells


def register(
    folder: Path, rows: Iterable[dict[str, Any]], header: Iterable[str] = HEADER, name: str = "register.xlsx"
) -> Path:
    """A workbook with one sheet, called Data."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Data"
    names = list(header)
    sheet.append(names)
    for row in rows:
        sheet.append([row.get(one) for one in names])
    book.save(folder / name)
    return folder / name


def read(
    folder: Path, *rows: dict[str, Any], index: Index | None = None, released: dt.date = RELEASED
) -> tuple[Batch, ImportReport]:
    """The batch and the report of a small register."""
    return load(register(folder, rows), released, index if index is not None else Index())


def answers(batch: Batch) -> dict[str, Any]:
    """Rows of a batch by kind and the part of the key that differs, such as `targets near_term`."""
    found: dict[str, Any] = {}
    for row in batch.rows:
        tag = type(row).__struct_config__.tag
        found[f"{tag} {row.term if tag == 'targets' else row.type}"] = row
    return found
