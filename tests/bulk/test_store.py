"""What is published into a bucket is what a folder would have, byte for byte, and goes by the same rule."""

import contextlib
import datetime as dt
import hashlib
import json
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import obstore
import pytest

from almanac.bulk.prune import prune
from almanac.errors import Misconfigured, StoreAway
from almanac.settings import Settings
from almanac.store import placed
from almanac.store.bulk_folder import BulkFolder
from almanac.store.bulk_place import MANIFEST
from almanac.store.bulk_store import BulkStore
from tests.bulk.bucket import SECRET, Bucket, exporting
from tests.bulk.conftest import Published, Stored
from tests.bulk.published import contents
from tests.bulk.test_prune import at
from tests.bulk.test_prune import published as snapshot_of
from tests.forked import CONTEXT

FILE = "metrics-current-0001.ndjson.gz"


def in_a_folder(root: Path) -> dict[str, bytes]:
    """What a folder holds, without links: a package has its documents alone."""
    return {path: held for path, held in contents(root).items() if path.startswith("files/") or path.endswith(".json")}


def test_a_bucket_holds_what_a_folder_does(published: Published, stored: Stored):
    assert stored.bucket.contents("stored") == in_a_folder(published.folder.root)
    assert contents(stored.place.root) == {}, "and nothing stays here"
    file = next(iter(stored.place.files()))
    found = obstore.get(stored.place._store, f"files/{file[0]}/{file[1]}", options={"head": True})
    assert found.attributes["Cache-Control"] == "public, max-age=31536000, immutable"
    assert found.attributes["Content-Type"] == "application/gzip"


def put(place: BulkFolder, content: bytes) -> str:
    """A finished file, taken in."""
    made, sha256 = place.root / FILE, hashlib.sha256(content).hexdigest()
    made.write_bytes(content)
    place.adopt(made, sha256)
    assert not made.exists()
    return sha256


def test_what_is_there_is_not_sent_again_and_what_only_looks_so_is(bucket: Bucket, tmp_path: Path):
    place = bucket.place("again", tmp_path)
    sha256 = put(place, b"content")
    before = bucket.asked()
    put(place, b"content")
    assert bucket.asked() == before + 1, "it is looked for"
    obstore.put(place._store, f"files/{sha256}/{FILE}", b"as long", attributes={"sha256": "0" * 64})
    assert place.held(sha256, FILE) is None
    put(place, b"content")
    assert bucket.contents("again")[f"files/{sha256}/{FILE}"] == b"content"
    assert place.held(sha256, FILE) == len(b"content")


def test_a_large_file_goes_in_parts(bucket: Bucket, tmp_path: Path):
    place, content = bucket.place("large", tmp_path), random.Random(1).randbytes((8 << 20) + 5)
    sha256 = put(place, content)
    assert hashlib.sha256(bucket.contents("large")[f"files/{sha256}/{FILE}"]).hexdigest() == sha256
    assert obstore.head(place._store, f"files/{sha256}/{FILE}")["e_tag"].endswith('-2"')


def test_a_store_that_is_away_is_a_line_without_keys(bucket: Bucket, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    for told in ({"bulk_store_endpoint": "http://127.0.0.1:9"}, {"bulk_store": "s3://no-such-bucket/x"}):
        settings = bucket.settings("x", tmp_path, database_url="postgresql://127.0.0.1:9/x", **told)
        with pytest.raises(StoreAway, match=f"^{settings.bulk_store} cannot be reached or refuses") as refused:
            BulkStore(settings).packages("snapshots")
        logged = capfd.readouterr().err
        assert logged.count("bulk_store_unavailable") == 1
        assert SECRET not in logged + str(refused.value) + repr(refused.value.__cause__)


def test_without_the_extra_it_says_what_to_install(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    settings = bucket.settings("x", tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    for choose in (placed.place, placed.shelf):
        choose(Settings(bulk_dir=str(tmp_path)))
        with pytest.raises(Misconfigured, match=re.escape("pip install 'climate-almanac[s3]'")):
            choose(settings)


def test_whoever_was_overtaken_leads_nobody_back(bucket: Bucket, tmp_path: Path):
    late, other = (bucket.place("pointer", tmp_path) for _ in range(2))
    assert (late.latest(), other.latest()) == (None, None)
    other.point(b"2")
    with pytest.raises(StoreAway, match="another exporter"):
        late.point(b"1")
    assert late.latest() == b"2"
    late.point(b"3")  # who has seen it may replace it
    with pytest.raises(StoreAway, match="another exporter"):
        other.point(b"2")
    assert other.latest() == b"3"


@pytest.fixture
def both(bucket: Bucket, tmp_path: Path, request: pytest.FixtureRequest) -> tuple[BulkFolder, object]:
    """The same snapshots in a folder and in a bucket: six, one a day, the second promised for long."""
    places = BulkFolder(tmp_path / "folder"), bucket.place(request.node.name, tmp_path / "here")
    for place in places:
        place.root.mkdir()
        for edition in range(6):
            snapshot_of(place, edition, [edition - 1] if edition else [], at(100) if edition == 1 else None)
    return places


def test_what_goes_from_a_folder_goes_from_a_bucket(both, bucket: Bucket, request: pytest.FixtureRequest):
    folder, place = both
    for day, gone in ((5.5, 2), (10_000, 3), (10_000, 0)):
        told = prune(place, at(day), 2, dry=True)
        assert prune(place, at(day), 2) == told == prune(folder, at(day), 2)
        assert len(told.snapshots) == gone
        assert bucket.contents(request.node.name) == in_a_folder(folder.root)


def whole(bucket: Bucket, name: str) -> None:
    """The pointer leads somewhere, and everything that a manifest names is there, byte for byte."""
    held = bucket.contents(name)
    assert f"snapshots/{json.loads(held['latest.json'])['edition']}/{MANIFEST}" in held
    for path, content in held.items():
        if path.endswith(MANIFEST):
            said = json.loads(content)
            for one in said["resources"]:
                sha256 = one["hash"].removeprefix("sha256:")
                assert hashlib.sha256(held[f"files/{sha256}/{one['path']}"]).hexdigest() == sha256
            for delta in said.get("deltas", ()):
                assert f"deltas/{delta['since']}-{said['edition']}/{MANIFEST}" in held


class Killed(BaseException):
    """The process ends here."""


def test_killed_at_any_step_of_tidying_what_is_left_is_whole(
    both, bucket: Bucket, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
):
    """One object more goes each time, then it is killed."""
    folder, place = both
    prune(folder, at(5.5), 2)
    delete, kills = obstore.delete, 0

    while True:
        left = 1

        def once(*args: object) -> None:
            nonlocal left
            if not left:
                raise Killed
            left -= 1
            delete(*args)

        with monkeypatch.context() as patched:
            patched.setattr(obstore, "delete", once)
            try:
                prune(place, at(5.5), 2)
            except Killed:
                kills += 1
            else:
                break
        whole(bucket, request.node.name)
    assert kills > 3
    assert bucket.contents(request.node.name) == in_a_folder(folder.root)


def test_a_package_is_there_whole_or_not_at_all(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Killed before each of its objects is put, and before each is removed."""
    place, documents = bucket.place("package", tmp_path), {MANIFEST: b"{}", "croissant.json": b"{}", "dcat.json": b"{}"}
    steps = {
        "put": lambda: place.publish("snapshots", "7", [], documents),
        "delete": lambda: (place.withdraw("snapshots", "7"), place.forget()),
    }
    for name, step in steps.items():
        act = getattr(obstore, name)
        for most in range(4):
            done: list[object] = []

            def some(*args: object, act=act, most=most, done=done, **more: object) -> object:
                if len(done) == most:
                    raise Killed
                done.append(args)
                return act(*args, **more)

            with monkeypatch.context() as patched:
                patched.setattr(obstore, name, some)
                with contextlib.suppress(Killed):
                    step()
            held = {path.rpartition("/")[2] for path in bucket.contents("package")}
            assert (held == set(documents)) is (place.packages("snapshots") == ["7"])
        assert held == (set(documents) if name == "put" else set())


def test_a_promise_in_a_manifest_holds(published: Published, stored: Stored):
    """`prune` over the real packages: nothing is old on the day, whatever the days."""
    until = dt.datetime.fromisoformat(published.manifest(str(published.newest))["published_at"])
    told = prune(stored.place, until, 36_500, dry=True)
    assert (told.snapshots, told.deltas, told.files) == ([], [], 0)


@pytest.mark.slow
def test_killed_while_it_publishes_the_pointer_is_whole_and_the_next_run_ends_it(
    published: Published, bucket: Bucket, tmp_path: Path
):
    """Killed when so many of its files are there, each time later; the command ends it."""
    place, edition = bucket.place("killed", tmp_path), str(published.first)
    environment = bucket.environment(bucket.settings("killed", tmp_path, database_url=published.url))
    manifest = published.manifest(edition)
    named = {(one["hash"].removeprefix("sha256:"), one["path"]) for one in manifest["resources"]}
    left: list[int] = []
    for share in (0.05, 0.6):
        process = CONTEXT.Process(target=exporting, args=(environment, published.first))
        process.start()
        while process.is_alive() and len(place.files()) < share * len(named):
            time.sleep(0.05)
        process.kill()
        process.join()
        assert set(place.files()) <= named
        left.append(len(named) - len(place.files()))
        if place.latest() is not None:
            whole(bucket, "killed")
    assert left == sorted(left, reverse=True), "what was done is not done again"
    assert left[0] > 0, "some were killed before the end"
    line = [sys.executable, "-m", "almanac", "bulk", "snapshot", "--edition", edition, "--json"]
    subprocess.run(line, env=environment, check=True, capture_output=True)
    held = in_a_folder(published.folder.root)
    wanted = {path: held[path] for path in held if path.startswith(f"snapshots/{edition}/")}
    wanted |= {f"files/{sha256}/{name}": held[f"files/{sha256}/{name}"] for sha256, name in named}
    found = bucket.contents("killed")
    assert json.loads(found.pop("latest.json"))["edition"] == published.first
    assert found == wanted
    assert contents(tmp_path) == {}
