"""A file on its way out: whole or a part of it, by the server itself where it can, never through memory.

Source of the rules: RFC 9110 sections 13, 14 and 15.4.8 (conditions, ranges, 307), RFC 9530 (Repr-Digest). Granian sends a
whole file without Python (`http.response.pathsend`); a part is read and sent a block at a time, no faster than the reader
takes it.
"""

import asyncio
import base64
import contextlib
import re
from collections.abc import Coroutine, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO

import litestar
from litestar.response.base import ASGIResponse
from msgspec import Struct

from almanac.errors import NotFound, RangeNotSatisfiable
from almanac.store.shelf import Elsewhere
from almanac.web.held import Waiting, first

_RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))", re.ASCII)
_BLOCK_BYTES = 1 << 17
# As long as the caller has to take in a block.
_SLOW_S = 20.0
_FOR_EVER = "public, max-age=31536000, immutable"


class Stored(Struct, frozen=True, kw_only=True):
    """A file that never changes, on disk or in memory, and by what it is known."""

    source: Path | bytes
    size: int
    sha256: str
    media_type: str


class Span(Struct, frozen=True):
    """Bytes from a first one up to, without, an end."""

    first: int
    end: int


def span(header: str | None, size: int) -> Span | None:
    """The one range that a `Range` header asks for; None for the whole: no header, several ranges, or none that is one.

    Errors: RangeNotSatisfiable where the range begins beyond the end.
    """
    found = _RANGE.fullmatch(header.replace(" ", "")) if header else None
    if found is None:
        return None
    first, last, suffix = (int(part) if part else None for part in found.groups())
    if first is None:
        first, last = max(0, size - (suffix or 0)), None
        wrong = not suffix or not size
    else:
        wrong = first >= size
        if last is not None and last < first:
            return None  # no range at all, RFC 9110 14.1.1: as if it had not been asked for
    if wrong:
        raise RangeNotSatisfiable(f"The file has {size} bytes.", size)
    return Span(first, size if last is None else min(last + 1, size))


def answer(stored: Stored, headers: Mapping[str, str]) -> litestar.Response[bytes]:
    """What a request for a file gets. `headers` are its own: if-none-match, if-range, range."""
    common = _known_by(stored.sha256) | {"Cache-Control": _FOR_EVER}
    if _is_held(stored.sha256, headers):
        return litestar.Response(b"", status_code=304, headers=common)
    etag = common["ETag"]
    fresh = headers.get("if-range", etag) == etag
    wanted = span(headers.get("range"), stored.size) if fresh else None
    if wanted is None:
        return _FileResponse(stored, Span(0, stored.size), 200, common)
    said = {"Content-Range": f"bytes {wanted.first}-{wanted.end - 1}/{stored.size}"}
    return _FileResponse(stored, wanted, 206, common | said)


def elsewhere(sha256: str, where: Elsewhere, headers: Mapping[str, str]) -> litestar.Response[bytes]:
    """What a request for a file that somebody else sends gets: the address.

    307, which leaves the method as it is: an address that is signed is signed for one. Only its caller may remember it.
    """
    known = _known_by(sha256)
    if _is_held(sha256, headers):
        return litestar.Response(b"", status_code=304, headers=known | {"Cache-Control": _FOR_EVER})
    scope = "public" if where.shared else "private"
    said = {"Location": where.url, "Cache-Control": f"{scope}, max-age={where.max_age_s}"}
    return litestar.Response(b"", status_code=307, headers=known | said)


def _known_by(sha256: str) -> dict[str, str]:
    digest = base64.b64encode(bytes.fromhex(sha256)).decode()
    return {"ETag": f'"{sha256}"', "Repr-Digest": f"sha-256=:{digest}:", "Accept-Ranges": "bytes"}


def _is_held(sha256: str, headers: Mapping[str, str]) -> bool:
    held = {tag.strip().removeprefix("W/") for tag in headers.get("if-none-match", "").split(",")}
    return f'"{sha256}"' in held or "*" in held


class _FileResponse(litestar.Response[bytes]):
    def __init__(self, stored: Stored, wanted: Span, status: int, headers: dict[str, str]) -> None:
        super().__init__(b"", status_code=status, headers=headers, media_type=stored.media_type)
        self._stored, self._wanted = stored, wanted

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIResponse:
        length = self._wanted.end - self._wanted.first
        given = {**self.headers, "Content-Type": self._stored.media_type, "Content-Length": str(length)}
        lines = [(name.lower().encode(), value.encode()) for name, value in given.items()]
        return _Sending(self._stored, self._wanted, self.status_code or 200, lines)


class _Sending(ASGIResponse):
    """The ASGI application that sends it."""

    def __init__(self, stored: Stored, wanted: Span, status: int, lines: list[tuple[bytes, bytes]]) -> None:
        super().__init__(status_code=status)
        self._stored, self._wanted, self._lines = stored, wanted, lines

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send it. Errors, before anything is sent: NotFound if the file has gone; Unavailable."""
        start = {"type": "http.response.start", "status": self.status_code, "headers": self._lines}
        source, wanted = self._stored.source, self._wanted
        if isinstance(source, bytes):
            await send(start)
            await send({"type": "http.response.body", "body": source[wanted.first : wanted.end], "more_body": False})
            return
        whole = wanted == Span(0, self._stored.size)
        if whole and "http.response.pathsend" in (scope.get("extensions") or {}):
            (await _opened(source)).close()  # the server would say too late that it is not there
            await send(start)
            await send({"type": "http.response.pathsend", "path": str(source)})
            return
        with await _opened(source) as file, _place(scope):
            await send(start)
            with contextlib.suppress(TimeoutError):  # an end that was not sent as one: the server closes the connection
                # Sending to a caller who is gone does not fail, so the connection is watched from outside.
                if await first(self._blocks(file, send), asyncio.Event(), None, receive):
                    await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _blocks(self, file: BinaryIO, send: Any) -> None:
        """Send the part. Errors: TimeoutError if the caller does not read it."""
        file.seek(self._wanted.first)
        left = self._wanted.end - self._wanted.first
        while left > 0 and (block := await asyncio.to_thread(file.read, min(left, _BLOCK_BYTES))):
            left -= len(block)
            await _taken(send({"type": "http.response.body", "body": block, "more_body": True}))


async def _taken(sent: Coroutine[Any, Any, None]) -> None:
    """Wait until a message is on its way. Errors: TimeoutError."""
    # A task of its own: whoever awaits the server itself may not hear that it is cancelled.
    sending = asyncio.create_task(sent)
    try:
        if not (await asyncio.wait([sending], timeout=_SLOW_S))[0]:
            raise TimeoutError
        sending.result()
    finally:
        sending.cancel()


def _place(scope: Any) -> AbstractContextManager[None]:
    waiting: Waiting = scope["litestar_app"].state.service.waiting
    return waiting.sending(scope["state"]["caller"])


async def _opened(path: Path) -> BinaryIO:
    """A file to read. Errors: NotFound."""
    try:
        return await asyncio.to_thread(path.open, "rb")
    except FileNotFoundError:
        raise NotFound("The file is not kept any more.") from None
