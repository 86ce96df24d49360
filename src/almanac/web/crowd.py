"""How many requests are worked on at once, and whether that is too many: what cannot be answered soon is refused at once.

A process that is asked more than it can do would otherwise work on everything a little, and answer everybody too late.
"""

import asyncio
import contextlib
import time
from collections.abc import Generator

from almanac.errors import Unavailable

# Half of a hundred queries that PostgreSQL answers in 2 ms, and the work on them, are done within the time below.
_FEW = 64
_TICK_S = 0.02
# The loop turns once in the time that all who are at work take one step each.
_LATE_S = 0.1
_LATE_FOR_S = 1.0
_CROWDED = Unavailable("More is asked than can be answered soon; ask again.")


class Crowd:
    """Counts the requests under way. At most `most`; while the event loop lags behind, as few as keep it busy.

    A database that is slow makes many wait and no loop lag: then other requests go on as before.
    """

    def __init__(self, most: int) -> None:
        self._most, self._few = most, min(_FEW, most)
        self._under_way = 0
        self._late_until = 0.0

    def refusal(self) -> Unavailable | None:
        """What one request more gets; None if there is room for it."""
        if self._under_way < self._few or (self._under_way < self._most and time.monotonic() >= self._late_until):
            return None
        return _CROWDED

    def __enter__(self) -> None:
        self._under_way += 1

    def __exit__(self, *_: object) -> None:
        self._under_way -= 1

    @contextlib.contextmanager
    def aside(self) -> Generator[None]:
        """Do not count one who only waits, for the time of a with block."""
        self._under_way -= 1
        try:
            yield
        finally:
            self._under_way += 1

    async def watch(self) -> None:
        """Measure how late the event loop is, until cancelled."""
        while True:
            due = time.monotonic() + _TICK_S
            await asyncio.sleep(_TICK_S)
            now = time.monotonic()
            if now - due > _LATE_S:
                self._late_until = now + _LATE_FOR_S
