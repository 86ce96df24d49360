"""What an operation of the API declares: the one table that routes, parsing, answers and the contract are made from."""

import datetime as dt
import functools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from almanac.cursor import Cursor
from almanac.kind import Kind
from almanac.model import CompanyId, EditionNumber, Instant, Timed
from almanac.settings import Settings
from almanac.store.db import Database
from almanac.store.editions import At, Editions
from almanac.store.exports import Desk
from almanac.store.keys import ApiKey, Role
from almanac.web.body import Coming

LICENCE = "Facts: terms of each source, see source.licence. Compilation: CC BY 4.0, cite Almanac with the edition."


class ReadMeta(Struct, frozen=True, kw_only=True):
    """What an answer rests on: repeat the request with this edition and date to get the same answer for ever."""

    edition: EditionNumber
    published_at: Annotated[Instant | None, Meta(description="When that edition was published; null before the first.")]
    known_on: Annotated[
        dt.date | None,
        Meta(description="Only what the world could know by this date was considered; null before the first edition."),
    ]
    licence: Annotated[str, Meta(description="Terms of re-use.")]
    citation: Annotated[
        str,
        Meta(
            pattern="In: Almanac, edition [0-9]+",
            max_length=65_536,
            description="How to cite this answer; `.bib`, `.ris` and `.csl.json` say the same for programs.",
        ),
    ]


class MovedMeta(ReadMeta, frozen=True, kw_only=True):
    """What a redirect rests on, and the company that the answer is about."""

    merged_into: Annotated[CompanyId, Meta(description="The company that the one asked for is found under.")]


class MovedAnswer(Struct, frozen=True, kw_only=True):
    """Where a company went that was merged into another; the same URL about that one is in `Location`."""

    data: Annotated[None, Meta(description="Always null: what there is stands at `Location`.")]
    meta: MovedMeta


class PageMeta(ReadMeta, frozen=True, kw_only=True):
    """What a page rests on, and where the next one starts."""

    next_cursor: Annotated[Cursor | None, Meta(description="Cursor of the next page; null on the last page.")]


class FeedMeta(ReadMeta, frozen=True, kw_only=True):
    """What a page of the feed rests on, and where to go on."""

    next_after: Annotated[int, Meta(ge=0, description="Give this as `after` to go on.")]
    up_to_date: Annotated[
        bool,
        Meta(
            description="Whether this page reaches the end of the edition that it rests on; false where it is full: ask again."
        ),
    ]
    oldest_seq: Annotated[
        int, Meta(ge=1, description="First `seq` that the feed still has: 1, as nothing is ever taken out of it.")
    ]


class NoParams(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No parameters."""


class AnyVersion(Struct, frozen=True):
    """A version of any kind; the contract lists the kinds in its place."""


class Listed(Timed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every list takes, beside time."""

    bom: (
        Annotated[
            Literal["1"], Meta(description="`1` asks for CSV with a byte order mark, by which Excel knows UTF-8.")
        ]
        | UnsetType
    ) = UNSET


class Paged(Listed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Paging."""

    default_limit: ClassVar[int] = 50

    cursor: Cursor | UnsetType = UNSET
    limit: (
        Annotated[
            int,
            Meta(
                ge=1,
                le=500,
                description="Most items on a page: 50 in JSON. Without it and `cursor`, other forms are the whole list.",
                examples=[50],
            ),
        ]
        | UnsetType
    ) = UNSET


class Answer(Struct, kw_only=True):
    """What a handler found: one encoded object, or encoded rows with the anchor of the last one if more follow."""

    one: bytes | None = None
    rows: Sequence[bytes] | None = None
    anchor: int | None = None
    more: bool = False


class Call(Struct, frozen=True, kw_only=True):
    """One parsed request on its way to a handler. `limit` is the most rows that it may find; `whole`: all, and no page."""

    database: Database
    kinds: Sequence[Kind]
    at: At
    path: Any
    query: Any
    after: int | None
    limit: int
    whole: bool = False

    @property
    def time(self) -> tuple[int, dt.date | None]:
        """The two first arguments of every query."""
        return self.at.edition, self.at.known_on


Handler = Callable[[Call], Awaitable[Answer]]


class Link(Struct, frozen=True, kw_only=True):
    """From this operation's answer to another operation: which parameter takes which part of the body."""

    operation: str
    parameters: Mapping[str, str]
    description: str


class Table(Struct, frozen=True, kw_only=True):
    """The rows that stand for one object where a table is asked for."""

    row: Any
    handle: Handler


class Operation(Struct, frozen=True, kw_only=True, eq=False):
    """One read of the API. `data` is the type of the envelope's `data`; a list type makes a page.

    `of_release`: the answer describes the release that gives it, whatever the edition, and so is never immutable.
    `table`: what a table of it holds, where `data` is no list.
    `settled`: the `seq` with which what a query asks for is as it stays; None if that cannot be said.
    """

    id: str
    path: str
    tag: str
    summary: str
    description: str
    query: type[Struct]
    data: Any
    handle: Handler
    params: type[Struct] = NoParams
    of_release: bool = False
    table: Table | None = None
    settled: Callable[[Any], int | None] | None = None
    links: Sequence[Link] = ()
    sample: Mapping[str, str] = MappingProxyType({})

    @property
    def names_company(self) -> bool:
        """Whether the URL names a company, which may have been merged into another."""
        return "company" in (*self.params.__struct_fields__, *self.query.__struct_fields__)

    @property
    def row(self) -> Any:
        """Type of one row of a table of it; None if it has none."""
        item = _item(self.data)
        return item if item is not None or self.table is None else self.table.row

    @property
    def meta(self) -> type[ReadMeta]:
        """Shape of the envelope's `meta`, by how the list goes on."""
        names = self.query.__struct_fields__
        return PageMeta if "cursor" in names else FeedMeta if "after" in names else ReadMeta


@functools.cache  # Every request asks, and finding out of a company's profile takes 20 ms.
def _item(data: Any) -> Any:
    """Type of the items of a list; None if it is none."""
    info = msgspec.inspect.type_info(data)
    if not isinstance(info, msgspec.inspect.ListType):
        return None
    assert isinstance(info.item_type, msgspec.inspect.StructType), f"the items of {data} are objects"
    return info.item_type.cls


class Body(Struct, frozen=True, kw_only=True):
    """What a write takes: its media type, what it holds, and an example.

    `shapes` are the Structs that a JSON body may have, by the value of its member `tag`; without them it is text.
    `encodings` are those that are unpacked.
    """

    media_type: str
    description: str
    example: Any
    shapes: Mapping[str, type[Struct]] = MappingProxyType({})
    tag: str = ""
    encodings: Sequence[str] = ("gzip", "identity")


class Asked(Struct, frozen=True, kw_only=True):
    """One parsed write on its way to a handler, which reads the body.

    `key` is None where none is needed and none was given; `network` is where it comes from.
    """

    database: Database
    editions: Editions
    desk: Desk
    settings: Settings
    kinds: Sequence[Kind]
    key: ApiKey | None
    network: str
    path: Any
    query: Any
    headers: Any
    body: Coming


class Done(Struct, frozen=True, kw_only=True):
    """What a write answers: a status of those declared, `data` (None: nothing), where to read on, and other headers."""

    status: int
    data: Any
    location: str | None = None
    headers: Sequence[tuple[str, str]] = ()


class Write(Struct, frozen=True, kw_only=True, eq=False):
    """One operation that changes something, or reads what is of one caller. Its answers are never kept by a cache.

    It is for callers with a key of a role; where `role` is None, for all. `answers` are the descriptions of its statuses;
    each but 204 carries `data`. `refusals` are the statuses of its problems. `headers_of` a status may be in its answers.
    """

    id: str
    method: Literal["GET", "POST", "DELETE"]
    path: str
    tag: str
    summary: str
    description: str
    role: Role | None
    data: type[Struct]
    answers: Mapping[int, str]
    refusals: Sequence[int]
    handle: Callable[[Asked], Awaitable[Done]]
    params: type[Struct] = NoParams
    query: type[Struct] = NoParams
    headers: type[Struct] = NoParams
    body: Body | None = None
    headers_of: Mapping[int, Sequence[str]] = MappingProxyType({})


def page_of(call: Call, rows: Sequence[Any]) -> Answer:
    """The page in rows of which one more than the limit was asked for; that one only says that more follow."""
    shown = rows[: call.limit]
    more = len(rows) > call.limit
    return Answer(rows=[row["body"] for row in shown], anchor=shown[-1]["seq"] if more else None, more=more)


def given(value: Any) -> Any:
    """The value of a parameter, None where it was not given: what optional filters of a query take."""
    return None if value is UNSET else value
