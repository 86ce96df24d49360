"""Pruning as it is run: by its command and by `snapshot`, beside a server whose readers keep what they are reading."""

import asyncio
import datetime as dt
import hashlib
import http.client
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from almanac.bulk.prune import prune, prune_alone
from almanac.store.bulk_folder import MANIFEST, BulkFolder
from almanac.store.db import Connection
from almanac.store.queries import QUERIES
from tests.bulk.conftest import Published
from tests.bulk.published import contents
from tests.bulk.test_interrupted import command, whole
from tests.bulk.test_prune import adopted, at, published
from tests.client import Client

FAR = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


def run(
    published_: Published, folder: Path, *more: str, keep: str = "", code: int = 0
) -> subprocess.CompletedProcess[str]:
    """`almanac bulk` with a folder; the first word is the command."""
    line, env = command(published_.url, folder)
    line[4:5], rest = more[:1], more[1:]
    done = subprocess.run(
        [*line, *rest], env=env | {"ALMANAC_BULK_KEEP_DAYS": keep}, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


def test_a_reader_in_the_middle_of_a_file_gets_it_whole(
    empty_database: str, serve: Callable[..., Client], tmp_path: Path
):
    """Larger than what sockets hold, whole and in part; who comes after is told that it is gone."""
    folder = BulkFolder(tmp_path / "bulk")
    folder.root.mkdir()
    content = os.urandom(48 << 20)
    file = adopted(folder, "emissions-current-0001.parquet", content)
    sha256 = file["hash"].removeprefix("sha256:")
    manifest = {"edition": 1, "published_at": at(1).isoformat(), "resources": [file], "deltas": []}
    folder.publish("snapshots", "1", [(sha256, file["path"])], {MANIFEST: json.dumps(manifest).encode()})
    published(folder, 2, [])
    client = serve(empty_database, bulk_dir=str(folder.root))
    places = (f"snapshots/1/{file['path']}", f"files/{sha256}/{file['path']}")
    answers = []
    for place in places:
        for start in (0, 1000):
            connection = http.client.HTTPConnection("127.0.0.1", int(client.base.rpartition(":")[2]), timeout=60)
            connection.request("GET", f"/v1/bulk/{place}", headers={"Range": f"bytes={start}-"} if start else {})
            answer = connection.getresponse()
            answers.append((connection, answer, start, answer.read(1 << 16)))
    assert prune(folder, at(100), 1).size == len(content)
    assert not any(folder.file(sha256, file["path"]) or path.exists() for path in folder.root.glob("snapshots/1"))
    for connection, answer, start, begun in answers:
        found = begun + answer.read()
        assert hashlib.sha256(found).digest() == hashlib.sha256(content[start:]).digest(), start
        connection.close()
    assert [client.get(f"/v1/bulk/{place}").status_code for place in places] == [404, 404]
    assert client.get(f"/v1/bulk/snapshots/2/{MANIFEST}").status_code == 200


def test_the_command_prunes_what_the_setting_or_days_say(published: Published, tmp_path: Path):
    folder = tmp_path / "bulk"
    shutil.copytree(published.folder.root, folder)
    before = contents(folder)
    assert "kept for ever" in run(published, folder, "prune", code=2).stderr
    told = json.loads(run(published, folder, "prune", "--days", "0", "--dry-run").stdout)
    assert (told["snapshots"], told["deltas"], contents(folder)) == ([str(published.first)], [], before)
    assert json.loads(run(published, folder, "prune", keep="3000").stdout)["snapshots"] == []
    assert json.loads(run(published, folder, "prune", keep="0").stdout) == told
    assert BulkFolder(folder).packages("snapshots") == [str(published.newest)]
    assert whole(folder) == published.newest
    assert {name: before[name] for name in contents(folder)} == contents(folder), "what is left is what it was"


@pytest.mark.slow
def test_a_snapshot_says_until_when_it_is_kept_and_lets_go_of_what_may_go(published: Published, tmp_path: Path):
    run(published, tmp_path, "snapshot", "--edition", str(published.first), keep="30")
    manifest = json.loads(BulkFolder(tmp_path).document("snapshots", str(published.first)))
    kept = dt.datetime.fromisoformat(manifest["retention_until"]) - dt.datetime.fromisoformat(manifest["published_at"])
    assert kept == dt.timedelta(days=30)
    made = json.loads(run(published, tmp_path, "snapshot", keep="0").stdout)
    assert made["pruned"]["snapshots"] == [], "it was promised"
    assert whole(tmp_path) == published.newest
    for sort, name in (("snapshots", str(published.newest)), ("deltas", f"{published.first}-{published.newest}")):
        manifest = json.loads(BulkFolder(tmp_path).document(sort, name))
        assert manifest["retention_until"] == manifest["published_at"]
    assert prune(BulkFolder(tmp_path), FAR, 0).snapshots == [str(published.first)]
    assert whole(tmp_path) == published.newest
    assert published.manifest(str(published.newest))["retention_until"] is None, (
        "without the setting nothing is promised"
    )


@pytest.mark.anyio
async def test_nothing_goes_while_an_exporter_works(published: Published, reader: Connection, tmp_path: Path):
    shutil.copytree(published.folder.root, tmp_path / "bulk")
    folder = BulkFolder(tmp_path / "bulk")
    assert await reader.fetchval(QUERIES["bulk/lease"])
    assert (await prune_alone(published.url, folder, FAR, 0)).status == "busy"
    assert len(folder.packages("snapshots")) == 2
    await reader.execute("select pg_advisory_unlock_all()")
    both = await asyncio.gather(*(prune_alone(published.url, folder, FAR, 0) for _ in range(2)))
    assert [str(published.first)] in [one.snapshots for one in both]
    assert whole(folder.root) == published.newest
