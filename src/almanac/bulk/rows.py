"""Rows of one part of a table, as blocks of bytes: versions as PostgreSQL copies them out, the rest encoded here."""

import asyncio
import csv
import io
import struct
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from almanac.columns import Column, cell
from almanac.kind import Kind
from almanac.model import encode
from almanac.store.db import Connection
from almanac.store.queries import QUERIES

PART_ROWS = 400_000
_BLOCK_BYTES = 2 << 20
_GATHER_S = 0.001


class Block(Struct, frozen=True):
    """A piece of a file, and how many rows are counted with it."""

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

# PostgreSQL's binary form of COPY: a head; for each row how many values it has, and each after its length; an end.
_HEAD_BYTES = 19
_VALUE = struct.Struct("!hi")
_END = b"\xff\xff"


async def begin(connection: Connection, kind: Kind, span: Span) -> First | None:
    """The first row of a kind's file, by company, id and version; None if there is no row."""
    return await _skip(connection, kind, span, First("", UUID(int=0), 0), 0)


async def after(connection: Connection, kind: Kind, span: Span, first: First) -> First | None:
    """The first row of the part after this one, looked for. Who writes the lines of a part is told."""
    return await _skip(connection, kind, span, first, PART_ROWS)


async def _skip(connection: Connection, kind: Kind, span: Span, first: First, count: int) -> First | None:
    row = await connection.fetchrow(QUERIES["bulk/part"], *_of(span, kind), *_at(first), count)
    return None if row is None else First(**row)


async def lines(connection: Connection, kind: Kind, span: Span, first: First, put: Put) -> First | None:
    """Put the versions of a part as served, one a line, in blocks. The first row of the part after it, if there is one."""
    values: list[bytes] = []
    beyond: list[bytes] = []
    rest, start, held, given = b"", _HEAD_BYTES, 0, 0

    async def give() -> None:
        nonlocal held, given
        count = len(values)
        block = Block(b"\n".join([*values, b""]), count)
        values.clear()
        held, given = 0, given + count
        await put(block)

    async def take(data: bytes) -> None:
        nonlocal rest, start, held
        whole = rest + data
        end = _values(whole, start, values)
        # The head may not be whole yet: what is left of it is passed over in the next message.
        rest, start, held = whole[end:], max(end - len(whole), 0), held + end
        if given + len(values) > PART_ROWS:
            beyond.append(values.pop())
        if held >= _BLOCK_BYTES:
            await give()

    # Binary, because text costs both sides more than all else: each byte is looked at, and what is escaped is unescaped.
    args = (*_of(span, kind), *_at(first), PART_ROWS + 1)
    copied = await _copied(connection, "bulk/lines", args, "binary", take)
    await give()
    assert (given + len(beyond), rest) == (copied, _END), (
        f"{copied} versions were copied out, {given} lines of them read"
    )
    return msgspec.json.decode(beyond[0], type=First) if beyond else None


async def cells(connection: Connection, kind: Kind, span: Span, first: First, put: Put) -> None:
    """Put the versions of a part as rows of a flat file, in blocks. From edition 1 on only."""
    assert not span.since, "a delta has no flat files"
    taken: list[bytes] = []
    held = 0

    async def give(count: int) -> None:
        nonlocal held
        block = Block(b"".join(taken), count)
        taken.clear()
        held = 0
        await put(block)

    async def take(data: bytes) -> None:
        nonlocal held
        taken.append(data)
        held += len(data)
        if held >= _BLOCK_BYTES:
            await give(0)
        else:
            # PostgreSQL sends 8 KB at a time; to wake for each is a third of our work here. Meanwhile 200 KB have room.
            await asyncio.sleep(_GATHER_S)

    args = (span.edition, span.current, *_at(first), PART_ROWS)
    # How many rows there were is known at their end: a cell may have line ends in it.
    await give(await _copied(connection, f"{kind.stem}/flat", args, "csv", take))


async def _copied(
    connection: Connection, query: str, args: Sequence[Any], form: str, take: Callable[[bytes], Awaitable[None]]
) -> int:
    """How many rows a query copied out."""
    said = await connection.copy_from_query(QUERIES[query], *args, output=take, format=form)
    return int(said.removeprefix("COPY "))


def _values(data: bytes, at: int, into: list[bytes]) -> int:
    """Add the values of whole rows of one column, from one place on; the place after them."""
    while at + _VALUE.size <= len(data):
        _, length = _VALUE.unpack_from(data, at)
        value = at + _VALUE.size
        if value + length > len(data):
            break
        at = value + length
        into.append(data[value:at])
    return at


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
