"""The formats of a file, each given its rows in order, a block at a time, and then ended. None holds more than a block."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from msgspec import Struct
from xlsxwriter.exceptions import FileCreateError  # pyright: ignore[reportMissingTypeStubs] - it has none

from almanac.bulk import parquet
from almanac.bulk.rows import Block
from almanac.bulk.sink import Sink
from almanac.bulk.written import File, described
from almanac.web import delimited, sheets
from almanac.web.citation import Citation
from almanac.web.flat import Cells
from almanac.web.operation import ReadMeta


class Told(Struct, frozen=True, kw_only=True):
    """What a file says of itself, beside its rows."""

    meta: ReadMeta
    citation: Citation
    sources: Sequence[Mapping[str, Any]]


class Plan(Struct, frozen=True, kw_only=True):
    """A file that is to be written: where, its columns, its title and instant, and what it says at its end of itself."""

    path: Path
    cells: Sequence[Cells]
    title: str
    published_at: dt.datetime | None
    told: Callable[[], Told]


class Rows(Struct, frozen=True):
    """Rows as they are served, and decoded: not for a file of lines, which needs none."""

    bodies: Sequence[bytes]
    decoded: Sequence[Any]


class Writer(Protocol):
    """A file being written."""

    async def add(self, rows: Rows) -> None:
        """More rows."""
        ...

    async def end(self) -> File:
        """End the file, seen to the disk. Errors: OSError where the disk is full."""
        ...


class _Lines:
    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def add(self, rows: Rows) -> None:
        await self._sink.put(Block(b"".join(body + b"\n" for body in rows.bodies), len(rows.bodies)))

    async def end(self) -> File:
        return await self._sink.close()


class _Table:
    """CSV; for Parquet it is on its way there, and texts are as they are."""

    def __init__(self, sink: Sink, plan: Plan, *, guard: bool) -> None:
        self._sink, self._plan, self._guard = sink, plan, guard

    async def add(self, rows: Rows) -> None:
        lines = await asyncio.to_thread(delimited.lines, self._plan.cells, rows.decoded, guard=self._guard)
        await self._sink.put(Block(lines, len(rows.decoded)))

    async def end(self) -> File:
        file = await self._sink.close()
        if self._guard:
            return file
        plan = self._plan
        columns = [one.column for one in plan.cells]
        # The list goes by company and then by natural key, which is no column.
        written = await parquet.convert(plan.path.with_suffix(".flat"), plan.path, columns, ("company",))
        return await asyncio.to_thread(described, plan.path, written)


class _Workbook:
    def __init__(self, plan: Plan, out: IO[bytes]) -> None:
        self._plan, self._out, self._rows = plan, out, 0
        self._book = sheets.Book(out, plan.title, plan.published_at, plan.cells, str(plan.path.parent))

    async def add(self, rows: Rows) -> None:
        self._rows += len(rows.decoded)
        await asyncio.to_thread(self._book.add, rows.decoded)

    async def end(self) -> File:
        told = self._plan.told()
        try:
            await asyncio.to_thread(self._book.end, told.meta, told.citation, told.sources, whole=True)
        except FileCreateError as error:
            raise error.args[0] from error  # the error of the system that it wraps
        self._out.flush()
        return await asyncio.to_thread(described, self._plan.path, self._rows)


@contextlib.asynccontextmanager
async def writer(form: str, plan: Plan) -> AsyncGenerator[Writer]:
    """The writer of a format. Errors: Misconfigured for Parquet without pyarrow."""
    if form == "xlsx":
        with plan.path.open("wb") as out:
            yield _Workbook(plan, out)
        return
    if form == "parquet":
        parquet.version()
    async with Sink(plan.path.with_suffix(".flat") if form == "parquet" else plan.path) as sink:
        if form == "ndjson.gz":
            yield _Lines(sink)
            return
        await sink.put(Block(delimited.header(plan.cells), 0))
        yield _Table(sink, plan, guard=form == "csv.gz")
