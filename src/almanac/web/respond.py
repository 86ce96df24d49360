"""One read from request to response: parse, resolve time, answer a condition, ask the cache, ask the handler."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from msgspec import UNSET, Struct

from almanac import cursor
from almanac.errors import Conflicting, Fault, Moved
from almanac.kind import Kind
from almanac.model import encode
from almanac.store.cache import Cache
from almanac.store.db import Database
from almanac.store.editions import At, Editions
from almanac.web.operation import (
    LICENCE,
    Answer,
    Call,
    FeedMeta,
    MovedAnswer,
    MovedMeta,
    Operation,
    PageMeta,
    ReadMeta,
)
from almanac.web.params import parse_path, parse_query
from almanac.web.represent import Representation, choose

Headers = list[tuple[str, str]]

_MOVING = "public, max-age=60, stale-while-revalidate=600, stale-if-error=86400"
_PINNED = "public, max-age=31536000, immutable"


class Service(Struct, frozen=True, kw_only=True):
    """What reads need: the store, the cache, the editions, the kinds, and the revision of the contract."""

    database: Database
    cache: Cache
    editions: Editions
    kinds: Sequence[Kind]
    revision: str


class Response(Struct, frozen=True, kw_only=True):
    """An HTTP answer."""

    status: int
    headers: Headers
    body: bytes
    cache: str = "none"


class _Stored(Struct, frozen=True, array_like=True):
    next_cursor: str | None
    body: bytes


async def respond(
    operation: Operation, service: Service, path: Mapping[str, str], raw_query: bytes, headers: Mapping[str, str]
) -> Response:
    """Answer a read. Errors: whatever the parser, the time or the handler refuses."""
    form = choose(headers.get("accept"))
    params = parse_path(operation.params, path)
    query: Any = parse_query(operation.query, raw_query)
    at, after = await _resolve(service, query)
    values = _given(query)
    url = _url(operation, params)
    # The instant tells this store's edition from the same number in another store behind the same Redis.
    instant = at.published_at.isoformat() if at.published_at else ""
    key = f"{service.revision}:{instant}:{at.edition}:{at.known_on}:{form.media_type}:{url}:{encode(values).decode()}"
    etag = f'"{hashlib.blake2b(key.encode(), digest_size=16).hexdigest()}"'
    pinned = (at.pinned or "cursor" in values) and not operation.of_release
    common = _headers(at, etag, url, values, pinned=pinned)
    condition = headers.get("if-none-match")
    if _fresh(condition, etag):
        return Response(status=304, headers=common, body=b"", cache="condition")

    async def load() -> bytes:
        call = Call(database=service.database, kinds=service.kinds, at=at, path=params, query=query, after=after)
        return _store(operation, await operation.handle(call), at, form)

    try:
        stored, layer = await service.cache.get(key, load)
    except Moved as moved:
        return _moved(moved, operation, params, values, at)
    if condition is not None and condition.strip() == "*":  # true of whatever is there, so it had to be found first
        return Response(status=304, headers=common, body=b"", cache=layer)
    found = msgspec.msgpack.decode(stored, type=_Stored)
    if found.next_cursor is not None:
        common.append(("Link", f'<{url}?{urlencode({**values, "cursor": found.next_cursor})}>; rel="next"'))
    common.append(("Content-Type", form.media_type))
    return Response(status=200, headers=common, body=found.body, cache=layer)


async def _resolve(service: Service, query: Any) -> tuple[At, int | None]:
    """The time that a query asks for, and the anchor of its cursor."""
    edition, as_of, known_on = (
        None if (value := getattr(query, name, UNSET)) is UNSET else value for name in ("edition", "as_of", "known_on")
    )
    if edition is not None and as_of is not None:
        faults = [Fault(parameter=name, detail="give either `edition` or `as_of`") for name in ("edition", "as_of")]
        raise Conflicting("`edition` and `as_of` are two ways to say one thing.", faults)
    text: Any = getattr(query, "cursor", UNSET)
    place = None if text is UNSET else cursor.decode(text)
    named = (edition, getattr(query, "from_", None), getattr(query, "to", None), place.edition if place else None)
    if any(isinstance(one, int) and one > service.editions.newest for one in named):
        await service.editions.refresh()  # another process may have told the caller of a newer edition
    at = service.editions.at(edition, as_of, known_on)
    if place is None:
        return at, None
    asked = edition is not None or as_of is not None
    if (asked and place.edition != at.edition) or (known_on is not None and place.known_on != known_on):
        fault = Fault(parameter="cursor", value=str(text), detail=f"belongs to a walk of edition {place.edition}")
        raise Conflicting("The cursor belongs to another edition or date than the one asked for.", [fault])
    return service.editions.at(place.edition, None, place.known_on), place.anchor


def _moved(moved: Moved, operation: Operation, params: Struct, values: Mapping[str, Any], at: At) -> Response:
    """The same URL about the company that the one asked for was merged into."""
    if "company" in params.__struct_fields__:
        params = msgspec.structs.replace(params, company=moved.into)
    else:
        values = {**values, "company": moved.into}
    url = _url(operation, params)
    body = MovedAnswer(data=None, meta=MovedMeta(**_time(at), merged_into=moved.into))
    headers = [
        ("Location", f"{url}?{urlencode(values)}" if values else url),
        # An editor may undo a merge, so only what is pinned is kept for long.
        ("Cache-Control", _PINNED if at.pinned else _MOVING),
        ("Vary", "Accept, Accept-Encoding"),
        *_time_headers(at),
        ("Content-Type", "application/json"),
    ]
    return Response(status=308, headers=headers, body=encode(body))


def _time(at: At) -> dict[str, Any]:
    return {"edition": at.edition, "published_at": at.published_at, "known_on": at.known_on, "licence": LICENCE}


def _store(operation: Operation, answer: Answer, at: At, form: Representation) -> bytes:
    time = _time(at)
    following = None
    if operation.meta is PageMeta and answer.anchor is not None:
        following = cursor.encode(at.edition, at.known_on, answer.anchor)
    more: dict[str, Any] = {
        ReadMeta: {},
        PageMeta: {"next_cursor": following},
        FeedMeta: {"next_after": answer.anchor, "up_to_date": not answer.more},
    }[operation.meta]
    return msgspec.msgpack.encode(_Stored(following, form.write(answer, operation.meta(**time, **more))))


def _headers(at: At, etag: str, url: str, values: Mapping[str, Any], *, pinned: bool) -> Headers:
    pins = {"edition": at.edition} | ({"known_on": at.known_on} if at.known_on else {})
    pins |= {name: value for name, value in values.items() if name not in ("edition", "as_of", "known_on")}
    return [
        ("ETag", etag),
        ("Cache-Control", _PINNED if pinned else _MOVING),
        ("Vary", "Accept, Accept-Encoding"),
        *_time_headers(at),
        ("Link", f'<{url}?{urlencode(pins)}>; rel="permalink"'),
    ]


def _time_headers(at: At) -> Headers:
    return [("Almanac-Edition", str(at.edition)), ("Almanac-Known-On", str(at.known_on) if at.known_on else "")]


def _given(query: Struct) -> dict[str, Any]:
    """Parameters that were given, as text, in the order of the contract."""
    pairs = zip(query.__struct_encode_fields__, (getattr(query, f) for f in query.__struct_fields__), strict=True)
    defaults = query.__struct_defaults__
    names = query.__struct_encode_fields__[len(query.__struct_fields__) - len(defaults) :]
    default = dict(zip(names, defaults, strict=True))
    return {
        name: str(msgspec.to_builtins(value))
        for name, value in pairs
        if value is not UNSET and value != default.get(name)
    }


def _url(operation: Operation, params: Struct) -> str:
    url = operation.path
    for name in params.__struct_fields__:
        url = url.replace("{" + name + "}", quote(str(getattr(params, name)), safe=":"))
    return url


def _fresh(condition: str | None, etag: str) -> bool:
    """Whether `If-None-Match` holds this answer (RFC 9110 13.1.2, weak comparison)."""
    if condition is None:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in condition.split(",")}
    return etag in tags
