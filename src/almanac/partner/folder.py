"""A folder that packages were pulled into: which there are, where they lead, and which files are not as their manifests say."""

import hashlib
import re
import stat
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from almanac.errors import BadFile, Unavailable
from almanac.partner.said import Manifest, Resource

Progress = Callable[[str, int, int], None]

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
    """Packages of a folder, also those that are not whole; what is no folder of its own, such as a link, is none."""
    real = (path for path in folder.glob("*/*") if path.is_dir() and not path.is_symlink())
    places = (path.relative_to(folder).as_posix() for path in real)
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


def described(path: Path) -> tuple[Manifest, bytes]:
    """A manifest: what of it is looked at, and all of it. Errors: BadFile if it is none; Unavailable if it cannot be read."""
    try:
        content = path.read_bytes()
        return msgspec.json.decode(content, type=Manifest), content
    except (FileNotFoundError, ValueError) as error:
        raise BadFile(f"{path} cannot be read: {error}; {CURE}") from error
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from error


def is_whole(path: Path, resource: Resource, *, by_digest: bool) -> bool:
    """Whether a file is there and has its size; `by_digest`: and its content. Errors: Unavailable if it cannot be read."""
    try:
        held = path.stat()
        if not stat.S_ISREG(held.st_mode) or held.st_size != resource.bytes:
            return False
        if not by_digest:
            return True
        with path.open("rb") as content:
            return f"sha256:{hashlib.file_digest(content, 'sha256').hexdigest()}" == resource.hash
    except FileNotFoundError:
        return False
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from error


def faulty_files(folder: Path, package: Package, *, by_digest: bool) -> list[str]:
    """Names of files that are not as the manifest says; only the manifest if it is none, or of another edition.

    Errors: Unavailable if one cannot be read, and so may be right.
    """
    place = folder / package.place
    try:
        said, _ = described(place / MANIFEST)
    except BadFile:
        return [MANIFEST]
    if said.edition != package.to:
        return [MANIFEST]
    return [one.path for one in said.lines if not is_whole(place / one.path, one, by_digest=by_digest)]


def prove_files(folder: Path, progress: Progress | None = None) -> Checked:
    """Prove every package of a folder, file by file. Errors: BadFile if it has none; Unavailable if one cannot be read."""
    found = packages(folder)
    if not found:
        raise BadFile(f"{folder} holds no package; `almanac bulk pull` brings one")
    told: list[str] = []
    for done, package in enumerate(found, 1):
        told += [f"{package.place}/{name}" for name in faulty_files(folder, package, by_digest=True)]
        if progress:
            progress("packages", done, len(found))
    return Checked(packages=[one.place for one in found], wrong=told)
