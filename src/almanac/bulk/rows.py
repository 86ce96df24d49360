"""Rows of one part of a table, as blocks of bytes: versions put together by PostgreSQL, the rest encoded here."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from msgspec import Struct

from almanac.columns import Column, cell
from almanac.kind import Kind
from almanac.model import encode
from almanac.store.db import Connection
from almanac.store.queries import QUERIES

PART_ROWS = 400_000
_LINES = 4_000
_CELLS = 20_000


class Block(Struct, frozen=True):
    """Whole lines, and how many."""

    data: bytes
    rows: int


async def seqs(connection: Connection, query: str, *args: Any) -> AsyncIterator[list[int]]:
    """Places in the feed, at most a part of them at a time; at least one list, empty if there are none."""
    # Found by reading the whole table, fetched by key: with one cost for both, one of the two took ten times as long.
    await connection.execute(QUERIES["bulk/page_cost"], "4")
    cursor = await connection.cursor(QUERIES[query], *args)
    await connection.execute(QUERIES["bulk/page_cost"], "1.1")
    first = True
    while (rows := await cursor.fetch(PART_ROWS)) or first:
        first = False
        yield [row["seq"] for row in rows]


async def lines(connection: Connection, places: Sequence[int]) -> AsyncIterator[Block]:
    """Versions as served, one a line."""
    for start in range(0, len(places), _LINES):
        wanted = places[start : start + _LINES]
        row = await connection.fetchrow(QUERIES["bulk/lines"], wanted)
        assert row is not None
        assert row["rows"] == len(wanted), f"{len(wanted)} versions were asked for and {row['rows']} found"
        yield Block(row["block"] + b"\n", row["rows"])


async def cells(connection: Connection, kind: Kind, places: Sequence[int]) -> AsyncIterator[Block]:
    """Versions as rows of a flat file."""
    query = QUERIES[f"{kind.stem}/flat"]
    for start in range(0, len(places), _CELLS):
        wanted = places[start : start + _CELLS]
        taken: list[bytes] = []

        async def take(data: bytes, into: list[bytes] = taken) -> None:
            into.append(data)

        said = await connection.copy_from_query(query, wanted, output=take, format="csv")
        assert said == f"COPY {len(wanted)}", f"{len(wanted)} versions were asked for: {said}"
        yield Block(b"".join(taken), len(wanted))


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
