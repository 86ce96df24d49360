"""SIGTERM: a server says that it is about to stop, answers meanwhile, finishes what is under way, and loses nothing."""

import signal
import socket
import time
from collections import deque
from pathlib import Path

import httpx
import pytest

from tests.conftest import _Serving as Serving
from tests.faults.conftest import PATHS, figure, serving
from tests.faults.load import Load
from tests.faults.proxy import Fault, Proxy

ENDS = 20


def _ready(port: int) -> int:
    """The status of `/readyz`; 0 if there is nobody."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5, verify=False).status_code
    except httpx.TransportError:
        return 0


def test_told_to_stop_a_server_says_so_answers_on_and_then_ends(filled: str):
    with serving(filled, stop_grace_ms="1500") as server:
        kept = server.client
        assert "connection" not in kept.get(PATHS[0]).headers
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        while _ready(server.port) == 200:
            assert time.monotonic() - began < 1.4
            time.sleep(0.02)
        told = kept.get("/readyz")
        assert (told.status_code, told.headers["connection"]) == (503, "close")
        assert kept.get("/livez").status_code == 200
        answer = kept.get(PATHS[0])
        assert (answer.status_code, answer.headers["connection"]) == (200, "close")
        assert server.process.wait(10) == 0
        assert 1.4 < time.monotonic() - began < 5
        assert _ready(server.port) == 0


def test_what_is_under_way_at_the_end_is_finished(filled: str, tmp_path: Path):
    (folder,) = (part.removeprefix("host=") for part in filled.partition("?")[2].split("&") if part.startswith("host="))
    behind = Path(folder) / ".s.PGSQL.5432"
    with Proxy(behind, tmp_path / behind.name) as proxy:
        through = filled.replace(folder, str(tmp_path))
        with serving(through, cache_bytes="0", stop_grace_ms="0") as server, socket.socket() as client:
            httpx.get(f"{server.client.base}{PATHS[0]}")
            client.connect(("127.0.0.1", server.port))
            proxy.fault = Fault(delay_s=0.7)
            client.sendall(f"GET {PATHS[0]} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            time.sleep(0.3)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            assert _ready(server.port) == 0
            assert client.makefile("rb").read().startswith(b"HTTP/1.1 200")
            assert server.process.wait(10) == 0


@pytest.mark.slow
def test_twenty_ends_under_load_lose_no_request(filled: str):
    """Servers replace each other behind a balancer that asks them whether they are ready."""
    running: deque[Serving] = deque()
    ended: list[Serving] = []
    try:
        running.append(_started(filled))
        with Load([running[0].port], PATHS, rate=60, keep=True) as load:
            for _ in range(ENDS):
                running.append(_started(filled))
                load.ports.append(running[-1].port)
                ended.append(running.popleft())
                ended[-1].process.send_signal(signal.SIGTERM)
                while _ready(ended[-1].port) == 200:
                    time.sleep(0.02)
                load.ports.remove(ended[-1].port)
        assert [one.process.wait(10) for one in ended] == [0] * ENDS
    finally:
        for one in (*running, *ended):
            one.__exit__()
    figure("SIGTERM", answers=len(load.answers), refused=load.refused)
    assert not load.wrong()
    assert set(load.statuses("before")) == {200}
    assert not load.refused


@pytest.mark.slow
def test_without_the_grace_the_same_load_is_refused(filled: str):
    first, second = _started(filled, stop_grace_ms="0"), _started(filled)
    with Load([first.port, second.port], PATHS, rate=60, keep=False) as load:
        time.sleep(0.5)
        first.process.send_signal(signal.SIGTERM)
        while _ready(first.port) == 200:
            time.sleep(0.02)
        time.sleep(0.3)
    for one in (first, second):
        one.__exit__()
    assert load.refused


def _started(database_url: str, **settings: str) -> Serving:
    server = Serving(database_url, None, **{"stop_grace_ms": "1500"} | settings)
    server.__enter__()
    return server
