"""Works off the exports that are ordered, one at a time, until told to stop. As many workers may run as one likes.

A worker holds a job by saying every so often that it is at it; one that dies, at any point, leaves a job that the next takes
over, and whose file has the same bytes. A file is served from the moment at which its job is done, whole, or not at all.
"""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Sequence
from functools import partial

from msgspec import Struct

from almanac import events
from almanac.errors import AlmanacError, NotFound, StoreAway, Unavailable
from almanac.exports.files import ExportFiles
from almanac.exports.making import Means, Written, make
from almanac.kind import Kind
from almanac.settings import Settings
from almanac.store.db import EXPORTER, LOST, READER, connect
from almanac.store.export_work import CHANNEL, Bench, Job, Made
from almanac.store.placed import place

_LOOK_S = 5.0
_AWAY_S = 2.0
_MOST_ATTEMPTS = 5


class Worker:
    """One worker. `url` is where jobs are kept, `read_url` where rows are read."""

    def __init__(self, settings: Settings, url: str, read_url: str, kinds: Sequence[Kind]) -> None:
        self._settings, self._url, self._read_url, self._kinds = settings, url, read_url, kinds
        self._id = str(uuid.uuid4())
        home = place(settings)
        self._files, self._tidy_s = ExportFiles(home), home.listing_s
        self._told = asyncio.Event()
        self._stop = asyncio.Event()
        self._tidied = 0.0

    def stop(self) -> None:
        """End soon: the job under way goes back to the queue."""
        self._stop.set()
        self._told.set()

    async def run(self, *, once: bool) -> None:
        """Work until told to stop; `once`: until nothing is left to do. Errors: Unavailable, with `once`."""
        while not self._stop.is_set():
            try:
                await self._connected(once=once)
            except (*LOST, TimeoutError, Unavailable) as error:
                away = isinstance(error, StoreAway)  # which was told
                if once:
                    raise error if away else Unavailable("PostgreSQL cannot be reached, or refuses the work") from error
                if not away:
                    events.emit(events.DatabaseUnavailable(error=type(error.__cause__ or error).__name__))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), _AWAY_S)
            if once:
                return

    async def _connected(self, *, once: bool) -> None:
        connection = await connect(self._url, EXPORTER)
        try:
            await connection.add_listener(CHANNEL, self._notified)
            bench = Bench(connection, self._id, self._settings.export_lease_ms)
            while not self._stop.is_set():
                self._told.clear()
                await self._tidy(bench)
                job = await bench.claim()
                if job is not None:
                    await self._work(bench, job)
                elif once:
                    return
                elif not self._stop.is_set():
                    # A worker that died tells nobody: so look now and then.
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._told.wait(), min(_LOOK_S, self._settings.export_lease_ms / 1000))
        finally:
            await connection.close()

    def _notified(self, *_: object) -> None:
        self._told.set()

    async def _work(self, bench: Bench, job: Job) -> None:
        began = time.monotonic()
        if job.attempts > 1:
            self._tidied = 0.0  # somebody died over it, and left what it was writing
        try:
            status = await self._ended(bench, job)
        finally:
            self._files.clear(self._id)
        ms = round((time.monotonic() - began) * 1000)
        events.emit(events.ExportEnded(job=job.id.hex()[:16], format=job.wanted.format, status=status, duration_ms=ms))

    async def _ended(self, bench: Bench, job: Job) -> str:
        """What became of a job: done, failed, or left to others."""
        if job.attempts > _MOST_ATTEMPTS:
            await bench.fail(job, f"{_MOST_ATTEMPTS} workers ended while they were at it.")
            return "failed"
        try:
            written = await self._made(bench, job)
            if written is not None and await bench.finish(job, _told(written), partial(self._adopt, written)):
                return "done"
        except NotFound:
            # An edition that this server has not heard of yet.
            await bench.give_back(job, behind=True)
            await asyncio.sleep(1)
        except StoreAway:
            # Nobody's fault who asked or made it: it waits for the store.
            await bench.give_back(job)
            raise
        except Exception as error:
            reason = _reason(error)
            if reason is None:
                raise
            await bench.fail(job, reason)
            return "failed"
        return "left"

    async def _made(self, bench: Bench, job: Job) -> Written | None:
        """The file, while the job stays this worker's; None if it is not any more, or if the worker has to stop."""
        told = _Told(0, job.rows_total)
        making = asyncio.create_task(self._make(job, told))
        stopping = asyncio.create_task(self._stop.wait())
        try:
            while not making.done():
                beat_s = self._settings.export_lease_ms / 5000
                await asyncio.wait({making, stopping}, timeout=beat_s, return_when=asyncio.FIRST_COMPLETED)
                if making.done():
                    break
                if self._stop.is_set() or not await bench.beat(job, told.done, told.total):
                    await _cancelled(making)
                    await bench.give_back(job)
                    return None
            return making.result()
        finally:
            stopping.cancel()
            await _cancelled(making)

    async def _make(self, job: Job, told: "_Told") -> Written:
        reader = await connect(self._read_url, READER)
        try:
            settings = self._settings
            means = Means(
                reader=reader, kinds=self._kinds, origin=settings.public_url or "", max_bytes=settings.export_max_bytes
            )
            written = await make(means, job, self._files.scratch(self._id), told.say)
            await asyncio.to_thread(self._files.bring, written.path, written.file)
            return written
        finally:
            reader.terminate()

    def _adopt(self, written: Written) -> None:
        self._files.adopt(written.path, written.file)

    async def _tidy(self, bench: Bench) -> None:
        """Now and then: forget what expired, remove files that nobody names, and what dead workers left."""
        if self._tidied and time.monotonic() - self._tidied < self._tidy_s:
            return
        # Looked at before who is at work is asked: a worker has its job before it has a folder.
        left = self._files.left()
        for worker in left - await bench.working() - {self._id}:
            self._files.clear(worker)
        await bench.tidy(self._settings.export_keep_days, self._files.sweep)
        self._tidied = time.monotonic()


class _Told(Struct):
    """How far a file has come."""

    done: int
    total: int | None

    def say(self, done: int, total: int | None) -> None:
        """Take note of it."""
        self.done, self.total = done, total


def _told(written: Written) -> Made:
    file = written.file
    return Made(
        name=file.name,
        sha256=file.sha256,
        size_bytes=file.size,
        rows=file.rows,
        withheld=written.withheld,
        citation=written.citation,
    )


def _reason(error: Exception) -> str | None:
    """Why a file cannot be made; None if it can once PostgreSQL is there again."""
    if isinstance(error, Unavailable | ConnectionError | TimeoutError):
        return None
    if isinstance(error, AlmanacError):
        return error.detail
    if isinstance(error, OSError):
        return f"The file cannot be written: {error.strerror or 'the disk does not take it'}."
    if isinstance(error, LOST):
        return None
    events.emit(events.Unhandled(request_id="export", error=repr(error)[:500]))
    return "A fault of ours, which is in our log."


async def _cancelled(task: "asyncio.Task[Written]") -> None:
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
