"""Rows of one part of a table, as blocks of bytes: versions as PostgreSQL copies them out, the rest encoded here."""

import csv
import io
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct

from almanac.columns import Column, cell
from almanac.kind import Kind
from almanac.model import encode
from almanac.store.db import Connection
from almanac.store.queries import QUERIES

PART_ROWS = 400_000
_BLOCK_BYTES = 2 << 20


class Block(Struct, frozen=True):
    """Whole lines, and how many."""

    data: bytes
    rows: int


class Span(Struct, frozen=True):
    """Editions after one up to another; after 0 is everything. With `current` the answers that hold, else every version."""

    since: int
    edition: int
    current: bool


class First(Struct, frozen=True):
    """The first row of a part."""

    company: str
    id: UUID
    version: int


Put = Callable[[Block], Awaitable[None]]

_NIL = First("", UUID(int=0), 0)

# PostgreSQL's binary form of COPY: a head; for each row how many values it has, and each after its length; an end.
_HEAD_BYTES = 19
_VALUE = struct.Struct("!hi")
_END = b"\xff\xff"


async def parts(connection: Connection, kind: Kind, span: Span) -> AsyncIterator[First]:
    """The parts of a kind's file, by company, id and version, each looked for when it is asked for; none if there is no row."""
    at, skip = _NIL, 0
    while (row := await connection.fetchrow(QUERIES["bulk/part"], *_of(span, kind), *_at(at), skip)) is not None:
        at, skip = First(**row), PART_ROWS
        yield at


async def lines(connection: Connection, kind: Kind, span: Span, first: First, put: Put) -> None:
    """Put the versions of a part as served, one a line, in blocks."""
    given, rest, begin = 0, b"", _HEAD_BYTES

    async def give(data: bytes) -> None:
        nonlocal given, rest, begin
        whole = rest + data
        values, end = _values(whole, begin)
        given, rest, begin = given + len(values), whole[end:], 0
        await put(Block(b"\n".join([*values, b""]), len(values)))

    # Binary, because text costs both sides more than all else: each byte is looked at, and what is escaped is unescaped.
    copied = await _copied(connection, "bulk/lines", (*_of(span, kind), *_at(first), PART_ROWS), "binary", give)
    assert (given, rest) == (copied, _END), f"{copied} versions were copied out, {given} lines of them read"


async def cells(connection: Connection, kind: Kind, span: Span, first: First, put: Put) -> None:
    """Put the versions of a part as rows of a flat file, in blocks. From edition 1 on only."""
    assert not span.since, "a delta has no flat files"
    args = (span.edition, span.current, *_at(first), PART_ROWS)

    async def give(data: bytes) -> None:
        await put(Block(data, 0))

    # How many rows there were is known at their end: a cell may have line ends in it.
    await put(Block(b"", await _copied(connection, f"{kind.stem}/flat", args, "csv", give)))


async def _copied(
    connection: Connection, query: str, args: Sequence[Any], form: str, give: Callable[[bytes], Awaitable[None]]
) -> int:
    """Give what a query copies out in blocks, and return how many rows it was."""
    taken: list[bytes] = []
    held = 0

    async def take(data: bytes) -> None:
        nonlocal held
        taken.append(data)
        held += len(data)
        if held >= _BLOCK_BYTES:
            await give(b"".join(taken))
            taken.clear()
            held = 0

    said = await connection.copy_from_query(QUERIES[query], *args, output=take, format=form)
    if taken:
        await give(b"".join(taken))
    return int(said.removeprefix("COPY "))


def _values(data: bytes, at: int) -> tuple[list[bytes], int]:
    """The values of whole rows of one column, from one place up to another."""
    found: list[bytes] = []
    while at + _VALUE.size <= len(data):
        _, length = _VALUE.unpack_from(data, at)
        value = at + _VALUE.size
        if value + length > len(data):
            break
        at = value + length
        found.append(data[value:at])
    return found, at


def _of(span: Span, kind: Kind) -> tuple[int, int, bool, str]:
    return span.edition, span.since, span.current, kind.name


def _at(first: First) -> tuple[str, UUID, int]:
    return first.company, first.id, first.version


def head(columns: Iterable[Column]) -> Block:
    """First line of a flat file."""
    return Block((",".join(column.name for column in columns) + "\n").encode(), 0)


def encoded(records: Sequence[Struct]) -> Block:
    """Records as lines of JSON."""
    return Block(b"".join(encode(one) + b"\n" for one in records), len(records))


def flat(records: Sequence[Struct], columns: Sequence[Column]) -> Block:
    """Records as rows of a flat file."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    for one in records:
        table.writerow([cell(getattr(one, column.name)) for column in columns])
    return Block(text.getvalue().encode(), len(records))
