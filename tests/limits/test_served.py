"""Quotas as callers meet them: what is charged to whom, what is free, and what answers say of it."""

import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.api.handed import make_key
from tests.client import Client, check
from tests.conftest import Servers, _copy, _Serving
from tests.contract.gate import Gate
from tests.limits.flood import flood

Serve = Callable[..., Client]
URL = "/v1/kinds"
LONG = "600s"  # so long that nothing comes back during a test


@pytest.fixture(scope="module")
def database(servers: Servers, corpus_template: str) -> Iterator[str]:
    yield from _copy(servers, corpus_template)


@pytest.fixture(scope="module")
def limited(servers: Servers, database: str) -> Iterator[Client]:
    """A server that takes 5 requests of each network, and 9 of each key, and believes its neighbours' word for who asks."""
    given = {"rate_anonymous": f"5/{LONG}", "rate_key": f"9/{LONG}", "trusted_proxies": "127.0.0.0/8"}
    # The machine may be busy: a token that Redis was too slow to give counts apart.
    with _Serving(database, servers.redis, redis_timeout_ms="2000", **given) as client:
        yield client


def quota(answer: httpx.Response) -> tuple[str, str, int]:
    """The policy, its name again, and what is left of it."""
    name, left, full_s = re.fullmatch(r'"(\w+)";r=(\d+);t=(\d+)', answer.headers["ratelimit"]).groups()
    most = int(re.search(r"q=(\d+)", answer.headers["ratelimit-policy"])[1])
    assert abs(int(full_s) - (most - int(left)) * 600 / most) <= 600 / most
    return answer.headers["ratelimit-policy"], name, int(left)


def test_each_answer_counts_down_and_then_there_is_a_problem_until_it_may_be_asked_again(limited: Client):
    me = {"X_Forwarded_For": "203.0.113.1"}
    policy = '"anonymous";q=5;w=600'
    for left in (4, 3, 2):
        answer = limited.get(URL, **me)
        assert (answer.status_code, quota(answer)) == (200, (policy, "anonymous", left))
    refused = limited.get("/v1/emissions?nope=1", **me)
    assert (refused.status_code, quota(refused)[2]) == (400, 1), "a mistake costs as much"
    assert limited.request("HEAD", URL, **me).headers["ratelimit"].startswith('"anonymous";r=0;')
    for url in (URL, "/v1/nowhere", "/nowhere", "/v1/companies/zte.csv"):
        over = limited.request("GET", url, **me)
        assert (over.status_code, over.json()["type"]) == (429, "/problems/too-many-requests")
        assert 1 <= int(over.headers["retry-after"]) <= 120
        assert quota(over) == (policy, "anonymous", 0)
    check(limited.request("GET", URL, **me))


def test_what_is_free_is_free_also_for_who_has_used_up_everything(limited: Client):
    me = {"X_Forwarded_For": "203.0.114.1"}
    statuses = [limited.get(URL, **me).status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    for url in (
        "/livez",
        "/readyz",
        "/metrics",
        "/",
        "/docs",
        "/docs/almanac.css",
        "/openapi.json",
        "/problems/not-found",
    ):
        answer = limited.get(url, **me)
        assert answer.status_code == 200
        assert not {"ratelimit", "ratelimit-policy"} & set(answer.headers)
    assert limited.get("/v1/bulk/snapshots", **me).status_code == 200
    assert limited.request("OPTIONS", URL, **me).status_code == 204


def test_an_answer_that_is_still_right_costs_nothing(limited: Client):
    me = {"X_Forwarded_For": "203.0.115.1"}
    etag = limited.get(URL, **me).headers["etag"]
    for _ in range(20):
        same = limited.get(URL, If_None_Match=etag, **me)
        assert (same.status_code, quota(same)[2]) == (304, 4)


def test_a_network_is_one_caller_and_the_next_one_another(limited: Client):
    def left(address: str) -> int:
        return quota(limited.get(URL, X_Forwarded_For=address))[2]

    assert [left("203.0.116.1"), left("203.0.116.254"), left("203.0.117.1")] == [4, 3, 4]
    assert [left("2001:db8:1:1::1"), left("2001:db8:1:1:ffff::2"), left("2001:db8:1:2::1")] == [4, 3, 4]
    assert left("nonsense, \t[[") == left("127.0.0.1") + 1, "what is no address is the proxy's own"


def test_a_key_has_a_quota_of_its_own_wherever_it_is_used(limited: Client, database: str):
    keys = [f"Bearer {make_key(database, role)}" for role in ("reader", "publisher")]
    for number, key in enumerate(keys):
        found = [limited.get(URL, X_Forwarded_For=f"203.0.{118 + n}.{number}", Authorization=key) for n in range(3)]
        assert [quota(one) for one in found] == [('"key";q=9;w=600', "key", left) for left in (8, 7, 6)]
    assert quota(limited.get(URL, X_Forwarded_For="203.0.118.1"))[1:] == ("anonymous", 4)


def test_a_key_that_is_none_is_refused_and_guessing_is_limited_apart(limited: Client, database: str):
    me = {"X_Forwarded_For": "203.0.121.1"}
    key = make_key(database)
    wrong = [f"Bearer {key[:-5]}AAAAA", "Bearer x", "bearer", "Bearer \xff"]
    for token in [*wrong, wrong[0]]:
        answer = limited.get(URL, Authorization=token.encode("latin-1"), **me)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["cache-control"] == "no-store"
    assert limited.get(URL, Authorization=wrong[1], **me).status_code == 429
    assert quota(limited.get(URL, **me))[1:] == ("anonymous", 4)
    assert limited.get(URL, Authorization="Basic eDp5", **me).status_code == 200, "not ours: another's before us"


def test_a_revoked_key_is_none(limited: Client, database: str):
    me = {"X_Forwarded_For": "203.0.122.1"}
    for made in ({"revoked": True}, {"expired": True}):
        assert limited.get(URL, Authorization=f"Bearer {make_key(database, **made)}", **me).status_code == 401


def test_while_postgresql_is_away_known_keys_keep_their_quota_and_others_are_anonymous(
    corpus_database: str, serve: Serve
):
    gate = Gate(corpus_database)
    try:
        known, unknown = make_key(corpus_database), make_key(corpus_database)
        api = serve(gate.url, redis_url=None, rate_anonymous=f"5/{LONG}", rate_key=f"9/{LONG}", pool_timeout_ms="100")
        assert quota(api.get(URL, Authorization=f"Bearer {known}"))[1] == "key"
        gate.close()
        assert quota(api.get(URL, Authorization=f"Bearer {known}"))[1] == "key"
        assert quota(api.get(URL, Authorization=f"Bearer {unknown}"))[1] == "anonymous"
    finally:
        gate.remove()


def test_who_is_no_proxy_is_not_believed(serve: Serve, empty_database: str):
    api = serve(empty_database, redis_url=None, rate_anonymous=f"3/{LONG}", trusted_proxies="192.0.2.1")
    statuses = [api.get(URL, X_Forwarded_For=f"203.0.{n}.1").status_code for n in range(5)]
    assert statuses == [200] * 3 + [429] * 2


def test_where_limits_are_off_nothing_is_said_of_them(api: Client):
    assert not {"ratelimit", "ratelimit-policy"} & set(api.get(URL).headers)


def test_a_server_limits_unless_it_is_told_not_to(empty_database: str, servers: Servers):
    server = _Serving(empty_database, None)
    for name in ("ALMANAC_RATE_ANONYMOUS", "ALMANAC_RATE_KEY"):
        del server.environment[name]
    with server as api:
        assert api.get(URL).headers["ratelimit-policy"] == '"anonymous";q=60;w=6'
        key = f"Bearer {make_key(empty_database)}"
        assert api.get(URL, Authorization=key).headers["ratelimit-policy"] == '"key";q=300;w=6'


def test_several_processes_hold_one_quota(serve: Serve, empty_database: str):
    """Declared: the quota of the time, and at most a tenth more for each process. Each process alone would let twice as much."""
    # The machine may be busy: what is tested here is not how fast Redis is.
    api = serve(empty_database, workers="2", rate_anonymous="40/2s", redis_timeout_ms="2000")
    found = flood(api.base + URL, 3, clients=8)
    due = 40 + 20 * found.lasted_s
    assert found.statuses.keys() == {200, 429}
    assert found.statuses.total() > 1.5 * due, "it was asked for more"
    assert due * 0.5 <= found.statuses[200] <= due + 2 * 4


def test_without_redis_several_processes_hold_about_one_quota(serve: Serve, empty_database: str):
    api = serve(empty_database, redis_url=None, workers="2", rate_anonymous="40/2s")
    found = flood(api.base + URL, 3, clients=8)
    assert found.statuses[200] <= (40 + 20 * found.lasted_s) + 2
