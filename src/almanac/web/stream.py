"""One caller's stream of changes as Server-Sent Events (WHATWG HTML, 9.2), until the caller, the time or the process is gone.

It holds a place and a page of rows, and no database connection while it waits or writes. Whoever reads too slowly is dropped
rather than kept in memory, and goes on where it was by `Last-Event-ID`.
"""

import asyncio
import secrets
import time
from collections.abc import Sequence
from typing import Any

from litestar.response.base import ASGIResponse
from msgspec import Struct

from almanac.errors import AlmanacError, NotFound
from almanac.store.db import Record
from almanac.store.editions import At
from almanac.web.held import Asker, first
from almanac.web.patience import here
from almanac.web.reading import Service

MEDIA_TYPE = "text/event-stream"
_HEAD = [
    (b"content-type", MEDIA_TYPE.encode()),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would keep events back until it has 4 kB of them
]
_ROWS = 25
_CHUNK_BYTES = 1 << 16
_RETRY_MS = 2000
# Proxies commonly close what is silent for 30 or 60 s.
_KEEP_ALIVE_S = 15.0
# As long as the caller has to take in a page; and, when the process ends, the last word.
_SLOW_S = 20.0
_LAST_WORD_S = 1.0
# Browsers that are refused do not come again: a server that is behind is given time before it says so.
_BEHIND_S = 30.0

Page = tuple[At, Sequence[Record]]


class Chosen(Struct, frozen=True, kw_only=True):
    """Where a stream begins, and which changes it is of."""

    after: int
    kind: str | None
    company: str | None
    op: str | None

    @property
    def filters(self) -> tuple[str | None, str | None, str | None]:
        """As the query of the feed takes them."""
        return self.kind, self.company, self.op


class _Dropped(Exception):
    """The caller does not read what it is sent."""


class Stream(ASGIResponse):
    """The application that sends a stream. `only_head`: it was asked for with HEAD."""

    def __init__(self, service: Service, chosen: Chosen, *, only_head: bool) -> None:
        super().__init__(status_code=200)
        self._service, self._chosen, self._only_head = service, chosen, only_head

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send it. Errors, before anything is sent: EditionNotHere, Unavailable, TooSlow, NotFound."""
        waiting = self._service.waiting
        with waiting.streaming(scope["state"]["caller"]):
            asker = Asker(scope["state"]["caller"], receive)
            await here(self._service.editions, waiting, self._chosen.after, _BEHIND_S, asker)
            follower = _Follower(self._service, self._chosen, send)
            begun = await follower.page()
            await send({"type": "http.response.start", "status": 200, "headers": list(_HEAD)})
            try:
                if not self._only_head:
                    # Sending to a caller who is gone does not fail, so the connection is watched from outside.
                    await first(follower.run(begun), asyncio.Event(), waiting.stream_s + _SLOW_S, receive)
            except _Dropped:
                return  # an end that was not sent as one: the server closes the connection
            await send({"type": "http.response.body", "body": b"", "more_body": False})


class _Follower:
    """Where one stream is."""

    def __init__(self, service: Service, chosen: Chosen, send: Any) -> None:
        self._service, self._chosen, self._send = service, chosen, send
        self._stopping = service.waiting.stopping
        self._place = chosen.after

    async def page(self) -> Page:
        """What comes next, if there is anything. Errors: NotFound if the company is not found under this name any more."""
        at = self._service.editions.at(None, None, None)
        kind, company, op = self._chosen.filters
        if at.last_seq <= self._place and company is None:
            return at, ()
        fetch = self._service.database.fetch
        async with self._service.waiting.looking():
            rows = await fetch("changes/feed", at.edition, at.known_on, self._place, _ROWS, kind, company, op)
            if not rows and company is not None:
                found = await fetch("companies/resolve", at.edition, company)
                if len(found) != 1 or found[0]["is_merged"]:
                    raise NotFound(f"{company} is not one company.")
        return at, rows

    async def run(self, begun: Page) -> None:
        """Send changes as they come, until it is time to go; then say where to go on. Errors: _Dropped."""
        ends = time.monotonic() + self._service.waiting.stream_s
        at, rows = begun
        await self._write(f"retry: {_RETRY_MS}\n\n".encode())
        try:
            while True:
                await self._tell(rows)
                if len(rows) < _ROWS and not self._stopping.is_set():
                    self._place = max(self._place, at.last_seq)
                    await self._wait(at.edition + 1, ends)
                if self._stopping.is_set() or time.monotonic() >= ends:
                    break
                at, rows = await self.page()
        except AlmanacError:
            pass  # who comes again is told what is wrong
        await self._leave()

    async def _tell(self, rows: Sequence[Record]) -> None:
        """Send changes, a few at a time; the place is always that of the last one that was sent."""
        text = b""
        for number, row in enumerate(rows, 1):
            # A body is JSON on one line, as the feed has it.
            text += b"id: %d\nevent: change\ndata: %b\n\n" % (row["seq"], row["body"])
            if len(text) >= _CHUNK_BYTES or number == len(rows):
                if self._stopping.is_set():
                    return
                await self._write(text)
                text, self._place = b"", row["seq"]

    async def _wait(self, edition: int, ends: float) -> None:
        """Wait for an edition, with a sign of life now and then, which also says how far the stream has got."""
        while (left := ends - time.monotonic()) > 0 and not self._stopping.is_set():
            reached = self._service.editions.reached(edition)
            if await first(reached, self._stopping, min(left, _KEEP_ALIVE_S), None):
                return
            if left > _KEEP_ALIVE_S and not self._stopping.is_set():
                await self._write(f": edition {edition - 1}\nid: {self._place}\n\n".encode())

    async def _write(self, text: bytes) -> None:
        """Send a text whole, or nothing more for ever: what may have been sent in part must not be followed by a place."""
        message = {"type": "http.response.body", "body": text, "more_body": True}
        sending = asyncio.create_task(self._send(message))
        try:
            await first(_ended(sending), self._stopping, _SLOW_S, None)
            if not sending.done():
                await asyncio.wait([sending], timeout=_LAST_WORD_S)
            if not sending.done():
                raise _Dropped
            sending.result()
        finally:
            sending.cancel()

    async def _leave(self) -> None:
        """Tell the caller to come again, not all at once."""
        retry = 500 + secrets.randbelow(_RETRY_MS)
        text = f'retry: {retry}\nid: {self._place}\nevent: reconnect\ndata: {{"after":{self._place}}}\n\n'
        await self._write(text.encode())


async def _ended(task: "asyncio.Task[None]") -> None:
    await asyncio.wait([task])
