"""PostgreSQL restarts, hangs, or has no connection left: 503 for what has to be asked of it, and for nothing else."""

import asyncio
import datetime as dt
import itertools
import os
import signal
import time
from collections.abc import Iterator

import pytest

from almanac.store.migrate import migrate
from tests.api.batches import fetch
from tests.conftest import _Serving as Serving
from tests.faults.conftest import COMPANIES, PATHS, figure, fill, serving
from tests.faults.load import Load
from tests.faults.primary import Primary, Way
from tests.faults.proxy import NONE, Fault

pytestmark = pytest.mark.slow

# Each is another question: nothing of it is kept from before.
NEW = [
    f"/v1/emissions?company={COMPANIES[n % 40]}&known_on={dt.date(2025, 2, 1) + dt.timedelta(n // 40)}"
    for n in range(40_000)
]
_taken = itertools.count()
BACK_S = 3
PATIENCE_S = 2


@pytest.fixture(scope="module")
def primary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Primary]:
    with Primary(tmp_path_factory.mktemp("primary")) as one:
        asyncio.run(migrate(one.url))
        fill(one.url)
        yield one


@pytest.fixture(scope="module")
def way(primary: Primary, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    with Way(primary.url, tmp_path_factory.mktemp("way")) as one:
        yield one


@pytest.fixture(scope="module")
def server(way: Way) -> Iterator[Serving]:
    with serving(way.url) as one:
        for path in PATHS:
            one.client.get(path)
        yield one


def _new() -> list[str]:
    """Questions that nobody asked so far."""
    first = next(_taken) * 4000
    return NEW[first : first + 4000]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
def test_a_restart_is_503_only_while_it_is_away_and_only_for_what_is_not_held(
    server: Serving, primary: Primary, how: signal.Signals
):
    with Load([server.port], PATHS, rate=40, clients=4) as held, Load([server.port], _new(), rate=40, clients=8) as new:
        new.during("before", 1)
        gone = time.perf_counter() - new.start
        new.phase = "away"
        primary.end(how)
        time.sleep(1)
        new.phase = "coming"
        primary.start()
        back = time.perf_counter() - new.start
        new.phase = "back"
        while not any(one.at > back and one.status == 200 for one in list(new.answers)):
            assert time.perf_counter() - new.start - back < BACK_S + 2, "it is back and nobody asks it"
            time.sleep(0.02)
        found = time.perf_counter() - new.start - back
        new.during("settling", BACK_S + 1)
    assert not held.wrong()
    assert not new.wrong()
    assert {one.status for one in held.answers} == {200}
    assert {one.status for one in new.answers} == {200, 503}
    assert all(one.at + one.seconds > gone and one.at < back + BACK_S for one in new.answers if one.status == 503)
    assert found <= BACK_S
    figure(f"restart {how.name}", first_200_s=found, refused=new.statuses("away")[503], p99_away_ms=new.p99_ms("away"))


def test_hung_connections_exhaust_the_pool_and_nothing_else(server: Serving, primary: Primary):
    """Every backend is stopped where it is; 40 clients wait in a queue that ends for each after 2 s."""
    with Load([server.port], PATHS, rate=40, clients=4) as held, Load([server.port], _new(), clients=40) as new:
        new.during("before", 0.5)
        pids = [
            pid for (pid,) in fetch(primary.url, "select pid from pg_stat_activity where application_name = 'almanac'")
        ]
        held.phase = "hung"
        began = time.perf_counter() - new.start
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        new.during("hung", 4)
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        new.during("settling", 3)
        new.during("after", 1)
    assert not held.wrong()
    assert not new.wrong()
    assert {one.status for one in held.answers} == {200}
    hung = sorted(one.seconds for one in new.answers if one.status == 503 and one.at + one.seconds > began)
    assert len(hung) > 30
    assert set(new.statuses("after")) == {200}
    (connections,) = fetch(primary.url, "select count(*) from pg_stat_activity where application_name = 'almanac'")[0]
    assert connections <= 9, "the pool has 8, and one listens"
    figure("hung", refused=len(hung), median_ms=hung[len(hung) // 2] * 1000, p99_held_ms=held.p99_ms("hung"))
    assert hung[len(hung) // 2] < PATIENCE_S + 0.5


def test_a_slow_database_slows_only_what_is_asked_of_it(server: Serving, way: Way):
    other = ["/livez", "/docs", "/openapi.json"]
    assert {server.client.get(path).status_code for path in other} == {200}
    with Load([server.port], PATHS, rate=40, clients=4) as held, Load([server.port], _new(), rate=10, clients=8) as new:
        for load in (held, new):
            load.phase = "before"
        time.sleep(1)
        way.fault = Fault(delay_s=0.2)
        for load in (held, new):
            load.phase = "slow"
        began = time.monotonic()
        assert {server.client.get(path).status_code for path in other} == {200}
        others_s = time.monotonic() - began
        time.sleep(2)
        for load in (held, new):
            load.phase = "ends"
        time.sleep(1)  # who was slow is answered
        way.fault = NONE
    assert not held.wrong()
    assert not new.wrong()
    assert set(new.statuses("slow")) <= {200, 503}
    assert new.statuses("slow")[200]
    assert min(one.seconds for one in new.of("slow")[8:]) > 0.2, "nothing was slow"
    figure("slow", p99_new_ms=new.p99_ms("slow"), p99_held_ms=held.p99_ms("slow"), others_ms=others_s * 1000)
    assert held.p99_ms("slow", share=0.5) < 200, "what waits for PostgreSQL takes that long at least"
