"""Quotas while Redis is stopped, killed or answers nonsense: found out within the budget, then each process holds its share."""

import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
import redis.asyncio

from almanac.settings import Secret, Settings
from almanac.store import embedded
from almanac.store.rate import Rates
from almanac.store.redis_link import RedisLink
from tests.limits.test_rates import admitted, quota, take

pytestmark = pytest.mark.anyio

BUDGET_S = 0.2  # more than the ordinary 50 ms: the machine may be busy
WORKERS = 2


class Trouble:
    """A Redis of this test's own and the rates of two processes over it."""

    def __init__(self, folder: Path) -> None:
        self.server = embedded.redis(folder)
        settings = Settings(redis_url=Secret(self.server.url), redis_timeout_ms=int(BUDGET_S * 1000))
        self.links = [RedisLink(settings) for _ in range(WORKERS)]
        self.many = [Rates(link, WORKERS) for link in self.links]
        self.client = redis.asyncio.Redis.from_url(self.server.url)

    def send(self, number: signal.Signals) -> None:
        os.kill(self.server.process.pid, number)

    async def until_there(self) -> None:
        with anyio.fail_after(10):
            while not all(link.there for link in self.links):  # noqa: ASYNC110 - nobody tells when
                await anyio.sleep(0.05)


@pytest.fixture
async def trouble(tmp_path: Path) -> AsyncIterator[Trouble]:
    one = Trouble(tmp_path)
    yield one
    for link in one.links:
        await link.close()
    await one.client.aclose()
    one.send(signal.SIGCONT) if one.server.process.exit_code is None else None
    one.server.stop()


async def test_a_redis_that_stands_still_is_waited_for_once_and_then_left_alone_until_it_answers(trouble: Trouble):
    limit = quota(60, 600)
    assert await admitted(trouble.many, limit, "before", 100) == 60
    trouble.send(signal.SIGSTOP)
    for rates in trouble.many:
        begun = time.monotonic()
        assert not await take(rates, limit, "first")
        assert time.monotonic() - begun < BUDGET_S + 0.15
    begun = time.monotonic()
    assert await admitted(trouble.many, limit, "stopped", 1000) == 60, "each its half"
    assert time.monotonic() - begun < BUDGET_S, "a thousand, and nobody waited for it"
    trouble.send(signal.SIGCONT)
    await trouble.until_there()
    assert await admitted(trouble.many, limit, "after", 200) == 60
    assert await admitted(trouble.many, limit, "before", 100) == 0, "what was used up before still is"


async def test_a_redis_that_was_killed_is_found_gone_and_its_successor_found(trouble: Trouble, tmp_path: Path):
    limit = quota(60, 600)
    assert await admitted(trouble.many, limit, "killed", 40) == 40
    trouble.send(signal.SIGKILL)
    trouble.server.process.stop()
    assert await admitted(trouble.many, limit, "killed", 400) <= 20 + 60, "not twice the quota in all"
    trouble.server = embedded.redis(tmp_path)
    await trouble.until_there()
    assert await admitted(trouble.many, limit, "successor", 400) == 60


async def test_a_redis_that_takes_no_writes_is_no_redis(trouble: Trouble):
    limit = quota(60, 600)
    await trouble.client.config_set("maxmemory-policy", "noeviction")
    await trouble.client.config_set("maxmemory", "1")
    assert await admitted(trouble.many, limit, "full", 400) == 60
    await trouble.client.config_set("maxmemory", "64mb")
    await anyio.sleep(0.6)
    assert await admitted(trouble.many, limit, "room", 400) == 60
    assert await trouble.client.exists(trouble.many[0].bucket(limit, "room").key), "shared again"


async def test_nobody_is_asked_who_is_not_there():
    link = RedisLink(Settings(redis_url=Secret("redis://127.0.0.1:1/0")))
    rates = Rates(link, 1)
    assert await admitted([rates], quota(5, 600), "nowhere", 50) == 5
    assert not link.there
    await link.close()
