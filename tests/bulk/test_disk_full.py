"""A disk that is full, and really so: the exporter ends in a line, what was published stands, and room is all that it needs."""

import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from almanac.store.bulk_folder import BulkFolder
from tests.bulk.conftest import Published
from tests.bulk.published import contents
from tests.bulk.test_interrupted import command, whole

Resize = Callable[[int], None]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[tuple[Path, Resize]]:
    """A file system of 1 MB in memory, and how to give it so many bytes instead. Skips where none may be mounted."""
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "almanac-tests", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        pytest.skip(f"a disk that is full: no tmpfs may be mounted here ({made.stderr.strip()})")

    def resize(size: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", str(tmp_path)], check=True)

    yield tmp_path, resize
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def used(folder: Path) -> int:
    """Bytes that are taken on its disk."""
    said = os.statvfs(folder)
    return (said.f_blocks - said.f_bfree) * said.f_frsize


def assert_nothing_is_half(folder: Path) -> None:
    """Whatever has its final name is whole: files by their digest, packages by their manifest."""
    for path in folder.glob("files/*/*"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.parent.name
    for package in (*folder.glob("snapshots/[0-9]*"), *folder.glob("deltas/[0-9]*")):
        named = {
            one["path"]: one["bytes"] for one in json.loads((package / "datapackage.json").read_bytes())["resources"]
        }
        assert {name: (package / name).stat().st_size for name in named} == named


@pytest.mark.slow
def test_a_full_disk_is_one_line_and_what_was_published_stands(published: Published, disk: tuple[Path, Resize]):
    """1 MB; then more by and by, so that it is full in another place each time, until two snapshots have room."""
    folder, resize = disk
    size = 1 << 20
    for edition, more in ((published.first, ["--edition", str(published.first)]), (published.newest, [])):
        line, env = command(published.url, folder, *more)
        pointer, full = BulkFolder(folder).latest(), 0
        before = contents(folder) if pointer else {}
        while (done := subprocess.run(line, env=env, check=False, capture_output=True, text=True)).returncode != 0:
            full += 1
            assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
            assert f"{folder} cannot be written: " in done.stderr
            assert "No space left on device; what was published stands" in done.stderr
            assert BulkFolder(folder).latest() == pointer
            assert whole(folder) == (published.first if pointer else None)
            assert {name: held for name, held in contents(folder).items() if name in before} == before
            assert_nothing_is_half(folder)
            size += 160 << 10
            resize(size)
        assert whole(folder) == edition
        assert full > (2 if pointer else 0)
        size = used(folder) + (64 << 10)
        resize(size)  # what the work of the first took would be room for much of the second
    assert contents(folder) == contents(published.folder.root), "the same bytes, and nothing is left over"
