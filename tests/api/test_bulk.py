"""The corpus as files over HTTP: found from one pointer, whole or in parts, and the same bytes that were written."""

import base64
import gzip
import hashlib
import json
import time

import httpx
import pytest

from tests.client import Client, check

FOR_EVER = "public, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def manifest(api: Client) -> dict:
    """The manifest that the pointer leads to."""
    latest = api.get("/v1/bulk/latest.json").json()
    answer = api.get(f"/v1/bulk/{latest['manifest']}")
    assert latest["manifest_hash"] == f"sha256:{hashlib.sha256(answer.content).hexdigest()}"
    return answer.json()


@pytest.fixture(scope="module")
def url(manifest: dict) -> str:
    """A file that takes more than one block."""
    largest = max(manifest["resources"], key=lambda one: one["bytes"])
    return f"/v1/bulk/files/{largest['hash'].removeprefix('sha256:')}/{largest['path']}"


def part(api: Client, url: str, wanted: str, **headers: str) -> httpx.Response:
    return api.get(url, Range=wanted, **headers)


def test_every_file_that_the_manifest_names_can_be_had_both_ways(api: Client, manifest: dict):
    for resource in manifest["resources"]:
        digest = resource["hash"].removeprefix("sha256:")
        of_package = api.get(f"/v1/bulk/snapshots/{manifest['edition']}/{resource['path']}")
        by_content = api.get(f"/v1/bulk/files/{digest}/{resource['path']}")
        assert of_package.content == by_content.content
        assert hashlib.sha256(of_package.content).hexdigest() == digest
        for answer in (of_package, by_content):
            assert answer.headers["content-length"] == str(resource["bytes"])
            assert answer.headers["etag"] == f'"{digest}"'
            assert answer.headers["cache-control"] == FOR_EVER
            assert answer.headers["repr-digest"] == f"sha-256=:{base64.b64encode(bytes.fromhex(digest)).decode()}:"
            assert "content-encoding" not in answer.headers, "a client would unpack it and miss the digest"


def test_a_line_is_the_answer_of_the_api(api: Client, manifest: dict):
    content = api.get(f"/v1/bulk/snapshots/{manifest['edition']}/emissions-current-0001.ndjson.gz").content
    for line in gzip.decompress(content).splitlines()[:20]:
        said = json.loads(line)
        answer = api.get(f"/v1/disclosures/{said['id']}/versions/{said['version']}")
        assert answer.content.startswith(b'{"data":' + line + b',"meta":')


def test_the_list_has_every_snapshot_newest_first_in_pages(api: Client, manifest: dict):
    whole = api.get("/v1/bulk/snapshots").json()
    assert [one["edition"] for one in whole["data"]] == [manifest["edition"], 2]
    assert whole["meta"]["next_before"] is None
    first = api.get("/v1/bulk/snapshots?limit=1").json()
    assert first["meta"]["next_before"] == manifest["edition"]
    second = api.get(f"/v1/bulk/snapshots?limit=1&before={manifest['edition']}").json()
    assert first["data"] + second["data"] == whole["data"]
    for one in whole["data"]:
        edition = api.data(f"/v1/editions/{one['edition']}")
        assert one["state_digest"] == edition["state_digest"]
        assert one["seq"] == edition["last_seq"]
        assert api.get(one["manifest"]).json()["previous"] == one["previous"]


def test_a_delta_is_found_from_the_manifest_that_it_leads_to(api: Client, manifest: dict):
    (delta,) = manifest["deltas"]
    found = httpx.URL(f"{api.base}/v1/bulk/snapshots/{manifest['edition']}/datapackage.json").join(delta["path"])
    answer = api.get(found.path).json()
    assert (answer["previous"], answer["edition"]) == (2, manifest["edition"])
    for resource in answer["resources"]:
        content = api.get(found.join(resource["path"]).path).content
        assert f"sha256:{hashlib.sha256(content).hexdigest()}" == resource["hash"]


def test_a_part_is_that_part(api: Client, url: str):
    whole = api.get(url).content
    size = len(whole)
    wanted = {
        "bytes=0-0": (0, 0),
        "bytes=0-": (0, size - 1),
        "bytes=10-99": (10, 99),
        f"bytes={size - 1}-": (size - 1, size - 1),
        f"bytes=5-{size * 2}": (5, size - 1),
        "bytes=-7": (size - 7, size - 1),
        f"bytes=-{size * 2}": (0, size - 1),
    }
    for asked, (first, last) in wanted.items():
        answer = part(api, url, asked)
        assert answer.status_code == 206, asked
        assert answer.content == whole[first : last + 1]
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{size}"
        assert answer.headers["content-length"] == str(last - first + 1)
    head = api.request("HEAD", url, Range="bytes=0-0")
    assert (head.status_code, head.content) == (200, b""), "a range is for GET alone (RFC 9110, 14.2)"
    assert head.headers["content-length"] == str(size)
    assert "content-range" not in head.headers
    assert api.request("HEAD", url, Range=f"bytes={size}-").status_code == 200


def test_a_range_that_cannot_be_is_416_and_one_that_is_none_is_not_asked_for(api: Client, url: str):
    size = len(api.get(url).content)
    for asked in (f"bytes={size}-", f"bytes={size + 5}-{size + 9}", "bytes=-0"):
        answer = part(api, url, asked)
        assert answer.status_code == 416, asked
        assert answer.headers["content-range"] == f"bytes */{size}"
        assert answer.json()["type"] == "/problems/range-not-satisfiable"
    for asked in (
        "bytes=9-3",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "lines=0-3",
        "bytes=0-1,4-5",
        "bytes=1-2-3",
        "x" * 500,
        "bytes=\xb3-",
    ):
        answer = api.request("GET", url, Range=asked.encode("latin-1"))
        check(answer)
        assert (answer.status_code, len(answer.content)) == (200, size), asked


def test_a_download_goes_on_only_if_the_file_is_the_same(api: Client, url: str):
    whole = api.get(url)
    etag = whole.headers["etag"]
    assert part(api, url, "bytes=3-", If_Range=etag).content == whole.content[3:]
    for other in ('"other"', f"W/{etag}", "Thu, 26 Nov 2026 00:00:00 GMT"):
        answer = part(api, url, "bytes=3-", If_Range=other)
        assert (answer.status_code, answer.content) == (200, whole.content), other
    for condition in (etag, f'"x", {etag}', f"W/{etag}", "*"):
        answer = api.get(url, If_None_Match=condition)
        assert (answer.status_code, answer.content) == (304, b""), condition
    assert api.get(url, If_None_Match='"x"').status_code == 200


def test_a_broken_download_taken_up_again_is_the_file(api: Client, url: str):
    """Broken off at many places, each time taken up where it ended."""
    whole, held = api.get(url).content, b""
    while len(held) < len(whole):
        with httpx.stream("GET", f"{api.base}{url}", headers={"Range": f"bytes={len(held)}-"}) as answer:
            assert answer.status_code == 206
            got = next(answer.iter_raw(len(whole) // 7))
            held += got[: len(whole) // 7]
    assert hashlib.sha256(held).hexdigest() in url


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ("/v1/bulk/snapshots/999/datapackage.json", 404),
        ("/v1/bulk/snapshots/2/nothing.json", 404),
        ("/v1/bulk/snapshots/2/%2e%2e", 400),
        ("/v1/bulk/snapshots/2/..%2f..%2flatest.json", 404),
        ("/v1/bulk/snapshots/2/.datapackage.json", 400),
        ("/v1/bulk/snapshots/02/datapackage.json", 400),
        ("/v1/bulk/snapshots/0/datapackage.json", 400),
        ("/v1/bulk/snapshots/%00/datapackage.json", 400),
        ("/v1/bulk/snapshots/99999999999999999999/datapackage.json", 400),
        ("/v1/bulk/snapshots?before=0", 400),
        ("/v1/bulk/snapshots?limit=501", 400),
        ("/v1/bulk/snapshots?edition=2", 400),
        ("/v1/bulk/deltas/2/datapackage.json", 400),
        ("/v1/bulk/deltas/2-3-4/datapackage.json", 400),
        ("/v1/bulk/deltas/1-999/datapackage.json", 404),
        (f"/v1/bulk/files/{'0' * 64}/x.json", 404),
        (f"/v1/bulk/files/{'0' * 63}/x.json", 400),
        (f"/v1/bulk/files/{'A' * 64}/x.json", 400),
        ("/v1/bulk/files", 404),
        ("/v1/bulk/work", 404),
    ],
)
def test_what_is_no_file_is_told(api: Client, wrong: str, status: int):
    answer = api.request("GET", wrong)
    check(answer)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_name_belongs_to_the_content(api: Client, manifest: dict):
    one, other = manifest["resources"][:2]
    assert api.get(f"/v1/bulk/files/{one['hash'][7:]}/{other['path']}").status_code == 404


def test_before_the_first_snapshot_there_is_none(serve, empty_database: str, tmp_path):
    bare = serve(empty_database, bulk_dir=str(tmp_path / "nowhere"))
    assert bare.get("/v1/bulk/latest.json").status_code == 404
    assert bare.get("/v1/bulk/snapshots").json()["data"] == []
    assert bare.get("/v1/bulk/snapshots/1/datapackage.json").status_code == 404


def test_the_log_counts_what_was_sent(api: Client, url: str):
    size = len(api.get(url, X_Request_Id="whole-file").content)
    api.request("HEAD", url, X_Request_Id="no-body")
    lines: dict[str, dict] = {}
    for _ in range(100):  # a line is written after the last byte is sent
        lines = {one["request_id"]: one for one in map(json.loads, api.log().splitlines()) if "request_id" in one}
        if lines.keys() >= {"whole-file", "no-body"}:
            break
        time.sleep(0.05)
    assert (lines["whole-file"]["operation_id"], lines["whole-file"]["bytes"]) == ("read_bulk_file", size)
    assert lines["no-body"]["bytes"] == 0
