"""Files that say the same on every machine: gzip without time and name, counted and hashed as they are written.

The bytes of the content depend on the edition alone. Those of the gzip file also depend on the release of zlib-ng, which
comes with its own code and is pinned in `requirements/`, so each file carries both digests, and the manifest names the release.
"""

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Any

from msgspec import Struct
from zlib_ng import zlib_ng

# The fastest whose bytes depend on nothing but the content: at level 1 they depend on how it was handed over.
_LEVEL = 2
MADE_WITH = f"{zlib_ng.ZLIBNG_RUNTIME_VERSION} level {_LEVEL}"
_GZIP = 16 + zlib_ng.MAX_WBITS
_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # no name, no time, no system
_READ_BYTES = 1 << 20


class File(Struct, frozen=True, kw_only=True):
    """One file as written: what it is called, what it holds, and by which digests that is known."""

    name: str
    rows: int
    size: int
    sha256: str
    content_sha256: str


class Gzip:
    """A gzip file being written. Everything here may run in a thread: zlib-ng and hashlib let others go on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("wb")
        self._pack: Any = zlib_ng.compressobj(_LEVEL, zlib_ng.DEFLATED, _GZIP)  # pyright: ignore[reportUnknownMemberType]
        self._content, self._packed = hashlib.sha256(), hashlib.sha256()
        self._size = self.rows = 0
        own = self._pack.compress(b"")  # its own head, which says the system
        assert len(own) == len(_HEAD), f"zlib-ng {MADE_WITH} begins a file in another way"
        self._put(_HEAD)

    def write(self, block: bytes, rows: int) -> None:
        """Add to the content, and so many rows to the count."""
        self._content.update(block)
        self.rows += rows
        self._put(self._pack.compress(block))

    def close(self) -> File:
        """End the file and see it to the disk."""
        self._put(self._pack.flush())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return File(
            name=self._path.name,
            rows=self.rows,
            size=self._size,
            sha256=self._packed.hexdigest(),
            content_sha256=self._content.hexdigest(),
        )

    def abandon(self) -> None:
        """Let the file go as it is, ended or not. What cannot be written any more is no error: there is one already."""
        with contextlib.suppress(OSError):
            self._file.close()

    def _put(self, data: bytes) -> None:
        self._packed.update(data)
        self._size += len(data)
        self._file.write(data)


def described(path: Path, rows: int) -> File:
    """A file that something else wrote, seen to the disk; its content is the file itself."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_READ_BYTES):
            digest.update(block)
        os.fsync(file.fileno())
    said = digest.hexdigest()
    return File(name=path.name, rows=rows, size=path.stat().st_size, sha256=said, content_sha256=said)
