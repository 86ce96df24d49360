"""Packages into a folder: the newest snapshot first, then the deltas that lead from what is there to what is new.

The folder has the layout of the server's own, so it can be served or pulled from again.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct

from almanac.errors import BadFile, NotFound
from almanac.partner.remote import Remote
from almanac.partner.said import Manifest, Pointer

Json = dict[str, Any]
Progress = Callable[[str, int, int], None]

MANIFEST = "datapackage.json"


class Pulled(Struct, frozen=True, kw_only=True):
    """What a pull brought: packages by name, and bytes downloaded."""

    edition: int
    packages: list[str]
    size: int


def pull(remote: Remote, folder: Path, progress: Progress | None = None) -> Pulled:
    """Bring the folder to the server's newest snapshot. Errors: NotFound if it has none; Unavailable; BadFile."""
    newest = remote.described("latest.json", Pointer)[0].edition
    said, content = _manifest(remote, f"snapshots/{newest}", newest)
    work = _Pull(remote, folder, progress)
    held = editions(folder)
    path = _path(remote, said, max(held)) if held and max(held) < newest else [] if newest in held else None
    if path is None:
        work.package(f"snapshots/{newest}", said, content)
    else:
        for since, to in path:
            place = f"deltas/{since}-{to}"
            work.package(place, *_manifest(remote, place, to))
        # What the copy must then be, resource by resource: `verify` reads it.
        work.note(f"expected/{newest}.json", content)
    return Pulled(edition=newest, packages=work.packages, size=work.size)


def editions(folder: Path) -> list[int]:
    """Editions that the packages of a folder lead to."""
    return [int(path.parent.name.rpartition("-")[2]) for path in folder.glob(f"*/[0-9]*/{MANIFEST}")]


def _path(remote: Remote, manifest: Manifest, held: int) -> list[tuple[int, int]] | None:
    """Deltas from an edition to that of a manifest, oldest first; None if none lead there."""
    found: list[tuple[int, int]] = []
    while (edition := manifest.edition) > held:
        if fitting := [one.since for one in manifest.deltas if one.since <= held]:
            return [(max(fitting), edition), *reversed(found)]
        previous = manifest.previous
        if previous is None:
            return None
        if previous >= edition:
            raise BadFile(f"the manifest of snapshots/{edition} says that {previous} was before it")
        found.append((previous, edition))
        try:
            manifest, _ = _manifest(remote, f"snapshots/{previous}", previous)
        except NotFound:
            return None
    return None  # the chain steps over the edition that is held


def _manifest(remote: Remote, place: str, edition: int) -> tuple[Manifest, Json]:
    said, content = remote.described(f"{place}/{MANIFEST}", Manifest)
    if said.edition != edition:
        raise BadFile(f"the manifest of {place} is of edition {said.edition}")
    return said, content


class _Pull:
    """The work of one pull."""

    def __init__(self, remote: Remote, folder: Path, progress: Progress | None) -> None:
        self._remote, self._folder, self._progress = remote, folder, progress
        self.packages: list[str] = []
        self.size = 0

    def package(self, place: str, said: Manifest, content: Json) -> None:
        """Download the lines of a package; its manifest is written last, so that what has one is whole."""
        target = self._folder / place
        work = target.with_name(f".{target.name}")
        work.mkdir(parents=True, exist_ok=True)
        wanted = [one for one in said.resources if one.mediatype == "application/x-ndjson"]
        total, done = sum(one.bytes for one in wanted), 0
        for resource in wanted:
            name = resource.path
            if not (work / name).exists():
                self._remote.file(f"{place}/{name}", work / name, resource, self._count)
            done += resource.bytes
            if self._progress:
                self._progress(place, done, total)
        (work / MANIFEST).write_bytes(json.dumps(content, ensure_ascii=False).encode())
        if target.exists():
            shutil.rmtree(target)
        work.replace(target)
        self.packages.append(place)

    def note(self, place: str, manifest: Json) -> None:
        """Keep a manifest without its files."""
        target = self._folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}")
        part.write_bytes(json.dumps(manifest, ensure_ascii=False).encode())
        part.replace(target)

    def _count(self, size: int) -> None:
        self.size += size
