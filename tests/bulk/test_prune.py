"""What goes is old, promised to nobody and named by nothing that stays; whatever interrupts it, what is left is whole."""

import datetime as dt
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from almanac.bulk.prune import Pruned, prune
from almanac.store.bulk_folder import BulkFolder
from almanac.store.bulk_place import MANIFEST, Place
from tests.bulk.published import contents

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
NOTHING = Pruned(snapshots=[], deltas=[])
SAME = "metrics-current-0001.ndjson.gz"


def at(day: float) -> dt.datetime:
    """An instant so many days after the start."""
    return START + dt.timedelta(days=day)


def adopted(folder: Place, name: str, content: bytes) -> dict:
    """A file in the place, as a manifest names it."""
    sha256 = hashlib.sha256(content).hexdigest()
    if folder.held(sha256, name) is None:
        made = folder.root / name
        made.write_bytes(content)
        folder.adopt(made, sha256)
    return {"path": name, "hash": f"sha256:{sha256}", "bytes": len(content)}


def published(folder: Place, edition: int, since: Sequence[int], until: dt.datetime | None = None) -> None:
    """A snapshot of its day, whose number is its edition, and the deltas to it, with files of their own and one in common."""
    said = {"edition": edition, "published_at": at(edition).isoformat(), "retention_until": until and until.isoformat()}
    for base in since:
        file = adopted(folder, "emissions-upserts-0001.ndjson.gz", f"{base} to {edition}".encode())
        manifest = said | {"resources": [file]}
        files = [(file["hash"].removeprefix("sha256:"), file["path"])]
        folder.publish("deltas", f"{base}-{edition}", files, {MANIFEST: json.dumps(manifest).encode()})
    files = [
        adopted(folder, "emissions-current-0001.parquet", f"all of {edition}".encode()),
        adopted(folder, SAME, b"the same in all"),
    ]
    manifest = said | {"resources": files, "deltas": [{"since": base} for base in since]}
    names = [(one["hash"].removeprefix("sha256:"), one["path"]) for one in files]
    folder.publish("snapshots", str(edition), names, {MANIFEST: json.dumps(manifest).encode()})
    folder.point(json.dumps({"edition": edition}).encode())


def assert_whole(folder: BulkFolder) -> None:
    """The pointer leads somewhere, and everything that a manifest names is there, byte for byte."""
    pointed = json.loads(folder.latest())["edition"]
    assert str(pointed) in folder.packages("snapshots")
    for sort in ("snapshots", "deltas"):
        for name in folder.packages(sort):
            manifest = json.loads(folder.document(sort, name))
            for one in manifest["resources"]:
                sha256 = one["hash"].removeprefix("sha256:")
                for path in (folder.file(sha256, one["path"]), folder.root / sort / name / one["path"]):
                    assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256
            for delta in manifest.get("deltas", ()):
                assert f"{delta['since']}-{name}" in folder.packages("deltas")


@pytest.fixture
def folder(tmp_path: Path) -> BulkFolder:
    """Ten snapshots, one a day, each with the deltas from the day before and from the first."""
    made = BulkFolder(tmp_path / "bulk")
    made.root.mkdir()
    for edition in range(10):
        published(made, edition, sorted({max(0, edition - 1), 0}) if edition else [])
    return made


def test_days_count_from_the_snapshot_that_came_after(folder: BulkFolder):
    done = prune(folder, at(9.5), 3)
    assert folder.packages("snapshots") == ["6", "7", "8", "9"]
    assert folder.packages("deltas") == ["0-6", "0-7", "0-8", "0-9", "5-6", "6-7", "7-8", "8-9"]
    assert (done.snapshots, len(done.deltas)) == ([str(one) for one in range(6)], 9)
    assert done.files == 6 + 9, "and the file that all have stays"
    assert len(folder.files()) == 4 + 8 + 1
    assert_whole(folder)
    assert prune(folder, at(9.5), 3) == NOTHING


def test_the_newest_stays_however_old_it_is(folder: BulkFolder):
    prune(folder, at(10_000), 0)
    assert (folder.packages("snapshots"), folder.packages("deltas")) == (["9"], ["0-9", "8-9"])
    assert_whole(folder)


def test_a_promise_holds_whatever_is_asked_for_later(folder: BulkFolder):
    shutil.rmtree(folder.root)
    folder.root.mkdir()
    for edition in range(10):
        published(folder, edition, [edition - 1] if edition else [], at(100) if edition in (2, 5) else None)
    prune(folder, at(99.9), 0)
    assert (folder.packages("snapshots"), folder.packages("deltas")) == (["2", "5", "9"], ["1-2", "4-5", "8-9"])
    assert_whole(folder)
    prune(folder, at(100), 0)
    assert (folder.packages("snapshots"), folder.packages("deltas")) == (["9"], ["8-9"])


def test_what_is_newer_than_the_pointer_is_being_made(folder: BulkFolder):
    folder.point(b'{"edition": 4}')
    prune(folder, at(10_000), 0)
    assert folder.packages("snapshots") == ["4", "5", "6", "7", "8", "9"]
    shutil.rmtree(folder.root / "snapshots/9")  # its deltas are published before it is
    prune(folder, at(10_000), 0)
    assert {"0-9", "8-9"} <= set(folder.packages("deltas"))


def test_without_a_pointer_nothing_is_old(folder: BulkFolder):
    (folder.root / "latest.json").unlink()
    before = contents(folder.root)
    assert prune(folder, at(10_000), 0) == NOTHING
    assert contents(folder.root) == before


def test_files_of_others_and_of_work_that_can_be_taken_up_stay(folder: BulkFolder):
    other = adopted(folder, "almanac-emissions-edition-3.csv.gz", b"somebody's export")
    work = adopted(folder, "targets-current-0001.csv.gz", b"made, and its snapshot is not")
    stray = adopted(folder, "targets-current-0002.csv.gz", b"of nobody")
    (folder.root / "work/label").mkdir(parents=True)
    (folder.root / "work/label/0-targets-current-0001.json").write_text(
        json.dumps([work["hash"].removeprefix("sha256:")])
    )
    assert prune(folder, at(9.5), 100).files == 1
    there = {(f"sha256:{sha256}", name) for sha256, name in folder.files()}
    assert {(one["hash"], one["path"]) for one in (other, work)} <= there
    assert (stray["hash"], stray["path"]) not in there


def test_a_rehearsal_says_the_same_and_removes_nothing(folder: BulkFolder):
    before = contents(folder.root)
    told = prune(folder, at(9.5), 3, dry=True)
    assert contents(folder.root) == before
    assert prune(folder, at(9.5), 3) == told


class Killed(BaseException):
    """The process ends here: nothing after it is done."""


def test_killed_at_any_step_what_is_left_is_whole_and_the_next_run_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    calls: dict[str, Callable[..., None]] = {name: getattr(os, name) for name in ("rename", "unlink", "rmdir")}
    left = -1

    def counted(name: str) -> Callable[..., None]:
        def call(*args: object, **more: object) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed
            calls[name](*args, **more)

        return call

    small = BulkFolder(tmp_path / "small")
    small.root.mkdir()
    for edition in range(4):
        published(small, edition, [edition - 1] if edition else [])
    shutil.copytree(small.root, tmp_path / "ended")
    assert len(prune(BulkFolder(tmp_path / "ended"), at(3.5), 1).snapshots) == 2
    wanted, kills = contents(tmp_path / "ended"), 0
    while True:
        again = BulkFolder(tmp_path / f"killed-{kills}")
        shutil.copytree(small.root, again.root)
        left = kills + 1
        with monkeypatch.context() as patched:
            for name in calls:
                patched.setattr(os, name, counted(name))
            try:
                prune(again, at(3.5), 1)
            except Killed:
                kills += 1
            else:
                break
        assert_whole(again)
        prune(again, at(3.5), 1)
        assert contents(again.root) == wanted
        assert not list(again.root.glob("*/.*"))
        shutil.rmtree(again.root)
    assert kills >= 15
