"""Every sort of problem that only a write has, fired once against a live server."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from almanac.store.db import PUBLISHER, connect
from tests.api.handed import hand_in, make_key
from tests.client import Client
from tests.contract.examples import assert_example
from tests.contract.test_problems import WRITES, assert_problem
from tests.exports.orders import post as order

Hand = Callable[..., httpx.Response]

# Bodies as the examples show them, where they are no `{`.
SENT = {
    "payload-too-large": "x" * 60 + "...",
    "body-too-slow": "{ (and nothing more for a second)",
    "idempotency-key-reused": "[",
}


@pytest.fixture
def api(serve: Callable[..., Client], empty_database: str) -> Client:
    """A server that takes little and waits briefly."""
    return serve(
        empty_database, redis_url=None, submission_max_bytes="1000", submission_timeout_ms="300", export_wait_ms="0"
    )


@pytest.fixture
def hand(api: Client, empty_database: str) -> Hand:
    """Hands something in, with a publisher's key if none is given."""

    def one(content: bytes | Iterator[bytes] = b"{", role: str = "publisher", **headers: str) -> httpx.Response:
        token = headers.pop("token", None) or make_key(empty_database, role)
        return hand_in(api, token, content, X_Request_Id="example", **headers)

    return one


def _slow() -> Iterator[bytes]:
    yield b"{"
    time.sleep(1)
    yield b"}"


def test_what_each_request_is_refused_for(api: Client, hand: Hand, empty_database: str):
    fired = {
        "unauthorized": hand(Authorization="Bearer x", name="unknown"),
        "forbidden": hand(role="reader", name="reader"),
        "unsupported-media-type": hand(Content_Type="text/csv", name="csv"),
        "payload-too-large": hand(b"x" * 1001, name="large"),
        "body-too-slow": hand(_slow(), name="slow"),
        "bad-batch": hand(b"{", name="bad"),
    }
    token = make_key(empty_database)
    hand(b"{", token=token, name="reused")
    fired["idempotency-key-reused"] = hand(b"[", token=token, name="reused")

    async def hold() -> None:
        holding = await connect(empty_database, PUBLISHER)
        lock = "select pg_try_advisory_lock(hashtextextended($1::text || ' held', 22))"
        assert await holding.fetchval(lock, token.split("_")[1])
        fired["in-flight"] = await asyncio.to_thread(hand, b"{", token=token, name="held")
        await holding.close()

    asyncio.run(hold())
    for kind in ("emissions", "targets"):
        body = json.dumps({"kind": kind, "format": "csv.gz"}).encode()
        fired["idempotency-conflict"] = order(api, body, Idempotency_Key="named", X_Request_Id="example")
    SENT["idempotency-conflict"] = body.decode()
    assert fired.keys() == WRITES
    for code, answer in fired.items():
        assert_problem(answer, code)
        assert_example(code, answer, SENT.get(code, "{"))
        assert answer.json()["instance"] == ("/v1/exports" if code == "idempotency-conflict" else "/v1/submissions")
