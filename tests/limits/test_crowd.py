"""What is asked beyond what can be answered soon: refused at once, in order, and nothing else suffers."""

import asyncio
import json
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from almanac.errors import Unavailable
from almanac.settings import Secret, Settings
from almanac.store.db import Database
from almanac.web.crowd import Crowd
from tests.api.batches import execute
from tests.api.raw import send
from tests.client import Client
from tests.conftest import Servers
from tests.contract.test_problems import SLOW
from tests.limits.arrivals import arrive

Serve = Callable[..., Client]


@pytest.fixture
async def database(servers: Servers, corpus_template: str) -> AsyncIterator[Database]:
    url = servers.database(corpus_template)
    one = Database(Settings(database_url=Secret(url), pool_max_size=1, max_waiting=2, pool_timeout_ms=500))
    await one.open()
    yield one
    await one.close()


async def query(database: Database) -> int:
    async with database._acquire() as connection:
        return await connection.fetchval("select 1")


@pytest.mark.anyio
async def test_queries_wait_in_bounded_number(database: Database):
    async with database._acquire():
        waiting = [asyncio.create_task(query(database)) for _ in range(2)]
        await asyncio.sleep(0.01)
        begun = time.monotonic()
        with pytest.raises(Unavailable, match="as many queries wait"):
            await query(database)
        assert time.monotonic() - begun < 0.1
    assert await asyncio.gather(*waiting) == [1, 1]


@pytest.mark.anyio
async def test_queries_wait_in_the_order_of_asking(servers: Servers, corpus_template: str):
    """The pool by itself let one of two thousand be overtaken by a hundred that came later."""
    url = Secret(servers.database(corpus_template))
    database = Database(Settings(database_url=url, pool_max_size=1, max_waiting=5000, pool_timeout_ms=60_000))
    await database.open()
    served: list[int] = []

    async def named(number: int) -> None:
        async with database._acquire() as connection:
            served.append(number)
            await connection.fetchval("select 1")

    waiting = []
    for number in range(1500):
        waiting.append(asyncio.create_task(named(number)))
        for _ in range(number % 7):
            await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    assert served == sorted(served)
    await database.close()


@pytest.mark.anyio
@pytest.mark.parametrize("leave", [asyncio.CancelledError, Unavailable])
async def test_who_leaves_or_waits_in_vain_takes_no_place_along(database: Database, leave: type[BaseException]):
    async with database._acquire():
        waiting = [asyncio.create_task(query(database)) for _ in range(2)]
        await asyncio.sleep(0.01)
        for task in waiting:
            if leave is asyncio.CancelledError:
                task.cancel()
            with pytest.raises(leave):
                await task
    assert await asyncio.gather(query(database), query(database)) == [1, 1]


def test_a_slow_database_refuses_what_it_cannot_take_and_nothing_else(serve: Serve, corpus_database: str):
    api = serve(
        corpus_database, redis_url=None, pool_max_size="1", max_waiting="2", pool_timeout_ms="60000", cache_bytes="0",
        statement_timeout_ms="1500",
    )  # fmt: skip
    execute(corpus_database, SLOW)

    def ask(number: int) -> tuple[str, float]:
        begun = time.monotonic()
        answer = send(api.base, f"/v1/companies/zte/history?known_on=2024-01-{number + 10}".encode())
        assert b"retry-after: " in answer.head.lower()
        return json.loads(answer.body)["type"].rpartition("/")[2], time.monotonic() - begun

    with ThreadPoolExecutor(9) as threads:
        asked = [threads.submit(ask, number) for number in range(9)]
        time.sleep(0.3)
        for url in ("/livez", "/v1/kinds", "/docs", "/v1/bulk/snapshots"):
            assert api.get(url).elapsed.total_seconds() < 1
        found = [one.result() for one in asked]
    assert Counter(code for code, _ in found) == {"too-slow": 3, "unavailable": 6}
    assert max(took for code, took in found if code == "unavailable") < 1


@pytest.mark.anyio
async def test_fewer_are_taken_while_the_loop_is_late_and_as_many_as_ever_after():
    crowd = Crowd(100)
    watching = asyncio.create_task(crowd.watch())
    await asyncio.sleep(0.05)

    def room() -> int:
        taken = 0
        while crowd.refusal() is None:
            crowd.__enter__()
            taken += 1
        for _ in range(taken):
            crowd.__exit__()
        return taken

    assert room() == 100
    time.sleep(0.2)  # noqa: ASYNC251 - that is the fault
    await asyncio.sleep(0.05)
    assert room() == 64
    await asyncio.sleep(1.2)
    assert room() == 100
    watching.cancel()


@pytest.mark.parametrize("most", [1, 5])
def test_no_more_are_under_way_than_may_where_that_is_few(most: int):
    crowd = Crowd(most)
    for _ in range(most):
        assert crowd.refusal() is None
        crowd.__enter__()
    assert crowd.refusal() is not None


@pytest.mark.alone
@pytest.mark.slow
def test_asked_five_times_what_it_can_a_server_does_what_it_can(serve: Serve, corpus_database: str):
    """Every cache off. The figures of a quiet machine are in the report; here is what a busy one has to keep."""
    api = serve(corpus_database, redis_url=None, cache_bytes="0")
    urls = ["/v1/emissions?limit=500"]  # so dear that five times as many can be asked for from the same machine
    most = arrive(api.base, urls, rate=4000, lasts_s=2, lines=16, patience_s=0)
    capacity = len([one for one in most if one.status == 200 and one.at_s + one.took_s < 2]) / 2
    found = arrive(api.base, urls, rate=5 * capacity, lasts_s=5)
    answered = [one for one in found if one.status == 200 and one.at_s + one.took_s < 6 and one.took_s < 2]
    assert len(answered) / 5 >= 0.6 * capacity
    refused = sorted(one.took_s for one in found if one.status != 200)
    assert {one.status for one in found} == {200, 503}
    assert refused[len(refused) // 2] < 1
    after = arrive(api.base, urls, rate=capacity / 4, lasts_s=6)
    assert {one.status for one in after if one.at_s > 3} == {200}


@pytest.mark.slow
def test_connections_that_never_finish_a_request_end_within_ten_seconds_and_take_nobodys_place(
    serve: Serve, empty_database: str
):
    api = serve(empty_database, redis_url=None)
    parts = urlsplit(api.base)
    held = {
        "nothing": b"",
        "half a line": b"GET /livez HT",
        "half of the headers": b"GET /livez HTTP/1.1\r\nHost: x\r\nX-A: ",
        "half of HTTP/2": b"PRI * HT",
        "a request, and then nothing": b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n",
    }
    lines = []
    for sent in [*held.values(), *[b"GET / HTTP/1.1\r\nX-A: "] * 1500]:
        line = socket.create_connection((parts.hostname, parts.port))
        line.sendall(sent)
        lines.append(line)
    begun = time.monotonic()
    for _ in range(20):
        assert api.get("/livez").status_code == 200
    assert time.monotonic() - begun < 5, "1,500 that only begin a request are in nobody's way"
    deadline = begun + 14
    for line in lines:
        line.settimeout(max(0.1, deadline - time.monotonic()))
        while line.recv(65536):
            pass
        line.close()
    assert time.monotonic() - begun > 8, "slow is allowed"
