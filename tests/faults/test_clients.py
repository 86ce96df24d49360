"""Clients that connect and go, never finish asking, or stay and say nothing: the others are served all the same."""

import contextlib
import resource
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import _Serving as Serving
from tests.faults.conftest import PATHS, figure, serving
from tests.faults.load import Load

pytestmark = pytest.mark.slow

RESETS, HALF_OPEN, IDLE = 1000, 9000, 900
SHARE = 0.7
_RESET = struct.pack("ii", 1, 0)
_SPARE = 1000
_TRIES = 3
# How long a client may take to say what it wants.
HEAD_S = 10


@pytest.fixture(scope="module")
def server(filled: str) -> Iterator[Serving]:
    with serving(filled) as one:
        for path in PATHS:
            one.client.get(path)
        yield one


@contextlib.contextmanager
def _holding(port: int, count: int, said: bytes) -> Iterator[list[socket.socket]]:
    """So many connections on which this was said, and no more."""
    held: list[socket.socket] = []
    try:
        for _ in range(count):
            client = socket.socket()
            held.append(client)
            client.settimeout(5)
            client.connect(("127.0.0.1", port))
            client.sendall(said)
        yield held
    finally:
        for client in held:
            client.close()


def _rate(server: Serving) -> tuple[float, float]:
    """Good answers a second to eight clients that never wait, and the milliseconds that 99 in 100 take at most."""
    with Load([server.port], PATHS, clients=8) as load:
        load.during("it", 1)
    assert not load.wrong()
    assert set(load.statuses("it")) == {200}
    return load.rate("it"), load.p99_ms("it")


def _workers(server: Serving) -> list[int]:
    tasks = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    return [int(pid) for children in tasks for pid in children.read_text().split()]


def _files(server: Serving) -> int:
    """Open files of its workers."""
    return sum(1 for pid in _workers(server) for _ in Path(f"/proc/{pid}/fd").iterdir())


def _memory_mib(server: Serving) -> float:
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in _workers(server))
    return pages * resource.getpagesize() / 2**20


@pytest.mark.alone
def test_a_thousand_that_connect_and_reset_leave_nothing(server: Serving):
    before, (rate, _) = _files(server), _rate(server)
    for number in range(RESETS):
        client = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        if number % 2:
            client.sendall(f"GET {PATHS[number % len(PATHS)]} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        client.close()
    began = time.monotonic()
    server.client.get("/livez")
    figure("connect and reset", files=before, before=rate, after=_rate(server)[0], quiet_s=time.monotonic() - began - 1)
    deadline = time.monotonic() + 5
    while _files(server) > before + 8 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _files(server) <= before + 8


@pytest.mark.alone
def test_thousands_of_half_open_and_idle_clients_leave_the_others_most_of_the_server(server: Serving):
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _SPARE
    half_open = min(HALF_OPEN, most - IDLE)
    assert half_open > 0, f"only {most} files may be open"
    for _ in range(_TRIES):
        before, _ = _rate(server)
        with (
            _holding(server.port, IDLE, f"GET {PATHS[0]} HTTP/1.1\r\nHost: x\r\n\r\n".encode()),
            _holding(server.port, half_open, b"GET /v1/companies HTTP/1.1\r\nHost: x\r\nX-Slow: ") as slow,
        ):
            server.client.get("/livez")  # once those who are idle now have their answers
            during, p99 = _rate(server)
            memory = _memory_mib(server)
            assert {client.send(b"x") for client in slow} == {1}, "some were cut off before"
            figure("slow", half_open=half_open, before=before, during=during, p99_ms=p99, memory_mib=memory)
            if during >= SHARE * before:
                break
    assert during >= SHARE * before


def test_who_takes_too_long_to_ask_is_cut_off(server: Serving):
    with _holding(server.port, 3, b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ") as slow:
        began = time.monotonic()
        for client in slow:
            client.settimeout(HEAD_S + 5)
            with contextlib.suppress(ConnectionResetError):
                while client.recv(1024):
                    pass
        assert HEAD_S - 2 < time.monotonic() - began < HEAD_S + 3
