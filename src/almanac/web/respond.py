"""One read from request to response: parse, resolve time, answer a condition, ask the cache, ask the handler."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncGenerator
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from almanac import cursor
from almanac.errors import AnswerTooLarge, Moved, Unavailable
from almanac.model import encode
from almanac.store.editions import At
from almanac.web.address import path_of
from almanac.web.citation import cite
from almanac.web.operation import (
    LICENCE,
    Call,
    FeedMeta,
    MovedAnswer,
    MovedMeta,
    Operation,
    PageMeta,
    ReadMeta,
)
from almanac.web.reading import Read, Request, Service, understood
from almanac.web.rendered import Rendered
from almanac.web.represent import CSV, JSON

Headers = list[tuple[str, str]]

_MOVING = "public, max-age=60, stale-while-revalidate=600, stale-if-error=86400"
_PINNED = "public, max-age=31536000, immutable"
# Larger answers are written in a thread, while others are answered.
_QUICK_ROWS = 100
# A whole list may be some 10 MB as rows and as much as bytes: few are held at a time, and none waits for long.
_PATIENCE_S = 5


class Response(Struct, frozen=True, kw_only=True):
    """An HTTP answer."""

    status: int
    headers: Headers
    body: bytes
    cache: str = "none"


class _Stored(Struct, frozen=True, array_like=True):
    following: tuple[str, str] | None
    rows: int | None
    body: bytes


async def respond(operation: Operation, service: Service, request: Request) -> Response:
    """Answer a read. Errors: whatever the parser, the time or the handler refuses."""
    read = await understood(operation, service, request)
    address, form, at = read.address, read.form, read.at
    # The instant tells this store's edition from the same number in another store behind the same Redis.
    instant = at.published_at.isoformat() if at.published_at else ""
    values = encode(address.values).decode()
    store = f"{service.revision}:{service.origin}:{instant}:{at.edition}:{at.known_on}"
    key = f"{store}:{form.suffix}:{address.suffix}:{address.path}:{values}"
    etag = f'"{hashlib.blake2b(key.encode(), digest_size=16).hexdigest()}"'
    common = _headers(read, etag)
    condition = request.headers.get("if-none-match")
    if _fresh(condition, etag):
        return Response(status=304, headers=common, body=b"", cache="condition")
    try:
        stored, layer = await service.cache.get(key, lambda: _load(read))
    except Moved as moved:
        return _moved(moved, read)
    if condition is not None and condition.strip() == "*":  # true of whatever is there, so it had to be found first
        return Response(status=304, headers=common, body=b"", cache=layer)
    found = msgspec.msgpack.decode(stored, type=_Stored)
    if found.following is not None:
        common.append(("Link", f'<{address.following(*found.following)}>; rel="next"'))
    if found.rows is not None:
        common.append(("X-Total-Count", str(found.rows)))
    if form.saved:
        common.append(
            (
                "Content-Disposition",
                f'attachment; filename="{address.name}{"" if read.whole else "-page"}{form.suffix}"',
            )
        )
    common.append(("Content-Type", form.content_type))
    return Response(status=200, headers=common, body=found.body, cache=layer)


async def _load(read: Read) -> bytes:
    """The answer as it is stored."""
    asked: Any = getattr(read.query, "limit", UNSET)
    most = read.service.list_max_rows
    page: int = asked if asked is not UNSET else getattr(read.operation.query, "default_limit", most)
    call = Call(
        database=read.service.database,
        kinds=read.service.kinds,
        at=read.at,
        path=read.params,
        query=read.query,
        after=read.after,
        limit=most if read.whole else page,
        whole=read.whole,
    )
    async with _place(read):
        return await _made(read, call)


@contextlib.asynccontextmanager
async def _place(read: Read) -> AsyncGenerator[None]:
    """A place among the whole lists that are made at once. Errors: Unavailable if none is free for long."""
    if not read.whole:
        yield
        return
    places = read.service.whole_lists
    try:
        await asyncio.wait_for(places.acquire(), _PATIENCE_S)
    except TimeoutError:
        raise Unavailable("As many whole lists are being made as are made at once; ask again, or take pages.") from None
    try:
        yield
    finally:
        places.release()


async def _made(read: Read, call: Call) -> bytes:
    """Ask the handler, and write what it found."""
    operation, at = read.operation, read.at
    handle = operation.table.handle if operation.table and read.form.tabular else operation.handle
    answer = await handle(call)
    if read.whole and answer.more:
        pages = (
            "take pages with `limit`" if "limit" in operation.query.__struct_fields__ else "take a list of it in pages"
        )
        raise AnswerTooLarge(
            f"The whole list has more than {call.limit} rows. Narrow it, {pages}, or take the files of `/v1/bulk/latest.json`."
        )
    following: tuple[str, str] | None = None
    if answer.more and operation.meta is PageMeta and answer.anchor is not None:
        following = "cursor", cursor.encode(at.edition, at.known_on, answer.anchor)
    elif answer.more and operation.meta is FeedMeta:
        following = "after", str(answer.anchor)
    more: dict[str, Any] = {
        ReadMeta: {},
        PageMeta: {"next_cursor": following[1] if following else None},
        FeedMeta: {"next_after": answer.anchor, "up_to_date": not answer.more, "oldest_seq": 1},
    }[operation.meta]
    citation = cite(operation, answer, read.address, read.service.kinds)
    rendered = Rendered(
        operation=operation,
        kinds=read.service.kinds,
        answer=answer,
        meta=operation.meta(**_time(at), citation=citation.text, **more),
        citation=citation,
        address=read.address,
        whole=read.whole,
    )
    rows = len(answer.rows) if read.whole and answer.rows is not None else None
    if read.form is JSON or len(answer.rows or ()) <= _QUICK_ROWS:
        body = read.form.write(rendered)
    else:
        body = await asyncio.to_thread(read.form.write, rendered)
    return msgspec.msgpack.encode(_Stored(following, rows, body))


def _moved(moved: Moved, read: Read) -> Response:
    """The same URL about the company that the one asked for was merged into."""
    address, params, at = read.address, read.params, read.at
    if "company" in params.__struct_fields__:
        params = msgspec.structs.replace(params, company=moved.into)
        address = msgspec.structs.replace(address, path=path_of(read.operation.path, params))
    else:
        address = msgspec.structs.replace(address, values={**address.values, "company": moved.into})
    citation = f"{moved.company} was merged into {moved.into}. In: Almanac, edition {at.edition}. {address.cited()}"
    body = MovedAnswer(data=None, meta=MovedMeta(**_time(at), citation=citation, merged_into=moved.into))
    headers = [
        ("Location", address.asked),
        # An editor may undo a merge, so only what is pinned is kept for long.
        ("Cache-Control", _PINNED if at.pinned else _MOVING),
        ("Vary", "Accept, Accept-Encoding"),
        *_time_headers(at),
        ("Content-Type", "application/json"),
    ]
    return Response(status=308, headers=headers, body=encode(body))


def _time(at: At) -> dict[str, Any]:
    return {"edition": at.edition, "published_at": at.published_at, "known_on": at.known_on, "licence": LICENCE}


def _headers(read: Read, etag: str) -> Headers:
    pinned = (read.at.pinned or "cursor" in read.address.values) and not read.operation.of_release
    links = [f'<{read.address.permalink()}>; rel="permalink"']
    if read.form is CSV:
        links.append(f'<{read.address.permalink(".metadata.json")}>; rel="describedby"')
    return [
        ("ETag", etag),
        ("Cache-Control", _PINNED if pinned else _MOVING),
        ("Vary", "Accept, Accept-Encoding"),
        *_time_headers(read.at),
        ("Link", ", ".join(links)),
    ]


def _time_headers(at: At) -> Headers:
    return [("Almanac-Edition", str(at.edition)), ("Almanac-Known-On", str(at.known_on) if at.known_on else "")]


def _fresh(condition: str | None, etag: str) -> bool:
    """Whether `If-None-Match` holds this answer (RFC 9110 13.1.2, weak comparison)."""
    if condition is None:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in condition.split(",")}
    return etag in tags
