"""A partner's copy is the server's corpus, byte for byte, whatever was missed or broke off on the way."""

import gzip
import hashlib
import http.server
import json
import random
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from almanac.errors import BadFile
from almanac.partner.copy import Copy
from almanac.partner.keep import Applied, Verified, apply, verify
from almanac.partner.pull import pull
from almanac.partner.remote import Remote
from tests.client import Client
from tests.partner.conftest import Story, command, environment, run

At = Callable[[int], Client]


def brought(at: At, edition: int, tmp_path: Path) -> tuple[Path, Path]:
    """A folder and a copy at an edition."""
    folder, copy = tmp_path / "packages", tmp_path / "copy.sqlite"
    pull(Remote(at(edition).base), folder)
    applied(folder, copy)
    return folder, copy


def applied(folder: Path, copy: Path) -> Applied:
    """Bring a copy to what a folder leads to."""
    with closing(Copy(copy)) as held:
        return apply(folder, held)


def verified(copy: Path) -> Verified:
    """What the proof of a copy says."""
    with closing(Copy(copy)) as held:
        return verify(held)


def assert_same(copy: Path, story: Story, edition: int) -> None:
    """The copy has the lines of the server's snapshot, in its order."""
    files = sorted((story.folder / f"snapshots/{edition}").glob("*.ndjson.gz"))
    assert files
    with closing(Copy(copy)) as held:
        assert held.edition == edition
        for file in files:
            table, form = file.name.removesuffix("-0001.ndjson.gz").rsplit("-", 1)
            assert b"".join(held.lines(table, form)) == gzip.decompress(file.read_bytes()), (table, form)


@pytest.mark.slow
def test_a_copy_of_any_edition_becomes_the_newest_by_deltas_alone(story: Story, almanac_at: At, tmp_path: Path):
    for edition in range(story.first, story.last + 1):
        home = tmp_path / str(edition)
        home.mkdir()
        folder, copy = brought(almanac_at, edition, home)
        assert_same(copy, story, edition)
        server = almanac_at(story.last)
        pulled = pull(Remote(server.base), folder)
        assert all(place.startswith("deltas/") for place in pulled.packages)
        assert applied(folder, copy).packages == pulled.packages
        assert_same(copy, story, story.last)
        proof = verified(copy)
        assert proof.wrong == []
        assert proof.state_digest == server.get(f"/v1/editions/{story.last}").json()["data"]["state_digest"]
        assert (pull(Remote(server.base), folder).packages, applied(folder, copy).packages) == ([], [])


@pytest.mark.slow
def test_step_by_step_is_the_same_as_at_once(story: Story, almanac_at: At, tmp_path: Path):
    folder, copy = brought(almanac_at, story.first, tmp_path)
    for edition in range(story.first + 1, story.last + 1):
        pull(Remote(almanac_at(edition).base), folder)
        applied(folder, copy)
        assert_same(copy, story, edition)
        assert verified(copy).wrong == []


@pytest.mark.parametrize("break_", ["drop", "change", "add"])
def test_a_line_that_is_not_right_is_named(story: Story, almanac_at: At, tmp_path: Path, break_: str):
    _, copy = brought(almanac_at, story.last, tmp_path)
    with closing(sqlite3.connect(copy, isolation_level=None)) as sqlite:
        (key,) = sqlite.execute("select min(key) from line where name = 'emissions' and form = 'current'").fetchone()
        where = "name = 'emissions' and form = 'current' and key = ?"
        if break_ == "drop":
            sqlite.execute(f"delete from line where {where}", (key,))
        elif break_ == "change":
            sqlite.execute(f"update line set body = replace(body, 'tCO2e', 'tCO2') where {where}", (key,))
        else:
            row = f"select name, form, 'x', 'x', '~', body from line where {where}"
            sqlite.execute(f"insert into line (name, form, key, head, place, body) {row}", (key,))
    told = verified(copy).wrong
    assert any(one.startswith("emissions") for one in told)
    assert any(one.startswith("state_digest") for one in told)


@pytest.mark.slow
def test_killed_fifty_times_while_applying_it_ends_right(story: Story, almanac_at: At, tmp_path: Path):
    folder, copy = brought(almanac_at, story.first, tmp_path)
    start = tmp_path / "start.sqlite"
    shutil.copy(copy, start)
    run("pull", almanac_at(story.last).base, folder)
    random_ = random.Random(1)
    began = time.monotonic()
    shutil.copy(copy, scratch := tmp_path / "scratch.sqlite")
    run("apply", folder, scratch)
    took = time.monotonic() - began
    killed = whole = 0
    reach = took  # how long one lasts changes with what else the machine does
    while killed < 50:
        process = subprocess.Popen(command("apply", folder, copy), env=environment(), stdout=subprocess.DEVNULL)
        time.sleep(random_.uniform(reach / 2, reach))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        with closing(Copy(copy)) as held:
            now = held.edition
        assert_same(copy, story, now)
        if now == story.last:  # begin again
            whole += 1
            reach *= 0.9
            shutil.copy(start, copy)
        else:
            reach *= 1.02
    run("apply", folder, copy)
    run("verify", copy)
    assert_same(copy, story, story.last)
    assert whole < 50, "some were killed before they were done"


def test_a_broken_download_goes_on_where_it_stopped(story: Story, almanac_at: At, tmp_path: Path):
    server = almanac_at(story.last)
    manifest = server.get(f"/v1/bulk/snapshots/{story.last}/datapackage.json").json()
    lines = [one for one in manifest["resources"] if one["mediatype"] == "application/x-ndjson"]
    largest = max(lines, key=lambda one: one["bytes"])
    content = (story.folder / f"snapshots/{story.last}" / largest["path"]).read_bytes()
    work = tmp_path / f"packages/snapshots/.{story.last}"
    work.mkdir(parents=True)
    half = len(content) // 2
    (work / f"{largest['path']}.part").write_bytes(content[:half])
    pulled = pull(Remote(server.base), tmp_path / "packages")
    assert pulled.size == sum(one["bytes"] for one in lines) - half
    assert (tmp_path / f"packages/snapshots/{story.last}" / largest["path"]).read_bytes() == content


def test_a_file_that_is_not_what_the_manifest_says_is_refused(story: Story, almanac_at: At, tmp_path: Path):
    server = almanac_at(story.last)
    manifest = server.get(f"/v1/bulk/snapshots/{story.last}/datapackage.json").json()
    resource = manifest["resources"][0] | {"hash": f"sha256:{hashlib.sha256(b'other').hexdigest()}"}
    place = f"snapshots/{story.last}/{resource['path']}"
    with pytest.raises(BadFile, match="and the manifest says"):
        Remote(server.base).file(place, tmp_path / "file", resource, lambda _: None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("spoil", "said"), [("a line less", "and the manifest says"), ("cut", "cannot be applied")])
def test_a_package_that_is_spoilt_leaves_the_copy_as_it_was(
    story: Story, almanac_at: At, tmp_path: Path, spoil: str, said: str
):
    folder, copy = brought(almanac_at, story.first, tmp_path)
    pull(Remote(almanac_at(story.last).base), folder)
    (delta,) = (folder / "deltas").iterdir()
    spoilt = max(delta.glob("*-upserts-*.ndjson.gz"), key=lambda path: path.stat().st_size)
    packed = spoilt.read_bytes()
    less = gzip.compress(b"".join(gzip.decompress(packed).splitlines(keepends=True)[:-1]))
    spoilt.write_bytes(less if spoil == "a line less" else packed[: len(packed) // 2])
    with closing(Copy(copy)) as held, pytest.raises(BadFile, match=said):
        apply(folder, held)
    assert_same(copy, story, story.first)


def test_the_copy_can_be_asked_in_sql(story: Story, almanac_at: At, tmp_path: Path):
    _, copy = brought(almanac_at, story.last, tmp_path)
    server = almanac_at(story.last)
    rows = server.data("/v1/emissions?limit=500")
    with closing(sqlite3.connect(copy)) as sqlite:
        sqlite.row_factory = sqlite3.Row
        held = {row["id"]: dict(row) for row in sqlite.execute("select * from emissions")}
    closed = {row["id"] for row in rows} - held.keys()
    assert len(closed) == 1, "an answer whose source forbids it is in no file"
    for row in rows:
        if row["id"] in held:
            assert {name: held[row["id"]][name] for name in ("company", "metric", "year", "value", "op")} == {
                name: row[name] for name in ("company", "metric", "year", "value", "op")
            }


def test_the_three_commands_say_what_they_did(story: Story, almanac_at: At, tmp_path: Path):
    server = almanac_at(story.last)
    folder, copy = tmp_path / "packages", tmp_path / "copy.sqlite"
    assert f"leads to edition {story.last}: snapshots/{story.last} (" in run("pull", server.base, folder).stdout
    assert "nothing new" in run("pull", server.base, folder).stdout
    assert f"holds edition {story.last}: snapshots/{story.last} (" in run("apply", folder, copy).stdout
    assert "nothing new" in run("apply", folder, copy).stdout
    digest = server.get(f"/v1/editions/{story.last}").json()["data"]["state_digest"]
    assert digest in run("verify", copy).stdout
    assert json.loads(run("verify", copy, "--json").stdout)["state_digest"] == digest
    with closing(sqlite3.connect(copy, isolation_level=None)) as sqlite:
        sqlite.execute("delete from line where name = 'emissions' and form = 'current'")
    assert "emissions-current-0001.ndjson.gz: 0 of " in run("verify", copy, code=1).stderr


def test_what_cannot_be_reached_or_is_no_copy_is_said_in_a_line(tmp_path: Path):
    assert "cannot be reached" in run("pull", "http://127.0.0.1:9", tmp_path / "p", code=1).stderr
    assert "no address" in run("pull", "ftp://x", tmp_path / "p", code=2).stderr
    (tmp_path / "empty").mkdir()
    assert "holds no package" in run("apply", tmp_path / "empty", tmp_path / "c.sqlite", code=2).stderr
    (tmp_path / "text").write_text("no copy of anything, but longer than a header of a hundred bytes " * 3)
    assert "is no copy" in run("verify", tmp_path / "text", code=2).stderr


def test_another_server_that_answers_is_told_apart(tmp_path: Path):
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *_: object):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Page) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        assert "is no JSON" in run("pull", f"http://127.0.0.1:{other.server_port}", tmp_path / "p", code=2).stderr
        other.shutdown()
