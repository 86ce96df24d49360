"""Where snapshots and exports are published, be it a folder or a bucket: files by content, packages by name, a pointer.

    files/{sha256}/{name}              every file, once
    snapshots/{edition}/               a manifest and what says the same in other words
    deltas/{from}-{to}/                the same
    latest.json                        written last

Whatever is there under its name is complete. Work under way is in a folder here, wherever it is published.
"""

import abc
import re
import shutil
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Literal

Sort = Literal["snapshots", "deltas"]
Name = tuple[str, str]
"""SHA-256 of a file, in hex, and its name."""

MANIFEST = "datapackage.json"
SORTS: tuple[Sort, ...] = ("snapshots", "deltas")

_PACKAGE = re.compile(r"[0-9]{1,10}(-[0-9]{1,10})?", re.ASCII)
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ANY_SHA256 = re.compile(r"\b[0-9a-f]{64}\b", re.ASCII)


class Place(abc.ABC):
    """Publishes whole files and packages, and removes them. Errors of all: OSError, StoreAway.

    `root` is the folder here, `name` is for people, `listing_s` is how often it may be listed for tidying.
    """

    listing_s = 60.0

    def __init__(self, root: Path, name: str) -> None:
        self.root = root
        self.name = name

    @abc.abstractmethod
    def latest(self) -> bytes | None:
        """The pointer to the newest snapshot; None before the first."""

    @abc.abstractmethod
    def packages(self, sort: Sort) -> list[str]:
        """Names of complete packages, by their numbers."""

    @abc.abstractmethod
    def document(self, sort: Sort, package: str, name: str = MANIFEST) -> bytes | None:
        """A document of a package; None if there is no such one."""

    @abc.abstractmethod
    def files(self) -> Mapping[Name, int]:
        """Every file, and its size in bytes."""

    @abc.abstractmethod
    def held(self, sha256: str, name: str) -> int | None:
        """Size of a file in bytes; None if it is not there whole."""

    @abc.abstractmethod
    def bring(self, path: Path, sha256: str) -> None:
        """Do what takes long of `adopt`, which may come later or never; the finished file stays where it is."""

    @abc.abstractmethod
    def adopt(self, path: Path, sha256: str) -> None:
        """Take in a finished file under its digest."""

    @abc.abstractmethod
    def drop(self, sha256: str, name: str) -> None:
        """Remove a file."""

    @abc.abstractmethod
    def publish(self, sort: Sort, package: str, files: Iterable[Name], documents: Mapping[str, bytes]) -> None:
        """Make a package of files and documents; one that is there already is left as it is."""

    @abc.abstractmethod
    def point(self, content: bytes) -> None:
        """Let `latest.json` say this, at once and whole."""

    @abc.abstractmethod
    def withdraw(self, sort: Sort, package: str) -> None:
        """Remove a package: at once and whole for who looks for it. Whoever reads a file of it reads on."""

    @abc.abstractmethod
    def forget(self) -> None:
        """Remove what is left of packages that were withdrawn."""

    def scratch(self, label: str) -> Path:
        """A folder for work under way; what other work left behind is removed. Only who holds the lease may ask for it."""
        self.sweep(but=[label])
        home = self.root / "work" / label
        home.mkdir(parents=True, exist_ok=True)
        return home

    def unfinished(self) -> list[str]:
        """Labels of work that was begun, and ended or not."""
        return [path.name for path in self.root.glob("work/*")]

    def sweep(self, but: Collection[str] = ()) -> None:
        """Remove what unfinished work left behind, but for some labels."""
        for path in self.root.glob("work/*"):
            if path.name not in but:
                shutil.rmtree(path)

    def noted(self) -> set[str]:
        """Digests of files that unfinished work has made and will take up."""
        return {found for path in self.root.glob("work/*/*.json") for found in _ANY_SHA256.findall(path.read_text())}


def is_package(name: str) -> bool:
    """Whether a package may be called so."""
    return _PACKAGE.fullmatch(name) is not None


def is_file(sha256: str, name: str) -> bool:
    """Whether a file may be called so."""
    return _SHA256.fullmatch(sha256) is not None and is_name(name)


def is_name(name: str) -> bool:
    """Whether something in a package may be called so."""
    return _NAME.fullmatch(name) is not None


def ordered(packages: Iterable[str]) -> list[str]:
    """Names of packages by their numbers."""
    return sorted(packages, key=lambda name: [int(part) for part in name.split("-")])
