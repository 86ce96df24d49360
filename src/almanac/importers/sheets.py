"""Opening .xlsx and .csv files: sheets as rows of cells with their places, and one clear error for what is no workbook."""

import datetime as dt
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from almanac.errors import BadFile
from almanac.importers.delimited import open_delimited
from almanac.importers.error_cells import error_cells
from almanac.importers.guard import check_file, check_workbook, looks_like_json

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLE_READ_BYTES = 50_000_000


class Source(Protocol):
    """Where the rows of a sheet come from; `height` counts them from the first that holds anything."""

    @property
    def height(self) -> int:
        """How many rows there are."""
        ...

    def iter_rows(self) -> Iterator[list[Any]]:
        """The rows, each a list of cells."""
        ...


class Sheet(Struct, frozen=True, kw_only=True):
    """One sheet. `errors` holds by row number what calamine reads as blank: cells such as #N/A, by column index."""

    name: str
    row_count: int
    first_column: int
    errors: Mapping[int, Mapping[int, str]]
    source: Source

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Rows with their number as a person sees it, from 1; blank rows are not left out."""
        return enumerate(self.source.iter_rows(), 1)

    def letter(self, index: int) -> str:
        """Column letters of a cell's place in its row."""
        number, letters = index + self.first_column + 1, ""
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(65 + rest) + letters
        return letters


def open_sheets(path: Path) -> list[Sheet]:
    """The work sheets of an .xlsx file; a .csv file is one, JSON has none. Errors: BadFile, naming the file and what it is.

    The file opened last is kept open while it stays the same, because every importer looks at it once: see `forget`.
    """
    check_file(path)
    at = identity(path)
    if _last.get("at") != at:
        _last.clear()
        _last.update(at=at, sheets=_open(path))
    return _last["sheets"]


def forget() -> None:
    """Let go of the file opened last: a workbook takes memory."""
    _last.clear()


def identity(path: Path) -> tuple[object, ...]:
    """What changes when somebody writes to a file or puts another in its place. Errors: BadFile."""
    try:
        told = path.stat()
    except OSError as error:
        raise BadFile(f"{path}: cannot be read: {error.strerror}") from error
    return path, told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns


_last: dict[str, Any] = {}


def _open(path: Path) -> list[Sheet]:
    if looks_like_json(path):
        return []
    if not _is_workbook(path):
        text = open_delimited(path)
        return [Sheet(name=path.stem, row_count=text.height, first_column=0, errors={}, source=text)]
    check_workbook(path)
    try:
        workbook = CalamineWorkbook.from_path(path)  # pyright: ignore[reportUnknownMemberType] - bare PathLike in its stub
        errors = error_cells(path)
        names = [one.name for one in workbook.sheets_metadata]
        if len(set(names)) < len(names):
            raise BadFile(f"{path}: gives one name to several sheets; no spreadsheet program writes that")
        return [
            _sheet(workbook.get_sheet_by_name(one.name), errors.get(one.name, {}))
            for one in workbook.sheets_metadata
            if one.typ == SheetTypeEnum.WorkSheet
        ]
    except (CalamineError, zipfile.BadZipFile, KeyError, UnicodeDecodeError, OSError) as error:
        raise BadFile(f"{path}: is damaged or no Excel workbook: {' '.join(str(error).split())}") from error


def _sheet(sheet: CalamineSheet, errors: Mapping[tuple[int, int], str]) -> Sheet:
    first = sheet.start[1] if sheet.start else 0
    by_row: dict[int, dict[int, str]] = {}
    for (row, column), code in errors.items():
        by_row.setdefault(row, {})[column - first] = code
    return Sheet(
        name=sheet.name, row_count=sheet.end[0] + 1 if sheet.end else 0, first_column=first, errors=by_row, source=sheet
    )


def _is_workbook(path: Path) -> bool:
    """Whether the file is an .xlsx workbook, by its content; False for what may be text."""
    try:
        with path.open("rb") as file:
            head = file.read(1024)
            locked = head.startswith(_OLE) and _ENCRYPTED in head + file.read(_OLE_READ_BYTES)
    except OSError as error:
        raise BadFile(f"{path}: cannot be read: {error.strerror}") from error
    if not head:
        raise BadFile(f"{path}: is empty (0 bytes)")
    if head.startswith(_OLE):
        raise BadFile(
            f"{path}: {'is protected by a password' if locked else 'is an old .xls file'}; save it as plain .xlsx"
        )
    if b"<html" in head.lower() or b"<!doctype html" in head.lower():
        raise BadFile(f"{path}: is an HTML page, whatever its name says; it begins with {head[:24]!r}")
    if head.startswith(b"PK"):
        return True
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadFile(f"{path}: is neither an .xlsx file nor text; it begins with {head[:24]!r}")
    return False
