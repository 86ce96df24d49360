"""One write from request to answer: who asks, what is asked, and an answer that no cache keeps."""

from collections.abc import AsyncIterator, Mapping, Sequence

from msgspec import Struct

from almanac.errors import Forbidden, Unauthorized
from almanac.kind import Kind
from almanac.model import encode
from almanac.settings import Settings
from almanac.store import keys
from almanac.store.db import Database
from almanac.store.keys import ApiKey, Role
from almanac.web import body
from almanac.web.operation import Asked, Write
from almanac.web.params import parse_path, parse_query
from almanac.web.represent import JSON, preferred
from almanac.web.respond import Response
from almanac.web.wire import head

READ_HEADERS = ("accept", "authorization", "content-encoding", "content-type", "idempotency-key")


class Incoming(Struct, frozen=True, kw_only=True):
    """A request as it came: the headers of `READ_HEADERS` by lower-case name, the body still to be read."""

    path: Mapping[str, str]
    query: bytes
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]


async def write(
    operation: Write, database: Database, settings: Settings, kinds: Sequence[Kind], given: Incoming
) -> Response:
    """Answer a write. The key is looked at before anything else is, and the body last."""
    key = await _authorise(database, given.headers.get("authorization"), operation.role)
    preferred([JSON], given.headers.get("accept"))
    encoding = given.headers.get("content-encoding")
    if operation.body is not None:
        body.check_type(given.headers.get("content-type"), operation.body.media_type, encoding)
    names = operation.headers.__struct_encode_fields__
    asked = Asked(
        database=database,
        settings=settings,
        kinds=kinds,
        key=key,
        path=parse_path(operation.params, given.path),
        query=parse_query(operation.query, given.query),
        headers=parse_path(
            operation.headers, {n: given.headers[n.lower()] for n in names if n.lower() in given.headers}
        ),
        encoding=encoding,
        chunks=given.chunks,
    )
    done = await operation.handle(asked)
    assert done.status in operation.answers, f"{operation.id} does not declare {done.status}"
    said = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Location", done.location or "")]
    return Response(status=done.status, head=head(said), body=b'{"data":' + encode(done.data) + b"}")


async def _authorise(database: Database, header: str | None, role: Role) -> ApiKey:
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized("Give a key as `Authorization: Bearer <token>`.")
    key = await keys.recognise(database, token.strip())
    if key is None:
        raise Unauthorized("The key is unknown, revoked or expired.")
    if key.role != role:
        raise Forbidden(f"This needs a key of the role `{role}`; this key has the role `{key.role}`.")
    return key
