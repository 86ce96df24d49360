"""Bulk files as they are asked for: by name, never to be changed. Who answers sees no folder and no store."""

import asyncio
import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

from msgspec import Struct

from almanac.settings import Settings
from almanac.store.bulk_folder import BulkFolder
from almanac.store.bulk_place import Sort

Method = Literal["GET", "HEAD"]


class Elsewhere(Struct, frozen=True):
    """An address that somebody else answers at; `max_age_s` is how long it may be remembered, `shared` by everybody."""

    url: str
    max_age_s: int
    shared: bool


class Found(Struct, frozen=True):
    """A file or document, by its SHA-256 in hex: on disk here, in memory, or elsewhere."""

    sha256: str
    source: Path | bytes | Elsewhere


class Summary(Struct, frozen=True, kw_only=True):
    """What a list says of a snapshot."""

    edition: int
    seq: int
    published_at: str
    state_digest: str
    previous: int | None
    files: int
    size_bytes: int


class Shelf(Protocol):
    """What the answers about bulk files are made of. Errors of all: StoreAway, where there is a store."""

    async def latest(self) -> bytes | None:
        """The pointer to the newest snapshot; None before the first."""
        ...

    async def packages(self, sort: Sort) -> Sequence[str]:
        """Names of complete packages, by their numbers."""
        ...

    async def summaries(self, editions: Sequence[int]) -> list[Summary]:
        """What is said of snapshots; nothing of those that are not there."""
        ...

    async def of_package(self, sort: Sort, package: str, name: str, method: Method) -> Found | None:
        """A file or document of a package; None if there is no such one."""
        ...

    async def file(self, sha256: str, name: str, method: Method) -> Found | None:
        """A file by its content; None if there is no such one."""
        ...


class FolderShelf:
    """A folder as a shelf. It may be a link, which is followed anew each time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def latest(self) -> bytes | None:
        """The pointer to the newest snapshot; None before the first."""
        return await asyncio.to_thread(self._folder().latest)

    async def packages(self, sort: Sort) -> Sequence[str]:
        """Names of complete packages, by their numbers."""
        return await asyncio.to_thread(self._folder().packages, sort)

    async def summaries(self, editions: Sequence[int]) -> list[Summary]:
        """What is said of snapshots; nothing of those that are not there."""
        root = self._folder().root

        def read() -> list[Summary]:
            return [one for edition in editions if (one := _summary(root, edition)) is not None]

        return await asyncio.to_thread(read)

    async def of_package(self, sort: Sort, package: str, name: str, method: Method) -> Found | None:
        """A file or document of a package; None if there is no such one."""
        del method
        root = self._folder().root
        held = await asyncio.to_thread(_contents, root, sort, package)
        return Found(held[name], root / sort / package / name) if held and name in held else None

    async def file(self, sha256: str, name: str, method: Method) -> Found | None:
        """A file by its content; None if there is no such one."""
        del method
        path = self._folder().file(sha256, name)
        return Found(sha256, path) if path else None

    def _folder(self) -> BulkFolder:
        return BulkFolder(self._settings.bulk_path)


def named(manifest: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 by name of the files that a manifest names."""
    return {one["path"]: one["hash"].removeprefix("sha256:") for one in manifest["resources"]}


def summary(manifest: Mapping[str, Any]) -> Summary:
    """What a list says of the snapshot of a manifest."""
    return Summary(
        **{name: manifest[name] for name in ("edition", "seq", "published_at", "state_digest", "previous")},
        files=len(manifest["resources"]),
        size_bytes=sum(one["bytes"] for one in manifest["resources"]),
    )


class _NotThere(Exception):
    """Raised rather than answered, so that it is not kept."""


def _contents(root: Path, sort: Sort, package: str) -> dict[str, str] | None:
    """SHA-256 by name of a package's files and documents; None if there is no such package."""
    try:
        return _read_contents(root, sort, package)
    except _NotThere:
        return None


@functools.lru_cache(maxsize=128)
def _read_contents(root: Path, sort: Sort, package: str) -> dict[str, str]:
    content = BulkFolder(root).document(sort, package)
    if content is None:
        raise _NotThere
    documents = (path for path in (root / sort / package).iterdir() if path.suffix == ".json")
    return named(json.loads(content)) | {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in documents}


def _summary(root: Path, edition: int) -> Summary | None:
    try:
        return _read_summary(root, edition)
    except _NotThere:  # it was removed just now
        return None


@functools.lru_cache(maxsize=1024)
def _read_summary(root: Path, edition: int) -> Summary:
    content = BulkFolder(root).document("snapshots", str(edition))
    if content is None:
        raise _NotThere
    return summary(json.loads(content))
