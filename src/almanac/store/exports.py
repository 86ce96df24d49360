"""Exports as the store keeps them: jobs, each of which makes one file, and requests for them, each of which points to a job.

Two sides use this: the desk of a web worker takes requests in, and whoever makes files works jobs off (`export_work`).
"""

import asyncio
import contextlib
import datetime as dt
import hashlib
from collections.abc import AsyncGenerator
from typing import Any, Literal

import asyncpg
import msgspec
from msgspec import Struct

from almanac import events
from almanac.errors import IdempotencyConflict, NotFound, TooManyRequests, Unavailable
from almanac.model import encode
from almanac.settings import Settings
from almanac.store.db import EXPORTER, LOST, Connection, Pool, Record
from almanac.store.queries import QUERIES

Format = Literal["csv.gz", "ndjson.gz", "parquet", "xlsx"]
Status = Literal["queued", "running", "done", "failed", "expired"]

_CONNECTIONS = 4
_BUSY_S = 60
# Goes up when files of the same list at the same edition come to look otherwise.
_MAKE = 1


class Wanted(Struct, frozen=True, kw_only=True):
    """What decides the bytes of a file: a list by its kind, its filters as in its URL, the time, the format."""

    kind: str
    filters: dict[str, str]
    edition: int
    known_on: dt.date | None
    format: Format

    @property
    def job_id(self) -> bytes:
        """The job that makes the file: equal wishes share it."""
        ordered = sorted(self.filters.items())
        return hashlib.sha256(encode([_MAKE, self.kind, ordered, self.edition, self.known_on, self.format])).digest()


class Order(Struct, frozen=True, kw_only=True):
    """One request for an export. `caller` and `key` are digests; without a key none is kept."""

    wanted: Wanted
    rows: int | None
    caller: bytes
    key: bytes | None
    body: bytes


class Stored(Struct, frozen=True, kw_only=True):
    """An export and what became of its job. What is not known before the end is None until then."""

    id: str
    wanted: Wanted
    status: Status
    received_at: dt.datetime
    expires_at: dt.datetime
    finished_at: dt.datetime | None
    rows_total: int | None
    rows_done: int
    reason: str | None
    name: str | None
    sha256: bytes | None
    size_bytes: int | None
    rows: int | None
    withheld: int | None
    citation: str | None


class Desk:
    """Takes exports in over a few connections of its own, which are opened when they are needed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool: Pool | None = None
        self._opening = asyncio.Lock()

    async def close(self) -> None:
        """Close every connection, by force after 2 s."""
        if self._pool is not None:
            try:
                await asyncio.wait_for(self._pool.close(), 2)
            except TimeoutError:
                self._pool.terminate()

    async def named(self, key: bytes, body: bytes) -> Stored | None:
        """The export that an idempotency key stands for. Errors: IdempotencyConflict if it came with another body."""
        async with self._connection() as connection:
            return await _named(connection, key, body)

    async def counted(self, job_id: bytes) -> int | None:
        """Rows of the list that a job is of, if that was found out before."""
        async with self._connection() as connection:
            return await connection.fetchval(QUERIES["exports/counted"], job_id)

    async def take(self, order: Order) -> Stored:
        """A new export of the order's job, or the one that its idempotency key stands for already.

        Errors: IdempotencyConflict; TooManyRequests if the caller has as many under way as it may; Unavailable if as many
        jobs or bytes are kept as may be.
        """
        keep_days, job_id = self._settings.export_keep_days, order.wanted.job_id
        async with self._connection() as connection, connection.transaction():
            await connection.execute(QUERIES["exports/hold_caller"], order.caller)
            if order.key is not None and (held := await _named(connection, order.key, order.body)) is not None:
                return held
            await self._has_room(connection, order.caller, job_id)
            await connection.execute(QUERIES["exports/want"], job_id, encode(order.wanted), order.rows)
            export_id = await connection.fetchval(
                QUERIES["exports/add"], job_id, order.caller, order.key, order.body, keep_days
            )
            await connection.execute(QUERIES["exports/tell"])
            return await _read(connection, export_id)

    async def _has_room(self, connection: Connection, caller: bytes, job_id: bytes) -> None:
        settings = self._settings
        own = await connection.fetchrow(QUERIES["exports/of_caller"], caller)
        kept = await connection.fetchrow(QUERIES["exports/kept"], job_id)
        assert own is not None, "a count has a row"
        assert kept is not None, "a count has a row"
        if own["under_way"] >= settings.exports_per_caller:
            told = f"{own['under_way']} exports of yours are under way. Wait for one, or cancel it."
            raise TooManyRequests(told, _BUSY_S)
        if own["kept"] >= settings.export_jobs_max:
            raise TooManyRequests(f"{own['kept']} exports of yours are kept. Wait until some are forgotten.", _BUSY_S)
        full = kept["jobs"] >= settings.export_jobs_max or kept["size_bytes"] >= settings.export_room_bytes
        if full and not kept["known"]:
            raise Unavailable("As many exports are kept as there is room for; ask again when some have expired.")

    async def read(self, export_id: str) -> Stored:
        """An export. Errors: NotFound."""
        async with self._connection() as connection:
            return await _read(connection, export_id)

    async def cancel(self, export_id: str) -> None:
        """Forget an export that nobody wants any more; its job ends if nobody wants that. Errors: NotFound."""
        async with self._connection() as connection, connection.transaction():
            # Locked first, as by who asks for the same: neither sees half of what the other does.
            job_id = await connection.fetchval(QUERIES["exports/hold_job"], export_id)
            if job_id is None:
                raise _nowhere(export_id)
            await connection.execute(QUERIES["exports/cancel"], export_id)
            await connection.execute(QUERIES["exports/drop_unwanted"], job_id)

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncGenerator[Connection]:
        try:
            async with self._opening:
                self._pool = self._pool or await self._opened()
            async with self._pool.acquire(timeout=self._settings.pool_timeout_ms / 1000) as connection:
                yield connection
        except (TimeoutError, asyncpg.QueryCanceledError) as error:
            raise Unavailable("no database connection came free in time") from error
        except asyncpg.InsufficientPrivilegeError as error:
            events.emit(events.DatabaseUnavailable(error=type(error).__name__))
            raise Unavailable(f"this server may not act as {EXPORTER}, and so takes no exports") from error
        except LOST as error:
            events.emit(events.DatabaseUnavailable(error=type(error).__name__))
            raise Unavailable("PostgreSQL cannot be reached") from error

    async def _opened(self) -> Pool:
        settings = self._settings
        return await asyncpg.create_pool(
            str(settings.write_url),
            min_size=0,
            max_size=_CONNECTIONS,
            timeout=settings.pool_timeout_ms / 1000,
            command_timeout=settings.statement_timeout_ms / 1000 + 1,
            server_settings={
                "application_name": "almanac",
                "timezone": "UTC",
                "role": EXPORTER,
                "statement_timeout": str(settings.statement_timeout_ms),
                "idle_in_transaction_session_timeout": "10000",
            },
        )


async def _named(connection: Connection, key: bytes, body: bytes) -> Stored | None:
    row = await connection.fetchrow(QUERIES["exports/named"], key)
    if row is None:
        return None
    if row["body_hash"] != body:
        raise IdempotencyConflict("The `Idempotency-Key` of this caller stands for an export with another body.")
    return await _read(connection, row["id"])


async def _read(connection: Connection, export_id: str) -> Stored:
    row = await connection.fetchrow(QUERIES["exports/read"], export_id)
    if row is None:
        raise _nowhere(export_id)
    return _stored(row)


def _nowhere(export_id: str) -> NotFound:
    return NotFound(f"No export {export_id}; one that was cancelled is gone, one that expired is after a while.")


def _stored(row: Record) -> Stored:
    told: dict[str, Any] = dict(row)
    told["wanted"] = decoded(row["wanted"])
    return Stored(**told)


def decoded(wanted: bytes) -> Wanted:
    """What a job is to make, as it was kept."""
    return msgspec.json.decode(wanted, type=Wanted)
