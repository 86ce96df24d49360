"""Redis goes away, hangs, or holds what it should not: answers are slower, and never other ones."""

import contextlib
import time
from collections.abc import Callable
from typing import TypeAlias

import pytest
import redis

from tests.conftest import _Serving as Serving
from tests.faults.conftest import PATHS, figure, serving, third_of_load
from tests.faults.load import Book, Load
from tests.faults.valkey import Valkey

pytestmark = [pytest.mark.slow, pytest.mark.alone]

MORE_MS = 60
_TRIES = 3
_BACK_S = 10
Heal: TypeAlias = Callable[[], object]


def killed(valkey: Valkey) -> Heal:
    valkey.kill()
    return valkey.start


def stopped(valkey: Valkey) -> Heal:
    valkey.hold()
    return valkey.go_on


def loading(valkey: Valkey) -> Heal:
    """It has come back with more than it can read in a moment, and says so to whoever asks."""
    valkey.say("DEBUG", "POPULATE", "2000", "filler", "10")
    valkey.say("SAVE")
    valkey.kill()
    valkey.start("--key-load-delay", "5000", "--loading-process-events-interval-bytes", "1024")
    return lambda: (valkey.kill(), valkey.start())


def read_only(valkey: Valkey) -> Heal:
    """A replica of a server that is gone: it has what it had, takes nothing, and lost what was being kept."""
    valkey.say("FLUSHALL")
    valkey.say("REPLICAOF", "127.0.0.1", "1")
    return lambda: valkey.say("REPLICAOF", "NO", "ONE")


def other_types(valkey: Valkey) -> Heal:
    with valkey.talk() as client:
        for key in list(client.scan_iter()):
            client.delete(key)
            client.lpush(key, "no answer")
    return lambda: valkey.say("FLUSHALL")


def other_bytes(valkey: Valkey) -> Heal:
    """Every second value is another one; every fourth lost its end."""
    with valkey.talk() as client:
        for number, key in enumerate(sorted(client.keys())):
            if number % 2:
                client.setrange(key, 40, "x")
            elif number % 4:
                client.set(key, client.get(key)[:-7])
    return lambda: valkey.say("FLUSHALL")


def swapped(valkey: Valkey) -> Heal:
    """Every value is whole, and another key's."""
    with valkey.talk() as client:
        keys = sorted(client.keys())
        for key, other in zip(keys[::2], keys[1::2], strict=False):
            client.rename(key, b"aside")
            client.rename(other, key)
            client.rename(b"aside", other)
    return lambda: valkey.say("FLUSHALL")


FAULTS = [killed, stopped, loading, read_only, other_types, other_bytes, swapped]


@pytest.fixture(scope="module")
def rate(served: Serving, valkey: Valkey) -> float:
    """A third of what is served while Redis is away: with less to spare, its loss would be felt whatever is done."""
    valkey.kill()
    found = third_of_load(served.port)
    valkey.start()
    return found


@pytest.fixture(scope="module")
def book() -> Book:
    return Book()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_spoilt_redis_changes_no_answer_and_delays_few(
    served: Serving, valkey: Valkey, rate: float, book: Book, fault: Callable[[Valkey], Heal]
):
    for _ in range(_TRIES):
        load = _through(served, valkey, rate, book, fault)
        assert not load.wrong()
        assert all(set(load.statuses(phase)) == {200} for phase in ("before", "spoilt", "healed"))
        more = load.p99_ms("spoilt") - load.p99_ms("before")
        figure(fault.__name__, rate=rate, before_ms=load.p99_ms("before"), more_ms=more)
        # A machine that is so busy that an undisturbed answer takes as long says nothing of 60 ms.
        if more <= max(MORE_MS, load.p99_ms("before")):
            return
    raise AssertionError(f"one answer in a hundred takes {more:.0f} ms longer")


def _through(served: Serving, valkey: Valkey, rate: float, book: Book, fault: Callable[[Valkey], Heal]) -> Load:
    with Load([served.port], PATHS, rate=rate, book=book) as load:
        load.phase = "warming"
        _until_used(valkey, rate)
        load.during("before", 1, answers=100)
        load.phase = "spoilt"
        heal = fault(valkey)
        load.during("spoilt", 1.5, answers=100)
        heal()
        load.phase = "healed"
        _until_used(valkey, rate)
    return load


def _until_used(valkey: Valkey, rate: float) -> None:
    """Wait until most answers come from Redis. It must be found again in time."""
    deadline = time.monotonic() + _BACK_S
    while time.monotonic() < deadline:
        with contextlib.suppress(redis.RedisError):
            before = valkey.hits()
            time.sleep(0.3)
            if valkey.hits() - before > rate * 0.3 / 2:
                return
    raise AssertionError(f"{_BACK_S} s later few answers come from Redis")


def test_without_the_time_limit_the_same_load_finds_the_delay(filled: str, valkey: Valkey):
    """What the limit is for: Redis hangs, and so does whoever waits for it."""
    with serving(filled, valkey.url, cache_bytes="0", redis_timeout_ms="5000") as server:
        with Load([server.port], PATHS, rate=20) as load:
            load.during("before", 1, answers=20)
            valkey.hold()
            load.during("spoilt", 2)
            valkey.go_on()
        assert load.p99_ms("spoilt") > 1500
