"""What each worker of a server has counted, on a sheet of its own, where the other workers read it.

A worker has a number for as long as it lives, and the one that comes after it has the same: not its process id, of which there
is a new one with each start. Nobody waits for anybody: a sheet that is being written is read again, and then left out.
"""

import contextlib
import fcntl
import mmap
import os
import struct
import time
import zlib
from pathlib import Path

SHEET_BYTES = 1 << 21
"""Most that a sheet holds. Memory is taken for what is written on it."""

# Length and checksum of what follows, and when it was written, by the clock that all processes share.
_HEAD = struct.Struct("=QId")
# A sheet that nobody has written on for so long is of a worker that has gone.
_GONE_S = 15.0
_TRIES = 3


class Board:
    """The sheets of all workers; without a path, not `shared`, that of this process alone. `number` is this worker's, from 0."""

    def __init__(self, path: Path | None = None, sheets: int = 1) -> None:
        self._sheets, self.shared = sheets, path is not None
        self._file = None if path is None else os.open(path, os.O_RDWR)
        self._map = mmap.mmap(-1 if self._file is None else self._file, sheets * SHEET_BYTES)
        self.number = self._claimed()

    def _claimed(self) -> int:
        """The first number that no living worker has. The system ends the claim with the process."""
        for number in range(self._sheets):
            if self._file is None:
                return number
            with contextlib.suppress(OSError):
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number * SHEET_BYTES)
                return number
        raise AssertionError(f"more workers than {self._sheets}")

    def write(self, content: bytes) -> None:
        """Put it on this worker's sheet, instead of what is there."""
        assert _HEAD.size + len(content) <= SHEET_BYTES, len(content)
        place = self.number * SHEET_BYTES
        self._map[place + _HEAD.size : place + _HEAD.size + len(content)] = content
        _HEAD.pack_into(self._map, place, len(content), zlib.crc32(content), time.monotonic())

    def others(self) -> list[bytes]:
        """What stands on the sheets of the other workers that live."""
        found = (self._read(number) for number in range(self._sheets) if number != self.number)
        return [content for content in found if content is not None]

    def _read(self, number: int) -> bytes | None:
        place = number * SHEET_BYTES
        for _ in range(_TRIES):
            size, checksum, at = _HEAD.unpack_from(self._map, place)
            if not size or time.monotonic() - at > _GONE_S:
                return None
            content = self._map[place + _HEAD.size : place + _HEAD.size + size]
            if zlib.crc32(content) == checksum:
                return content
        return None
