"""One write from request to answer: who asks, what is asked, and an answer that no cache keeps."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager

from msgspec import Struct

from almanac.errors import Forbidden, Unauthorized
from almanac.kind import Kind
from almanac.model import encode
from almanac.settings import Settings
from almanac.store import keys
from almanac.store.db import Database
from almanac.store.editions import Editions
from almanac.store.exports import Desk
from almanac.store.keys import ApiKey, Role
from almanac.web import body
from almanac.web.operation import Asked, Write
from almanac.web.params import parse_path, parse_query
from almanac.web.represent import JSON, preferred
from almanac.web.respond import Response
from almanac.web.wire import head

READ_HEADERS = ("accept", "authorization", "content-encoding", "content-type", "idempotency-key", "prefer")


class Incoming(Struct, frozen=True, kw_only=True):
    """A request as it came: the headers of `READ_HEADERS` by lower-case name, the body still to be read, whence it came.

    `place` is what the body takes up while it is read.
    """

    path: Mapping[str, str]
    network: str
    query: bytes
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]
    place: AbstractContextManager[None]


class Means(Struct, frozen=True, kw_only=True):
    """What writes need."""

    database: Database
    editions: Editions
    desk: Desk
    settings: Settings
    kinds: Sequence[Kind]


async def write(operation: Write, means: Means, given: Incoming) -> Response:
    """Answer a write. The key is looked at before anything else is, and the body last."""
    key = await _authorise(means.database, given.headers.get("authorization"), operation.role)
    preferred([JSON], given.headers.get("accept"))
    encoding = given.headers.get("content-encoding")
    if operation.body is not None:
        taken = operation.body
        body.check_type(given.headers.get("content-type"), taken.media_type, encoding, taken.encodings)
    names = operation.headers.__struct_encode_fields__
    asked = Asked(
        database=means.database,
        editions=means.editions,
        desk=means.desk,
        settings=means.settings,
        kinds=means.kinds,
        key=key,
        network=given.network,
        path=parse_path(operation.params, given.path),
        query=parse_query(operation.query, given.query),
        headers=parse_path(
            operation.headers, {n: given.headers[n.lower()] for n in names if n.lower() in given.headers}
        ),
        body=body.Coming(chunks=given.chunks, encoding=encoding, place=given.place),
    )
    done = await operation.handle(asked)
    assert done.status in operation.answers, f"{operation.id} does not declare {done.status}"
    said = [("Cache-Control", "no-store"), ("Location", done.location or ""), *done.headers]
    if done.data is None:
        return Response(status=done.status, head=head(said), body=b"")
    answer = b'{"data":' + encode(done.data) + b"}"
    return Response(status=done.status, head=head([("Content-Type", "application/json"), *said]), body=answer)


async def _authorise(database: Database, header: str | None, role: Role | None) -> ApiKey | None:
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        if role is None and scheme.lower() != "bearer":
            return None
        raise Unauthorized("Give a key as `Authorization: Bearer <token>`.")
    key = await keys.recognise(database, token.strip())
    if key is None:
        raise Unauthorized("The key is unknown, revoked or expired.")
    if role is not None and key.role != role:
        raise Forbidden(f"This needs a key of the role `{role}`; this key has the role `{key.role}`.")
    return key
