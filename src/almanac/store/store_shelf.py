"""A bucket as a shelf: small things are read and kept for a moment, files are left to the store itself.

What a name in a request leads to is asked once and kept, also that there is nothing; and what was removed may be found for
a minute more.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence

from msgspec import Struct

from almanac.errors import StoreAway
from almanac.settings import Settings
from almanac.store.bulk_place import MANIFEST, Name, Sort, is_package, ordered
from almanac.store.recent import Recent
from almanac.store.shelf import Elsewhere, Found, Method, Summary, named, summary
from almanac.store.store_reader import StoreReader

_POINTER_S = 5.0
_THERE_S = 60.0
_NOT_THERE_S = 5.0
_DOCUMENT_BYTES = 32 << 20
_FILES = 50_000
_LIST_S = 5.0
_LISTED_AT_ONCE = 8
# Others are in no package, so nobody has to be asked for them.
_DOCUMENTS = (MANIFEST, "croissant.json", "dcat.json")


class _Held(Struct, frozen=True):
    """What is there, or that nothing is."""

    content: bytes | None
    sha256: str = ""


class StoreShelf:
    """A folder of a bucket. Errors of all: StoreAway."""

    def __init__(self, settings: Settings) -> None:
        self._reader = StoreReader(settings)
        self._public = settings.bulk_store_public_url
        self._max_age_s = min(300, settings.bulk_store_url_s // 3)
        self._small: Recent[_Held] = Recent(_DOCUMENT_BYTES, lambda held: len(held.content or b"") + 256)
        self._packages: Recent[list[str]] = Recent(2)
        self._contents: Recent[dict[str, str]] = Recent(64)
        self._files: Recent[bool] = Recent(_FILES)
        self._summaries: Recent[Summary] = Recent(4096)
        self._listing = asyncio.Semaphore(_LISTED_AT_ONCE)

    async def latest(self) -> bytes | None:
        """The pointer to the newest snapshot; None before the first."""
        return (await self._read("latest.json", _POINTER_S)).content

    async def packages(self, sort: Sort) -> Sequence[str]:
        """Names of complete packages, by their numbers."""

        async def ask() -> list[str]:
            places = [path.split("/") for path in await self._reader.names(f"{sort}/")]
            return ordered(place[1] for place in places if place[2:] == [MANIFEST] and is_package(place[1]))

        return await self._packages.get(sort, ask, lambda _: _POINTER_S)

    async def summaries(self, editions: Sequence[int]) -> list[Summary]:
        """What is said of snapshots; nothing of those that are not there. Many are read in several goes."""
        try:
            async with asyncio.timeout(_LIST_S):
                found = await asyncio.gather(*(self._summary(edition) for edition in editions))
        except TimeoutError:
            raise StoreAway("The list is being read from the store of the files; ask again in a moment.") from None
        return [one for one in found if one is not None]

    async def of_package(self, sort: Sort, package: str, name: str, method: Method) -> Found | None:
        """A file or document of a package; None if there is no such one."""
        guess = f"{sort}/{package}" != await self._newest()
        manifest = await self._read(f"{sort}/{package}/{MANIFEST}", _THERE_S, guess=guess)
        if manifest.content is None:
            return None
        if name in _DOCUMENTS:
            held = await self._read(f"{sort}/{package}/{name}", _THERE_S, guess=guess)
            return None if held.content is None else Found(held.sha256, held.content)
        sha256 = (await self._named(manifest)).get(name)
        return None if sha256 is None else Found(sha256, await self._elsewhere(sha256, name, method))

    async def file(self, sha256: str, name: str, method: Method) -> Found | None:
        """A file by its content; None if there is no such one."""
        key: Name = (sha256, name)
        if self._files.known(key) is None and (newest := await self._newest()) is not None:
            # What most ask for is found however much somebody else guesses.
            await self._named(await self._read(f"{newest}/{MANIFEST}", _THERE_S))

        async def ask() -> bool:
            self._reader.guess()
            return await self._reader.is_there(f"files/{sha256}/{name}")

        if not await self._files.get(key, ask, lambda there: _THERE_S if there else _NOT_THERE_S):
            return None
        return Found(sha256, await self._elsewhere(sha256, name, method))

    async def _newest(self) -> str | None:
        """The package that the pointer leads to."""
        content = await self.latest()
        return f"snapshots/{json.loads(content)['edition']}" if content else None

    async def _elsewhere(self, sha256: str, name: str, method: Method) -> Elsewhere:
        path = f"files/{sha256}/{name}"
        if self._public is not None:
            return Elsewhere(f"{self._public}/{path}", self._max_age_s, shared=True)
        return Elsewhere(await self._reader.address(path, method), self._max_age_s, shared=False)

    async def _named(self, manifest: _Held) -> dict[str, str]:
        async def ask() -> dict[str, str]:
            found = await asyncio.to_thread(lambda: named(json.loads(manifest.content or b'{"resources": []}')))
            for name, sha256 in found.items():
                self._files.learn((sha256, name), value=True, keep_s=_THERE_S)
            return found

        return await self._contents.get(manifest.sha256, ask, lambda _: _THERE_S)

    async def _summary(self, edition: int) -> Summary | None:
        if (known := self._summaries.known(edition)) is not None:
            return known
        async with self._listing:
            content = await self._reader.content(f"snapshots/{edition}/{MANIFEST}")
        if content is None:  # it was removed just now
            return None
        found = await asyncio.to_thread(lambda: summary(json.loads(content)))
        self._summaries.learn(edition, found, float("inf"))
        return found

    async def _read(self, path: str, keep_s: float, *, guess: bool = False) -> _Held:
        async def ask() -> _Held:
            if guess:
                self._reader.guess()
            content = await self._reader.content(path)
            return _Held(content, hashlib.sha256(content or b"").hexdigest())

        return await self._small.get(path, ask, lambda held: _NOT_THERE_S if held.content is None else keep_s)
