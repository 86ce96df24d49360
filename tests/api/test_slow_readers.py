"""Streams whose callers do not read: bounded in memory while they last, and dropped after a while; others go on."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.api.batches import emission, put
from tests.api.test_moving import wait_for
from tests.api.test_stream import LONG, broken_off, gauge, open_streams
from tests.client import Client
from tests.conftest import _Serving

pytestmark = pytest.mark.slow

READERS, ROWS = 30, 1500


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as one:
        yield one


@pytest.fixture
def server(empty_database: str) -> Iterator[tuple[_Serving, Client]]:
    """A server over a feed of 24 MB: more than what the system keeps for a connection."""
    put(empty_database, *(emission(f"c{n}", 2022, n) | {"quote": "q" * 7900, "note": "n" * 7900} for n in range(ROWS)))
    one = _Serving(empty_database, None, streams_max=str(10 * READERS), **LONG)
    with one as api:
        wait_for(api, 1, 10)
        yield one, api


def test_who_does_not_read_costs_a_page_and_is_dropped(server: tuple[_Serving, Client], stack: ExitStack):
    one, api = server
    (worker,) = Path(f"/proc/{one.process.pid}/task/{one.process.pid}/children").read_text().split()[-1:]
    before = resident(worker)
    lines = [stack.enter_context(broken_off(api, buffer_bytes=4096)) for _ in range(READERS)]
    open_streams(api, READERS)
    time.sleep(5)
    assert gauge(api) == READERS, "they were all still held"
    assert resident(worker) - before < READERS * 2 << 20
    assert len(api.get("/v1/changes?limit=5").json()["data"]) == 5
    deadline = time.monotonic() + 40
    while gauge(api) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert gauge(api) == 0
    assert '"event":"unhandled"' not in api.log()
    assert b"event: reconnect" not in rest(lines[0])


def resident(process: str) -> int:
    """Memory that a process holds, in bytes."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS"))


def rest(line: socket.socket) -> bytes:
    """What was sent to a caller that reads at last, until the end."""
    line.settimeout(10)
    parts = []
    while part := line.recv(1 << 20):
        parts.append(part)
        if part.endswith(b"0\r\n\r\n"):
            break
    return b"".join(parts)
