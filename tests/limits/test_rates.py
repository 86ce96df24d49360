"""The buckets over a real Redis: exact together, leased apart, mended when spoilt, bounded in number."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import redis.asyncio

from almanac.settings import Secret, Settings
from almanac.store.rate import Quota, Rates
from almanac.store.redis_link import RedisLink
from tests.conftest import Servers

pytestmark = pytest.mark.anyio

Start = Callable[..., Rates]


@pytest.fixture
async def start(servers: Servers) -> AsyncIterator[Start]:
    """Makes the rates of one process more."""
    links: list[RedisLink] = []

    def one(url: str | None = servers.redis, workers: int = 1, **more: int) -> Rates:
        # The machine is busy: what is tested here is not how fast Redis is.
        links.append(RedisLink(Settings(redis_url=Secret(url) if url else None, redis_timeout_ms=2000)))
        return Rates(links[-1], workers, **more)

    yield one
    for link in links:
        await link.close()


@pytest.fixture
async def far(servers: Servers) -> AsyncIterator[redis.asyncio.Redis]:
    async with redis.asyncio.Redis.from_url(servers.redis) as client:
        yield client


def quota(most: int, window_s: int) -> Quota:
    quota = Quota.read("anonymous", f"{most}/{window_s}s")
    assert quota is not None
    return quota


async def take(rates: Rates, limit: Quota, caller: str) -> float:
    """Seconds to wait; 0 if admitted."""
    wait: Any = rates.take(rates.bucket(limit, caller))
    return wait if isinstance(wait, float) else await wait


async def admitted(many: list[Rates], limit: Quota, caller: str, tries: int) -> int:
    """How many of so many tries, in turn over the processes, were admitted."""
    return sum([not await take(many[n % len(many)], limit, caller) for n in range(tries)])


async def test_a_quota_is_given_out_at_once_and_comes_back_evenly(start: Start):
    rates, limit = start(), quota(20, 2)
    begun = time.monotonic()
    assert await admitted([rates], limit, "even", 60) in range(20, 20 + 1 + int((time.monotonic() - begun) * 10))
    wait = await take(rates, limit, "even")
    assert 0 < wait <= 0.1
    deadline, more = time.monotonic() + 1, 0
    while time.monotonic() < deadline:
        more += not await take(rates, limit, "even")
    assert more in (9, 10, 11)


async def test_processes_together_give_out_one_quota(start: Start):
    """Without leases that Redis knows of, four processes would give out four."""
    many, limit = [start() for _ in range(4)], quota(60, 600)
    assert await admitted(many, limit, "together", 400) == 60
    assert await admitted([start()], limit, "together", 10) == 0


async def test_callers_have_quotas_of_their_own(start: Start):
    rates, limit = start(), quota(3, 600)
    assert [await admitted([rates], limit, caller, 9) for caller in ("own-a", "own-b")] == [3, 3]


async def test_most_requests_and_most_of_a_flood_do_not_ask_redis(start: Start, far: redis.asyncio.Redis):
    rates, limit = start(), quota(600, 600)
    before = await _scripts_run(far)
    assert await admitted([rates], limit, "leased", 3000) in (600, 601)
    assert await _scripts_run(far) - before < 25


async def _scripts_run(far: redis.asyncio.Redis) -> int:
    told = await far.info("commandstats")
    return sum(told.get(f"cmdstat_{name}", {}).get("calls", 0) for name in ("eval", "evalsha"))


async def test_what_lies_idle_is_given_up_when_the_bucket_is_full_again(start: Start):
    """Declared: in one window the quota, and a tenth of it for each process. Kept for ever, leases would add up to more."""
    many, limit = [start() for _ in range(3)], quota(20, 1)
    await admitted(many, limit, "idle", 30)
    for rates in many:
        rates.bucket(limit, "idle").tokens = 2  # what a lease is, unused
    deadline = time.monotonic() + 1.1
    while time.monotonic() < deadline:
        pass
    begun = time.monotonic()
    given = await admitted(many, limit, "idle", 90)
    assert given <= 20 + 1 + (time.monotonic() - begun) * 20


async def test_a_charge_that_is_given_back_can_be_taken_again(start: Start):
    for url in ({}, {"url": None}):
        rates, limit = start(**url), quota(2, 600)
        for _ in range(10):
            assert not await take(rates, limit, "back")
            rates.bucket(limit, "back").give_back()
        assert await admitted([rates], limit, "back", 5) == 2


async def test_a_spoilt_bucket_is_mended_and_locks_nobody_out(start: Start, far: redis.asyncio.Redis):
    rates, limit = start(), quota(5, 1)
    given = dict.fromkeys(["list", "nonsense", "nan", "inf", "9" * 30, "-5", ""], 0)
    for spoilt in given:
        key = rates.bucket(limit, f"spoilt-{spoilt}").key
        await (far.lpush(key, "x") if spoilt == "list" else far.set(key, spoilt))
    deadline = time.monotonic() + 1.5
    while time.monotonic() < deadline:
        for spoilt in given:
            given[spoilt] += not await take(rates, limit, f"spoilt-{spoilt}")
    assert all(3 <= number <= 13 for number in given.values()), given


async def test_a_redis_that_forgot_the_script_learns_it_again(start: Start, far: redis.asyncio.Redis):
    rates, limit = start(), quota(4, 600)
    assert not await take(rates, limit, "forgotten")
    await far.script_flush()
    assert await admitted([rates], limit, "forgotten", 9) == 3


async def test_without_redis_each_process_gives_out_its_share(start: Start):
    many, limit = [start(url=None, workers=3) for _ in range(3)], quota(60, 600)
    assert await admitted(many, limit, "apart", 300) == 60
    assert [await admitted([start(url=None, workers=64)], quota(5, 600), "small", 9)] == [1]


async def test_callers_are_known_in_bounded_number(start: Start, far: redis.asyncio.Redis):
    """An attack from many addresses ends what is known of those who asked longest ago, and what Redis holds of them ends too."""
    rates, limit = start(most_callers=100), quota(10, 1)
    for number in range(1000):
        assert not await take(rates, limit, f"many-{number}")
    assert len(rates) == 100
    assert await far.pttl(rates.bucket(limit, "many-999").key) <= 1000


async def test_left_counts_down_to_nothing(start: Start):
    rates, limit = start(), quota(5, 6000)
    left = []
    for _ in range(5):
        await take(rates, limit, "left")
        left.append(rates.bucket(limit, "left").left())
    assert left == [4, 3, 2, 1, 0]
