"""The batch format: lines of NDJSON, each a source, a company or one answer of a kind.

Importers build the same Structs directly. `src/almanac/data/README.md` describes the format for people.
"""

import datetime as dt
import functools
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Union

import msgspec
from msgspec import Meta, Raw, Struct

from almanac.company import CompanyHead
from almanac.errors import BadBatch, Fault
from almanac.kind import LINES, Kind, submission
from almanac.model import CompanyId, Country, LongText, Text, uuid8
from almanac.publish.candidate import Origin

Day = Annotated[dt.date, Meta(description="Date, YYYY-MM-DD.")]


class BatchLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="record", tag="batch"):
    """Optional first line: who publishes, and a note that the edition carries."""

    publisher: Text
    note: LongText | None = None


class SourceLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="record", tag="source"):
    """A document. Everything but `key`, `retrieved_on` and `series` makes its id, so a source never changes.

    `series` names a complete register that the document is one release of: what a later release leaves out is gone.
    """

    key: Annotated[str, Meta(min_length=1, max_length=200, description="Name used by the lines of this batch.")]
    type: Literal[
        "sustainability_report",
        "annual_report",
        "questionnaire",
        "registry_file",
        "data_set",
        "web_page",
        "press_article",
        "certificate",
        "other",
    ]
    title: Text
    publisher: Text
    published_on: Day
    published_precision: Literal["day", "month", "year"] = "day"
    url: Text | None = None
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")] | None = None
    language: Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")] = "en"
    licence: Text
    redistributable: bool = True
    retrieved_on: Day | None = None
    series: Annotated[str, Meta(pattern=r"^[a-z0-9]+(/[a-z0-9-]+)*$", max_length=80)] | None = None

    @property
    def id(self) -> str:
        """Id of the document; equal documents have equal ids."""
        parts = [self.type, self.title, self.publisher, self.published_on, self.published_precision]
        return uuid8(["source", *parts, self.url, self.sha256, self.language, self.licence, self.redistributable])


class Name(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One name of a company."""

    name: Text
    lang: Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")] = "en"
    type: Literal["legal", "trading", "former", "transliterated", "alias"] = "alias"


class Identifier(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One identifier of a company; a failing check digit is kept and marked when published."""

    scheme: Annotated[str, Meta(pattern=r"^[a-z0-9_]+$", max_length=40)]
    value: Text


class Classification(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One sector or type code of a company."""

    scheme: Annotated[str, Meta(pattern=r"^[a-z0-9_]+$", max_length=40)]
    code: Text


class CompanyLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="record", tag="company"):
    """A company: new, or more about a known one. Names, identifiers and classes add to what is known."""

    id: CompanyId
    name: Text
    country: Country | None = None
    names: list[Name] = []
    identifiers: list[Identifier] = []
    classes: list[Classification] = []


class RawRow(Struct, frozen=True, kw_only=True):
    """One row of a file as it was read: kept, so that every version can be held against what it was made from.

    `cells` is JSON: the cells by header, or a line as it came.
    """

    source: str
    sheet: str
    row: int
    company: str | None
    cells: Raw
    moved: bool = False

    @property
    def key(self) -> tuple[str, str, int]:
        """Where the row stands: key of its source, sheet, row."""
        return self.source, self.sheet, self.row


class Sighting(Struct, frozen=True, kw_only=True):
    """What a document says of who a company is, and the company that it was settled to.

    `register` is the scheme of the publisher's own number, `sector` what tells namesakes without a country apart.
    """

    register: str
    name: str
    number: str | None
    country: str | None
    lei: str | None
    isin: str | None
    sector: str | None
    company: str
    seen_on: dt.date


class Batch(Struct, frozen=True, kw_only=True):
    """What one publish hands in. `rows` are submissions of any kind, in the order of the file; `raw` every row of it.

    `sightings` are remembered with it, also where nothing else is new; they make no edition. `heads` are companies as an
    editor wants them, whole; `origins` are kept rows that answers lead back to, beside those of `raw`.
    """

    publisher: str
    note: str | None
    sources: dict[str, SourceLine]
    companies: list[CompanyLine]
    rows: list[Any]
    raw: list[RawRow] = []
    sightings: list[Sighting] = []
    heads: list[CompanyHead] = []
    origins: dict[tuple[str, str, int], Origin] = {}


# Characters of what is wrong with a line.
_TOLD = 500


def read(path: Path, kinds: Iterable[Kind], publisher: str = "almanac") -> Batch:
    """The batch in an NDJSON file; BadBatch names every line that is no line of the format."""
    return parse(path.read_bytes(), kinds, publisher)


def parse(data: bytes, kinds: Iterable[Kind], publisher: str) -> Batch:
    """The batch in NDJSON bytes; BadBatch names every line that is no line of the format."""
    decode = decoder(tuple(kinds)).decode
    faults: list[Fault] = []
    head: BatchLine | None = None
    sources: dict[str, SourceLine] = {}
    companies: list[CompanyLine] = []
    rows: list[Any] = []
    raw: list[RawRow] = []
    for number, line in _lines(data):
        try:
            match _ended(decode(line)):
                case BatchLine() as line_of_batch:
                    head = _only_first(line_of_batch, head, sources, companies, rows)
                case SourceLine() as source:
                    _name_source(sources, source)
                case CompanyLine() as company:
                    companies.append(company)
                case row:
                    rows.append(msgspec.structs.replace(row, sheet=LINES, row=number))
                    raw.append(RawRow(source=row.source, sheet=LINES, row=number, company=row.company, cells=Raw(line)))
        except (ValueError, RecursionError) as error:  # msgspec's errors and UnicodeDecodeError are ValueErrors
            # msgspec quotes a wrong tag whole, however long.
            told = str(error) if len(str(error)) <= _TOLD else f"{str(error)[:_TOLD]}..."
            faults.append(Fault(parameter=f"line {number}", value=line[:200].decode("utf-8", "replace"), detail=told))
    if faults:
        raise BadBatch(f"{len(faults)} lines cannot be read", faults)
    return Batch(
        publisher=head.publisher if head else publisher,
        note=head.note if head else None,
        sources=sources,
        companies=companies,
        rows=rows,
        raw=raw,
    )


def _only_first(line: BatchLine, head: BatchLine | None, *others: Collection[object]) -> BatchLine:
    if head is not None or any(others):
        raise ValueError("a batch line stands first, and only once")
    return line


def _name_source(sources: dict[str, SourceLine], source: SourceLine) -> None:
    if sources.setdefault(source.key, source) != source:
        raise ValueError(f"the source key {source.key!r} was given to another document above")


_LINES: Any = BatchLine | SourceLine | CompanyLine


@functools.cache
def decoder(kinds: tuple[Kind, ...]) -> msgspec.json.Decoder[Any]:
    """Decoder of one line of the format, over these kinds."""
    union: Any = Union[(_LINES, *(submission(kind) for kind in kinds))]
    return msgspec.json.Decoder(union)


def _ended(line: Any) -> Any:
    """The line; ValueError if a text ends with a line feed, which `$` in a pattern lets pass and PostgreSQL does not."""
    for name in line.__struct_fields__:
        match getattr(line, name):
            case str() as text if text.endswith("\n"):
                raise ValueError(f"the text ends with a line feed - at `$.{name}`")
            case [Struct(), *_] as parts:
                for part in parts:
                    _ended(part)
            case _:
                pass
    return line


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    return ((n, line) for n, line in enumerate(data.split(b"\n"), 1) if line.strip())
