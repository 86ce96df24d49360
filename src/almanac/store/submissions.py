"""Submissions: one row for each idempotency key of an API key, and a lock that lives as long as the work on it."""

import datetime as dt

import msgspec
from msgspec import Struct

from almanac.errors import IdempotencyKeyReused, InFlight, NotFound
from almanac.store.db import Connection, Record
from almanac.store.queries import QUERIES


class Order(Struct, frozen=True, kw_only=True):
    """What is handed in: whose, under which idempotency key, and the sha256 of the content and its options."""

    key_id: str
    publisher: str
    idempotency_key: str
    payload_hash: bytes
    dry_run: bool


class Stored(Struct, frozen=True, kw_only=True):
    """A submission. `answer` is what it ended with, as encoded by who ended it."""

    id: str
    key_id: str
    idempotency_key: str
    payload_hash: bytes
    dry_run: bool
    status: str
    received_at: dt.datetime
    finished_at: dt.datetime | None
    edition: int | None
    answer: bytes | None


async def begin(connection: Connection, order: Order) -> Stored:
    """The submission of an order: running and this connection's, or as it ended before.

    The connection holds its lock until it closes, so that a process that dies leaves none behind.
    Errors: IdempotencyKeyReused if the content is another; InFlight while somebody else works on it.
    """
    locked = await connection.fetchval(QUERIES["submissions/lock"], order.key_id, order.idempotency_key)
    row = await connection.fetchrow(QUERIES["submissions/find"], order.key_id, order.idempotency_key)
    if row is not None and row["payload_hash"] != order.payload_hash:
        raise IdempotencyKeyReused("The `Idempotency-Key` was used for another batch or other options.")
    if not locked:
        raise InFlight("The batch is being worked on; ask again, or read the submission.")
    if row is not None and row["status"] != "running":
        return _stored(row)
    told = (order.key_id, order.idempotency_key, order.payload_hash, order.dry_run)
    begun = await connection.fetchrow(QUERIES["submissions/begin"], *told)
    assert begun is not None
    return _stored(begun)


async def finish(connection: Connection, one: Stored, status: str, edition: int | None, answer: bytes) -> Stored:
    """The submission with what became of it; part of the transaction under way, if there is one."""
    row = await connection.fetchrow(QUERIES["submissions/finish"], one.id, status, edition, answer)
    assert row is not None
    return _stored(row)


async def read(connection: Connection, key_id: str, submission_id: str) -> Stored:
    """A key's own submission; `interrupted` if it runs and nobody works on it. Errors: NotFound."""
    row = await connection.fetchrow(QUERIES["submissions/read"], key_id, submission_id)
    if row is None:
        raise NotFound("This key has handed in no such submission.")
    found = _stored(row)
    if found.status != "running":
        return found
    if not await connection.fetchval(QUERIES["submissions/lock"], key_id, found.idempotency_key):
        return found
    # The lock was free: it has ended since the row was read, or its process has.
    row = await connection.fetchrow(QUERIES["submissions/read"], key_id, submission_id)
    assert row is not None
    found = _stored(row)
    return msgspec.structs.replace(found, status="interrupted") if found.status == "running" else found


def _stored(row: Record) -> Stored:
    return Stored(**dict(row))
