"""Redis as a store of bytes: what is not there, not in time or not as it was written is a miss.

Reads that come while one is under way go together: a command a read costs more than what it carries.
"""

import asyncio
import hashlib
import time
from collections.abc import Coroutine

from almanac import events
from almanac.store.redis_link import NoAnswer, RedisLink, Refused

_TTL_S = 86_400
# A command brings so many values at most: more take longer to arrive than Redis is waited for.
_TOGETHER = 16
# Larger values take longer to send than Redis is waited for, and would count as a failure of it.
MAX_BYTES = 1 << 18
# Answers wait to be stored in this many places, and are dropped beyond: they can be made again.
_WRITES = 64
# After a write that Redis refused none is tried for so long.
_FULL_S = 1.0


class Far:
    """Sealed bytes by key in Redis."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._waiting: dict[str, asyncio.Future[bytes | None]] = {}
        self._reading = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._full_until = 0.0

    async def get(self, key: str) -> bytes | None:
        """The bytes; None where there are none, or none that are what was written."""
        if not self._link.there:
            return None
        place = self._waiting.get(key)
        if place is None:
            place = self._waiting[key] = asyncio.get_running_loop().create_future()
            if not self._reading:
                self._reading = True
                self._start(self._read())
        return await asyncio.shield(place)

    def put(self, key: str, value: bytes) -> None:
        """Store the bytes, some time soon, if they are few enough and Redis takes them."""
        wanted = self._link.there and len(value) <= MAX_BYTES and len(self._tasks) < _WRITES
        if wanted and time.monotonic() >= self._full_until:
            self._start(self._write(key, value))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        """Run it, and hold it meanwhile: a task that nobody holds may be collected before its end."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            events.emit(events.CacheUnavailable(error=type(error).__name__))

    async def _read(self) -> None:
        # What is set here and not by the end of the task: who asks between the two would wait for a reader that is none.
        try:
            while self._waiting:
                await self._read_some()
        finally:
            self._reading = False

    async def _read_some(self) -> None:
        keys = list(self._waiting)[:_TOGETHER]
        places = {key: self._waiting.pop(key) for key in keys}
        found: dict[str, bytes] | None = None
        try:
            found = await self._many(keys)
        finally:
            if found is None:
                # Who came meanwhile has waited as long as anyone is to wait.
                places, self._waiting = places | self._waiting, {}
            for key, place in places.items():
                place.set_result(found.get(key) if found else None)

    async def _many(self, keys: list[str]) -> dict[str, bytes] | None:
        """What is there of these; None if Redis did not say."""
        try:
            values = await self._link.ask(lambda client: client.mget(keys))
        except NoAnswer:
            return None
        # A value that is not what was written is a miss: Redis is not trusted to be right.
        return {
            key: value[16:]
            for key, value in zip(keys, values, strict=True)
            if isinstance(value, bytes) and value[:16] == _seal(key, value[16:])
        }

    async def _write(self, key: str, value: bytes) -> None:
        try:
            await self._link.ask(lambda client: client.set(key, _seal(key, value) + value, ex=_TTL_S))
        except Refused:
            # It is full, or a replica: it refuses the next one too, and each costs more than the answer did.
            self._full_until = time.monotonic() + _FULL_S
        except NoAnswer:
            return


def _seal(key: str, value: bytes) -> bytes:
    seal = hashlib.blake2b(key.encode(), digest_size=16)
    seal.update(value)
    return seal.digest()
