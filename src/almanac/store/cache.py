"""Encoded answers by key: in this process, then in Redis, then from the loader. The key holds the edition: nothing is purged.

Redis may be away, slow or wrong: then it is skipped for a while, and answers are slower, never different.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from almanac import events
from almanac.settings import Settings

Loader = Callable[[], Awaitable[bytes]]

_TTL_S = 86_400
_BREAK_S = 2.0
# Larger ones take longer to send than Redis is waited for, and would count as a failure of it.
_FAR_BYTES = 1 << 20
_FAILURES = 3


class Cache:
    """Bytes by key, one loader a key at a time in this process."""

    def __init__(self, settings: Settings) -> None:
        self._room = settings.cache_bytes
        self._near: OrderedDict[str, bytes] = OrderedDict()
        self._near_bytes = 0
        self._loading: dict[str, asyncio.Task[tuple[bytes, str]]] = {}
        self._far = _client(settings)
        self._failures = 0
        self._closed_until = 0.0

    async def close(self) -> None:
        """Give Redis its connections back."""
        if self._far is not None:
            await self._far.aclose()

    async def get(self, key: str, load: Loader) -> tuple[bytes, str]:
        """The bytes, and where they came from: `near`, `far` or `miss`. What the loader raises is raised to all who wait."""
        if (value := self._near.get(key)) is not None:
            self._near.move_to_end(key)
            return value, "near"
        task = self._loading.get(key)
        if task is None:
            task = asyncio.create_task(self._fetch(key, load))
            self._loading[key] = task
            task.add_done_callback(lambda _: self._loading.pop(key, None))
        return await asyncio.shield(task)

    async def _fetch(self, key: str, load: Loader) -> tuple[bytes, str]:
        value, layer = await self._read(key), "far"
        if value is None:
            value, layer = await load(), "miss"
            await self._write(key, value)
        self._keep(key, value)
        return value, layer

    def _keep(self, key: str, value: bytes) -> None:
        if len(value) > self._room // 8 or key in self._near:
            return
        self._near[key] = value
        self._near_bytes += len(value) + len(key)
        while self._near_bytes > self._room:
            old, dropped = self._near.popitem(last=False)
            self._near_bytes -= len(dropped) + len(old)

    async def _read(self, key: str) -> bytes | None:
        if self._far is None or time.monotonic() < self._closed_until:
            return None
        try:
            stored = await self._far.get(key)
        except (RedisError, OSError, TimeoutError) as error:
            self._failed(error)
            return None
        self._failures = 0
        # A value that is not what was written is a miss: Redis is not trusted to be right.
        if isinstance(stored, bytes) and stored[:16] == _seal(stored[16:]):
            return stored[16:]
        return None

    async def _write(self, key: str, value: bytes) -> None:
        if self._far is None or len(value) > _FAR_BYTES or time.monotonic() < self._closed_until:
            return
        try:
            await self._far.set(key, _seal(value) + value, ex=_TTL_S)
        except (RedisError, OSError, TimeoutError) as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        if self._failures >= _FAILURES:
            self._failures, self._closed_until = 0, time.monotonic() + _BREAK_S
            events.emit(events.CacheUnavailable(error=type(error).__name__))


def _client(settings: Settings) -> "redis.Redis | None":
    if settings.redis_url is None:
        return None
    budget = settings.redis_timeout_ms / 1000
    return redis.Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
        str(settings.redis_url),
        socket_timeout=budget,
        socket_connect_timeout=budget,
        retry=Retry(NoBackoff(), 0),
        max_connections=64,
    )


def _seal(value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=16).digest()
