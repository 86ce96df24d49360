"""Answers of somebody slow, kept for a while: whoever asks meanwhile waits for the question that is under way."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


def _one(_: object) -> int:
    return 1


def _told(task: asyncio.Task[Any]) -> None:
    """Look at an error that perhaps nobody waits for any more."""
    if not task.cancelled():
        task.exception()


class Recent(Generic[T]):
    """Answers by key. `room` bounds what they weigh together: what was used longest ago goes. No error is kept."""

    def __init__(self, room: int, weigh: Callable[[T], int] = _one) -> None:
        self._room, self._weigh = room, weigh
        self._held: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()
        self._weight = 0
        self._asked: dict[Hashable, asyncio.Task[T]] = {}

    def known(self, key: Hashable) -> T | None:
        """The answer, if it is still good."""
        until, value = self._held.get(key, (0.0, None))
        if time.monotonic() >= until:
            return None
        self._held.move_to_end(key)
        return value

    def learn(self, key: Hashable, value: T, keep_s: float) -> None:
        """Keep an answer for so many seconds."""
        self._forget(key)
        self._held[key] = (time.monotonic() + keep_s, value)
        self._weight += self._weigh(value)
        while self._weight > self._room:
            self._forget(next(iter(self._held)))

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[T]], keep_s: Callable[[T], float]) -> T:
        """The answer: known, or asked for now. Errors: those of `ask`, for all who wait for it."""
        if (value := self.known(key)) is not None:
            return value
        task = self._asked.get(key)
        if task is None:
            # A task of its own: whoever asked first may hang up, and others wait.
            task = self._asked[key] = asyncio.create_task(self._ask(key, ask, keep_s))
            task.add_done_callback(_told)
        return await asyncio.shield(task)

    async def _ask(self, key: Hashable, ask: Callable[[], Awaitable[T]], keep_s: Callable[[T], float]) -> T:
        try:
            value = await ask()
            self.learn(key, value, keep_s(value))
            return value
        finally:
            del self._asked[key]

    def _forget(self, key: Hashable) -> None:
        _, value = self._held.pop(key, (0.0, None))
        if value is not None:
            self._weight -= self._weigh(value)
