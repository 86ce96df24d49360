"""An exporter that dies, meets a full disk or another exporter leaves what was published as it was, and the next one ends it."""

import asyncio
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from almanac.bulk import export, rows
from almanac.bulk.snapshot import snapshot
from almanac.kinds import KINDS
from almanac.store.bulk_folder import BulkFolder
from almanac.store.db import Connection
from almanac.store.queries import QUERIES
from tests.bulk.conftest import Published
from tests.bulk.published import contents
from tests.forked import Command
from tests.up.running import descendants, stat

pytestmark = pytest.mark.anyio

KILLS = 50


def command(url: str, folder: Path, *more: str) -> tuple[list[str], dict[str, str]]:
    line = [sys.executable, "-m", "almanac", "bulk", "snapshot", "--out", str(folder), "--json", *more]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ALMANAC_")}
    return line, inherited | {"ALMANAC_DATABASE_URL": url}


def whole(folder: Path) -> int | None:
    """Edition that `latest.json` leads to, after looking at every file that its manifest names."""
    bulk = BulkFolder(folder)
    latest = bulk.latest()
    if latest is None:
        return None
    edition = json.loads(latest)["edition"]
    manifest = json.loads(bulk.document("snapshots", str(edition)))
    for delta in manifest["deltas"]:
        assert bulk.document("deltas", f"{delta['since']}-{edition}"), "the deltas are there before the pointer"
    for one in manifest["resources"]:
        assert bulk.file(one["hash"].removeprefix("sha256:"), one["path"]).stat().st_size == one["bytes"]
        assert (folder / f"snapshots/{edition}/{one['path']}").stat().st_size == one["bytes"]
    return edition


@pytest.mark.slow
def test_killed_anywhere_the_pointer_is_whole_and_the_next_run_gives_the_same_bytes(
    published: Published, tmp_path: Path
):
    wanted, folder, kept = contents(published.folder.root), tmp_path / "bulk", tmp_path / "kept"
    line, env = command(published.url, folder)
    args = line[line.index("bulk") :]
    assert Command([*args, "--edition", published.first], env).wait(60) == 0
    shutil.copytree(folder, kept, symlinks=True)

    def again() -> None:
        assert whole(folder) == published.newest
        assert contents(folder) == wanted
        shutil.rmtree(folder)
        shutil.copytree(kept, folder, symlinks=True)

    began = time.monotonic()
    assert Command(args, env).wait(60) == 0
    reach, chance, killed = time.monotonic() - began, random.Random(3), []
    again()
    below: set[int] = set()
    while len(killed) < KILLS:
        process = Command(args, env)
        time.sleep(chance.uniform(0, reach))
        below.update(descendants(process.pid))
        process.send_signal(signal.SIGKILL)
        ended = process.wait()
        assert ended in (0, -signal.SIGKILL)
        if ended:
            killed.append(whole(folder))
        # How long one lasts changes with what else the machine does, and with what the last one left done.
        reach *= 0.9 if process.poll() == 0 else 1.02
        if whole(folder) == published.newest:
            if ended:  # behind the pointer, and perhaps before it had tidied up
                assert Command(args, env).wait(60) == 0
            again()
    assert Command(args, env).wait(60) == 0
    again()
    assert below, "some were killed with a process of theirs at work"
    assert not [pid for pid in below if (fields := stat(pid)) is not None and fields[0] != "Z"], (
        "and it ended with them"
    )
    assert set(killed) <= {published.first, published.newest}
    assert killed.count(published.first) > KILLS / 2, "most were killed before the end"


async def test_what_was_done_is_not_done_again(published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Dies at the last part of the kinds: the second run makes only that one of the kinds, and the same files."""
    made: list[str] = []
    make = export.Exporter._part

    async def counting(self: export.Exporter, table: object, form: str, *rest: object, **flat: bool) -> list:
        made.append(f"{table.name}-{form}")
        if made == [f"{kind.name}-{f}" for kind in KINDS for f in ("current", "versions")]:
            raise OSError(28, "No space left on device")
        return await make(self, table, form, *rest, **flat)

    monkeypatch.setattr(export.Exporter, "_part", counting)
    with pytest.raises(OSError, match="No space"):
        await snapshot(published.url, BulkFolder(tmp_path), KINDS, edition=published.first)
    assert whole(tmp_path) is None
    done, made[:] = list(made), []
    await snapshot(published.url, BulkFolder(tmp_path), KINDS, edition=published.first)
    kinds = {kind.name for kind in KINDS}
    assert [one for one in made if one.rpartition("-")[0] in kinds] == done[-1:]
    package = f"snapshots/{published.first}"
    assert contents(tmp_path / package) == contents(published.folder.root / package)


@pytest.mark.slow
async def test_parts_that_an_interrupted_run_left_lead_to_the_next(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Who writes a part tells where the next begins; of one that is there already nobody tells."""
    monkeypatch.setattr(rows, "PART_ROWS", 40)
    await snapshot(published.url, BulkFolder(tmp_path / "whole"), KINDS, edition=published.newest)
    made: list[str] = []
    make = export.Exporter._part

    async def dies(self: export.Exporter, table: object, form: str, *rest: object, **flat: bool) -> list:
        made.append(f"{table.name}-{form}")
        if len(made) == 3:
            raise OSError(28, "No space left on device")
        return await make(self, table, form, *rest, **flat)

    with monkeypatch.context() as once:
        once.setattr(export.Exporter, "_part", dies)
        with pytest.raises(OSError, match="No space"):
            await snapshot(published.url, BulkFolder(tmp_path / "twice"), KINDS, edition=published.newest)
    assert made == ["emissions-current"] * 3
    await snapshot(published.url, BulkFolder(tmp_path / "twice"), KINDS, edition=published.newest)
    package = f"snapshots/{published.newest}"
    assert contents(tmp_path / "twice" / package) == contents(tmp_path / "whole" / package)


@pytest.mark.slow
def test_a_full_disk_is_one_line_and_the_old_pointer_stands(published: Published, tmp_path: Path):
    """No file may grow beyond 16 kB: as good as a disk that is full in the middle of one."""
    line, env = command(published.url, tmp_path, "--edition", str(published.first))
    subprocess.run(line, env=env, check=True, capture_output=True)
    before = contents(tmp_path)
    line, env = command(published.url, tmp_path)

    def cramped() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (16_000, 16_000))

    done = subprocess.run(line, env=env, check=False, capture_output=True, text=True, preexec_fn=cramped)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert "cannot be written" in done.stderr
    assert {name: held for name, held in contents(tmp_path).items() if name in before} == before
    assert whole(tmp_path) == published.first
    subprocess.run(line, env=env, check=True, capture_output=True)
    assert contents(tmp_path) == contents(published.folder.root), "and nothing is left over"


async def test_one_exporter_works_at_a_time(published: Published, reader: Connection, tmp_path: Path):
    assert await reader.fetchval(QUERIES["bulk/lease"])
    made = await snapshot(published.url, BulkFolder(tmp_path), KINDS)
    assert made.status == "busy"
    assert contents(tmp_path) == {}
    await reader.execute("select pg_advisory_unlock_all()")
    both = await asyncio.gather(*(snapshot(published.url, BulkFolder(tmp_path), KINDS) for _ in range(3)))
    assert sorted({one.status for one in both} - {"there"}) == ["busy", "made"]
    assert [one.status for one in both].count("made") == 1
    assert whole(tmp_path) == published.newest


async def test_a_snapshot_that_is_there_is_left_alone_and_an_older_one_moves_no_pointer(
    published: Published, tmp_path: Path
):
    folder = BulkFolder(tmp_path)
    await snapshot(published.url, folder, KINDS)
    pointer, before = folder.latest(), contents(tmp_path)
    assert (await snapshot(published.url, folder, KINDS)).status == "there"
    assert contents(tmp_path) == before
    assert (await snapshot(published.url, folder, KINDS, edition=published.first)).status == "made"
    assert folder.latest() == pointer
    (tmp_path / "latest.json").unlink()
    for left in (f"work/{published.newest}-0", "work/999-0", "snapshots/.half"):
        (tmp_path / left).mkdir(parents=True)
    assert (await snapshot(published.url, folder, KINDS)).status == "there"
    assert folder.latest() == pointer, "a run that died before its last steps is ended by the next"
    assert folder.unfinished() == ["999-0"], "which another one takes up"
    assert not (tmp_path / "snapshots/.half").exists()


def test_the_command_says_what_it_did(published: Published, tmp_path: Path):
    line, env = command(published.url, tmp_path, "--edition", str(published.first))
    made, again = (json.loads(subprocess.run(line, env=env, check=True, capture_output=True).stdout) for _ in range(2))
    assert (made["status"], made["edition"], made["files"]) == ("made", published.first, 3 * (2 * len(KINDS) + 6))
    assert (again["status"], again["edition"]) == ("there", published.first)
    told = subprocess.run([*line[:-3], "--edition", "999"], env=env, check=False, capture_output=True, text=True)
    assert (told.returncode, told.stderr) == (1, "almanac: edition 999 is not published\n")
