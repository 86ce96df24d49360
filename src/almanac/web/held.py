"""Requests that are held until something is published: a bounded number, without a database connection, let go in time.

What is held is counted in the coroutine that answers it, never in a generator: one that is not begun never ends.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from msgspec import Struct

from almanac.errors import Unavailable
from almanac.settings import Settings
from almanac.web.crowd import Crowd

Receive = Callable[[], Awaitable[Any]]

# One caller gets one place in so many, and a second one where there are few.
_SHARE = 10
_LEAST = 2
_AGAIN_S = 0.05


class Asker(Struct, frozen=True):
    """Who asks: a key or a network, which its places are counted for, and what tells that it is gone; None: nobody looks."""

    caller: str
    receive: Receive | None = None


class Places:
    """So many may be in there at once, and a tenth of them for one caller. `taken` are."""

    def __init__(self, most: int, what: str) -> None:
        self._most, self._what = most, what
        self._each = max(_LEAST, most // _SHARE)
        self._of = Counter[str]()
        self.taken = 0

    @contextlib.contextmanager
    def one(self, caller: str) -> Generator[None]:
        """A place for the time of a with block. Errors: Unavailable if none is free, or none more for this caller."""
        if self.taken >= self._most:
            raise Unavailable(f"As many {self._what} as may at once; ask again a little later.")
        if self._of[caller] >= self._each:
            told = f"As many {self._what} as may at once for one key, or one network without a key"
            raise Unavailable(f"{told}: {self._each}. Let one of them end, then ask again.")
        self.taken += 1
        self._of[caller] += 1
        try:
            yield
        finally:
            self.taken -= 1
            self._of[caller] -= 1
            if not self._of[caller]:
                del self._of[caller]


class Waiting:
    """Holds requests and streams. `stop` lets all of them go. `stream_s`: seconds that a stream may last."""

    def __init__(self, settings: Settings, crowd: Crowd) -> None:
        self._crowd = crowd
        self._places = Places(settings.waiters_max, "requests wait for a publish")
        self.streams = Places(settings.streams_max, "streams are open")
        # Those who send or take in as slowly as they like do no work: they are no reason to refuse others.
        self._bodies = Places(settings.max_under_way, "bodies of requests arrive")
        self._parts = Places(settings.max_under_way, "parts of files are sent")
        self._longest_s = settings.wait_max_ms / 1000
        self.stream_s = settings.stream_max_ms / 1000
        self.stopping = asyncio.Event()
        # A publish wakes everybody who waits; those who have to look do so one after another, and others read meanwhile.
        self._looks = asyncio.Semaphore(2)

    def streaming(self, caller: str) -> AbstractContextManager[None]:
        """A place among the streams. Errors: Unavailable if none is free."""
        return self._aside(self.streams, caller)

    def sending(self, caller: str) -> AbstractContextManager[None]:
        """A place among those who are sent a part of a file. Errors: Unavailable if none is free."""
        return self._aside(self._parts, caller)

    def arriving(self, caller: str) -> AbstractContextManager[None]:
        """A place among those whose bodies are on their way. Errors: Unavailable if none is free."""
        return self._aside(self._bodies, caller)

    @contextlib.contextmanager
    def _aside(self, places: Places, caller: str) -> Generator[None]:
        with places.one(caller), self._crowd.aside():
            yield

    @property
    def held(self) -> int:
        """How many requests are held."""
        return self._places.taken

    def stop(self) -> None:
        """Let go of everybody, now and from now on: the process is to end."""
        self.stopping.set()

    @contextlib.asynccontextmanager
    async def looking(self) -> AsyncGenerator[None]:
        """A turn to ask the database what a publish brought."""
        async with self._looks:
            yield

    async def hold(self, until: Coroutine[Any, Any, None], most_s: float, asker: Asker) -> None:
        """Come back when `until` does, the time is over, the caller is gone or the process is to stop.

        Errors: Unavailable if as many are held as may be; whatever `until` raises.
        """
        try:
            with self._aside(self._places, asker.caller):
                await first(until, self.stopping, min(most_s, self._longest_s), asker.receive)
        finally:
            until.close()  # one that was never begun would be missed


async def first(
    until: Coroutine[Any, Any, None], stopping: asyncio.Event, most_s: float | None, receive: Receive | None
) -> bool:
    """Whether `until` came back before the time was over, the caller gone, or the process to stop."""
    wanted = asyncio.create_task(until)
    tasks: list[asyncio.Task[Any]] = [wanted, asyncio.create_task(stopping.wait())]
    if receive is not None:
        tasks.append(asyncio.create_task(gone(receive)))
    try:
        await asyncio.wait(tasks, timeout=most_s, return_when=asyncio.FIRST_COMPLETED)
        if wanted.done():
            wanted.result()
        return wanted.done()
    finally:
        await _ended(tasks)


async def _ended(tasks: Sequence["asyncio.Task[Any]"]) -> None:
    """End tasks. One that awaits the server itself may not hear that it is cancelled: so it is told again."""
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=_AGAIN_S)
    await asyncio.gather(*tasks, return_exceptions=True)


async def gone(receive: Receive) -> None:
    """Come back when the caller has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass
