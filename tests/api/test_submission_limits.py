"""Bodies that are too large, too slow, packed too well, or of another type."""

import gzip
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.api.handed import URL, hand_in, levels, lines, make_key
from tests.api.test_submissions import Door
from tests.conftest import Servers, _copy, _Serving

MOST = 2_000_000


@pytest.fixture(scope="module")
def door(servers: Servers, empty_template: str) -> Iterator[Door]:
    for url in _copy(servers, empty_template):
        with _Serving(url, None, submission_max_bytes=str(MOST), submission_timeout_ms="1000") as api:
            yield Door(api, url, make_key(url))


def test_a_body_of_the_limit_is_taken_and_one_byte_more_is_413(door: Door):
    batch = levels("full", 3)
    full = batch + b"\n" * (MOST - len(batch))
    taken = hand_in(door.api, door.token, full)
    assert (taken.status_code, taken.headers.get("connection")) == (200, None)
    for content in (full + b"\n", iter([full, b"\n"])):
        answer = hand_in(door.api, door.token, content)
        assert (answer.status_code, answer.json()["type"]) == (413, "/problems/payload-too-large")


def test_who_is_refused_before_the_body_is_read_is_told_that_the_connection_closes(door: Door):
    """Else a client takes it for one that it may use again, and loses the next request."""
    for _ in range(20):
        refused = hand_in(door.api, "no key", b"\n" * 1_000_000)
        assert (refused.status_code, refused.headers["connection"]) == (401, "close")
        assert hand_in(door.api, door.token, levels("next", 1)).status_code == 200


def test_a_packed_body_is_unpacked(door: Door):
    batch = levels("packed", 50)
    answer = hand_in(door.api, door.token, gzip.compress(batch), "packed", Content_Encoding="gzip")
    assert answer.json()["data"]["counts"]["add"] == 50
    plain = hand_in(door.api, door.token, batch, "packed")
    assert plain.json()["data"] == answer.json()["data"], "what counts is the batch, not how it was packed"


def test_a_bomb_is_413_and_holds_no_room(door: Door):
    for size in (MOST + 1, 400_000_000):
        answer = hand_in(
            door.api, door.token, gzip.compress(b"\n" * size, 9 if size < 10**7 else 1), Content_Encoding="gzip"
        )
        assert (answer.status_code, answer.json()["type"]) == (413, "/problems/payload-too-large")
    well_packed = hand_in(door.api, door.token, gzip.compress(b"\n" * (MOST - 1), 9), Content_Encoding="gzip")
    assert well_packed.status_code == 413
    assert "times its size" in well_packed.json()["detail"]


@pytest.mark.parametrize(
    "spoil",
    [lambda b: b[:-9], lambda b: b + b"more", lambda b: b"x" + b, lambda b: b"", lambda b: b[:40] + b"\0" + b[41:]],
)
def test_a_spoilt_pack_is_422(door: Door, spoil):
    answer = hand_in(door.api, door.token, spoil(gzip.compress(levels("spoilt", 50))), Content_Encoding="gzip")
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content_Type", "application/json"),
        ("Content_Type", ""),
        ("Content_Type", "application/x-ndjson; charset=utf-16"),
        ("Content_Encoding", "br"),
        ("Content_Encoding", "gzip, gzip"),
    ],
)
def test_another_type_or_encoding_is_415_and_names_those_taken(door: Door, name: str, value: str):
    answer = hand_in(door.api, door.token, lines(), **{name: value})
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-media-type")
    assert answer.json()["errors"][0]["allowed"]


def test_a_slow_body_is_cut_off(door: Door):
    head = f"POST {URL} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {door.token}\r\nIdempotency-Key: slow\r\n"
    head += "Content-Type: application/x-ndjson\r\nContent-Length: 1000\r\n\r\n{"
    parts = urlsplit(door.api.base)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall(head.encode())
        started = time.monotonic()
        received = connection.recv(65536)
    assert b" 408 " in received.splitlines()[0]
    assert 0.8 < time.monotonic() - started < 5


def test_a_refused_body_leaves_no_submission_and_the_server_answers(door: Door):
    assert door.api.get("/livez").status_code == 200
    assert '"status":500' not in door.api.log()


def test_a_batch_without_lines_is_422(door: Door):
    for content in (b"", b"\n \n"):
        assert hand_in(door.api, door.token, content).status_code == 422
