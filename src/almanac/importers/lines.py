"""Rows of a file with the profile that read them; a merged cell counts in every row that it covers."""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from almanac.importers.profiles import Profile
from almanac.importers.report import ImportReport
from almanac.importers.sheets import Sheet, open_sheets
from almanac.importers.table import Entry, Progress, entries

Ranges = dict[str, list[tuple[int, int]]]
"""Merged cells by column letters: first and last row of each."""


class Line(Struct, frozen=True, kw_only=True):
    """One row and the profile of its sheet. The row as kept does not have what merged cells lend it."""

    profile: str
    entry: Entry

    @property
    def sheet(self) -> str:
        """Name of the sheet."""
        return self.entry.sheet

    @property
    def row(self) -> int:
        """Number of the row as a person sees it."""
        return self.entry.row

    @property
    def is_blank(self) -> bool:
        """Whether no cell states anything."""
        return all(cell == "" for cell in self.entry.cells.values())

    @property
    def stated(self) -> dict[str, Any]:
        """The cells that are not blank, by header."""
        return {name: cell for name, cell in self.entry.cells.items() if cell != ""}


def lines(
    path: Path, profiles: Sequence[Profile], report: ImportReport, progress: Progress | None = None
) -> Iterator[Line]:
    """Rows of every sheet whose header is known. Errors: BadFile if no sheet has one."""
    merged: dict[str, _Merged] = {}
    for entry in entries(path, profiles, report, progress):
        merged = merged or {sheet.name: _Merged(sheet) for sheet in open_sheets(path)}
        merged[entry.sheet].fill(entry)
        yield Line(profile=report.sheets[-1].profile or "", entry=entry)


def year_end(path: Path, profiles: Sequence[Profile], field: str, add: int = 0) -> dt.date | None:
    """The last day of the newest year in a column: no edition of a data set is older than what it holds."""
    report = ImportReport(file=path.name, released=dt.date.min)
    found = (str(one.entry.values[field]) for one in lines(path, profiles, report) if field in one.entry.values)
    years = [int(one[-4:]) for one in found]
    return dt.date(max(years) + add, 12, 31) if years else None


class _Merged:
    """Merged cells of one sheet, and what stands at the top of each."""

    def __init__(self, sheet: Sheet) -> None:
        self._ranges: Ranges = {}
        self._tops: dict[tuple[str, int], Any] = {}
        given: Any = getattr(sheet.source, "merged_cell_ranges", None) or []
        for (top, left), (bottom, right) in given:
            for column in range(left, right + 1):
                letters = sheet.letter(column - sheet.first_column)
                self._ranges.setdefault(letters, []).append((top + 1, bottom + 1))

    def fill(self, entry: Entry) -> None:
        for name, place in entry.columns.items():
            letters = place.partition(" ")[0]
            first = next((top for top, last in self._ranges.get(letters, ()) if top <= entry.row <= last), None)
            if first is None:
                continue
            if first == entry.row:
                self._tops[letters, first] = entry.values.get(name)
            elif (top := self._tops.get((letters, first))) is not None:
                entry.values.setdefault(name, top)
