"""Requests that were answered: counted, and told to the log, many at once a little later.

Every answer pays for what is done for it alone; the same work on many in a row costs less than half.
"""

import asyncio
import time
from bisect import bisect_left

from almanac import events

BOUNDS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
"""Seconds: from what memory answers to what a query may take."""

_MOST = 64
_WITHIN_S = 0.02
# The loop that was to settle has ended, or lags.
_LATE_S = 0.1

Done = tuple[float, str, str, int, float, str, int, bytes]
"""When it ended (perf_counter), operation, method, status, seconds, cache, bytes, request id.

Each can be encoded: one that could not would take the lines of the others along.
"""


class Answered:
    """What one process has answered."""

    def __init__(self) -> None:
        self._held: list[Done] = []
        self._later: asyncio.TimerHandle | None = None
        self._counted: dict[tuple[str, int, str], list[float]] = {}

    def add(self, done: Done) -> None:
        """Take one in."""
        held = self._held
        held.append(done)
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(_WITHIN_S, self.settle)
        elif len(held) >= _MOST or done[0] - held[0][0] > _LATE_S:
            self.settle()

    def settle(self) -> None:
        """Count and log what was taken in."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        held, self._held = self._held, []
        if held:
            # One look at the clock of the day for all.
            epoch_s = time.time() - time.perf_counter()
            events.emit_all([(self._told(done), epoch_s + done[0]) for done in held])

    def counted(self) -> dict[tuple[str, int, str], list[float]]:
        """By operation, status and cache: how many within each of `BOUNDS`, how many beyond, and their seconds together."""
        self.settle()
        return self._counted

    def _told(self, done: Done) -> events.RequestDone:
        _, operation_id, method, status, seconds, cache, size, request_id = done
        key = operation_id, status, cache
        held = self._counted.get(key)
        if held is None:
            held = self._counted[key] = [0.0] * (len(BOUNDS) + 2)
        held[bisect_left(BOUNDS, seconds)] += 1
        held[-1] += seconds
        return events.RequestDone(
            operation_id=operation_id,
            method=method,
            status=status,
            duration_ms=round(seconds * 1000, 3),
            cache=cache,
            bytes=size,
            request_id=request_id.decode(),
        )


answered = Answered()
"""Of this process. Who ends it settles: a worker's `atexit` does not run."""
