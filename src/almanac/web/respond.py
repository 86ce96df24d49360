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
from almanac.web.coding import packed, wanted
from almanac.web.operation import (
    LICENCE,
    Answer,
    Call,
    FeedMeta,
    Handler,
    MovedAnswer,
    MovedMeta,
    Operation,
    PageMeta,
    ReadMeta,
)
from almanac.web.reading import Read, Request, Service, understood
from almanac.web.rendered import Rendered
from almanac.web.represent import CSV, JSON
from almanac.web.wire import ALWAYS, Head, head

Headers = list[tuple[str, str]]

_MOVING = "public, max-age=60, stale-while-revalidate=600, stale-if-error=86400"
_PINNED = "public, max-age=31536000, immutable"
# Larger answers are written in a thread, while others are answered.
_QUICK_ROWS = 100
_QUICK_BYTES = 1 << 16
# A whole list may be some 10 MB as rows and as much as bytes: few are held at a time, and none waits for long.
_PATIENCE_S = 5


class Place(Struct, frozen=True, kw_only=True):
    """Where an answer is: the key that it is kept under, its tag, and the headers that do not depend on what it says."""

    operation_id: str
    key: str
    etag: str
    head: Head


class Finished(Struct, frozen=True, array_like=True):
    """An answer as it is kept: the headers that depend on what it says, and the bytes."""

    head: list[tuple[bytes, bytes]]
    body: bytes


class Response(Struct, frozen=True, kw_only=True):
    """An HTTP answer to a read. `place` is where it is found again, None for what is not kept.

    `head` is known without the answer, `found` comes with it.
    """

    status: int
    head: Head
    found: Head = ()
    body: bytes
    cache: str = "none"
    place: Place | None = None


async def respond(operation: Operation, service: Service, request: Request) -> Response:
    """Answer a read. Errors: whatever the parser, the time or the handler refuses."""
    read = await understood(operation, service, request)
    response = await _answered(read, request)
    # The same request again has to wait again, so where its answer is must not be remembered.
    return msgspec.structs.replace(response, place=None) if read.waited else response


async def _answered(read: Read, request: Request) -> Response:
    coding = "" if read.form.packed else wanted(request.headers.get("accept-encoding", ""))
    place = _place(read, coding)
    condition = request.headers.get("if-none-match", "")
    if fresh(condition, place.etag):
        return not_modified(place)
    try:
        found, layer = await _finished(read, place, coding)
    except Moved as moved:
        return _moved(moved, read)
    if condition.strip() == "*":  # true of whatever is there, so it had to be found first
        return not_modified(place, layer)
    return ok(place, found, layer)


def ok(place: Place, found: Finished, layer: str) -> Response:
    """The answer that is kept at a place."""
    return Response(status=200, head=place.head, found=found.head, body=found.body, cache=layer, place=place)


def not_modified(place: Place, layer: str = "condition") -> Response:
    """What the caller holds is still right."""
    return Response(status=304, head=place.head, body=b"", cache=layer, place=place)


def fresh(condition: str, etag: str) -> bool:
    """Whether `If-None-Match` holds this answer (RFC 9110 13.1.2, weak comparison)."""
    return condition == etag or etag in (tag.strip().removeprefix("W/") for tag in condition.split(","))


def _place(read: Read, coding: str) -> Place:
    address, form, at = read.address, read.form, read.at
    # The instant tells this store's edition from the same number in another store behind the same Redis.
    instant = at.published_at.isoformat() if at.published_at else ""
    values = encode(address.values).decode()
    store = f"{read.service.revision}:{read.service.origin}:{instant}:{at.edition}:{at.known_on}"
    named = f"{store}:{form.suffix}:{coding}:{address.suffix}:{address.path}:{values}"
    digest = hashlib.blake2b(named.encode(), digest_size=16).hexdigest()
    etag = f'"{digest}"'
    headers = _headers(read, etag)
    return Place(operation_id=read.operation.id, key=digest, etag=etag, head=[*head(headers), *ALWAYS])


async def _finished(read: Read, place: Place, coding: str) -> tuple[Finished, str]:
    """The answer, from wherever it is kept. Both the bytes and what a coding makes of them are made once."""
    cache = read.service.cache
    if not coding:
        return await cache.get(place.key, Finished, lambda: _load(read))

    async def load() -> Finished:
        plain, _ = await cache.get(_place(read, "").key, Finished, lambda: _load(read))
        quick = len(plain.body) <= _QUICK_BYTES
        body = packed(plain.body, coding) if quick else await asyncio.to_thread(packed, plain.body, coding)
        said = [(name, value) for name, value in plain.head if name != b"content-length"]
        return Finished([*said, *head([("Content-Encoding", coding), ("Content-Length", str(len(body)))])], body)

    return await cache.get(place.key, Finished, load)


async def _load(read: Read) -> Finished:
    """The answer, made."""
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
    if not read.whole:
        return await _made(read, call)
    async with _turn(read.service.whole_lists):
        return await _made(read, call)


@contextlib.asynccontextmanager
async def _turn(places: asyncio.Semaphore) -> AsyncGenerator[None]:
    """A place among the whole lists that are made at once. Errors: Unavailable if none is free for long."""
    try:
        await asyncio.wait_for(places.acquire(), _PATIENCE_S)
    except TimeoutError:
        raise Unavailable("As many whole lists are being made as are made at once; ask again, or take pages.") from None
    try:
        yield
    finally:
        places.release()


async def _made(read: Read, call: Call) -> Finished:
    """Ask the handler, and write what it found."""
    operation, at = read.operation, read.at
    handle = operation.table.handle if operation.table and read.form.tabular else operation.handle
    answer = await _found(read, call, handle)
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
    return Finished(list(head(_said(read, following, rows, len(body)))), body)


async def _found(read: Read, call: Call, handle: Handler) -> Answer:
    """What the handler finds. About a company it is kept for as long as no edition says something else of that company."""
    company: str | None = getattr(read.params, "company", None)
    if company is None or ":" in company or read.at.pinned:  # an identifier may come to stand on another company
        return await handle(call)
    service, address = read.service, read.address
    edition = service.editions.of_company(company)
    if edition > read.at.edition:  # it came while this read was under way, and rests on the one before
        return await handle(call)
    about = service.editions.at(edition, None, None)
    asked = encode([address.path, address.values, read.form.tabular, call.limit]).decode()
    named = f"{service.revision}:{about.published_at}:{about.edition}:{asked}"
    key = hashlib.blake2b(named.encode(), digest_size=16).hexdigest()
    answer, _ = await service.cache.within(f"of-company:{key}", Answer, lambda: handle(call))
    return answer


def _said(read: Read, following: tuple[str, str] | None, rows: int | None, size: int) -> Headers:
    """Headers that depend on what the answer says."""
    address, form = read.address, read.form
    name = f"{address.name}{'' if read.whole else '-page'}{form.suffix}"
    return [
        ("Link", f'<{address.following(*following)}>; rel="next"' if following else ""),
        ("X-Total-Count", "" if rows is None else str(rows)),
        ("Content-Disposition", f'attachment; filename="{name}"' if form.saved else ""),
        ("Content-Type", form.content_type),
        ("Content-Length", str(size)),
    ]


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
    content = encode(body)
    return Response(status=308, head=[*head([*headers, ("Content-Length", str(len(content)))]), *ALWAYS], body=content)


def _time(at: At) -> dict[str, Any]:
    return {"edition": at.edition, "published_at": at.published_at, "known_on": at.known_on, "licence": LICENCE}


def _headers(read: Read, etag: str) -> Headers:
    pinned = (read.at.pinned or "cursor" in read.address.values) and not read.operation.of_release
    # Whoever kept the answer to one who waited would give it to the next without waiting.
    moving = "no-store" if read.waited else _MOVING
    links = [f'<{read.address.permalink()}>; rel="permalink"']
    if read.form is CSV:
        links.append(f'<{read.address.permalink(".metadata.json")}>; rel="describedby"')
    return [
        ("ETag", etag),
        ("Cache-Control", _PINNED if pinned else moving),
        ("Vary", "Accept, Accept-Encoding"),
        *_time_headers(read.at),
        ("Link", ", ".join(links)),
    ]


def _time_headers(at: At) -> Headers:
    return [("Almanac-Edition", str(at.edition)), ("Almanac-Known-On", str(at.known_on) if at.known_on else "")]
