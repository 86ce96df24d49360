"""Questions to the store while somebody waits for an answer: few at once, for a short time, and none while it is away."""

import asyncio
import contextlib
import datetime as dt
import time
from collections.abc import AsyncGenerator

import obstore

from almanac.errors import StoreAway
from almanac.settings import Settings
from almanac.store.objects import listed, opened, told
from almanac.store.shelf import Method

# As many questions at once as one worker asks; more wait, within the same time.
_AT_ONCE = 16
# After a question without an answer none is asked for so long.
_AWAY_S = 1.0
# Names that nobody has heard of, a second and at once: whoever guesses costs the store no more.
_GUESSES = 50.0
_GUESSES_AT_ONCE = 200.0
_MOST_BYTES = 64 << 20


class StoreReader:
    """Reads small objects, and signs addresses. Errors of all: StoreAway."""

    def __init__(self, settings: Settings) -> None:
        self._place = settings.bulk_store or ""
        self._timeout_s = settings.bulk_store_timeout_ms / 1000
        self._life_s = settings.bulk_store_url_s
        self._store = opened(settings, timeout_s=self._timeout_s, retries=0)
        self._few = asyncio.Semaphore(_AT_ONCE)
        self._away_until = 0.0
        self._guesses, self._guessed = _GUESSES_AT_ONCE, time.monotonic()

    async def content(self, path: str) -> bytes | None:
        """A small object, whole; None if there is none."""
        size, content = 0, None
        async with self._asking():
            with contextlib.suppress(FileNotFoundError):
                found = await obstore.get_async(self._store, path)
                size = found.meta["size"]
                content = bytes(await found.bytes_async()) if size <= _MOST_BYTES else None
        if size > _MOST_BYTES:
            raise StoreAway(f"A document in the store of the files has {size} bytes; at most {_MOST_BYTES} are read.")
        return content

    async def is_there(self, path: str) -> bool:
        """Whether there is an object."""
        async with self._asking():
            with contextlib.suppress(FileNotFoundError):
                await obstore.head_async(self._store, path)
                return True
        return False

    async def names(self, prefix: str) -> list[str]:
        """Paths of the objects below."""
        async with self._asking():
            return [one["path"] async for some in listed(self._store, prefix) for one in some]

    async def address(self, path: str, method: Method) -> str:
        """An address at which whoever has it may read the object by this method, for a while."""
        async with self._asking():
            return await obstore.sign_async(self._store, method, path, dt.timedelta(seconds=self._life_s))

    def guess(self) -> None:
        """Count a question about a name that may be a guess. Errors: StoreAway if there were too many just now."""
        now = time.monotonic()
        left = min(_GUESSES_AT_ONCE, self._guesses + (now - self._guessed) * _GUESSES)
        self._guesses, self._guessed = max(0.0, left - 1), now
        if left < 1:
            raise StoreAway("Too many files were asked for that nobody has heard of; ask again in a moment.")

    @contextlib.asynccontextmanager
    async def _asking(self) -> AsyncGenerator[None]:
        if time.monotonic() < self._away_until:
            raise StoreAway("The store of the files does not answer.")
        try:
            with told(self._place):
                async with asyncio.timeout(self._timeout_s), self._few:
                    yield
        except StoreAway:
            self._away_until = time.monotonic() + _AWAY_S
            raise StoreAway("The store of the files does not answer.") from None
