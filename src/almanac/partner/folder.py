"""A folder that packages were pulled into: which there are, where they lead, and which files are not as their manifests say."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from almanac.errors import BadFile
from almanac.partner.said import Manifest, Resource

Progress = Callable[[str, int, int], None]
Said = TypeVar("Said")

MANIFEST = "datapackage.json"
CURE = "remove it, and `almanac bulk pull` brings it again"
_PLACE = re.compile(r"(?:snapshots/|deltas/(?P<since>[1-9][0-9]*)-)(?P<to>[1-9][0-9]*)")


class Package(Struct, frozen=True, order=True):
    """Leads to an edition from any between `since` (0 for a snapshot) and it; `place` is below the folder.

    Of those that lead to the same edition the last in order is the smallest.
    """

    to: int
    since: int
    place: str

    def leads_from(self, edition: int) -> bool:
        """Whether a copy that holds an edition can take it."""
        return self.since <= edition < self.to


class Checked(Struct, frozen=True, kw_only=True):
    """Packages of a folder, and their files that are not as the manifests say; `wrong` is empty if all are right."""

    packages: list[str]
    wrong: list[str]


def packages(folder: Path) -> list[Package]:
    """Packages of a folder, also those that are not whole."""
    places = (path.relative_to(folder).as_posix() for path in folder.glob("*/*"))
    found = (_PLACE.fullmatch(place) for place in places)
    return sorted(Package(int(one["to"]), int(one["since"] or 0), one[0]) for one in found if one)


def furthest(folder: Path, held: int) -> Package | None:
    """The package that leads furthest from an edition; a delta rather than a snapshot where both lead there."""
    there = (one for one in packages(folder) if (folder / one.place / MANIFEST).exists())
    return max((one for one in there if one.leads_from(held)), default=None)


def editions(folder: Path) -> set[int]:
    """Editions that the packages of a folder lead to from nothing."""
    found = {0}
    for package in packages(folder):
        if any(map(package.leads_from, found)):
            found.add(package.to)
    return found - {0}


def document(path: Path, shape: type[Said]) -> Said:
    """A manifest. Errors: BadFile if it is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=shape)
    except (OSError, ValueError) as error:
        raise BadFile(f"{path} cannot be read: {error}; {CURE}") from error


def right(path: Path, resource: Resource, *, by_digest: bool) -> bool:
    """Whether a file is there and has its size; `by_digest`: and its content."""
    if not path.is_file() or path.stat().st_size != resource.bytes:
        return False
    if not by_digest:
        return True
    with path.open("rb") as held:
        return f"sha256:{hashlib.file_digest(held, 'sha256').hexdigest()}" == resource.hash


def wrong(package: Path, *, by_digest: bool) -> list[str]:
    """Names of the files of a package that are not as its manifest says; only the manifest if it is none."""
    try:
        said = document(package / MANIFEST, Manifest)
    except BadFile:
        return [MANIFEST]
    return [one.path for one in said.lines if not right(package / one.path, one, by_digest=by_digest)]


def check(folder: Path, progress: Progress | None = None) -> Checked:
    """Prove every package of a folder, file by file. Errors: BadFile if it has none."""
    found = [one.place for one in packages(folder)]
    if not found:
        raise BadFile(f"{folder} holds no package; `almanac bulk pull` brings one")
    told: list[str] = []
    for done, place in enumerate(found, 1):
        told += [f"{place}/{name}" for name in wrong(folder / place, by_digest=True)]
        if progress:
            progress("packages", done, len(found))
    return Checked(packages=found, wrong=told)
