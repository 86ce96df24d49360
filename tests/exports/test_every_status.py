"""Every answer that the contract has for exports, brought about once."""

import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.api.handed import make_key
from tests.client import Client, check
from tests.exports.orders import URL, Shop, post

LONG = "a" * 20_000
BODY = b'{"kind": "awards", "format": "csv.gz"}'
NOWHERE = f"{URL}/00000000-0000-4000-8000-000000000000"


def one(shop: Shop, method: str, url: str, **headers: str) -> int:
    """The status of one request, its answer checked."""
    answer = shop.api.request(method, url, **headers)
    check(answer)
    return answer.status_code


@pytest.mark.parametrize(("method", "found"), [("GET", 200), ("DELETE", 204)])
def test_reading_and_cancelling_answer_as_documented(shop: Shop, method: str, found: int):
    url, other = (shop.order("awards").headers["location"] for _ in range(2))
    token = {"Authorization": f"Bearer {make_key(shop.url, 'reader')}"}
    assert one(shop, method, url) == one(shop, method, other, **token) == found
    assert one(shop, method, url, Authorization="Bearer x") == 401
    assert (one(shop, method, f"{url}?x=1"), one(shop, method, NOWHERE)) == (400, 404)
    assert one(shop, method, url, Accept="image/png") == 406
    assert one(shop, method, f"{url}?x={LONG}") == 414
    assert one(shop, method, url, X_Padding="a" * 33_000) == 431


def test_ordering_refuses_as_documented(shop: Shop):
    def status(query: str = "", content: bytes = BODY, **headers: str) -> int:
        answer = shop.api.post(URL + query, content, **{"Content_Type": "application/json"} | headers)
        return answer.status_code

    assert status() in (200, 202)
    assert (status("?x=1"), status(f"?x={LONG}"), status(X_Padding="a" * 33_000)) == (400, 414, 431)
    assert (status(Accept="image/png"), status(Content_Type="text/csv"), status(content=b" " * 17_000)) == (
        406,
        415,
        413,
    )
    assert (status(Authorization="Bearer x"), status(content=BODY[:-1] + b', "edition": 9999}')) == (401, 404)


def test_who_sends_too_slowly_or_asks_too_often_is_told_so(shop: Shop, serve: Callable[..., Client]):
    slow = serve(shop.url, None, bulk_dir=str(shop.folder), submission_timeout_ms="200")

    def dripping() -> Iterator[bytes]:
        yield b"{"
        time.sleep(1)
        yield b"}"

    late: httpx.Response = slow.post(URL, dripping(), Content_Type="application/json")
    assert late.status_code == 408
    limited = serve(shop.url, None, bulk_dir=str(shop.folder), rate_anonymous="1/99999s")
    assert post(limited, BODY).status_code in (200, 202)
    assert (limited.get(NOWHERE).status_code, limited.delete(NOWHERE).status_code) == (429, 429)


def test_methods_are_told(shop: Shop):
    assert shop.api.request("GET", URL).headers["allow"] == "OPTIONS, POST"
    assert shop.api.request("POST", NOWHERE).headers["allow"] == "DELETE, GET, HEAD, OPTIONS"
    made = shop.order("awards").headers["location"]
    head = shop.api.request("HEAD", made)
    assert (head.status_code, head.content) == (200, b"")


def test_a_page_of_another_site_may_order_read_and_cancel(shop: Shop):
    """Its browser asks first, and sends only what it is told it may."""
    for url, method in ((URL, "POST"), (NOWHERE, "GET"), (NOWHERE, "DELETE")):
        asked = {"Origin": "https://example.org", "Access_Control_Request_Method": method}
        head = shop.api.request("OPTIONS", url, **asked).headers
        assert method in head["access-control-allow-methods"].split(", ")
        assert {"Content-Type", "Idempotency-Key", "Prefer"} <= set(head["access-control-allow-headers"].split(", "))
