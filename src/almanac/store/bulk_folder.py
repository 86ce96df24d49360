"""The folder of snapshots: files by content, packages by name, and a pointer to the newest that is always whole.

    files/{sha256}/{name}              every file, once
    snapshots/{edition}/               a manifest and its files, hard links to the above
    deltas/{from}-{to}/                the same
    latest.json                        written last

Whatever is here under its name is complete: files and packages are made under another name, seen to the disk and renamed.
"""

import contextlib
import os
import re
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Literal

Sort = Literal["snapshots", "deltas"]

MANIFEST = "datapackage.json"
_PACKAGE = re.compile(r"[0-9]{1,10}(-[0-9]{1,10})?", re.ASCII)
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ANY_SHA256 = re.compile(r"\b[0-9a-f]{64}\b", re.ASCII)
_GONE = ".gone-"


class BulkFolder:
    """Reads what was published, and publishes whole packages."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def latest(self) -> bytes | None:
        """The pointer to the newest snapshot; None before the first."""
        return _read(self.root / "latest.json")

    def packages(self, sort: Sort) -> list[str]:
        """Names of complete packages, by their numbers."""
        with contextlib.suppress(FileNotFoundError):
            names = [path.name for path in (self.root / sort).iterdir() if _PACKAGE.fullmatch(path.name)]
            return sorted(names, key=lambda name: [int(part) for part in name.split("-")])
        return []

    def document(self, sort: Sort, package: str, name: str = MANIFEST) -> bytes | None:
        """A document of a package; None if there is no such one."""
        if not (_PACKAGE.fullmatch(package) and _NAME.fullmatch(name)):
            return None
        return _read(self.root / sort / package / name)

    def file(self, sha256: str, name: str) -> Path | None:
        """Where a file is; None if there is no such one."""
        if not (_SHA256.fullmatch(sha256) and _NAME.fullmatch(name)):
            return None
        path = self.root / "files" / sha256 / name
        return path if path.is_file() else None

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
        left = [path for path in self.root.glob("work/*") if path.name not in but]
        for path in (*left, *self.root.glob("snapshots/.*"), *self.root.glob("deltas/.*")):
            shutil.rmtree(path)
        for path in self.root.glob(".latest.*"):
            path.unlink()

    def files(self) -> list[tuple[str, str]]:
        """Digest and name of every file."""
        return sorted((path.parent.name, path.name) for path in self.root.glob("files/*/*"))

    def size(self, sha256: str, name: str) -> int:
        """Size of a file in bytes."""
        return (self.root / "files" / sha256 / name).stat().st_size

    def noted(self) -> set[str]:
        """Digests of files that unfinished work has made and will take up."""
        return {found for path in self.root.glob("work/*/*.json") for found in _ANY_SHA256.findall(path.read_text())}

    def withdraw(self, sort: Sort, package: str) -> None:
        """Remove a package: at once and whole for who looks for it. Whoever reads a file of it reads on."""
        gone = self.root / sort / f"{_GONE}{package}"
        (self.root / sort / package).rename(gone)
        _sync(gone.parent)
        shutil.rmtree(gone)

    def forget(self) -> None:
        """Remove what is left of packages that were withdrawn."""
        for path in (*self.root.glob(f"snapshots/{_GONE}*"), *self.root.glob(f"deltas/{_GONE}*")):
            shutil.rmtree(path)

    def drop(self, sha256: str, name: str) -> None:
        """Remove a file."""
        home = self.root / "files" / sha256
        (home / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # it has a file of another name, or is just getting one
            home.rmdir()

    def adopt(self, path: Path, sha256: str) -> None:
        """Take in a finished file under its digest."""
        home = self.root / "files" / sha256
        home.mkdir(parents=True, exist_ok=True)
        path.replace(home / path.name)
        _sync(home)
        _sync(home.parent)

    def publish(self, sort: Sort, package: str, files: Iterable[tuple[str, str]], documents: dict[str, bytes]) -> None:
        """Make a package of files (digest and name) and documents; one that is there already is left as it is."""
        target = self.root / sort / package
        if target.exists():
            return
        made = self.root / sort / f".{package}.{os.getpid()}"
        made.mkdir(parents=True)
        for sha256, name in files:
            (made / name).hardlink_to(self.root / "files" / sha256 / name)
        for name, content in documents.items():
            _write(made / name, content)
        _sync(made)
        made.rename(target)
        _sync(target.parent)

    def point(self, content: bytes) -> None:
        """Let `latest.json` say this, at once and whole."""
        made = self.root / f".latest.{os.getpid()}"
        _write(made, content)
        made.replace(self.root / "latest.json")
        _sync(self.root)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """See the names in a folder to the disk."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
