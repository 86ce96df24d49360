"""Packages into a folder: the newest snapshot first, then the deltas that lead from what is there to what is new.

A pull leaves a folder whose packages lead from nothing to the newest; files that are missing or have another size come again.
Nothing is ever removed, and a folder is of one Almanac: the server may be another than the files are from.
"""

import itertools
from pathlib import Path

from msgspec import Struct

from almanac.errors import BadFile, NotFound
from almanac.partner.folder import MANIFEST, Package, Progress, described, editions, faulty_files, is_whole, packages
from almanac.partner.remote import Remote
from almanac.partner.said import Manifest, Pointer, Resource


class Pulled(Struct, frozen=True, kw_only=True):
    """What a pull brought: packages by name, and bytes downloaded. `set_aside`: where spoilt ones are now that it has not."""

    edition: int
    packages: list[str]
    set_aside: list[str]
    size: int


def pull(remote: Remote, folder: Path, progress: Progress | None = None) -> Pulled:
    """Bring the folder to the server's newest snapshot. Errors: NotFound if it has none; Unavailable; BadFile."""
    newest = remote.described("latest.json", Pointer)[0].edition
    said, content = _manifest(remote, f"snapshots/{newest}", newest)
    work = _Pull(remote, folder, progress)
    for package in packages(folder):
        if faulty_files(folder, package, by_digest=False):
            work.again(package)
    held = editions(folder)
    path = _path(remote, said, max(held)) if held and max(held) < newest else [] if newest in held else None
    work.compare(held, said)
    if path is None:
        work.package(f"snapshots/{newest}", said, content)
    else:
        for since, to in path:
            place = f"deltas/{since}-{to}"
            if not (folder / place).exists():
                work.package(place, *_manifest(remote, place, to))
        # What the copy must then be, resource by resource: `verify` reads it.
        work.note(f"expected/{newest}.json", content)
    return Pulled(edition=newest, packages=work.packages, set_aside=work.set_aside, size=work.size)


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


def _manifest(remote: Remote, place: str, edition: int) -> tuple[Manifest, bytes]:
    said, content = remote.described(f"{place}/{MANIFEST}", Manifest)
    if said.edition != edition:
        raise BadFile(f"the manifest of {place} is of edition {said.edition}")
    return said, content


def _differs(path: Path, resource: Resource) -> bool:
    """Whether another file is where this one should be."""
    return path.exists() and not is_whole(path, resource, by_digest=True)


class _Pull:
    """The work of one pull."""

    def __init__(self, remote: Remote, folder: Path, progress: Progress | None) -> None:
        self._remote, self._folder, self._progress = remote, folder, progress
        self.packages: list[str] = []
        self.set_aside: list[str] = []
        self.size = 0

    def again(self, package: Package) -> None:
        """Make a package whole, or give it another name where the server does not have it. Errors: as `_same`."""
        place = self._folder / package.place
        try:
            said, content = _manifest(self._remote, package.place, package.to)
        except NotFound:
            self._aside(place)
            return
        if not self._same(package, said) and any(_differs(place / one.path, one) for one in said.lines):
            self._aside(place)
        self.package(package.place, said, content)

    def compare(self, held: set[int], newest: Manifest) -> None:
        """Errors: BadFile if the packages that lead to the newest edition, of the server or held, are of another Almanac."""
        for edition in held & {newest.edition, max(held, default=0)}:
            try:
                said = (
                    newest if edition == newest.edition else _manifest(self._remote, f"snapshots/{edition}", edition)[0]
                )
            except NotFound:
                continue  # it went since, so nobody can tell
            for package in packages(self._folder):
                if package.to == edition:
                    self._same(package, said)

    def _same(self, package: Package, said: Manifest) -> bool:
        """Whether a package is of the server; False if its manifest does not tell. Errors: BadFile if it is of another."""
        try:
            held, _ = described(self._folder / package.place / MANIFEST)
        except BadFile:
            return False
        if held.edition == said.edition and held.state_digest != said.state_digest:
            where = self._folder / package.place
            raise BadFile(
                f"{where} is of another Almanac than {self._remote.address}, which has other answers at edition "
                f"{package.to}; pull into another folder"
            )
        return held.edition == said.edition

    def _aside(self, target: Path) -> None:
        """Let a package count no more: it gets another name."""
        names = (f".spoilt-{target.name}{f'-{number}' if number else ''}" for number in itertools.count())
        spoilt = next(path for path in map(target.with_name, names) if not path.exists())
        target.rename(spoilt)
        self.set_aside.append(spoilt.relative_to(self._folder).as_posix())

    def package(self, place: str, said: Manifest, content: bytes) -> None:
        """Download the lines of a package that are not there; a new one gets its name when it is whole."""
        target = self._folder / place
        if target.is_symlink() or (target.exists() and not target.is_dir()):
            raise BadFile(f"{target} is no folder of its own; move it away, and pull again")
        work = target if target.exists() else target.with_name(f".{target.name}")
        work.mkdir(parents=True, exist_ok=True)
        total, done = sum(one.bytes for one in said.lines), 0
        for resource in said.lines:
            name = resource.path
            if not is_whole(work / name, resource, by_digest=True):
                self._remote.file(f"{place}/{name}", work / name, resource, self._count)
            done += resource.bytes
            if self._progress:
                self._progress(place, done, total)
        (work / MANIFEST).write_bytes(content)
        work.replace(target)
        self.packages.append(place)

    def note(self, place: str, manifest: bytes) -> None:
        """Keep a manifest without its files."""
        target = self._folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}")
        part.write_bytes(manifest)
        part.replace(target)

    def _count(self, size: int) -> None:
        self.size += size
