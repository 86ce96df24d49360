"""Callers that take their time take nobody's: those who send a body or take a file as slowly as they like, however many."""

import re
import select
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlparse

import pytest

from almanac.errors import NotFound, Unavailable
from almanac.store.bulk_folder import BulkFolder
from almanac.web.held import Places
from almanac.web.sent_file import Stored, answer
from tests.client import Client

Serve = Callable[..., Client]

# Beyond what a worker works on at once, and beyond what of each sort may be under way beside it.
MANY = 300
MOST = 256
BEHIND = {"trusted_proxies": "127.0.0.1"}
SIZE = 1 << 30


@pytest.fixture
def file(tmp_path: Path) -> tuple[str, str]:
    """A folder of bulk files, and the path of the one in it, all of which no buffer holds and nobody has read in a moment."""
    folder = BulkFolder(tmp_path / "bulk")
    sha256, name = "0" * 64, "emissions-current-0001.parquet"
    place = folder.root / "files" / sha256 / name
    place.parent.mkdir(parents=True)
    with place.open("wb") as made:
        made.truncate(SIZE)
    return str(folder.root), f"/v1/bulk/files/{sha256}/{name}"


@contextmanager
def connected(api: Client, ask: str, many: int) -> Iterator[list[socket.socket]]:
    """So many connections that ask, each from a network of its own where `ask` names one, and take in hardly anything."""
    place = urlparse(api.base)
    lines: list[socket.socket] = []
    try:
        for number in range(many):
            line = socket.socket()
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.settimeout(20)
            line.connect((place.hostname, place.port))
            lines.append(line)
            line.sendall(ask.replace("NETWORK", f"10.{number // 250}.{number % 250}.1").encode())
        yield lines
    finally:
        for line in lines:
            line.close()


def statuses(lines: list[socket.socket]) -> Counter[bytes]:
    """How many were told what. Everybody is told something."""
    return Counter(line.recv(64).split()[1] for line in lines)


def asked(api: Client) -> set[int]:
    """What others are told who ask for what no process has in memory."""
    return {api.get(f"/v1/companies?limit={number}").status_code for number in range(1, 4)}


def test_readers_of_parts_of_files_however_many_leave_the_api_alone(
    serve: Serve, empty_database: str, file: tuple[str, str]
):
    bulk_dir, path = file
    api = serve(empty_database, bulk_dir=bulk_dir, **BEHIND)
    ask = f"GET {path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: NETWORK\r\nRange: bytes=1-\r\n\r\n"
    with connected(api, ask, MANY) as lines:
        assert statuses(lines) == {b"206": MOST, b"503": MANY - MOST}
        assert asked(api) == {200}


def test_one_network_has_a_tenth_of_the_places_and_is_told_so(serve: Serve, empty_database: str, file: tuple[str, str]):
    bulk_dir, path = file
    api = serve(empty_database, bulk_dir=bulk_dir, **BEHIND)
    ask = f"GET {path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.1.1.1\r\nRange: bytes=1-\r\n\r\n"
    with connected(api, ask, 40) as lines:
        assert statuses(lines) == {b"206": MOST // 10, b"503": 40 - MOST // 10}
        refused = api.request("GET", path, Range="bytes=0-0", **{"X-Forwarded-For": "10.1.1.2"})
        assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
        assert "one network" in refused.json()["detail"]
        assert api.request("GET", path, Range="bytes=0-0", **{"X-Forwarded-For": "10.1.2.1"}).status_code == 206
    wait_until_served(api, path)


def wait_until_served(api: Client, path: str) -> None:
    """Who has gone is soon out of the count."""
    deadline = time.monotonic() + 5
    while api.request("GET", path, Range="bytes=0-0", **{"X-Forwarded-For": "10.1.1.2"}).status_code != 206:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_bodies_that_do_not_come_however_many_leave_the_api_alone(serve: Serve, empty_database: str):
    api = serve(empty_database, **BEHIND)
    lines = ("POST /v1/exports HTTP/1.1", "Host: x", "X-Forwarded-For: NETWORK", "Content-Type: application/json")
    ask = "\r\n".join((*lines, "Content-Length: 100", "", "{"))
    with connected(api, ask, MANY) as held:
        # The last are refused; the others are not answered while they do not say what they want.
        assert statuses(answered(held, MANY - MOST)) == {b"503": MANY - MOST}
        assert asked(api) == {200}
    lines = tuple(one.replace("NETWORK", "10.1.1.1") for one in lines)
    with connected(api, "\r\n".join((*lines, "Content-Length: 100", "", "{")), 40) as held:
        assert statuses(answered(held, 40 - MOST // 10)) == {b"503": 40 - MOST // 10}


def answered(lines: list[socket.socket], many: int) -> list[socket.socket]:
    """Those that anything came to, when it came to so many and has come to no more for a while."""
    deadline = time.monotonic() + 10
    while len(select.select(lines, [], [], 0)[0]) < many and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.2)
    return select.select(lines, [], [], 0)[0]


def test_a_part_is_not_read_on_for_a_caller_who_has_gone(serve: Serve, empty_database: str, file: tuple[str, str]):
    bulk_dir, path = file
    api = serve(empty_database, bulk_dir=bulk_dir)
    with connected(api, f"GET {path} HTTP/1.1\r\nHost: x\r\nRange: bytes=1-\r\n\r\n", 1) as lines:
        assert statuses(lines) == {b"206": 1}
    deadline = time.monotonic() + 5
    while not (found := re.search(r'"status":206,.*"bytes":(\d+)', api.log())):
        assert time.monotonic() < deadline, "it is still being sent"
        time.sleep(0.02)
    assert int(found[1]) < SIZE // 2, "the rest was read for nobody"


@pytest.mark.slow
def test_who_does_not_read_a_part_is_dropped(serve: Serve, empty_database: str, file: tuple[str, str]):
    bulk_dir, path = file
    api = serve(empty_database, bulk_dir=bulk_dir)
    with connected(api, f"GET {path} HTTP/1.1\r\nHost: x\r\nRange: bytes=1-\r\n\r\n", 1):
        deadline = time.monotonic() + 30
        while '"status":206' not in api.log():
            assert time.monotonic() < deadline, "it is still held"
            time.sleep(0.2)


@pytest.mark.anyio
@pytest.mark.parametrize("asked_for", ["bytes=1-", ""])
async def test_a_file_that_went_just_now_is_told_before_anything_is_sent(tmp_path: Path, asked_for: str):
    path = tmp_path / "gone.parquet"
    path.write_bytes(b"abc")
    stored = Stored(source=path, size=3, sha256="0" * 64, media_type="application/gzip")
    sending = answer(stored, {"range": asked_for}).to_asgi_response(app=None, request=None)
    path.unlink()
    sent: list[object] = []

    async def send(message: object) -> None:
        sent.append(message)

    with pytest.raises(NotFound):
        await sending({"extensions": {"http.response.pathsend": {}}}, None, send)
    assert sent == []


def test_places_are_shared_out_and_given_back():
    places = Places(30, "guests are in")
    entered = []
    for caller in ("a", "b", "c"):
        for _ in range(3):
            place = places.one(caller)
            place.__enter__()
            entered.append(place)
        with pytest.raises(Unavailable, match="one network"), places.one(caller):
            pass
    assert places.taken == 9
    for place in entered:
        place.__exit__(None, None, None)
    assert (places.taken, len(places._of)) == (0, 0), "nothing is kept of who has gone"
    few = Places(2, "guests are in")
    with few.one("a"), few.one("a"), pytest.raises(Unavailable, match="As many"), few.one("b"):
        pass
    with pytest.raises(Unavailable), Places(0, "guests are in").one("a"):
        pass
