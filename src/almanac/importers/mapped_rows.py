"""Rows of any .csv, .xlsx or .json file, by header, as a mapping says that it is laid out; none is left out."""

import codecs
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import msgspec
from msgspec import Struct

from almanac.errors import BadFile
from almanac.importers.delimited import Delimited
from almanac.importers.guard import check_file, looks_like_json
from almanac.importers.lines import Line
from almanac.importers.mapped_terms import Layout
from almanac.importers.mapping import nearest
from almanac.importers.records import check_values
from almanac.importers.report import ImportReport, Notes, SheetReport
from almanac.importers.sheets import Sheet, open_sheets
from almanac.importers.table import Entry, Progress, raw_cells, tell_beyond

_JSON_MAX_BYTES = 100_000_000
_STEP = 500


class _Rows(Struct, frozen=True, kw_only=True):
    """A sheet with its header; `rows` are numbers as a person sees them, and cells by header."""

    name: str
    places: dict[str, str]
    header_row: int | None
    count: int
    rows: Iterator[tuple[int, dict[str, Any]]]
    hint: str = ""


def lines(
    path: Path, layout: Layout, columns: Sequence[str], report: ImportReport, progress: Progress | None = None
) -> Iterator[Line]:
    """Rows with their cells by header. Errors: BadFile, also for a column that the header does not have."""
    check_file(path)
    found = _records(path, layout) if _is_json(path, layout) else _sheet(path, layout, report)
    for name in columns:
        if name not in found.places:
            why = f"has no column {name!r}; {nearest(name, found.places)}{found.hint}"
            raise BadFile(f"{path}: sheet {found.name!r} {why}")
    ignored = [name for name in found.places if name not in columns]
    told = SheetReport(name=found.name, profile="mapping", header_row=found.header_row, ignored_columns=ignored)
    report.sheets.append(told)
    notes = Notes(report, told)
    for row, cells in found.rows:
        told.rows += 1
        if progress and told.rows % _STEP == 0:
            progress(f"read {found.name}", told.rows, found.count)
        entry = Entry(
            sheet=found.name, row=row, values={}, spelled={}, columns=dict(found.places), cells=cells, notes=notes
        )
        tell_beyond(entry, len(found.places))
        yield Line(profile="mapping", entry=entry)


def _sheet(path: Path, layout: Layout, report: ImportReport) -> _Rows:
    sheet = _chosen(path, layout, report)
    rows = sheet.rows()
    nothing: list[Any] = []
    header = next((cells for number, cells in rows if number == layout.header_row), nothing)
    names = [str(cell).strip().lstrip("\ufeff") for cell in header]
    unique = [
        name if name and names.count(name) == 1 else f"{name} [{sheet.letter(index)}]".strip()
        for index, name in enumerate(names)
    ]
    guessed = isinstance(sheet.source, Delimited) and sheet.source.encoding == "cp1252" != layout.encoding
    return _Rows(
        hint="; the file is not UTF-8; `file.encoding` names what it is" if guessed else "",
        name=sheet.name,
        places={name: f"{sheet.letter(index)} {names[index]}".strip() for index, name in enumerate(unique)},
        header_row=layout.header_row,
        count=sheet.row_count,
        rows=((number, raw_cells(sheet, number, unique, cells)) for number, cells in rows),
    )


def _chosen(path: Path, layout: Layout, report: ImportReport) -> Sheet:
    sheets = [_text(path, layout)] if layout.encoding or layout.delimiter else open_sheets(path)
    names = [one.name for one in sheets]
    wanted = layout.sheet or (names[0] if len(names) == 1 else None)
    if wanted not in names:
        asked = f"has no sheet {wanted!r}" if wanted else "has several sheets, and the mapping names none"
        raise BadFile(f"{path}: {asked}; there are {', '.join(map(repr, names))}")
    for one in sheets:
        if one.name != wanted:
            report.skip(one.name, one.row_count, "the mapping names another sheet")
    return sheets[names.index(wanted)]


def _text(path: Path, layout: Layout) -> Sheet:
    encoding = _codec(path, layout.encoding or "utf-8-sig")
    text = Delimited(path=path, encoding=encoding, delimiter=layout.delimiter or ",", height=0)
    return Sheet(name=path.stem, row_count=0, first_column=0, errors={}, source=text)


def _codec(path: Path, encoding: str) -> str:
    """The encoding, once the whole file is known to be in it."""
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except LookupError as error:
        raise BadFile(f"{path}: the mapping declares an encoding that nobody knows: {encoding}") from error
    except UnicodeDecodeError as error:
        raise BadFile(f"{path}: is not in {encoding}, as the mapping says: {error.reason}") from error
    return encoding


def _is_json(path: Path, layout: Layout) -> bool:
    if layout.records is not None or path.suffix.casefold() == ".json":
        return True
    return looks_like_json(path)


def _records(path: Path, layout: Layout) -> _Rows:
    """Objects of a JSON array, at `records` or at the top; what they hold within is named with dots."""
    if path.stat().st_size > _JSON_MAX_BYTES:
        raise BadFile(f"{path}: has over {_JSON_MAX_BYTES:,} bytes; cut it into several files")
    try:
        data = path.read_bytes()
        check_values(path, data)
        text = data.decode(layout.encoding or "utf-8-sig")
        found: Any = json.loads(text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_once)
        for part in (layout.records or "").split(".") if layout.records else ():
            found = found[part]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise BadFile(f"{path}: cannot be read as JSON with records at {layout.records!r}: {error}") from error
    try:
        flat = [_flat(one) for one in msgspec.convert(found, list[dict[str, Any]])]
    except msgspec.ValidationError as error:
        raise BadFile(f"{path}: holds no array of objects; `file.records` names where in it one stands") from error
    names = dict.fromkeys(name for one in flat for name in one)
    full = ((number, {name: one.get(name, "") for name in names}) for number, one in enumerate(flat, 1))
    return _Rows(name=path.stem, places={name: name for name in names}, header_row=None, count=len(flat), rows=full)


def _flat(record: dict[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            found |= _flat(cast("dict[str, Any]", value), f"{above}{name}.")
        elif isinstance(value, list):
            found[f"{above}{name}"] = json.dumps(value, ensure_ascii=False, default=str)
        else:
            found[f"{above}{name}"] = "" if value is None else value
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError(f"an object names a key twice: {', '.join(name for name, _ in pairs)}")
    return dict(pairs)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")
