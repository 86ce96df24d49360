"""API keys: made, listed, revoked, recognised. The secret is shown once; its sha256 is what is kept."""

import base64
import datetime as dt
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from typing import Literal

import msgspec
from msgspec import Struct

from almanac import events
from almanac.errors import BadParameter, NotFound, TooSlow, Unavailable
from almanac.store.db import Connection, Database, Record, Refusal
from almanac.store.queries import QUERIES

Role = Literal["reader", "publisher"]

_PREFIX = "almanac"
_NO_HASH = bytes(32)
KNOWN_S = 30
"""How long a key that was revoked may still count as one for quotas."""
_MOST_KNOWN = 10_000


class ApiKey(Struct, frozen=True, kw_only=True):
    """What is known of a key: all but its secret."""

    key_id: str
    label: str
    role: Role
    created_at: dt.datetime
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None


async def create(connection: Connection, label: str, role: Role, expires_on: dt.date | None) -> tuple[ApiKey, str]:
    """A new key, and its token, which cannot be shown again. `expires_on` is the first day (UTC) of refusal."""
    expires_at = dt.datetime.combine(expires_on, dt.time(), dt.UTC) if expires_on else None
    if expires_at is not None and expires_at <= dt.datetime.now(dt.UTC):
        raise BadParameter(f"a key that expires on {expires_on} would never work")
    if not 0 < len(label) <= 200:
        raise BadParameter("a label has 1 to 200 characters")
    key_id = base64.b32encode(secrets.token_bytes(8)).decode()[:12].lower()
    secret = secrets.token_urlsafe(32)
    row = await connection.fetchrow(QUERIES["keys/create"], key_id, _digest(secret), label, role, expires_at)
    assert row is not None
    return _key(row), f"{_PREFIX}_{key_id}_{secret}"


async def list_(connection: Connection) -> list[ApiKey]:
    """Every key, oldest first."""
    return [_key(row) for row in await connection.fetch(QUERIES["keys/list"])]


async def revoke(connection: Connection, key_id: str) -> ApiKey:
    """The key, refused from now on. Errors: NotFound."""
    row = await connection.fetchrow(QUERIES["keys/revoke"], key_id)
    if row is None:
        raise NotFound(f"there is no key {key_id!r}")
    return _key(row)


async def recognise(database: Database, token: str) -> ApiKey | None:
    """The key of a token, if it is one of ours and still valid.

    The time it takes says nothing about the secret: found by its id, compared in constant time. Cost: one query.
    """
    prefix, _, rest = token.partition("_")
    key_id, _, secret = rest.partition("_")
    if prefix != _PREFIX or not key_id.isalnum() or not key_id.isascii():
        return None
    rows = await database.fetch("keys/find", key_id)
    stored: bytes = rows[0]["secret_hash"] if rows else _NO_HASH
    return _key(rows[0]) if hmac.compare_digest(stored, _digest(secret)) and rows else None


_Found = OrderedDict[bytes, tuple[float, ApiKey | None]]


class KnownKeys:
    """Keys as they were found a short while ago, for what may lag behind by that much: how often their callers may ask.

    A token is held as its digest, and one that is of no key too; both in bounded number, and apart: guesses push out no key.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys, self._none = _Found(), _Found()

    def held(self, token: str) -> tuple[ApiKey | None] | None:
        """The key of the token, or None for no key, as a tuple of one; None if that has to be looked up."""
        held = self._found(_digest(token))
        return (held[1],) if held is not None and time.monotonic() < held[0] else None

    def was_key(self, token: str) -> bool:
        """Whether the token was of a key when it was last looked up, however long ago."""
        return _digest(token) in self._keys

    def _found(self, digest: bytes) -> tuple[float, ApiKey | None] | None:
        return self._keys.get(digest) or self._none.get(digest)

    async def recognise(self, token: str) -> ApiKey | None:
        """The key of the token. If PostgreSQL does not say, what it last said. Errors: Unavailable. Cost: one query."""
        digest = _digest(token)
        try:
            key = await recognise(self._database, token)
        except (Unavailable, TooSlow, Refusal) as error:
            if isinstance(error, Refusal):
                events.emit(events.DatabaseUnavailable(error=type(error).__name__))
            if (held := self._found(digest)) is None:
                raise Unavailable("whether the key is one cannot be said now") from error
            key = held[1]
        lasts_s = float(KNOWN_S)
        if key is not None and key.expires_at is not None:
            lasts_s = min(lasts_s, (key.expires_at - dt.datetime.now(dt.UTC)).total_seconds())
        until = time.monotonic() + lasts_s
        if key is None:
            self._keys.pop(digest, None)
            _keep(self._none, digest, (until, key))
        else:
            self._none.pop(digest, None)
            _keep(self._keys, digest, (until, key))
        return key


def _keep(kept: _Found, digest: bytes, one: tuple[float, ApiKey | None]) -> None:
    """Keep it as what was found last; what was found longest ago goes where there are too many."""
    kept[digest] = one
    kept.move_to_end(digest)
    if len(kept) > _MOST_KNOWN:
        kept.popitem(last=False)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def _key(row: Record) -> ApiKey:
    return msgspec.convert({name: row[name] for name in ApiKey.__struct_fields__}, ApiKey)
