"""What is pulled is what the server has, whatever broke off on the way; and what is no Almanac or no copy is told apart."""

import datetime as dt
import hashlib
import http.server
import json
import shutil
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from almanac.bulk.prune import prune
from almanac.errors import BadFile
from almanac.partner.keep import apply, verify
from almanac.partner.pull import MANIFEST, pull
from almanac.partner.remote import Remote
from almanac.partner.targets import opened
from almanac.store.bulk_folder import BulkFolder
from tests.client import Client
from tests.conftest import _Serving
from tests.partner.conftest import Story, run

At = Callable[[int], Client]


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


def test_who_missed_what_was_pruned_takes_the_newest_snapshot(story: Story, tmp_path: Path):
    folder, served = tmp_path / "packages", tmp_path / "served"
    shutil.copytree(story.folder, served)
    shutil.copytree(story.folder / f"snapshots/{story.first}", folder / f"snapshots/{story.first}")
    with closing(opened(str(tmp_path / "copy.sqlite"))) as copy:
        apply(folder, copy)
        prune(BulkFolder(served), dt.datetime(2100, 1, 1, tzinfo=dt.UTC), 0)
        for name in BulkFolder(served).packages("deltas"):  # its own deltas lead there from everywhere
            shutil.rmtree(served / "deltas" / name)
        assert BulkFolder(served).packages("snapshots") == [str(story.last)]
        manifest = served / f"snapshots/{story.last}" / MANIFEST
        manifest.write_text(json.dumps(json.loads(manifest.read_bytes()) | {"deltas": []}))
        with _Serving(story.url, None, bulk_dir=str(served)) as client:
            assert pull(Remote(client.base), folder).packages == [f"snapshots/{story.last}"]
        assert apply(folder, copy).edition == story.last
        assert verify(copy).wrong == []
