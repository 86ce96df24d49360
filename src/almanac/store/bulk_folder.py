"""The folder of snapshots: a place whose packages also hold their files, by hard links.

Files and packages are made under another name, seen to the disk and renamed.
"""

import contextlib
import os
import shutil
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from almanac.store.bulk_place import MANIFEST, Name, Place, Sort, is_file, is_name, is_package, ordered

_GONE = ".gone-"


class BulkFolder(Place):
    """A folder of this machine, or one that several share."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, str(root))

    def latest(self) -> bytes | None:
        """The pointer to the newest snapshot; None before the first."""
        return _read(self.root / "latest.json")

    def packages(self, sort: Sort) -> list[str]:
        """Names of complete packages, by their numbers."""
        with contextlib.suppress(FileNotFoundError):
            return ordered(path.name for path in (self.root / sort).iterdir() if is_package(path.name))
        return []

    def document(self, sort: Sort, package: str, name: str = MANIFEST) -> bytes | None:
        """A document of a package; None if there is no such one."""
        if not (is_package(package) and is_name(name)):
            return None
        return _read(self.root / sort / package / name)

    def file(self, sha256: str, name: str) -> Path | None:
        """Where a file is; None if there is no such one."""
        if not is_file(sha256, name):
            return None
        path = self.root / "files" / sha256 / name
        return path if path.is_file() else None

    def sweep(self, but: Collection[str] = ()) -> None:
        """Remove what unfinished work left behind, but for some labels."""
        super().sweep(but)
        for path in (*self.root.glob("snapshots/.*"), *self.root.glob("deltas/.*")):
            shutil.rmtree(path)
        for path in self.root.glob(".latest.*"):
            path.unlink()

    def files(self) -> Mapping[Name, int]:
        """Every file, and its size in bytes."""
        found: dict[Name, int] = {}
        for path in sorted(self.root.glob("files/*/*")):
            with contextlib.suppress(FileNotFoundError):  # somebody removes one
                found[path.parent.name, path.name] = path.stat().st_size
        return found

    def held(self, sha256: str, name: str) -> int | None:
        """Size of a file in bytes; None if it is not there whole."""
        path = self.file(sha256, name)
        return path.stat().st_size if path else None

    def bring(self, path: Path, sha256: str) -> None:
        """Nothing: here it is."""

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

    def publish(self, sort: Sort, package: str, files: Iterable[Name], documents: Mapping[str, bytes]) -> None:
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
