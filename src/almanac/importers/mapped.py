"""The importer of a table that comes with a mapping: rows into answers of any kind, every one accounted for.

What cannot be read is never guessed: a cell that its field does not take leaves its answer out, with the reason.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from almanac.errors import BadFile
from almanac.importers.figures import Desk
from almanac.importers.identity import Index
from almanac.importers.lines import Line
from almanac.importers.mapped_answers import answer, takes
from almanac.importers.mapped_companies import Companies, Slugs
from almanac.importers.mapped_rows import lines
from almanac.importers.mapped_shapes import Unplaceable, value
from almanac.importers.mapped_terms import Answer, Table
from almanac.importers.profiles import Profile
from almanac.importers.report import ImportReport
from almanac.importers.table import Progress
from almanac.publish.batch import Batch, SourceLine

_FILE = "file"


class Mapped:
    """An importer for the one file that a mapping is for."""

    PROFILES: Sequence[Profile] = ()

    def __init__(self, table: Table) -> None:
        self.SCHEME = table.company.register
        self._table = table

    def recognise(self, path: Path) -> bool:
        """Whether there is such a file; whether it fits the mapping is known when it is read."""
        return path.is_file()

    def load(
        self, path: Path, released: dt.date, index: Index, progress: Progress | None = None
    ) -> tuple[Batch, ImportReport]:
        """The batch that the file makes and the report of it. Errors: BadFile if the mapping does not fit the file."""
        known = Slugs(index)
        desk = Desk(released, known, ImportReport(file=path.name, released=released), _FILE)
        sources = _Sources(self._table, path, released)
        companies = Companies(self._table, desk, known)
        for line in lines(path, self._table.layout, self._table.columns(), desk.report, progress):
            self._enter(line, desk, companies, sources)
        batch, report = desk.close(sources.lines[_FILE].title, sources.lines)
        return msgspec.structs.replace(batch, companies=[*batch.companies, *companies.aliases]), report

    def _enter(self, line: Line, desk: Desk, companies: Companies, sources: "_Sources") -> None:
        """Hand a row in, with its answers or with the reason why it has none."""
        blocks = {f"answer {n}": one for n, one in enumerate(self._table.answers, 1) if takes(one, line)}
        if not blocks or line.is_blank:
            desk.reject(line, "no [[answer]] of the mapping takes this row")
            return
        found, unread = self._answers(line, blocks)
        if not found and not unread:
            desk.take(line, "", {})
            return
        try:
            source, company = sources.of(line), companies.of(line)
        except Unplaceable as error:
            desk.reject(line, f"{line.entry.columns.get(error.column, error.column)}: {error}")
            return
        if not found:
            desk.reject(line, "no answer of the row can be read", company)
            return
        settled = {name: msgspec.structs.replace(one, source=source, company=company) for name, one in found.items()}
        desk.take(line, company, settled)

    def _answers(self, line: Line, blocks: dict[str, Answer]) -> tuple[dict[str, Any], bool]:
        """Answers by block, and whether one could not be read; whose they are is settled only where there are any."""
        found: dict[str, Any] = {}
        unread = False
        for name, block in blocks.items():
            given = block.fields.get("value")
            if given is not None and given.column is not None:
                line.entry.columns[name] = line.entry.columns[given.column]
            try:
                one = answer(block, line, self._table, {"company": "row", "source": _FILE})
            except Unplaceable as error:
                place = line.entry.columns.get(error.column, error.column)
                line.entry.notes.add("unreadable", line.row, str(error), place, error.value)
                unread = True
            else:
                found |= {} if one is None else {name: one}
        return found, unread


class _Sources:
    """Documents: the file itself, and those that its columns name."""

    def __init__(self, table: Table, path: Path, released: dt.date) -> None:
        self._table = table
        self._columns = {name: given for name, given in table.source.items() if given.column is not None}
        with path.open("rb") as file:
            self._sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        constants = {
            name: given.default if given.column is not None else given.constant for name, given in table.source.items()
        }
        self._whole = {"published_on": released} | {name: one for name, one in constants.items() if one is not None}
        self._keys: dict[tuple[tuple[str, Any], ...], str] = {(): _FILE}
        try:
            self.lines = {_FILE: self._line(_FILE, {})}
        except msgspec.ValidationError as error:
            raise BadFile(f"{path}: the source of the mapping: {error}") from error

    def of(self, line: Line) -> str:
        """Key of the document of a row. Errors: Unplaceable, with the column."""
        read = {
            name: value(line, given, "date" if name.endswith("_on") else "text", self._table.layout)
            for name, given in self._columns.items()
        }
        said = tuple((name, one) for name, one in read.items() if one is not None)
        if said not in self._keys:
            key = f"{_FILE}-{len(self._keys)}"
            try:
                told = self._line(key, dict(said))
            except msgspec.ValidationError as error:
                raise Unplaceable("source", str(error)) from error
            self._keys[said] = next((one.key for one in self.lines.values() if one.id == told.id), key)
            self.lines.setdefault(self._keys[said], told)
        return self._keys[said]

    def _line(self, key: str, said: dict[str, Any]) -> SourceLine:
        given = self._whole | said
        # The last day of a year says that only the year is known.
        year_only = str(given["published_on"]).endswith("-12-31")
        told = {"record": "source", "published_precision": "year" if year_only else "day", "key": key} | given
        return msgspec.convert(told | {"sha256": self._sha256}, SourceLine, strict=False)
