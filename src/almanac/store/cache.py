"""What was made once, by key: in this process, then in Redis, then from the loader. The key holds the edition: nothing is purged.

Redis may be away, slow or wrong: then answers are slower, never different.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

import msgspec

from almanac.settings import Settings
from almanac.store.far import Far
from almanac.store.redis_link import RedisLink

T = TypeVar("T")
_encode = msgspec.msgpack.Encoder().encode


class Cache:
    """Structs by key, one loader a key at a time in this process."""

    def __init__(self, settings: Settings, link: RedisLink) -> None:
        self._room = settings.cache_bytes
        self._near: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self.near_bytes = 0
        self._loading: dict[str, asyncio.Future[tuple[Any, str]]] = {}
        self._far = Far(link)

    def near(self, key: str) -> Any:
        """What this process holds under a key; None if nothing."""
        held = self._near.get(key)
        if held is None:
            return None
        self._near.move_to_end(key)
        return held[0]

    async def kept(self, key: str, kind: type[T]) -> T | None:
        """What Redis holds under a key; None if nothing, or nothing of this type."""
        stored = await self._far.get(key)
        if stored is None:
            return None
        try:
            value = msgspec.msgpack.decode(stored, type=kind)
        except msgspec.MsgspecError:  # what another release of this program stored
            return None
        self._keep(key, value, len(stored))
        return value

    async def get(self, key: str, kind: type[T], load: Callable[[], Awaitable[T]]) -> tuple[T, str]:
        """The value, and where it came from: `near`, `far` or `miss`. What the loader raises is raised to all who wait.

        The loader goes on when who asked first is gone.
        """
        if (value := self.near(key)) is not None:
            return cast("T", value), "near"
        task = self._loading.get(key)
        if task is None:
            task = asyncio.create_task(self._fetch(key, kind, load))
            self._loading[key] = task
            task.add_done_callback(lambda _: self._loading.pop(key, None))
        return await asyncio.shield(task)

    async def within(self, key: str, kind: type[T], load: Callable[[], Awaitable[T]]) -> tuple[T, str]:
        """Like `get`, for a part of what another loader makes: it is loaded in that one's task, which nobody cancels."""
        if (value := self.near(key)) is not None:
            return cast("T", value), "near"
        if (loading := self._loading.get(key)) is not None:
            return await asyncio.shield(loading)
        loading = self._loading[key] = asyncio.get_running_loop().create_future()
        try:
            loading.set_result(found := await self._fetch(key, kind, load))
        except Exception as error:
            loading.set_exception(error)
            loading.exception()  # perhaps nobody else waits
            raise
        finally:
            loading.cancel()  # unless it has ended
            del self._loading[key]
        return found

    async def _fetch(self, key: str, kind: type[T], load: Callable[[], Awaitable[T]]) -> tuple[T, str]:
        value = await self.kept(key, kind)
        if value is not None:
            return value, "far"
        value = await load()
        stored = _encode(value)
        self._far.put(key, stored)
        self._keep(key, value, len(stored))
        return value, "miss"

    def _keep(self, key: str, value: object, size: int) -> None:
        size += len(key)
        if size > self._room // 8 or key in self._near:
            return
        self._near[key] = value, size
        self.near_bytes += size
        while self.near_bytes > self._room:
            _, (_, dropped) = self._near.popitem(last=False)
            self.near_bytes -= dropped
