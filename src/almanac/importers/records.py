"""Rows that do not come with one header row above them: objects of a JSON array, and sheets with a header of two rows.

They are read by the same profiles as every other table, and every cell that cannot be read is reported.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from msgspec import Struct

from almanac.errors import BadFile
from almanac.importers.cells import Unreadable, is_blank
from almanac.importers.guard import check_file, looks_like_json
from almanac.importers.lines import Line
from almanac.importers.profiles import Layout, Profile, recognise
from almanac.importers.report import ImportReport, Notes, SheetReport
from almanac.importers.sheets import Sheet
from almanac.importers.table import Entry, raw_cells, tell_beyond

_MAX_BYTES = 50_000_000
# A value of two bytes takes up to 64 in memory.
_MOST_VALUES = 4_000_000


class Table(Struct, frozen=True, kw_only=True):
    """Rows with names for their cells; `places` says for people where each stands."""

    name: str
    names: tuple[str, ...]
    places: tuple[str, ...]
    header_row: int | None
    rows: Iterable[tuple[int, dict[str, Any]]]


def json_value(path: Path) -> Any | None:
    """What a JSON file holds; None for what is no JSON. Errors: BadFile if it is too large."""
    check_file(path)
    if not looks_like_json(path):
        return None
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise BadFile(f"{path}: has over {_MAX_BYTES:,} bytes; cut it into several files")
        data = path.read_bytes()
        check_values(path, data)
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once)
    except OSError as error:
        raise BadFile(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError):
        return None


def check_values(path: Path, data: bytes) -> None:
    """Refuse JSON of more values than are held in memory. Errors: BadFile."""
    values = sum(data.count(mark) for mark in (b",", b"{", b"["))
    if values > _MOST_VALUES:
        raise BadFile(f"{path}: has over {_MOST_VALUES:,} values; cut it into several files")


def json_table(path: Path, profiles: Sequence[Profile]) -> Table | None:
    """The array of objects that a JSON file holds, if a profile knows their keys. Rows are numbered from 1."""
    found = json_value(path)
    if not isinstance(found, list) or not found:
        return None
    items = cast("list[Any]", found)
    if not all(isinstance(one, dict) for one in items):
        return None
    objects = cast("list[dict[str, Any]]", items)
    names = tuple(dict.fromkeys(name for one in objects for name in one))
    if not isinstance(recognise(names, profiles), Layout):
        return None
    rows = ((number, {name: _cell(one.get(name)) for name in names}) for number, one in enumerate(objects, 1))
    return Table(name=path.stem, names=names, places=names, header_row=None, rows=rows)


def two_rows(sheet: Sheet, profiles: Sequence[Profile]) -> Table | None:
    """A sheet whose second row repeats names under the blocks that its first row names, if a profile knows them."""
    rows = [(number, cells) for number, cells in sheet.rows() if number <= 2]
    if len(rows) < 2:
        return None
    names: list[str] = []
    block = ""
    for index, cell in enumerate(rows[1][1]):
        over = rows[0][1][index] if index < len(rows[0][1]) else ""
        block = str(over).strip() or block
        names.append(f"{block}: {str(cell).strip()}" if str(cell).strip() else f"[{sheet.letter(index)}]")
    if not isinstance(recognise(names, profiles), Layout):
        return None
    cells_of = ((number, raw_cells(sheet, number, names, cells)) for number, cells in sheet.rows() if number > 2)
    places = tuple(f"{sheet.letter(index)} {name}" for index, name in enumerate(names))
    return Table(name=sheet.name, names=tuple(names), places=places, header_row=2, rows=cells_of)


def read(table: Table, profiles: Sequence[Profile], report: ImportReport) -> Iterator[Line]:
    """Rows of a table with the fields of its profile. Errors: BadFile if no profile knows it."""
    layout = recognise(table.names, profiles)
    if not isinstance(layout, Layout):
        raise BadFile(f"{report.file}: {layout}")
    told = SheetReport(
        name=table.name,
        profile=layout.profile.id,
        header_row=table.header_row,
        ignored_columns=list(layout.ignored),
    )
    report.sheets.append(told)
    notes = Notes(report, told)
    columns = {column.field: table.places[index] for index, column in layout.places}
    for number, cells in table.rows:
        told.rows += 1
        entry = Entry(sheet=table.name, row=number, values={}, spelled={}, columns=columns, cells=cells, notes=notes)
        tell_beyond(entry, len(table.names))
        _fill(entry, layout, table.names)
        yield Line(profile=layout.profile.id, entry=entry)


def _fill(entry: Entry, layout: Layout, names: Sequence[str]) -> None:
    for index, column in layout.places:
        cell = entry.cells[names[index]]
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
        if column.keep and str(value) != str(cell).strip():
            entry.spelled[column.field] = str(cell).strip()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("an object names a key twice")
    return dict(pairs)
