"""One file: the rows of a list at its edition, out of PostgreSQL in blocks and into the file, and what it says of itself."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct

from almanac.bulk.written import File
from almanac.errors import AlmanacError, AnswerTooLarge, NotFound
from almanac.exports.forms import Plan, Rows, Told, Writer, writer
from almanac.kind import Kind
from almanac.store.db import Connection, counted
from almanac.store.editions import At
from almanac.store.export_work import Job
from almanac.store.exports import Wanted
from almanac.store.queries import QUERIES
from almanac.web.address import Address
from almanac.web.citation import Citation, cite, sources
from almanac.web.exported import MOST_SHEET_ROWS, listing, query_of
from almanac.web.exports import too_many_for_a_sheet
from almanac.web.flat import cells, decode
from almanac.web.kinds import filters_of
from almanac.web.operation import LICENCE, Answer, ReadMeta, given
from almanac.web.params import parse_path

Progress = Callable[[int, int | None], None]

_BLOCK_ROWS = 2000
# As many as a citation looks at, and one more, by which it knows that there are more.
_CITED_ROWS = 101


class TooLarge(AlmanacError):
    """The file grew beyond what a file may have."""


class Means(Struct, frozen=True, kw_only=True):
    """What a file is made with: a reader's connection, the kinds, the public address, the most bytes of a file."""

    reader: Connection
    kinds: Sequence[Kind]
    origin: str
    max_bytes: int


class Written(Struct, frozen=True, kw_only=True):
    """A file that was made."""

    path: Path
    file: File
    withheld: int
    citation: str


async def make(means: Means, job: Job, scratch: Path, progress: Progress) -> Written:
    """Write the file of a job into a folder.

    Errors: NotFound if the edition is not here; AnswerTooLarge for a spreadsheet that cannot hold it; TooLarge;
    Misconfigured for Parquet without pyarrow; OSError where the disk is full.
    """
    await means.reader.execute(QUERIES["exports/session"])
    async with means.reader.transaction(isolation="repeatable_read", readonly=True):
        return await _Making(means, job, scratch, progress).run()


class _Making:
    def __init__(self, means: Means, job: Job, scratch: Path, progress: Progress) -> None:
        self._means, self._wanted, self._scratch, self._progress = means, job.wanted, scratch, progress
        self._kind = next(kind for kind in means.kinds if kind.name == job.wanted.kind)
        self._total = job.rows_total
        self._done = self._withheld = 0
        self._first: list[bytes] = []
        self._sources: dict[str, dict[str, Any]] = {}

    async def run(self) -> Written:
        wanted, reader = self._wanted, self._means.reader
        address = _address(wanted, await _at(reader, wanted), self._means.origin)
        query, args = f"{self._kind.stem}/list", _arguments(self._kind, wanted)
        if self._total is None:
            self._total = await counted(reader, query, *args)
        if wanted.format == "xlsx" and self._total > MOST_SHEET_ROWS:
            raise AnswerTooLarge(too_many_for_a_sheet(self._total))
        path = self._scratch / f"{address.name}.{wanted.format}"
        plan = Plan(
            path=path,
            cells=cells(listing(self._kind).row, self._means.kinds),
            title=self._cite(address).title,
            published_at=address.at.published_at,
            told=partial(self._told, address),
        )
        async with writer(wanted.format, plan) as file:
            cursor = await reader.cursor(QUERIES[query], *args)
            while rows := await cursor.fetch(_BLOCK_ROWS):
                await self._add(file, rows)
            made = await file.end()
        self._bounded()
        assert self._done == self._total, f"{self._total} rows were counted and {self._done} read"
        return Written(path=path, file=made, withheld=self._withheld, citation=self._cite(address).text)

    async def _add(self, file: Writer, rows: Sequence[Any]) -> None:
        closed = {
            row["seq"] for row in await self._means.reader.fetch(QUERIES["bulk/closed"], [row["seq"] for row in rows])
        }
        bodies = [row["body"] for row in rows if row["seq"] not in closed]
        lines = self._wanted.format == "ndjson.gz"
        decoded = [] if lines else await asyncio.to_thread(_decoded, bodies)
        await file.add(Rows(bodies, decoded))
        self._first += bodies[: _CITED_ROWS - len(self._first)]
        if self._wanted.format == "xlsx":
            self._sources |= {source["id"]: source for source in await asyncio.to_thread(sources, bodies)}
        self._done += len(rows)
        self._withheld += len(closed)
        self._progress(self._done, self._total)
        self._bounded()

    def _told(self, address: Address) -> Told:
        citation = self._cite(address)
        meta = ReadMeta(
            edition=address.at.edition,
            published_at=address.at.published_at,
            known_on=address.at.known_on,
            licence=LICENCE,
            citation=citation.text,
        )
        return Told(meta=meta, citation=citation, sources=list(self._sources.values()))

    def _cite(self, address: Address) -> Citation:
        return cite(listing(self._kind), Answer(rows=self._first), address, self._means.kinds)

    def _bounded(self) -> None:
        size = sum(path.stat().st_size for path in self._scratch.iterdir())
        if size > self._means.max_bytes:
            raise TooLarge(
                f"The file grew beyond {self._means.max_bytes} bytes; narrow the list, or take the bulk files."
            )


def _decoded(bodies: Sequence[bytes]) -> list[Any]:
    return [decode(body) for body in bodies]


async def _at(reader: Connection, wanted: Wanted) -> At:
    """The time of a job. Errors: NotFound if this server's edition is older."""
    row = await reader.fetchrow(QUERIES["editions/read"], wanted.edition)
    if row is None and wanted.edition:
        raise NotFound(f"Edition {wanted.edition} is not here.")
    return At(
        edition=wanted.edition,
        published_at=row["published_at"] if row else None,
        last_seq=row["last_seq"] if row else 0,
        known_on=wanted.known_on,
        pinned=True,
    )


def _address(wanted: Wanted, at: At, origin: str) -> Address:
    return Address(origin=origin, path=f"/v1/{wanted.kind}", suffix="", values=wanted.filters, at=at)


def _arguments(kind: Kind, wanted: Wanted) -> list[Any]:
    """Those of the kind's list: the same query gives the rows that the pages have, all of them and from the first on."""
    query: Any = parse_path(query_of(kind), wanted.filters)
    return [wanted.edition, wanted.known_on, given(query.company), None, None, *filters_of(kind, query)]
