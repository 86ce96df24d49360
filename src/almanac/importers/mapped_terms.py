"""What a mapping says, as it is used: which column holds what, and how its cells are read."""

from decimal import Decimal
from typing import Any

from msgspec import Struct, field


class Given(Struct, frozen=True, kw_only=True):
    """Where a field comes from: a column and how its cells are read, or a constant that holds for every row."""

    column: str | None = None
    constant: Any = None
    default: Any = None
    words: dict[str, str] | None = None
    missing: dict[str, str] = {}
    pattern: str | None = None
    template: str | None = None
    format: str | None = None
    split: str | None = None
    times: Decimal = Decimal(1)


class Layout(Struct, frozen=True, kw_only=True):
    """How the file is laid out; what is left out is found in the file, or is the first row."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int = 1
    records: str | None = None
    blanks: frozenset[str] = frozenset()
    decimal: str = "."


class Alias(Struct, frozen=True, kw_only=True):
    """Another column with a name of the company."""

    column: str
    lang: str = "en"
    type: str = "alias"


class Class(Struct, frozen=True, kw_only=True):
    """A column with a sector or type code."""

    column: str
    scheme: str


class Company(Struct, frozen=True, kw_only=True):
    """Who a row is about. `register` is the scheme of the publisher's own number."""

    fields: dict[str, Given]
    register: str
    names: list[Alias] = []
    classes: list[Class] = []


class Spelled(Struct, frozen=True, kw_only=True):
    """What the file's own spelling of a unit stands for: so many of a unit that is known."""

    unit: str
    times: Decimal = Decimal(1)


class Where(Struct, frozen=True, kw_only=True):
    """Which rows a block takes: those with one of these words in the column."""

    column: str
    words: list[str] = field(name="is")


class Answer(Struct, frozen=True, kw_only=True):
    """One block: the answer of one kind that a row gives."""

    kind: str
    where: list[Where]
    fields: dict[str, Given]


class Table(Struct, frozen=True, kw_only=True):
    """A whole mapping."""

    layout: Layout
    source: dict[str, Given]
    company: Company
    units: dict[str, Spelled]
    answers: tuple[Answer, ...]

    def columns(self) -> list[str]:
        """Every column that is named, each once."""
        blocks = [self.source, self.company.fields, *(one.fields for one in self.answers)]
        found = [given.column for block in blocks for given in block.values() if given.column is not None]
        found += [one.column for one in (*self.company.names, *self.company.classes)]
        found += [where.column for answer in self.answers for where in answer.where]
        return list(dict.fromkeys(found))
