"""What is pulled is what the server has, whatever broke off on the way; and what is no Almanac or no copy is told apart."""

import datetime as dt
import hashlib
import http.server
import json
import shutil
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from almanac.bulk.prune import prune
from almanac.errors import BadFile, Unavailable
from almanac.partner.folder import MANIFEST
from almanac.partner.keep import apply, verify
from almanac.partner.pull import pull
from almanac.partner.remote import Remote
from almanac.partner.said import Resource
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
        Remote(server.base).file(place, tmp_path / "file", msgspec.convert(resource, Resource), lambda _: None)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_reached_or_is_no_copy_is_said_in_a_line(tmp_path: Path):
    assert "cannot be reached" in run("pull", "http://127.0.0.1:9", tmp_path / "p", code=1).stderr
    assert "no address" in run("pull", "ftp://x", tmp_path / "p", code=2).stderr
    (tmp_path / "empty").mkdir()
    assert "holds no package" in run("apply", tmp_path / "empty", tmp_path / "c.sqlite", code=2).stderr
    (tmp_path / "text").write_text("no copy of anything, but longer than a header of a hundred bytes " * 3)
    assert "is no copy" in run("verify", tmp_path / "text", code=2).stderr


@contextmanager
def answering(*answers: tuple[int, bytes]) -> Iterator[str]:
    """Address of another server, which gives these answers in turn, the last one for ever."""
    left = list(answers)

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            self.send_header("Retry-After", "1")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Page) as other:
        threading.Thread(target=other.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{other.server_port}"
        other.shutdown()


RESOURCE = {"path": "a.ndjson.gz", "mediatype": "application/x-ndjson", "bytes": 1, "hash": "sha256:" + "0" * 64}
EMPTY = {"resources": [], "state_digest": "sha256:" + "0" * 64}


@pytest.mark.parametrize(
    ("pointer", "manifest", "said"),
    [
        (b"<html>", {}, "JSON is malformed"),
        (b"{}", {}, "missing required field `edition`"),
        (b'{"edition": "../../victim"}', {"edition": 1, "resources": []}, "Expected `int`, got `str`"),
        (b'{"edition": 2}', EMPTY | {"edition": 1}, "is of edition 1"),
        (b'{"edition": 1}', {"edition": 1}, "missing required field `resources`"),
        (b'{"edition": 1}', {"edition": 1, "resources": []}, "missing required field `state_digest`"),
        (b'{"edition": 1}', EMPTY | {"edition": 1, "resources": [RESOURCE]}, "a.ndjson.gz has no `table`"),
        (b'{"edition": 1}', {"edition": 1, "resources": [RESOURCE | {"path": "../a"}]}, "resources[0].path"),
        (b'{"edition": 1}', {"edition": 1, "resources": [RESOURCE | {"path": ".."}]}, "resources[0].path"),
        (b'{"edition": 1}', {"edition": 1, "resources": [RESOURCE | {"hash": "md5:1"}]}, "resources[0].hash"),
        (b'{"edition": 1}', {"edition": 1, "resources": [RESOURCE | {"bytes": -1}]}, "resources[0].bytes"),
    ],
)
def test_what_another_server_says_leads_nowhere(tmp_path: Path, pointer: bytes, manifest: dict[str, Any], said: str):
    folder, beside = tmp_path / "a/packages", tmp_path / "victim"
    beside.mkdir()
    with answering((200, pointer), (200, json.dumps(manifest).encode())) as address, pytest.raises(BadFile) as error:
        pull(Remote(address), folder)
    assert said in error.value.detail
    assert (beside.is_dir(), folder.exists()) == (True, False)


def test_who_was_held_before_is_no_way_round_in_circles(tmp_path: Path):
    (tmp_path / "snapshots/1").mkdir(parents=True)
    (tmp_path / "snapshots/1" / MANIFEST).write_text(json.dumps(EMPTY | {"edition": 1}))
    circle = json.dumps(EMPTY | {"edition": 3, "previous": 3, "deltas": [{"since": 2}]}).encode()
    with answering((200, b'{"edition": 3}'), (200, circle)) as address, pytest.raises(BadFile, match="was before it"):
        pull(Remote(address), tmp_path)


def test_a_server_that_is_busy_is_asked_again_when_it_says(story: Story):
    latest = (story.folder / "latest.json").read_bytes()
    began = time.monotonic()
    with answering((503, b""), (429, b""), (200, latest)) as address:
        assert Remote(address).document("latest.json") == latest
    assert time.monotonic() - began >= 2
    with answering((403, b"")) as address, pytest.raises(Unavailable, match=r"answers 403$"):
        Remote(address).document("latest.json")


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


class _Plain(urllib.request.Request):
    """The control: a header like any other, as `Request(headers=...)` has it."""

    def add_unredirected_header(self, key: str, val: str) -> None:
        self.add_header(key, val)


@pytest.mark.parametrize("plain", [False, True])
def test_a_key_stays_with_whom_it_is_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: bool):
    """An Almanac that sends to another host for its files: that host sees no key, and would if it were an ordinary header."""
    seen: dict[str, list[str | None]] = {"almanac": [], "store": []}

    class Answering(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            at_home = self.server is almanac
            seen["almanac" if at_home else "store"].append(self.headers["authorization"])
            self.send_response(307 if at_home else 200)
            if at_home:
                self.send_header("Location", f"http://localhost:{store.server_port}/file")
            self.end_headers()
            self.wfile.write(b"" if at_home else b"content")

        def log_message(self, *_: object):
            pass

    with (
        http.server.HTTPServer(("127.0.0.1", 0), Answering) as almanac,
        http.server.HTTPServer(("127.0.0.1", 0), Answering) as store,
    ):
        for server in (almanac, store):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        if plain:
            monkeypatch.setattr(urllib.request, "Request", _Plain)
        digest = f"sha256:{hashlib.sha256(b'content').hexdigest()}"
        resource = Resource(path="x", hash=digest, bytes=7, mediatype="text/plain")
        Remote(f"http://127.0.0.1:{almanac.server_port}", "secret").file("x", tmp_path / "x", resource, lambda _: None)
        for server in (almanac, store):
            server.shutdown()
    assert seen == {"almanac": ["Bearer secret"], "store": ["Bearer secret" if plain else None]}
