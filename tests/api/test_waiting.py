"""`wait`: a page of the feed that comes with the next publish; bounded, cheap, and let go when the caller or the process goes."""

import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from urllib.parse import urlparse

import httpx
import pytest

from tests.api.batches import emission, put
from tests.api.test_moving import wait_for
from tests.client import Client
from tests.conftest import _Serving

pytestmark = pytest.mark.slow

Serve = Callable[..., Client]
LONG = {"wait_max_ms": "30000"}


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(40) as one:
        yield one


def started(server: Client, expected: int) -> None:
    """Wait until so many requests are held."""
    deadline = time.monotonic() + 5
    while (found := held(server)) != expected:
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


def held(server: Client) -> int:
    """How many requests are held, as the server counts them."""
    lines = server.get("/metrics").text.splitlines()
    return next(int(float(line.rpartition(" ")[2])) for line in lines if line.startswith("almanac_waiting{"))


def timed(server: Client, url: str) -> tuple[httpx.Response, float]:
    """The answer, and how long it took in seconds."""
    began = time.monotonic()
    answer = server.get(url)
    return answer, time.monotonic() - began


def test_it_answers_at_once_where_there_is_something_and_empty_when_the_time_is_over(serve: Serve, empty_database: str):
    api = serve(empty_database, **LONG)
    put(empty_database, emission("a", 2022, 1))
    wait_for(api, 1, 5)
    answer, took = timed(api, "/v1/changes?wait=30")
    assert len(answer.json()["data"]) == 1
    assert took < 1
    answer, took = timed(api, "/v1/changes?after=1&wait=1")
    assert 0.9 < took < 2.5
    assert answer.json()["data"] == []
    assert answer.json()["meta"]["up_to_date"] is True
    assert answer.headers["cache-control"] == "no-store"
    assert timed(api, "/v1/changes?after=1&wait=1")[1] > 0.9, "the same again waits again"
    etag = answer.headers["etag"]
    began = time.monotonic()
    assert api.get("/v1/changes?after=1&wait=1", If_None_Match=etag).status_code == 304
    assert time.monotonic() - began > 0.9, "what is held already is news only after a while"


def test_a_publish_answers_everybody_who_waits(serve: Serve, empty_database: str, pool: ThreadPoolExecutor):
    api = serve(empty_database, pool_max_size="1", pool_timeout_ms="500", waiters_max="300", **LONG)
    waits = [pool.submit(timed, api, f"/v1/changes?wait=30&limit={n}") for n in range(1, 31)]
    started(api, 30)
    assert api.get("/v1/companies").status_code == 200, "none of them holds the only connection"
    time.sleep(0.3)
    published = time.monotonic()
    put(empty_database, emission("a", 2022, 1))
    answers = [wait.result(10) for wait in waits]
    assert time.monotonic() - published < 5
    assert {len(answer.json()["data"]) for answer, _ in answers} == {1}
    assert all(took > 0.3 for _, took in answers)
    started(api, 0)


def test_who_waits_for_one_company_is_not_woken_by_another(serve: Serve, empty_database: str, pool: ThreadPoolExecutor):
    api = serve(empty_database, **LONG)
    put(empty_database, emission("a", 2022, 1), emission("b", 2022, 1))
    wait_for(api, 1, 5)
    wait = pool.submit(timed, api, "/v1/changes?after=2&company=b&wait=30")
    started(api, 1)
    put(empty_database, emission("a", 2022, 2), on="2025-02-01")
    wait_for(api, 2, 5)
    time.sleep(0.3)
    assert not wait.done()
    put(empty_database, emission("b", 2022, 3), on="2025-03-01")
    answer, _ = wait.result(10)
    assert [change["company"] for change in answer.json()["data"]] == ["b"]


def test_there_is_nothing_to_wait_for_in_a_company_that_is_not_there_and_in_the_past(
    serve: Serve, corpus_database: str
):
    api = serve(corpus_database, **LONG)
    last = api.data("/v1/editions?limit=1")[0]["last_seq"]
    for query, status in (
        ("company=no-such-company", 404),
        ("company=invented-absorbed", 308),
        ("edition=1", 409),
        ("as_of=2026-01-01T00:00:00Z", 409),
    ):
        answer, took = timed(api, f"/v1/changes?after={last}&wait=30&{query}")
        assert (answer.status_code, took < 2) == (status, True), query


def test_no_more_wait_than_may_and_all_else_is_answered(serve: Serve, empty_database: str, pool: ThreadPoolExecutor):
    api = serve(empty_database, waiters_max="2", **LONG)
    waits = [pool.submit(api.get, f"/v1/changes?wait=2&limit={n}") for n in (1, 2)]
    started(api, 2)
    refused = api.get("/v1/changes?wait=30")
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert api.get("/v1/changes").status_code == 200
    assert [wait.result(10).status_code for wait in waits] == [200, 200]
    assert api.get("/v1/changes?wait=1").status_code == 200


def test_who_hangs_up_frees_the_place(serve: Serve, empty_database: str):
    api = serve(empty_database, waiters_max="30", **LONG)
    for _ in range(5):
        lines = [_raw(api, "/v1/changes?wait=30") for _ in range(3)]
        started(api, 3)
        assert "one network" in api.get("/v1/changes?wait=30").json()["detail"]
        for line in lines:
            line.close()
        started(api, 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_ends_answers_those_who_wait_at_once(
    empty_database: str, pool: ThreadPoolExecutor, number: signal.Signals
):
    server = _Serving(empty_database, None, **LONG)
    with server as api:
        waits: list[Future[httpx.Response]] = [
            pool.submit(api.get, f"/v1/changes?wait=30&limit={n}") for n in range(1, 6)
        ]
        started(api, 5)
        began = time.monotonic()
        server.process.send_signal(number)
        assert [wait.result(10).status_code for wait in waits] == [200] * 5
        assert time.monotonic() - began < 3


def _raw(server: Client, target: str) -> socket.socket:
    place = urlparse(server.base)
    line = socket.create_connection((place.hostname, place.port))
    line.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return line
