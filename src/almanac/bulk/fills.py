"""Where the rows of each table come from: a function a part, which fills the part's files."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from almanac.bulk import rows
from almanac.bulk.sink import Sink
from almanac.bulk.tables import Form, Table
from almanac.kind import Kind
from almanac.store.db import Connection, Record
from almanac.store.queries import QUERIES

Fill = Callable[[Sink, Sink], Awaitable[None]]
"""Puts the rows of a part into its lines and its flat file. Parts are filled in order, each once."""

_BATCH = 4_000


def fills(connection: Connection, table: Table, form: Form, since: int, edition: int) -> AsyncIterator[Fill]:
    """The parts of a table at an edition, at least one; of what came after edition `since`, which is 0 for everything."""
    editions = (edition, since)
    if form == "deletes":
        gone = msgspec.structs.replace(table, shape=table.gone, spread=None, columns=())
        names = (table.kind.name,) if table.kind else ()
        return _records(connection, gone, table.gone_query, *editions, *names)
    if table.kind is not None:
        return _versions(connection, table.kind, rows.Span(since, edition, current=form != "versions"))
    args = {
        "bulk/companies": (*editions, form != "versions"),
        "bulk/sources": editions,
        "bulk/withheld": editions[:1],
    }
    return _records(connection, table, table.query, *args.get(table.query, ()))


async def _versions(connection: Connection, kind: Kind, span: rows.Span) -> AsyncIterator[Fill]:
    first = await rows.begin(connection, kind, span)
    if first is None:
        yield _nothing
    while first is not None:
        told: list[rows.First | None] = []

        async def fill(
            lines: Sink, cells: Sink, first: rows.First = first, told: list[rows.First | None] = told
        ) -> None:
            told.append(await rows.lines(connection, kind, span, first, lines.put))
            if cells.wanted:
                await rows.cells(connection, kind, span, first, cells.put)

        yield fill
        # A part that an interrupted run left is not filled again, and tells nothing.
        first = told[0] if told else await rows.after(connection, kind, span, first)


async def _nothing(_lines: Sink, _cells: Sink) -> None:
    """A table without rows has a file all the same."""


async def _records(connection: Connection, table: Table, query: str, *args: Any) -> AsyncIterator[Fill]:
    cursor = await connection.cursor(QUERIES[query], *args) if query else None

    async def more() -> Sequence[Struct]:
        while cursor and (found := await cursor.fetch(_BATCH)):
            if read := _read(found, table):
                return read
        return []

    held = await more()

    async def fill(lines: Sink, cells: Sink) -> None:
        nonlocal held
        room = rows.PART_ROWS
        while held and room:
            now, held = held[:room], held[room:]
            room -= len(now)
            await lines.put(rows.encoded(now))
            await cells.put(rows.flat(now, table.columns))
            held = held or await more()

    yield fill
    while held:
        yield fill


def _read(found: Sequence[Record], table: Table) -> Sequence[Struct]:
    """Rows as Structs; a row with a body is what the body says."""
    assert table.shape is not None
    if "body" not in found[0]:
        return msgspec.convert([dict(row) for row in found], list[table.shape])
    decode = msgspec.json.Decoder(table.shape).decode
    read = [decode(row["body"]) for row in found]
    return read if table.spread is None else [one for row in read for one in table.spread(row)]
