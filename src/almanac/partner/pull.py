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
    latest = remote.described("latest.json")
    newest: int = latest["edition"]
    manifest = _manifest(remote, f"snapshots/{newest}")
    work = _Pull(remote, folder, progress)
    held = editions(folder)
    path = _path(remote, manifest, max(held)) if held and max(held) < newest else [] if newest in held else None
    if path is None:
        work.package(f"snapshots/{newest}", manifest)
    else:
        for delta in path:
            work.package(f"deltas/{delta}", _manifest(remote, f"deltas/{delta}"))
        # What the copy must then be, resource by resource: `verify` reads it.
        work.note(f"expected/{newest}.json", manifest)
    return Pulled(edition=newest, packages=work.packages, size=work.size)


def editions(folder: Path) -> list[int]:
    """Editions that the packages of a folder lead to."""
    return [int(path.parent.name.rpartition("-")[2]) for path in folder.glob(f"*/[0-9]*/{MANIFEST}")]


def _path(remote: Remote, manifest: Json, held: int) -> list[str] | None:
    """Deltas from an edition to that of a manifest, oldest first; None if none lead there."""
    found: list[str] = []
    while (edition := manifest["edition"]) > held:
        since = [delta["since"] for delta in manifest["deltas"]]
        if fitting := [one for one in since if one <= held]:
            return [f"{max(fitting)}-{edition}", *reversed(found)]
        if manifest["previous"] is None:
            return None
        found.append(f"{manifest['previous']}-{edition}")
        try:
            manifest = _manifest(remote, f"snapshots/{manifest['previous']}")
        except NotFound:
            return None
    return None  # the chain steps over the edition that is held


def _manifest(remote: Remote, place: str) -> Json:
    return remote.described(f"{place}/{MANIFEST}")


class _Pull:
    """The work of one pull."""

    def __init__(self, remote: Remote, folder: Path, progress: Progress | None) -> None:
        self._remote, self._folder, self._progress = remote, folder, progress
        self.packages: list[str] = []
        self.size = 0

    def package(self, place: str, manifest: Json) -> None:
        """Download the lines of a package; its manifest is written last, so that what has one is whole."""
        target = self._folder / place
        work = target.with_name(f".{target.name}")
        work.mkdir(parents=True, exist_ok=True)
        wanted = [one for one in manifest["resources"] if one["mediatype"] == "application/x-ndjson"]
        total, done = sum(one["bytes"] for one in wanted), 0
        for resource in wanted:
            name: str = resource["path"]
            if "/" in name or name.startswith("."):
                raise BadFile(f"the manifest of {place} names a file outside of it: {name[:100]!r}")
            if not (work / name).exists():
                self._remote.file(f"{place}/{name}", work / name, resource, self._count)
            done += resource["bytes"]
            if self._progress:
                self._progress(place, done, total)
        (work / MANIFEST).write_bytes(json.dumps(manifest, ensure_ascii=False).encode())
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
