"""`/metrics` of a server with several workers: all of them, whichever is asked, by numbers that outlive a worker."""

import os
import re
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.conftest import _Serving

WORKERS = 2


def counted(text: str) -> dict[str, float]:
    """Requests that each worker has answered of an operation."""
    found = re.findall(
        r'^almanac_request_seconds_count\{.*operation="list_kinds",.*worker="([^"]*)"\} (\S+)$', text, re.MULTILINE
    )
    return {worker: sum(float(count) for one, count in found if one == worker) for worker, _ in found}


def workers(text: str) -> set[str]:
    return set(re.findall(r'^almanac_edition\{worker="([^"]*)"\}', text, re.MULTILINE))


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_whoever_is_asked_tells_of_all_workers_and_a_new_one_goes_on_under_the_number_of_the_old(empty_database: str):
    server = _Serving(empty_database, None, workers=str(WORKERS))

    def asked(path: str) -> str:
        """The answer over a connection of its own, which any worker may take; one of those may just have been killed."""
        while True:
            try:
                return httpx.get(f"{server.client.base}{path}", headers={"Connection": "close"}).text
            except httpx.TransportError:
                time.sleep(0.05)

    sent: list[str] = []

    def answered_by_all() -> bool:
        sent.extend(many.map(asked, ["/v1/kinds"] * 16))
        return set(counted(asked("/metrics"))) == {"0", "1"}

    with server, ThreadPoolExecutor(8) as many:
        until(answered_by_all)
        until(lambda: sum(counted(asked("/metrics")).values()) == len(sent))
        said = [counted(text) for text in many.map(asked, ["/metrics"] * 32)]
        assert len({tuple(sorted(one.items())) for one in said}) == 1, "whoever is asked says the same"
        os.kill(children(server.process.pid)[0], signal.SIGKILL)
        until(lambda: sum(counted(asked("/metrics")).values()) < len(sent))
        until(lambda: workers(asked("/metrics")) == {"0", "1"})
