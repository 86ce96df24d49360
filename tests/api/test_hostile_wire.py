"""Bytes of fools and attackers on a raw socket, and bodies that no client should send: never a fault of ours, never a hang."""

import contextlib
import json
import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.api.batches import emission
from tests.api.handed import hand_in, lines, make_key
from tests.api.raw import Reply, exchange, send
from tests.client import Client
from tests.conftest import Servers, _copy, _Serving

GET = b"GET /v1/kinds HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
POST = b"POST /v1/submissions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-ndjson\r\n"
MEGABYTE = b"a" * 1_000_000


class Door:
    """A server over a store of its own, and a publisher's key."""

    def __init__(self, api: Client, token: str) -> None:
        self.api = api
        self.token = token


@pytest.fixture(scope="module")
def door(servers: Servers, empty_template: str) -> Iterator[Door]:
    for url in _copy(servers, empty_template):
        with _Serving(url, None) as api:
            yield Door(api, make_key(url))
            faults = [line for line in api.log().splitlines() if '"event":"unhandled"' in line or "Traceback" in line]
            assert faults == []
            assert '"status":500' not in api.log()


SPOILT = {
    "a megabyte of URL": b"GET /" + MEGABYTE + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a megabyte of header": GET + b"X-A: " + MEGABYTE + b"\r\n\r\n",
    "a megabyte of header name": GET + MEGABYTE + b": 1\r\n\r\n",
    "ten thousand headers": GET + b"".join(b"X-%d: 1\r\n" % n for n in range(10_000)) + b"\r\n",
    "no end": b"GET /v1/kinds HTTP/1.1\r\nHost: x",
    "a NUL in a header": GET + b"X-A: a\x00b\r\n\r\n",
    "a bare CR in a header": GET + b"X-A: a\rX-B: b\r\n\r\n",
    "bare LF": b"GET /v1/kinds HTTP/1.1\nHost: x\nConnection: close\n\n",
    "a folded header": GET + b"X-A: a\r\n b\r\n\r\n",
    "a space before the colon": GET + b"X-A : a\r\n\r\n",
    "two lengths": POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    "a length and chunks": POST
    + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\n\r\n",
    "a length below zero": POST + b"Content-Length: -1\r\n\r\n",
    "a length with a sign": POST + b"Content-Length: +1\r\n\r\n{",
    "a length of 2^70": POST + b"Content-Length: 1180591620717411303424\r\n\r\n{",
    "chunks of no number": POST + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n",
    "a chunk of 2^70": POST + b"Transfer-Encoding: chunked\r\n\r\n400000000000000000\r\n{}\r\n0\r\n\r\n",
    "chunks that are cut": POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
    "an encoding of transfer that is none": POST + b"Transfer-Encoding: gunzip\r\n\r\n{}",
    "no Host": b"GET /v1/kinds HTTP/1.1\r\nConnection: close\r\n\r\n",
    "two Hosts": GET + b"Host: y\r\n\r\n",
    "a Host of CRLF": b"GET /v1/kinds HTTP/1.1\r\nHost: x%0d%0aX-Y: z\r\nConnection: close\r\n\r\n",
    "HTTP/0.9": b"GET /v1/kinds\r\n\r\n",
    "HTTP/9.9": b"GET /v1/kinds HTTP/9.9\r\nHost: x\r\n\r\n",
    "HTTP/2 without an upgrade": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "an upgrade to HTTP/2": GET + b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    "an upgrade to a web socket": GET
    + b"Upgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
    "noise": bytes(range(256)) * 40,
    "nothing": b"",
    "a GET with a body": GET + b"Content-Length: 5\r\n\r\nhello",
    "garbage after an answer": GET + b"\r\n\x00\x00\x00",
}


@pytest.mark.parametrize("name", SPOILT)
def test_spoilt_bytes_are_refused_or_answered_or_cut(door: Door, name: str):
    reply = _exchange(door.api, SPOILT[name])
    assert reply.status in (0, 101, 200, 400, 401, 404, 405, 408, 411, 413, 414, 417, 431, 501, 505), reply.head
    assert reply.status != 101, "there is nothing to upgrade to"
    assert b"Traceback" not in reply.body
    assert send(door.api.base, b"/livez").status == 200, "the next one is answered"


def test_a_length_and_chunks_smuggle_no_second_request(door: Door):
    reply = _exchange(door.api, SPOILT["a length and chunks"].replace(b"Connection: close\r\n", b""))
    assert (reply.head + reply.body).count(b"HTTP/1.1") <= 1


def test_pipelined_requests_are_answered_in_order(door: Door):
    one = b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Request-Id: %s\r\n"
    reply = exchange(door.api.base, one % b"first" + b"\r\n" + one % b"second" + b"Connection: close\r\n\r\n")
    told = reply.head + reply.body
    assert 0 < told.index(b"first") < told.index(b"second")


# Query strings, and the status of each.
ODD = [
    ("/v1/emissions?limit=Infinity", 400), ("/v1/emissions?limit=-Infinity", 400), ("/v1/emissions?limit=1e400", 400),
    ("/v1/emissions?limit=-0", 400), ("/v1/emissions?limit=1000000000", 400), ("/v1/emissions?year=0", 400),
    ("/v1/emissions?year=99999", 400), ("/v1/emissions?year=-1", 400), ("/v1/frames/ghg.scope1/0000", 200),
    ("/v1/frames/ghg.scope1/FY9999", 200), ("/v1/companies?as_of=2016-12-31T23:59:60Z", 400),
    ("/v1/companies?as_of=2026-01-01T24:00:00Z", 400), ("/v1/companies?as_of=-001-01-01T00:00:00Z", 400),
    ("/v1/companies?as_of=2026-01-01T00:00:00%2B99:99", 400), ("/v1/companies?known_on=99999-01-01", 400),
    ("/v1/companies?known_on=1752-02-30", 400), ("/v1/companies?edition=-1", 400), ("/v1/companies?edition=0", 200),
    ("/v1/companies?q=%E2%80%AEzte", 200), ("/v1/companies?q=%F0%9F%8F%B3%EF%B8%8F", 200), ("/v1/companies?q=%EF%BF%BE", 200),
    ("/v1/companies?q=%3Cscript%3Ealert(1)%3C/script%3E", 200), ("/v1/companies?q='%20or%201=1--", 200),
    ("/v1/companies?q=$%7Bjndi:ldap://127.0.0.1/x%7D", 200), ("/v1/companies?q=%7B%7B7*7%7D%7D", 200),
    ("/v1/bulk/snapshots/1/..%2f..%2fetc%2fpasswd", 404), ("/v1/bulk/snapshots/1/.htaccess", 400),
    ("/v1/bulk/snapshots/1/%2e%2e", 400), ("/docs/%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404), ("/docs//etc/passwd", 404),
    ("/%00", 404), ("/%ff", 404), ("/v1/emissions?" + "&" * 5000, 200), ("/v1/emissions?" + "year=2022&" * 500, 400),
]  # fmt: skip


@pytest.mark.parametrize(("target", "status"), ODD, ids=[target[:50] for target, _ in ODD])
def test_odd_values_have_the_status_that_they_should(door: Door, target: str, status: int):
    reply = send(door.api.base, target.encode())
    assert (reply.status, reply.body[:200]) == (status, reply.body[:200])
    assert b"<script>" not in reply.body
    assert not reply.head.lower().count(b"\r\nx-y:")


def level(value: str, year: int = 2022) -> bytes:
    """A batch of one row with this value, whatever it is."""
    return lines(emission("handed-in", year, 12345)).replace(b"12345", value.encode())


BODIES = {
    "nothing": b"",
    "a NUL": b"\x00",
    "half a character": lines() + b"\xc3",
    "a lone surrogate": lines() + b'{"record":"\\ud800"}',
    "a NUL in a name": lines().replace(b"Invented handed-in", b"Inv\\u0000ented"),
    "a mark of byte order": b"\xef\xbb\xbf" + lines(),
    "UTF-16": lines().decode().encode("utf-16"),
    "a million brackets": b"[" * 1_000_000,
    "a million objects": b'{"a":' * 1_000_000,
    "a key twice": lines().replace(b'"record": "company"', b'"record": "company", "record": "source"'),
    "not a number": level("NaN"),
    "without end": level("Infinity"),
    "1e400": level("1e400"),
    "1e-400": level("1e-400"),
    "a number of 10000 digits": level("9" * 10_000),
    "a line of a megabyte": b'{"record":"' + MEGABYTE + b'"}',
    "a list": b"[1,2,3]",
    "a string": b'"record"',
    "year 0": level("1", 0),
    "year 99999": level("1", 99999),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_spoilt_batch_is_refused_with_its_line(door: Door, name: str):
    answer = hand_in(door.api, door.token, BODIES[name])
    assert answer.status_code in (400, 413, 422), answer.text[:300]
    assert len(answer.content) < 20_000
    assert json.loads(answer.content)["type"].startswith("/problems/")


@pytest.mark.parametrize(
    "name", ["=1+1", "@SUM(A1)", "<b onclick=x>", "'; drop table company; --", "\u202egnp.exe", "a" * 200]
)
def test_a_name_that_others_would_run_is_data_here(door: Door, name: str):
    slug = f"named-{abs(hash(name)) % 10**6}"
    told = lines(company=slug).replace(f"Invented {slug}".encode(), json.dumps(name)[1:-1].encode())
    answer = hand_in(door.api, door.token, told)
    assert answer.status_code == 200, answer.text[:300]
    read = door.api.get(f"/v1/companies/{slug}?edition={answer.json()['data']['edition']}")
    assert read.json()["data"]["name"] == name
    assert read.headers["content-type"] == "application/json"
    assert read.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(("year", "zero"), [(2001, "-0"), (2002, "-0.0"), (2003, "0"), (2004, "-0.00e1")])
def test_zero_is_zero_whatever_its_sign(door: Door, year: int, zero: str):
    answer = hand_in(door.api, door.token, level(zero, year))
    assert answer.status_code == 200
    (row,) = answer.json()["data"]["results"]
    read = door.api.get(f"/v1/disclosures/{row['disclosure']}/versions/1")
    assert re.search(rb'"value":(0|0\.0),', read.content)


def _exchange(api: Client, request: bytes) -> Reply:
    """As `exchange`; ends the sending side, and takes a cut for an answer."""
    parts = urlsplit(api.base)
    received = b""
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection, contextlib.suppress(OSError):
        with contextlib.suppress(OSError):
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(65536):
            received += part
    head, _, body = received.partition(b"\r\n\r\n")
    return Reply(int(head.split(b" ")[1]) if head.startswith(b"HTTP/") else 0, head, body)
