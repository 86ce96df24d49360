"""Jobs of exports as a worker has them: claimed under a lease, kept by saying so, ended once, given back or lost.

Whoever claims a job is the only one that may end it: a worker that fell silent longer than its lease finds it gone.
"""

import asyncio
from collections.abc import Callable

from msgspec import Struct

from almanac.store.db import Connection
from almanac.store.exports import Wanted, decoded
from almanac.store.queries import QUERIES
from almanac.store.refusals import refusals

CHANNEL = "almanac_export"


class Job(Struct, frozen=True, kw_only=True):
    """A job that this worker has. `attempts` counts it and those that died over it."""

    id: bytes
    wanted: Wanted
    attempts: int
    rows_total: int | None


class Made(Struct, frozen=True, kw_only=True):
    """The file of a job. `rows_total` is what the list has: the rows of the file and those withheld from it."""

    name: str
    sha256: str
    size_bytes: int
    rows: int
    withheld: int
    citation: str

    @property
    def rows_total(self) -> int:
        """Rows of the list."""
        return self.rows + self.withheld


class Bench:
    """What one worker does to jobs, over one connection. Errors of each: Unavailable if PostgreSQL refuses it."""

    def __init__(self, connection: Connection, worker: str, lease_ms: int) -> None:
        self._connection = connection
        self._worker = worker
        self._lease_ms = lease_ms

    @refusals()
    async def claim(self) -> Job | None:
        """The job that waited longest or lost its worker; None if there is nothing to do."""
        row = await self._connection.fetchrow(QUERIES["exports/claim"], self._worker, self._lease_ms)
        if row is None:
            return None
        wanted = decoded(row["wanted"])
        return Job(id=row["job_id"], wanted=wanted, attempts=row["attempts"], rows_total=row["rows_total"])

    @refusals()
    async def beat(self, job: Job, rows_done: int, rows_total: int | None) -> bool:
        """Say that this worker is still at it. False if the job is its own no more, or wanted by nobody."""
        told = (self._lease_ms, rows_done, rows_total)
        return await self._connection.fetchval(QUERIES["exports/beat"], job.id, self._worker, *told) is not None

    @refusals()
    async def finish(self, job: Job, made: Made, adopt: Callable[[], None]) -> bool:
        """End a job with its file, which `adopt` puts where it is served. False if the job is this worker's no more."""
        async with self._connection.transaction():
            await self._connection.execute(QUERIES["exports/hold_files"])
            told = (made.name, bytes.fromhex(made.sha256), made.size_bytes, made.rows, made.withheld, made.citation)
            ended = await self._connection.fetchval(
                QUERIES["exports/finish"], job.id, self._worker, made.rows_total, *told
            )
            if ended is None:
                return False
            await asyncio.to_thread(adopt)
            return True

    @refusals()
    async def fail(self, job: Job, reason: str) -> None:
        """End a job without a file."""
        await self._connection.execute(QUERIES["exports/fail"], job.id, self._worker, reason)

    @refusals()
    async def give_back(self, job: Job, *, behind: bool = False) -> None:
        """Leave a job to others, or to nobody if nobody wants it; `behind` all that wait now."""
        await self._connection.execute(QUERIES["exports/give_back"], job.id, self._worker, behind)

    @refusals()
    async def working(self) -> set[str]:
        """Workers that have a job."""
        return {row["worker"] for row in await self._connection.fetch(QUERIES["exports/workers"])}

    @refusals()
    async def tidy(self, keep_days: int, sweep: Callable[[set[tuple[str, str]]], None]) -> None:
        """Forget what expired, and let `sweep` remove every file of an export but those named: digest and name."""
        async with self._connection.transaction():
            await self._connection.execute(QUERIES["exports/hold_files"])
            unwanted = [row["job_id"] for row in await self._connection.fetch(QUERIES["exports/hold_unwanted"])]
            await self._connection.execute(QUERIES["exports/drop_all_unwanted"], unwanted)
            await self._connection.execute(QUERIES["exports/forget"], keep_days)
            await self._connection.execute(QUERIES["exports/forget_jobs"])
            named = {(row["sha256"], row["name"]) for row in await self._connection.fetch(QUERIES["exports/files"])}
            await asyncio.to_thread(sweep, named)
