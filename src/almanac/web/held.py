"""Requests that are held until something is published: a bounded number, without a database connection, let go in time.

What is held is counted in the coroutine that answers it, never in a generator: one that is not begun never ends.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator
from typing import Any

from almanac.errors import Unavailable
from almanac.settings import Settings
from almanac.web.crowd import Crowd

Receive = Callable[[], Awaitable[Any]]


class Places:
    """So many may be in there at once. `taken` are."""

    def __init__(self, most: int, what: str) -> None:
        self._most, self._what = most, what
        self.taken = 0

    @contextlib.contextmanager
    def one(self) -> Generator[None]:
        """A place for the time of a with block. Errors: Unavailable if none is free."""
        if self.taken >= self._most:
            raise Unavailable(f"As many {self._what} as may be; ask again a little later, or read page by page.")
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


class Waiting:
    """Holds requests and streams. `stop` lets all of them go. `stream_s`: seconds that a stream may last."""

    def __init__(self, settings: Settings, crowd: Crowd) -> None:
        self._crowd = crowd
        self._places = Places(settings.waiters_max, "requests wait for a publish")
        self.streams = Places(settings.streams_max, "streams are open")
        self._longest_s = settings.wait_max_ms / 1000
        self.stream_s = settings.stream_max_ms / 1000
        self.stopping = asyncio.Event()
        # A publish wakes everybody who waits; those who have to look do so one after another, and others read meanwhile.
        self._looks = asyncio.Semaphore(2)

    @contextlib.contextmanager
    def streaming(self) -> Generator[None]:
        """A place among the streams. Errors: Unavailable if none is free."""
        with self.streams.one(), self._crowd.aside():
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

    async def hold(self, until: Coroutine[Any, Any, None], most_s: float, receive: Receive | None) -> None:
        """Come back when `until` does, the time is over, the caller is gone or the process is to stop.

        Errors: Unavailable if as many are held as may be; whatever `until` raises.
        """
        try:
            with self._places.one(), self._crowd.aside():
                await first(until, self.stopping, min(most_s, self._longest_s), receive)
        finally:
            until.close()  # one that was never begun would be missed


async def first(
    until: Coroutine[Any, Any, None], stopping: asyncio.Event, most_s: float, receive: Receive | None
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
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def gone(receive: Receive) -> None:
    """Come back when the caller has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass
