"""Rows of one part of a table, as blocks of bytes: versions as PostgreSQL copies them out, the rest encoded here."""

import csv
import io
from collections.abc import Awaitable, Callable, Iterable, Sequence
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


async def parts(connection: Connection, kind: Kind, span: Span) -> list[First]:
    """The parts of a kind's file, by company, id and version; none if it has no rows."""
    found = await connection.fetch(QUERIES["bulk/parts"], *_of(span), kind.name, PART_ROWS)
    return [First(**row) for row in found]


async def lines(connection: Connection, kind: Kind, span: Span, first: First, put: Put) -> None:
    """Put the versions of a part as served, one a line, in blocks."""
    args = (*_of(span), kind.name, first.company, first.id, first.version, PART_ROWS)
    given = 0

    async def give(data: bytes) -> None:
        nonlocal given
        # PostgreSQL's text form escapes line ends, which JSON has none of, and backslashes.
        whole = data.replace(rb"\\", b"\\")
        block = Block(whole, whole.count(b"\n"))
        given += block.rows
        await put(block)

    copied = await _copied(connection, "bulk/lines", args, "text", give)
    assert given == copied, f"{copied} versions were copied out as {given} lines"


async def cells(connection: Connection, kind: Kind, span: Span, first: First, put: Put) -> None:
    """Put the versions of a part as rows of a flat file, in blocks. From edition 1 on only."""
    assert not span.since, "a delta has no flat files"
    args = (span.edition, span.current, first.company, first.id, first.version, PART_ROWS)

    async def give(data: bytes) -> None:
        await put(Block(data, 0))

    # How many rows there were is known at their end: a cell may have line ends in it.
    await put(Block(b"", await _copied(connection, f"{kind.stem}/flat", args, "csv", give)))


async def _copied(
    connection: Connection, query: str, args: Sequence[Any], form: str, give: Callable[[bytes], Awaitable[None]]
) -> int:
    """Give the rows of a query in blocks of whole rows, and return how many they were."""
    taken: list[bytes] = []
    held = 0

    async def take(data: bytes) -> None:
        nonlocal held
        taken.append(data)
        held += len(data)
        # A message of PostgreSQL is one row; should that ever change, a block must not end within one.
        if held >= _BLOCK_BYTES and data.endswith(b"\n"):
            await give(b"".join(taken))
            taken.clear()
            held = 0

    said = await connection.copy_from_query(QUERIES[query], *args, output=take, format=form)
    if taken:
        await give(b"".join(taken))
    return int(said.removeprefix("COPY "))


def _of(span: Span) -> tuple[int, int, bool]:
    return span.edition, span.since, span.current


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
