"""From sheets to rows of typed fields, for any publisher: finds the header, reads the cells, reports what cannot be read."""

import datetime as dt
import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from almanac.errors import BadFile
from almanac.importers.cells import Unreadable, is_blank
from almanac.importers.error_cells import ERROR_CODES
from almanac.importers.profiles import Layout, Mismatch, Profile, recognise
from almanac.importers.report import ImportReport, Notes, SheetReport
from almanac.importers.sheets import Cell, Sheet, open_sheets

Progress = Callable[[str, int, int], None]
_HEADER_ROWS = 20
_STEP = 500


class Entry(Struct, frozen=True, kw_only=True):
    """One row as read. `values` has only fields whose cell is not blank; `spelled` the original where it says more.

    `columns` names the place of each field (letter and header); `cells` is the whole row by header, for the raw row.
    """

    sheet: str

    row: int
    values: dict[str, Any]
    spelled: dict[str, str]
    columns: dict[str, str]
    cells: dict[str, Any]
    notes: Notes


def entries(
    path: Path, profiles: Sequence[Profile], report: ImportReport, progress: Progress | None = None
) -> Iterator[Entry]:
    """Rows of every sheet whose header is known. Errors: BadFile if no sheet has one, naming the nearest profile."""
    known: list[tuple[Sheet, int, Layout]] = []
    unknown: list[tuple[Sheet, str]] = []
    for sheet in open_sheets(path):
        found = _header(sheet, profiles)
        if isinstance(found, str):
            unknown.append((sheet, found))
        else:
            known.append((sheet, *found))
    if not known:
        why = "; ".join(f"sheet {sheet.name!r}: {reason}" for sheet, reason in unknown) or "it has no work sheet"
        raise BadFile(f"{path}: {why}")
    for sheet, reason in unknown:
        report.skip(sheet.name, sheet.row_count, reason)
    for sheet, header_row, layout in known:
        yield from _read(sheet, header_row, layout, report, progress)


def has_header(path: Path, profiles: Sequence[Profile]) -> bool:
    """Whether a sheet of the file has the header of one of these profiles. Errors: BadFile if it is no table at all."""
    return any(not isinstance(_header(sheet, profiles), str) for sheet in open_sheets(path))


def unknown(path: Path, profiles: Sequence[Profile]) -> str:
    """Why no sheet of a file has the header of one of these profiles."""
    why = (f"sheet {sheet.name!r}: {_header(sheet, profiles)}" for sheet in open_sheets(path))
    return "; ".join(why) or "it has no work sheet"


def _header(sheet: Sheet, profiles: Sequence[Profile]) -> tuple[int, Layout] | str:
    nearest: tuple[int, Mismatch] | None = None
    for number, cells in sheet.rows():
        if number > _HEADER_ROWS + max(0, sheet.row_count - sheet.source.height):
            break
        found = recognise(cells, profiles)
        if isinstance(found, Layout):
            return number, found
        if nearest is None or found.shared > nearest[1].shared:
            nearest = (number, found)
    if nearest is None:
        return "is empty"
    if not nearest[1].shared:
        return f"no header in the first {_HEADER_ROWS} rows; {nearest[1]}"
    return f"the header in row {nearest[0]} is unknown; {nearest[1]}"


def _read(
    sheet: Sheet, header_row: int, layout: Layout, report: ImportReport, progress: Progress | None
) -> Iterator[Entry]:
    told = SheetReport(
        name=sheet.name, profile=layout.profile.id, header_row=header_row, ignored_columns=list(layout.ignored)
    )
    report.sheets.append(told)
    notes = Notes(report, told)
    columns: dict[str, str] = {}
    names: list[str] = []
    for number, cells in sheet.rows():
        if number == header_row:
            columns = {column.field: f"{sheet.letter(i)} {str(cells[i]).strip()}" for i, column in layout.places}
            names = _names(cells, sheet)
        if number <= header_row:
            continue
        told.rows += 1
        if progress and told.rows % _STEP == 0:
            progress(f"read {sheet.name}", number, sheet.row_count)
        raw = raw_cells(sheet, number, names, cells)
        entry = Entry(sheet=sheet.name, row=number, values={}, spelled={}, columns=columns, cells=raw, notes=notes)
        tell_beyond(entry, len(names))
        _fill(entry, cells, layout, sheet.errors.get(number, {}))
        yield entry
    if progress:
        progress(f"read {sheet.name}", sheet.row_count, sheet.row_count)


def reread(sheet: str, row: int, cells: Mapping[str, Any], profiles: tuple[Profile, ...]) -> Entry | None:
    """A kept raw row, read again as its file was; None if no profile knows its header any more."""
    layout = _layout(tuple(cells), profiles)
    if layout is None:
        return None
    report = SheetReport(name=sheet, profile=layout.profile.id)
    notes = Notes(ImportReport(file="", released=dt.date.min), report)
    names = list(cells)
    columns = {column.field: names[index] for index, column in layout.places}
    entry = Entry(sheet=sheet, row=row, values={}, spelled={}, columns=columns, cells=dict(cells), notes=notes)
    errors = {index: value for index, value in enumerate(cells.values()) if value in ERROR_CODES}
    _fill(entry, [_cell(value) for value in cells.values()], layout, errors)
    return entry


def raw_cells(sheet: Sheet, number: int, names: Sequence[str], cells: Sequence[Cell]) -> dict[str, Any]:
    """A row as it is kept: every cell by its header, blank ones too; dates as ISO text with a time, errors as their code.

    What stands beyond the last header goes by its column letter.
    """
    errors = sheet.errors.get(number, {})
    padded = [*cells, *[""] * (len(names) - len(cells))]
    kept = {name: errors.get(index) or _kept(padded[index]) for index, name in enumerate(names)}
    beyond = range(len(names), len(cells))
    return kept | {f"[{sheet.letter(index)}]": _kept(cells[index]) for index in beyond if cells[index] != ""}


def tell_beyond(entry: Entry, width: int) -> None:
    """Report the cells that stand beyond the last header: an unquoted delimiter makes such, and shifts a row."""
    for name in list(entry.cells)[width:] if len(entry.cells) > width else ():
        why = "stands beyond the last column that has a header; the row may be shifted"
        entry.notes.add("unplaced", entry.row, why, name.strip("[]"), entry.cells[name])


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?")


def _kept(cell: Cell) -> Any:
    if isinstance(cell, dt.datetime):
        return cell.isoformat()
    if isinstance(cell, dt.date):
        return f"{cell.isoformat()}T00:00:00"
    return str(cell) if isinstance(cell, dt.time | dt.timedelta) else _plain(cell)


def _cell(kept: Any) -> Cell:
    return dt.datetime.fromisoformat(kept) if isinstance(kept, str) and _MOMENT.fullmatch(kept) else kept


def _names(cells: Sequence[Cell], sheet: Sheet) -> list[str]:
    """Headers that name each column once: blank and repeated ones carry the letter of their column."""
    plain = [str(cell).strip() for cell in cells]
    return [
        name if name and plain.count(name) == 1 else f"{name} [{sheet.letter(i)}]".strip()
        for i, name in enumerate(plain)
    ]


@functools.lru_cache(maxsize=64)
def _layout(header: tuple[str, ...], profiles: tuple[Profile, ...]) -> Layout | None:
    found = recognise(header, profiles)
    return found if isinstance(found, Layout) else None


def _fill(entry: Entry, cells: Sequence[Cell], layout: Layout, errors: Mapping[int, str]) -> None:
    for index, column in layout.places:
        if index in errors:
            place = entry.columns[column.field]
            entry.notes.add("unreadable", entry.row, "is an error of the spreadsheet", place, errors[index])
            continue
        cell = _plain(cells[index]) if index < len(cells) else ""
        if cell == "" or is_blank(cell):
            continue
        try:
            value = column.parse(cell)
        except Unreadable as error:
            entry.notes.add("unreadable", entry.row, str(error), entry.columns[column.field], cell)
            continue
        if value is None:
            continue
        entry.values[column.field] = value
        if column.keep and isinstance(cell, str) and str(value) != cell.strip():
            entry.spelled[column.field] = cell.strip()


def _plain(cell: Cell) -> Cell:
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell
