"""What a request is charged for and to whom: by network, or by key; files, pages and answers that say nothing new are free."""

import functools
from collections.abc import Awaitable, Sequence

from almanac.errors import AlmanacError, TooManyRequests, Unauthorized, Unavailable
from almanac.settings import Settings
from almanac.store.keys import ApiKey, KnownKeys
from almanac.store.rate import Bucket, Quota, Rates
from almanac.web.asked import Asked
from almanac.web.caller import Callers
from almanac.web.wire import Head, Scope

ANONYMOUS = "60/6s"
"""10 requests a second for long, 60 at once."""
KEY = "300/6s"


class Admission:
    """Whether a request is answered, and what its answer says of the caller's quota. `refusal` is what it gets otherwise.

    `caller` is whose request it is, a key or a network; empty where nobody looked.
    """

    __slots__ = ("_bucket", "caller", "refusal")

    def __init__(self, bucket: Bucket | None = None, refusal: AlmanacError | None = None, caller: str = "") -> None:
        self._bucket = bucket
        self.caller = caller
        self.refusal = refusal

    def headers(self, status: int) -> Head:
        """Headers of the answer, none where nothing is charged. Call it once: the charge of a 304 or a 503 is given back."""
        bucket = self._bucket
        if bucket is None:
            return ()
        if status in (304, 503):
            bucket.give_back()
        return _told(bucket.quota, 0 if isinstance(self.refusal, TooManyRequests) else bucket.left())

    def give_back(self) -> None:
        """The charge was for nothing."""
        if self._bucket is not None:
            self._bucket.give_back()

    def refused(self, error: AlmanacError) -> "Admission":
        """The same charge, for a refusal."""
        return Admission(self._bucket, error)


_FREE = Admission()


@functools.lru_cache(maxsize=4096)
def _told(quota: Quota, left: int) -> Head:
    """What is left of a quota, in headers."""
    full_s = -(-(quota.most - left) * quota.window_s // quota.most)
    return (
        (b"ratelimit-policy", quota.policy),
        (b"ratelimit", b'"%b";r=%d;t=%d' % (quota.label, left, full_s)),
    )


class Limits:
    """Admits requests. `free` are the paths that cost nothing; one that ends in a slash stands for all below it."""

    def __init__(self, settings: Settings, rates: Rates, keys: KnownKeys, free: Sequence[str]) -> None:
        self._rates = rates
        self._keys = keys
        self._callers = Callers(settings.trusted_networks)
        self._anonymous = Quota.read("anonymous", settings.rate_anonymous or ANONYMOUS)
        self._key = Quota.read("key", settings.rate_key or KEY)
        self._free = frozenset(path for path in free if path == "/" or not path.endswith("/"))
        self._free_below = tuple(path for path in free if path != "/" and path.endswith("/"))

    def admit(self, scope: Scope, asked: Asked) -> Admission | Awaitable[Admission]:
        """Charge a request, before anything is done for it. Without an await while what this process leased lasts.

        A key that is none is refused wherever requests are charged, also to those who could read without one: they think
        that they have a key's quota. Other schemes of `Authorization` are not ours and are left to those whose they are.
        """
        if self.is_free(scope["path"]) or scope["method"] == "OPTIONS":
            return _FREE
        token = _bearer(asked.authorization) if asked.authorization else None
        if token is None:
            if self._anonymous is None:
                return _FREE
            return self._charge(self._anonymous, self.network(scope, asked))
        network = self.network(scope, asked)
        held = self._keys.held(token)
        if held is None or held[0] is None:
            return self._unknown(token, network)
        return self._of_key(held[0])

    def network(self, scope: Scope, asked: Asked) -> str:
        """The network that a request comes from."""
        return self._callers.network(scope.get("client"), asked.forwarded_for)

    def is_free(self, path: str) -> bool:
        """Whether a path is a file or a page: charged to nobody."""
        return path in self._free or path.startswith(self._free_below)

    def _of_key(self, key: ApiKey) -> Admission | Awaitable[Admission]:
        caller = f"key:{key.key_id}"
        return Admission(caller=caller) if self._key is None else self._charge(self._key, caller)

    def _charge(self, quota: Quota, caller: str) -> Admission | Awaitable[Admission]:
        bucket = self._rates.bucket(quota, caller)
        wait_s = self._rates.take(bucket)
        return _admission(bucket, wait_s) if isinstance(wait_s, (float, int)) else _awaited(bucket, wait_s)

    async def _unknown(self, token: str, network: str) -> Admission:
        """The admission of a token that has to be looked up, or is of no key.

        Looking up is charged apart: who guesses keys does not use up what the network's other callers have. What was a key
        when it was last looked up is no guess, and is looked up again however many a neighbour guesses.
        """
        guess = _FREE
        if self._anonymous is not None and not self._keys.was_key(token):
            guess = await _settled(self._charge(self._anonymous, f"guess:{network}"))
        if guess.refusal is not None:
            return guess
        try:
            held = self._keys.held(token)
            key = held[0] if held is not None else await self._keys.recognise(token)
        except Unavailable:
            # Whether it is a key cannot be said now: so it gets what everybody gets.
            return _FREE if self._anonymous is None else await _settled(self._charge(self._anonymous, network))
        if key is None:
            return guess.refused(Unauthorized("The key is unknown, revoked or expired."))
        guess.give_back()
        return await _settled(self._of_key(key))


async def _awaited(bucket: Bucket, wait_s: Awaitable[float]) -> Admission:
    return _admission(bucket, await wait_s)


async def _settled(admission: Admission | Awaitable[Admission]) -> Admission:
    return admission if isinstance(admission, Admission) else await admission


def _admission(bucket: Bucket, wait_s: float) -> Admission:
    if not wait_s:
        return Admission(bucket, caller=bucket.caller)
    quota = bucket.quota
    who = "of this key" if quota.name == "key" else "of this network without a key"
    told = f"The {quota.most} requests {who} in {quota.window_s} s are used up. Files under `/v1/bulk` are free."
    return Admission(bucket, TooManyRequests(told, retry_after_s=max(1, -int(-wait_s // 1))))


def _bearer(value: bytes) -> str | None:
    scheme, _, token = value.decode("latin-1").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
