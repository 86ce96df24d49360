"""Files of a bucket over HTTP: the API says where, the store sends; small things the API answers itself."""

import asyncio
import base64
import gzip
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import duckdb
import httpx
import msgspec
import pytest

from almanac.errors import StoreAway
from almanac.exports.files import ExportFiles
from almanac.exports.worker import Worker
from almanac.kinds import KINDS
from almanac.partner.keep import apply, verify
from almanac.partner.pull import pull
from almanac.partner.remote import Remote
from almanac.partner.targets import opened
from almanac.store import store_reader
from almanac.store.shelf import Elsewhere, Found
from almanac.store.store_shelf import StoreShelf
from almanac.web.sent_file import elsewhere
from tests.bulk.bucket import KEY_ID, SECRET
from tests.bulk.conftest import Published, Stored
from tests.bulk.published import lines
from tests.client import Client
from tests.conftest import _Serving


@pytest.fixture(scope="module")
def served(published: Published, stored: Stored, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A live server over the bucket; its folder is empty."""
    told = stored.bucket.told(stored.settings) | {"bulk_dir": str(tmp_path_factory.mktemp("empty"))}
    with _Serving(published.url, None, **told) as client:
        yield client


def paths(published: Published) -> list[str]:
    """The same file by package and by content, and one of a delta."""
    edition, since = published.newest, published.first
    one = published.manifest(str(edition))["resources"][0]
    delta = published.manifest(f"{since}-{edition}", "deltas")["resources"][0]
    return [
        f"/v1/bulk/snapshots/{edition}/{one['path']}",
        f"/v1/bulk/files/{one['hash'].removeprefix('sha256:')}/{one['path']}",
        f"/v1/bulk/deltas/{since}-{edition}/{delta['path']}",
    ]


def content(published: Published, path: str) -> bytes:
    """What a folder has at a path of the API."""
    return (published.folder.root / path.removeprefix("/v1/bulk/")).read_bytes()


def test_a_file_is_elsewhere_and_what_it_will_be_is_said(published: Published, stored: Stored, served: Client):
    for path in paths(published):
        wanted = content(published, path)
        sha256 = hashlib.sha256(wanted).digest()
        answer = served.get(path, Range="bytes=0-9")
        assert (answer.status_code, answer.content) == (307, b"")
        assert answer.headers["etag"] == f'"{sha256.hex()}"'
        assert answer.headers["repr-digest"] == f"sha-256=:{base64.b64encode(sha256).decode()}:"
        assert answer.headers["cache-control"] == "private, max-age=300"
        found = httpx.get(answer.headers["location"])
        assert (found.status_code, found.content) == (200, wanted)
        part = httpx.get(answer.headers["location"], headers={"Range": "bytes=3-"})
        assert (part.status_code, part.content) == (206, wanted[3:])
        assert served.get(path, If_None_Match=answer.headers["etag"]).status_code == 304


def signature(location: httpx.URL, method: str) -> str:
    """What whoever holds the secret finds the signature of an address to be (AWS Signature Version 4, by query)."""
    told = dict(location.params)
    scope = told["X-Amz-Credential"].split("/", 1)[1]
    pairs = (
        f"{quote(name, safe='')}={quote(told[name], safe='')}" for name in sorted(told) if name != "X-Amz-Signature"
    )
    host = location.netloc.decode()
    request = f"{method}\n{location.path}\n{'&'.join(pairs)}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD"
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, f"AWS4-HMAC-SHA256\n{told['X-Amz-Date']}\n{scope}\n{digest}".encode(), "sha256").hex()


def test_an_address_is_good_for_one_file_one_method_and_a_while(published: Published, stored: Stored, served: Client):
    """moto believes any signature and any date, so they are computed here as a store does; one without is refused by moto."""
    path = paths(published)[1]
    answers = {method: served.request(method, path) for method in ("GET", "HEAD")}
    signatures: set[str] = set()
    for method, answer in answers.items():
        assert answer.status_code == 307
        location = httpx.URL(answer.headers["location"])
        told = dict(location.params)
        assert location.path == f"/tests/stored/{path.removeprefix('/v1/bulk/')}"
        assert told["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
        assert told["X-Amz-Credential"].startswith(f"{KEY_ID}/")
        assert told["X-Amz-Expires"] == "900"
        assert told["X-Amz-SignedHeaders"] == "host"
        assert told["X-Amz-Signature"] == signature(location, method)
        for forged in (location.copy_set_param("X-Amz-Expires", "90000"), location.copy_with(path=f"{location.path}x")):
            assert told["X-Amz-Signature"] != signature(forged, method)
        assert SECRET not in str(location)
        assert httpx.request(method, location).status_code == 200
        assert httpx.request(method, location.copy_with(query=None)).status_code == 403, "what is not signed is refused"
        signatures.add(told["X-Amz-Signature"])
    assert len(signatures) == 2
    assert int(answers["GET"].headers["cache-control"].partition("max-age=")[2]) < 900


def test_duckdb_is_led_to_the_columns_that_it_needs(
    published: Published, served: Client, remote: duckdb.DuckDBPyConnection
):
    """It asks with HEAD for the size, then for parts; each is sent on."""
    path = f"{served.base}/v1/bulk/snapshots/{published.newest}/emissions-current-0001.parquet"
    rows = remote.execute(f"select count(*) from read_parquet('{path}') where metric = 'ghg.scope1'").fetchall()
    wanted = [
        json.loads(line)
        for line in lines(published.folder.root / f"snapshots/{published.newest}", "emissions-current-0001")
    ]
    assert rows == [(len([one for one in wanted if one["metric"] == "ghg.scope1"]),)]


@pytest.mark.anyio
async def test_a_public_address_is_for_everybody(published: Published, stored: Stored):
    public = msgspec.structs.replace(stored.settings, bulk_store_public_url="https://files.example.org/almanac")
    sha256, name = paths(published)[1].split("/")[-2:]
    found = await StoreShelf(public).file(sha256, name, "HEAD")
    url = f"https://files.example.org/almanac/files/{sha256}/{name}"
    assert found == Found(sha256, Elsewhere(url, 300, shared=True))
    answer = elsewhere(sha256, found.source, {})
    assert (answer.status_code, answer.headers["Location"]) == (307, url)
    assert answer.headers["Cache-Control"] == "public, max-age=300"


def test_small_things_are_answered_here(published: Published, stored: Stored, served: Client):
    assert served.get("/v1/bulk/latest.json").content == published.folder.latest()
    listed = served.get("/v1/bulk/snapshots").json()
    assert [one["edition"] for one in listed["data"]] == [published.newest, published.first]
    assert listed["data"][0]["files"] == len(published.manifest(str(published.newest))["resources"])
    for name in ("datapackage.json", "croissant.json", "dcat.json"):
        path = f"/v1/bulk/snapshots/{published.newest}/{name}"
        whole = served.get(path)
        assert whole.content == content(published, path)
        assert served.get(path, Range="bytes=3-9").content == whole.content[3:10]
        assert served.get(path, If_None_Match=whole.headers["etag"]).status_code == 304
        assert served.get(path, Range="bytes=99999999-").status_code == 416
    for path in (
        f"/v1/bulk/files/{'0' * 64}/x.json",
        "/v1/bulk/snapshots/999/datapackage.json",
        f"/v1/bulk/snapshots/{published.newest}/nothing.json",
        "/v1/bulk/deltas/1-999/datapackage.json",
        "/v1/bulk/snapshots/2/..%2f..%2flatest.json",
    ):
        assert served.get(path).status_code == 404, path


def test_what_is_read_is_kept_for_a_moment(published: Published, stored: Stored, served: Client):
    path = paths(published)[0]
    for url in (path, "/v1/bulk/latest.json", f"/v1/bulk/files/{'1' * 64}/x.json"):
        served.get(url)
        before = stored.bucket.asked()
        for _ in range(5):
            served.get(url)
        assert stored.bucket.asked() == before, url


def test_a_partner_is_led_there_and_back(published: Published, served: Client, tmp_path: Path):
    """Pulled, with one file half there, then proved."""
    packages = tmp_path / "packages"
    resources = published.manifest(str(published.newest))["resources"]
    lines = [one for one in resources if one["mediatype"] == "application/x-ndjson"]
    largest = max(lines, key=lambda one: one["bytes"])
    held = content(published, f"/v1/bulk/snapshots/{published.newest}/{largest['path']}")
    work = packages / f"snapshots/.{published.newest}"
    work.mkdir(parents=True)
    (work / f"{largest['path']}.part").write_bytes(held[: len(held) // 2])
    pulled = pull(Remote(served.base), packages)
    assert pulled.size == sum(one["bytes"] for one in lines) - len(held) // 2
    with closing(opened(str(tmp_path / "copy.sqlite"))) as copy:
        apply(packages, copy)
        proved = verify(copy)
    assert (proved.edition, proved.wrong) == (published.newest, [])
    assert proved.state_digest == published.manifest(str(published.newest))["state_digest"]


def test_an_export_is_made_into_the_store(published: Published, stored: Stored, served: Client, tmp_path: Path):
    order = served.post("/v1/exports", b'{"kind": "ratings", "format": "ndjson.gz"}', content_type="application/json")
    assert order.status_code == 202
    settings = msgspec.structs.replace(stored.settings, bulk_dir=str(tmp_path))
    asyncio.run(Worker(settings, published.url, published.url, KINDS).run(once=True))
    made = served.get(order.headers["location"]).json()["data"]
    assert made["status"] == "done"
    answer = served.get(made["file"]["url"])
    assert answer.status_code == 307
    found = httpx.get(answer.headers["location"]).content
    assert hashlib.sha256(found).hexdigest() == made["file"]["sha256"]
    assert len(gzip.decompress(found).splitlines()) == made["file"]["rows"]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()], "and nothing stays here"
    before = stored.place.files()
    ExportFiles(stored.place).sweep(set())
    (gone,) = set(before) - set(stored.place.files())
    assert gone[1] == made["file"]["url"].rpartition("/")[2], (
        "what an export left goes, and nothing that a manifest names"
    )


def test_a_store_that_says_nothing_costs_the_files_alone(published: Published, stored: Stored, tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        settings = msgspec.structs.replace(stored.settings, bulk_store_endpoint=address, bulk_store_timeout_ms=1500)
        with (
            _Serving(published.url, None, **stored.bucket.told(settings)) as api,
            ThreadPoolExecutor(10) as pool,
        ):
            bulk = ["/v1/bulk/latest.json", "/v1/bulk/snapshots", *paths(published)] * 2
            asked = [pool.submit(api.get, path) for path in bulk]
            for n in range(1, 6):
                assert api.get(f"/v1/companies?limit={n}").status_code == 200
            assert not any(one.done() for one in asked), "reads are answered while the store is waited for"
            for one in asked:
                answer = one.result()
                assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
                assert answer.json()["type"] == "/problems/unavailable"
                assert answer.elapsed.total_seconds() < 8, "nobody waits for ever"
            began = time.monotonic()
            assert api.get(bulk[0]).status_code == 503
            assert time.monotonic() - began < 0.7, "who was silent just now is not asked again at once"
            assert '"bulk_store_unavailable"' in api.log()
            assert SECRET not in api.log()


@pytest.mark.anyio
@pytest.mark.parametrize("most", [5, 10_000])
async def test_guesses_are_not_passed_on_for_ever(
    published: Published, stored: Stored, monkeypatch: pytest.MonkeyPatch, most: float
):
    """The second is the control: without the bound each guess is a question."""
    monkeypatch.setattr(store_reader, "_GUESSES", 0.01)
    monkeypatch.setattr(store_reader, "_GUESSES_AT_ONCE", most)
    shelf, refused = StoreShelf(stored.settings), 0
    await shelf.file("0" * 64, "x.json", "GET")
    before = stored.bucket.asked()
    for n in range(1, 20):
        try:
            assert await shelf.file(f"{n:064}", "x.json", "GET") is None
        except StoreAway:
            refused += 1
    assert stored.bucket.asked() - before == 19 - refused
    assert refused == (15 if most == 5 else 0)
    sha256, name = paths(published)[1].split("/")[-2:]
    assert await shelf.file(sha256, name, "GET"), "what the newest manifest names is no guess"
