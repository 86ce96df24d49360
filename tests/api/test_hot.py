"""Answers from memory, in front of all else: in every coding, across publishes, with the stores gone, and counted."""

import gzip
import itertools
from collections.abc import Callable

import brotli
import httpx
import pytest
import zstandard

from almanac.web.coding import CODINGS, packed, wanted
from tests.api.batches import emission, put
from tests.api.test_moving import wait_for
from tests.client import Client

Serve = Callable[..., Client]
UNPACK = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstandard.decompress}


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", ""),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("*", "zstd"),
        ("*;q=0.5, zstd;q=0", "br"),
        ("deflate", ""),
        ("GZIP", "gzip"),
        ("gzip;q=0", ""),
        ("identity, gzip;q=0.5", ""),
        ("gzip;q=none", ""),
        (",;q,=", ""),
    ],
)
def test_the_coding_is_what_the_header_wants_most(header: str, coding: str):
    assert wanted(header) == coding


@pytest.mark.parametrize("coding", CODINGS)
def test_a_coding_is_undone_by_others_and_gives_the_same_bytes_each_time(coding: str):
    body = b'{"data":[1,2,3]}' * 1000
    assert packed(body, coding) == packed(body, coding)
    assert UNPACK[coding](packed(body, coding)) == body


def _raw(api: Client, url: str, coding: str, **headers: str) -> tuple[httpx.Response, bytes]:
    """An answer and its bytes as they came."""
    named = {"Accept-Encoding": coding or "identity"} | {n.replace("_", "-"): v for n, v in headers.items()}
    with httpx.stream("GET", f"{api.base}{url}", headers=named, verify=False) as answer:
        return answer, b"".join(answer.iter_raw())


@pytest.mark.parametrize("url", ["/v1/companies/zte", "/v1/emissions?limit=500", "/v1/ratings.csv", "/v1/kinds"])
def test_clients_of_every_coding_get_their_own_whoever_asks_first(api: Client, url: str):
    plain = api.get(url).content
    etags = {}
    for first, second in itertools.permutations(UNPACK, 2):
        for coding in (first, second, first):
            answer, body = _raw(api, url, coding)
            assert answer.headers.get("content-encoding", "") == coding
            assert UNPACK[coding](body) == plain
            assert int(answer.headers["content-length"]) == len(body)
            assert etags.setdefault(coding, answer.headers["etag"]) == answer.headers["etag"]
    assert len({*etags.values()}) == len(UNPACK), "a tag names the bytes, and these are four"
    for coding, tag in itertools.product(UNPACK, etags.values()):
        answer, _ = _raw(api, url, coding, If_None_Match=tag)
        assert answer.status_code == (304 if etags[coding] == tag else 200)


def test_a_spreadsheet_is_packed_once(api: Client):
    answer, _ = _raw(api, "/v1/ratings.xlsx?limit=2", "zstd")
    assert "content-encoding" not in answer.headers


def test_two_spellings_of_one_question_share_an_entry_and_a_tag(api: Client):
    one, other = (api.get(f"/v1/emissions?{query}") for query in ("year=2020&limit=7", "limit=7&year=2020"))
    assert one.headers["etag"] == other.headers["etag"]
    assert 'desc="miss"' not in other.headers["server-timing"]


def test_what_only_looks_like_a_known_request_is_not_taken_for_it(api: Client):
    assert api.get("/v1/companies/zte").status_code == 200
    for url, status in (
        ("/v1/companies/zte/", 404),
        ("/v1/companies%2Fzte", 404),
        ("/v1//companies/zte", 404),
        ("/v1/companies/zte?", 200),
        ("/v1/companies/zte?edition=", 400),
    ):
        assert api.request("GET", url).status_code == status, url
    assert api.request("POST", "/v1/companies/zte").status_code == 405
    assert api.request("GET", "/v1/companies/zte", Accept="image/png").status_code == 406
    assert api.request("GET", "/v1/companies/zte", X_Padding="a" * 33_000).status_code == 431


def test_a_publish_moves_every_answer_at_once(serve: Serve, corpus_database: str):
    api = serve(corpus_database)
    urls = ["/v1/companies/zte", "/v1/emissions?company=zte", "/v1/ratings.csv?limit=3"]
    before = {url: api.get(url) for url in urls + urls}
    edition = int(before[urls[0]].headers["almanac-edition"])
    put(corpus_database, emission("zte", 2022, 1), on="2024-01-01")
    assert wait_for(api, edition + 1, 4) < 1
    for url in urls + urls:
        answer = api.get(url, If_None_Match=before[url].headers["etag"])
        assert (answer.status_code, answer.headers["almanac-edition"]) == (200, str(edition + 1))
        assert answer.headers["etag"] != before[url].headers["etag"]


def test_without_room_nothing_is_remembered(serve: Serve, corpus_database: str):
    """Control: what the tests of this folder ask twice is known by the second time only because there is room."""
    api = serve(corpus_database, redis_url=None, cache_bytes="0")
    timings = [api.get("/v1/companies/zte").headers["server-timing"] for _ in range(3)]
    assert all('desc="miss"' in timing for timing in timings)


def test_requests_are_counted_by_operation_status_and_layer(serve: Serve, corpus_database: str):
    api = serve(corpus_database, redis_url=None)
    for _ in range(3):
        etag = api.get("/v1/companies/zte").headers["etag"]
    api.get("/v1/companies/zte", If_None_Match=etag)
    api.get("/v1/companies/nobody-of-that-name")
    counted = {}
    for line in api.get("/metrics").text.splitlines():
        if line.startswith("almanac_request_seconds_count"):
            labels, count = line.split("{")[1].split("} ")
            said = dict(part.replace('"', "").split("=") for part in labels.split(","))
            if said["operation"] == "read_company":
                counted[said["status"], said["cache"]] = float(count)
    assert counted == {("200", "miss"): 1, ("200", "near"): 2, ("304", "condition"): 1, ("404", "none"): 1}
