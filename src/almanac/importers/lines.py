"""Rows of a file with their sheet and their cells as read, for publishers whose sheets have merged cells or repeated headers."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from almanac.importers.profiles import Profile
from almanac.importers.report import ImportReport
from almanac.importers.sheets import Cell, Sheet, open_sheets
from almanac.importers.table import Entry, Progress, entries

Ranges = dict[str, list[tuple[int, int]]]
"""Merged cells by column letters: first and last row of each."""


class Line(Struct, frozen=True, kw_only=True):
    """One row: its sheet, the profile of it, the row as read, and every cell by header (`name (2)` where one is repeated)."""

    sheet: str
    profile: str
    entry: Entry
    cells: dict[str, Cell]
    places: dict[str, str]

    @property
    def row(self) -> int:
        """Number of the row as a person sees it."""
        return self.entry.row


def lines(
    path: Path, profiles: Sequence[Profile], report: ImportReport, progress: Progress | None = None
) -> Iterator[Line]:
    """Rows of every sheet whose header is known; a merged cell counts in each row that it covers. Errors: BadFile."""
    sheets = {sheet.name: sheet for sheet in open_sheets(path)}
    reading: _Reading | None = None
    for entry in entries(path, profiles, report, progress):
        told = report.sheets[-1]
        if reading is None or reading.sheet.name != told.name:
            assert told.header_row is not None, told
            reading = _Reading(sheets[told.name], told.header_row, told.profile or "")
        yield reading.line(entry)


class _Reading:
    """Goes through a sheet in step with its entries."""

    def __init__(self, sheet: Sheet, header_row: int, profile: str) -> None:
        self.sheet = sheet
        self._profile = profile
        self._rows = sheet.rows()
        header = next(cells for number, cells in self._rows if number == header_row)
        names = _names(header)
        self._names = [(index, name) for index, name in enumerate(names) if name]
        self._places = {name: f"{sheet.letter(index)} {name}" for index, name in self._names}
        self._merged = _merged(sheet)
        self._tops: dict[tuple[str, int], Any] = {}

    def line(self, entry: Entry) -> Line:
        number, cells = next(self._rows)
        assert number == entry.row, (number, entry.row)
        self._fill(entry)
        told = {name: cells[index] for index, name in self._names if index < len(cells) and cells[index] != ""}
        return Line(sheet=self.sheet.name, profile=self._profile, entry=entry, cells=told, places=self._places)

    def _fill(self, entry: Entry) -> None:
        for name, place in entry.columns.items():
            letters = place.partition(" ")[0]
            first = next((top for top, last in self._merged.get(letters, ()) if top <= entry.row <= last), None)
            if first is None:
                continue
            if first == entry.row:
                self._tops[letters, first] = entry.values.get(name)
            elif (top := self._tops.get((letters, first))) is not None:
                entry.values.setdefault(name, top)


def _names(header: Sequence[Cell]) -> list[str]:
    times: Counter[str] = Counter()
    names: list[str] = []
    for cell in header:
        whole = int(cell) if isinstance(cell, float) and cell.is_integer() else cell
        name = " ".join(str(whole).split())
        times[name] += 1
        names.append(f"{name} ({times[name]})" if name and times[name] > 1 else name)
    return names


def _merged(sheet: Sheet) -> Ranges:
    found: Ranges = {}
    ranges: Any = getattr(sheet.source, "merged_cell_ranges", None) or []
    for (top, left), (bottom, right) in ranges:
        for column in range(left, right + 1):
            found.setdefault(sheet.letter(column - sheet.first_column), []).append((top + 1, bottom + 1))
    return found
