"""The newest edition that any worker of a server has answered from: one number that they share.

Each worker hears of an edition at its own moment. A client whose connections lead to several of them must not be told of an
edition and then of the one before.
"""

import fcntl
import mmap
import os
from pathlib import Path

_SIZE_BYTES = 8


def place(size_bytes: int = _SIZE_BYTES) -> Path | None:
    """Where the workers of this process, started after this, find what they share; None where the system has no such place."""
    if not hasattr(os, "memfd_create"):
        return None
    file = os.memfd_create("almanac")
    os.ftruncate(file, size_bytes)
    return Path(f"/proc/{os.getpid()}/fd/{file}")


class Told:
    """The shared number; without a place, one of this process alone. Reading it costs no system call."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = None if path is None else os.open(path, os.O_RDWR)
        self._number = memoryview(mmap.mmap(-1 if self._file is None else self._file, _SIZE_BYTES)).cast("Q")

    @property
    def newest(self) -> int:
        """The newest edition that anybody was told of; 0 before the first."""
        return self._number[0]

    def tell(self, edition: int) -> None:
        """Say that answers rest on this edition from now on."""
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            self._number[0] = max(edition, self.newest)
        finally:
            if self._file is not None:
                fcntl.flock(self._file, fcntl.LOCK_UN)
