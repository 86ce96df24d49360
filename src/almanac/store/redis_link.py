"""The way to Redis: one client a process, a budget for each command, and a breaker that nobody has to run into.

A command that finds Redis away, slow or loading opens the breaker at once; a probe of its own closes it again. So only those
who ask at that very moment have waited, each at most for the budget, and nobody tries on the time of a request.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import MaxConnectionsError, RedisError, ResponseError

from almanac import events
from almanac.settings import Settings

T = TypeVar("T")
Client = redis.Redis

_CONNECTIONS = 64
_FIRST_PROBE_S = 0.1
_LAST_PROBE_S = 2.0
_TELL_AGAIN_S = 2.0


class NoAnswer(Exception):
    """Redis gave no answer that can be used, within the budget."""


class Refused(NoAnswer):
    """Redis is there, and said no to this command."""


class RedisLink:
    """A client of Redis that is asked only while Redis answers. Without a URL it never does."""

    def __init__(self, settings: Settings) -> None:
        self._budget_s = settings.redis_timeout_ms / 1000
        self._client = _client(settings, self._budget_s)
        self._open = self._client is not None
        self._probing: asyncio.Task[None] | None = None
        self._told_at = 0.0

    @property
    def there(self) -> bool:
        """Whether it is worth asking."""
        return self._open

    async def ask(self, command: Callable[[Client], Awaitable[T]]) -> T:
        """What Redis answers. Errors: NoAnswer, at the latest after the budget; Refused where it answered with an error."""
        if self._client is None or not self._open:
            raise NoAnswer
        try:
            async with asyncio.timeout(self._budget_s):
                return await command(self._client)
        except ResponseError as error:
            self._tell(error)
            raise Refused from error
        except MaxConnectionsError as error:
            # It is there, and was not asked: only this command came to nothing.
            self._tell(error)
            raise NoAnswer from error
        except (RedisError, OSError, TimeoutError) as error:
            self._lost(error)
            raise NoAnswer from error

    async def close(self) -> None:
        """Give Redis its connections back."""
        if self._probing is not None:
            self._probing.cancel()
        if self._client is not None:
            await self._client.aclose()

    def _lost(self, error: Exception) -> None:
        if self._open:
            self._open = False
            self._tell(error)
            self._probing = asyncio.create_task(self._probe())

    def _tell(self, error: Exception) -> None:
        now = time.monotonic()
        if now >= self._told_at + _TELL_AGAIN_S:
            self._told_at = now
            events.emit(events.CacheUnavailable(error=type(error).__name__))

    async def _probe(self) -> None:
        assert self._client is not None, "what was lost was there"
        patience = _FIRST_PROBE_S
        while not self._open:
            await asyncio.sleep(patience)
            patience = min(2 * patience, _LAST_PROBE_S)
            try:
                async with asyncio.timeout(self._budget_s):
                    # Not PING: that is answered by a server that is still loading, and by one that takes no writes.
                    await self._client.set("almanac:probe", b"", px=1)
                self._open = True
            except (RedisError, OSError, TimeoutError):
                continue


def _client(settings: Settings, budget_s: float) -> Client | None:
    if settings.redis_url is None:
        return None
    return redis.Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
        str(settings.redis_url),
        socket_timeout=budget_s,
        socket_connect_timeout=budget_s,
        retry=Retry(NoBackoff(), 0),
        max_connections=_CONNECTIONS,
    )
