"""Who may ask how often: a bucket for each caller, shared by all processes in Redis, of which each leases some tokens ahead.

So most requests are admitted, and most of a flood is refused, without asking Redis. Without Redis each process keeps a bucket
of its own, which holds its share of the quota. Leases lie idle at most until the bucket would be full again: in one
window a caller gets its quota and at most a tenth of it more for each process.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from msgspec import Struct
from redis.exceptions import NoScriptError

from almanac.store.redis_link import Client, NoAnswer, RedisLink

_SCRIPT = (Path(__file__).parent / "gcra.lua").read_text("utf-8")
_SCRIPT_SHA = hashlib.sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()  # the name that Redis gives it
# Callers that a process knows at most: an attack from many addresses costs some 10 MB, and not more.
_MOST_CALLERS = 20_000
_LEASE_SHARE = 10
# So long a process keeps to its own bucket after an answer of Redis that it could not use.
_ALONE_S = 0.5


class Quota(Struct, frozen=True, kw_only=True):
    """`most` requests at once, and as many again over each window. `name` says whose it is; `policy` is it in a header."""

    name: str
    label: bytes
    most: int
    window_s: int
    policy: bytes

    @classmethod
    def read(cls, name: str, text: str) -> "Quota | None":
        """What a setting says: `60/6s`; None for `off`."""
        if text == "off":
            return None
        most, _, window = text.removesuffix("s").partition("/")
        label, policy = name.encode(), f'"{name}";q={most};w={window}'.encode()
        return cls(name=name, label=label, most=int(most), window_s=int(window), policy=policy)


class Bucket:
    """What one caller may do, as far as this process knows. Times are those of the monotonic clock, in seconds."""

    __slots__ = ("_alone_full", "_alone_share", "_alone_step", "_free", "_free_at", "_refused_until", "_step", "alone_until",
                 "asking", "caller", "key", "lease", "leased_until", "quota", "tokens", "waiting")  # fmt: skip

    def __init__(self, quota: Quota, caller: str, workers: int) -> None:
        self.quota, self.caller = quota, caller
        self.key = f"almanac:rate:{quota.most}/{quota.window_s}:{caller}"
        self.tokens, self.leased_until, self.lease = 0, 0.0, 1
        self.asking: asyncio.Task[None] | None = None
        self.waiting = 0
        self.alone_until = 0.0
        self._refused_until = 0.0
        self._free, self._free_at = quota.most, time.monotonic()
        self._step = quota.window_s / quota.most
        self._alone_full = 0.0
        self._alone_step = self._step * workers
        self._alone_share = max(1, quota.most // workers)

    def take(self, now: float, *, shared: bool) -> float | None:
        """Seconds until the caller may ask again, 0 if it may now; None if Redis has to say."""
        if self.tokens and now < self.leased_until:
            self.tokens -= 1
            return 0.0
        if now < self._refused_until:
            return self._refused_until - now
        return None if shared and now >= self.alone_until else self._take_alone(now)

    def give_back(self) -> None:
        """What was taken was not needed."""
        if time.monotonic() < self.leased_until:
            self.tokens += 1
        else:
            self._alone_full -= self._alone_step

    def left(self) -> int:
        """Requests that the caller still has, as far as this process knows."""
        now = time.monotonic()
        if self._alone_full > now:
            return max(0, int(self._alone_share - (self._alone_full - now) / self._alone_step))
        leased = self.tokens if now < self.leased_until else 0
        return min(self.quota.most, leased + int(self._free + (now - self._free_at) / self._step))

    def leased(self, now: float, taken: int, free: int, wait_s: float) -> None:
        """What Redis said."""
        self.tokens = taken + (self.tokens if now < self.leased_until else 0)
        self._free, self._free_at = free, now
        if taken:
            self.leased_until = now + self.quota.window_s
        else:
            self._refused_until = now + wait_s

    def _take_alone(self, now: float) -> float:
        step = self._alone_step
        full = max(self._alone_full, now) + step
        # The share of a small quota may be less than one request: even then there is one at once.
        wait = full - now - step * self._alone_share
        if wait > step * 1e-6:
            return wait
        self._alone_full = full
        return 0.0


class Rates:
    """The buckets of the callers that this process knows: those who asked last, in bounded number."""

    def __init__(self, link: RedisLink, workers: int, most_callers: int = _MOST_CALLERS) -> None:
        self._link = link
        self._workers = workers
        self._most_callers = most_callers
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def bucket(self, quota: Quota, caller: str) -> Bucket:
        """The caller's bucket. A caller has one quota."""
        bucket = self._buckets.get(caller)
        if bucket is None:
            bucket = self._buckets[caller] = Bucket(quota, caller, self._workers)
            if len(self._buckets) > self._most_callers:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(caller)
        return bucket

    def take(self, bucket: Bucket) -> float | Awaitable[float]:
        """Seconds until the caller may ask again, 0 if it may now. Cost: a round trip to Redis at most, mostly none."""
        wait = bucket.take(time.monotonic(), shared=self._link.there)
        return self._wait(bucket) if wait is None else wait

    async def _wait(self, bucket: Bucket) -> float:
        bucket.waiting += 1
        try:
            while (wait := bucket.take(time.monotonic(), shared=self._link.there)) is None:
                if bucket.asking is None:
                    bucket.asking = asyncio.create_task(self._ask(bucket))
                # A caller that leaves takes nobody's answer along.
                await asyncio.shield(bucket.asking)
        finally:
            bucket.waiting -= 1
        return wait

    async def _ask(self, bucket: Bucket) -> None:
        quota = bucket.quota
        if bucket.tokens:  # what was leased lay idle
            bucket.lease, bucket.tokens = 1, 0
        want = min(max(bucket.lease, bucket.waiting), quota.most)
        try:
            said = await self._link.ask(
                lambda client: _run(client, bucket.key, quota.most, quota.window_s * 1_000_000, want)
            )
            taken, free, wait_us = _checked(said, want)
        except NoAnswer:
            bucket.alone_until = time.monotonic() + _ALONE_S
        else:
            bucket.leased(time.monotonic(), taken, free, wait_us / 1_000_000)
            # Who asks once takes one token; who asks often is worth more of them.
            bucket.lease = min(2 * bucket.lease, max(1, quota.most // _LEASE_SHARE))
        finally:
            bucket.asking = None


async def _run(client: Client, key: str, *args: int) -> Any:
    try:
        return await client.evalsha(_SCRIPT_SHA, 1, key, *args)  # pyright: ignore[reportArgumentType]
    except NoScriptError:
        return await client.eval(_SCRIPT, 1, key, *args)  # pyright: ignore[reportArgumentType]


def _checked(said: Any, want: int) -> tuple[int, int, int]:
    """The three numbers of the script. Errors: NoAnswer for anything else: Redis is not trusted to be right."""
    match said:
        case [int() as taken, int() as free, int() as wait_us] if 0 <= taken <= want and free >= 0 and wait_us >= 0:
            if taken or wait_us:
                return taken, free, wait_us
        case _:
            pass
    raise NoAnswer
