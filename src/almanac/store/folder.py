"""Folders of the embedded servers: made for us alone, locked while in use, short enough for a socket."""

import contextlib
import fcntl
import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

from almanac.errors import Misconfigured

_SOCKET_PATH_BYTES = 100  # The kernel takes 107, macOS 103.


def make(folder: Path) -> Path:
    """The folder, made if missing. Errors: Misconfigured if this user cannot write there."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(f"{folder} cannot be made: {error.strerror}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Misconfigured(f"{folder} belongs to another user; remove it, or set ALMANAC_STATE_DIR to another folder")
    return folder


def for_socket(folder: Path, name: str) -> Path:
    """`folder`, or a folder with a short path in its place if a socket `name` would not fit. Always the same one."""
    if len(os.fsencode(folder / name)) <= _SOCKET_PATH_BYTES:
        return folder
    digest = hashlib.blake2b(os.fsencode(folder), digest_size=8).hexdigest()
    short = Path(tempfile.gettempdir()) / f"almanac-{os.geteuid()}-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    found = short.lstat()
    # Anybody may make a folder in the temporary one: only ours will do.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), 65534} or found.st_mode & 0o077:
        raise Misconfigured(f"{short} is not ours; remove it, or set ALMANAC_STATE_DIR to a folder with a shorter path")
    return short


@contextlib.contextmanager
def locked(file: Path, patience_s: float) -> Generator[bool]:
    """Hold a lock on `file`; gives whether the holder before was killed. Errors: Misconfigured if it is kept."""
    make(file.parent)
    deadline = time.monotonic() + patience_s
    with file.open("a+") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Misconfigured(f"another almanac process already runs in {file.parent}") from None
                time.sleep(0.05)
        was_killed = file.stat().st_size > 0
        handle.truncate(0)
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        yield was_killed
        handle.truncate(0)
