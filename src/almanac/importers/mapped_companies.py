"""Who a row of a mapped table is about; names in any script get a slug that is plain ASCII and does not depend on order."""

import hashlib
import re
from typing import Any

import msgspec

from almanac.importers import cells
from almanac.importers.cells import Unreadable
from almanac.importers.countries import country_code
from almanac.importers.figures import Desk
from almanac.importers.identity import Claim, Index
from almanac.importers.lines import Line
from almanac.importers.mapped_shapes import Unplaceable, value, words_of
from almanac.importers.mapped_terms import Table
from almanac.importers.slugs import slug
from almanac.names import fold
from almanac.publish.batch import CompanyLine, Name

_NAME = cells.text(400)
_UNNAMED = slug("\u4e2d")


class Slugs(Index):
    """An index that finds slugs for names without a Latin letter, and for numbers that are no slugs."""

    def __init__(self, known: Index) -> None:
        super().__init__()
        vars(self).update(vars(known))  # what it learns, the index that it stands for learns too

    def free_slug(self, claim: Claim) -> str:
        """A slug that no company has: of a name in another script, from the number, LEI, ISIN or a digest of the name."""
        number = "-".join(re.findall(r"[a-z0-9]+", (claim.number or "").casefold())) or None
        if number is None and slug(claim.name) == _UNNAMED:
            number = (claim.lei or claim.isin or hashlib.sha256(fold(claim.name).encode()).hexdigest()[:10]).casefold()
        return super().free_slug(msgspec.structs.replace(claim, number=number))


class Companies:
    """The companies of one table. `aliases` are lines with their names from other columns."""

    def __init__(self, table: Table, desk: Desk, index: Index) -> None:
        self._table, self._desk, self._index = table, desk, index
        self.aliases: list[CompanyLine] = []
        self._told: set[tuple[str, str]] = set()
        given = [one.column for one in (*table.company.fields.values(), *table.company.names, *table.company.classes)]
        self._columns = [column for column in dict.fromkeys(given) if column is not None]
        self._plain: dict[tuple[str, ...], str] = {}

    def of(self, line: Line) -> str:
        """Id of the company of a row. Errors: Unplaceable without a name, or where the number cannot be read."""
        self._name_columns(line)
        same = tuple(str(line.entry.cells[column]) for column in self._columns)
        if same in self._plain:
            return self._plain[same]
        told = len(self._desk.report.lines)
        company = self._settled(line)
        if len(self._desk.report.lines) == told:  # what is doubtful is told of every row
            self._plain[same] = company
        return company

    def _settled(self, line: Line) -> str:
        name, number = self._read(line, "name", _NAME), self._read(line, "number", cells.identifier)
        if name is None:
            raise Unplaceable(self._table.company.fields["name"].column or "name", "names no company")
        claim = Claim(
            register=self._table.company.register,
            number=number,
            name=name,
            country=self._country(line),
            lei=self._identifier(line, "lei"),
            isin=self._identifier(line, "isin"),
        )
        classes = [
            (one.scheme, _NAME(text)) for one in self._table.company.classes if (text := self._words(line, one.column))
        ]
        company = self._desk.company(line, claim, classes)
        self._add_names(line, company)
        return company

    def _name_columns(self, line: Line) -> None:
        for name, given in self._table.company.fields.items():
            if given.column is not None:
                line.entry.columns.setdefault(name, line.entry.columns[given.column])

    def _read(self, line: Line, name: str, parse: Any) -> Any | None:
        given = self._table.company.fields.get(name)
        text = None if given is None else value(line, given, "text", self._table.layout)
        try:
            return None if text is None else parse(text)
        except Unreadable as error:
            raise Unplaceable(given.column or name if given else name, str(error), text) from error

    def _identifier(self, line: Line, name: str) -> str | None:
        try:
            return self._read(line, name, cells.identifier)
        except Unplaceable as error:
            line.entry.notes.add("unreadable", line.row, str(error), line.entry.columns.get(name), error.value)
            return None

    def _country(self, line: Line) -> str | None:
        text = self._read(line, "country", _NAME)
        if text is None:
            return None
        code = text if re.fullmatch(r"[A-Z]{2}", text) else country_code(text)
        if code is None:
            place = line.entry.columns.get("country")
            line.entry.notes.add("unknown_country", line.row, "is no known country name", place, text)
        return code

    def _words(self, line: Line, column: str) -> str | None:
        try:
            return words_of(line.entry.cells[column], self._table.layout)
        except Unreadable as error:
            line.entry.notes.add("unreadable", line.row, str(error), column, line.entry.cells[column])
            return None

    def _add_names(self, line: Line, company: str) -> None:
        known = self._index.companies[company]
        for one in self._table.company.names:
            text = self._words(line, one.column)
            if text is None or text in known.names or (company, text) in self._told:
                continue
            self._told.add((company, text))
            told = {"name": text, "lang": one.lang, "type": one.type}
            try:
                alias = msgspec.convert(told, Name)
            except msgspec.ValidationError as error:
                raise Unplaceable(one.column, str(error), text) from error
            news = CompanyLine(id=company, name=known.name, country=known.country, names=[alias])
            self.aliases.append(news)
            self._index.learn(news)
