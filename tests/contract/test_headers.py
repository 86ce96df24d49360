"""Headers of every read: how long it may be kept, what it rests on, and who may see it."""

import re

import httpx
import pytest

from tests.client import Client, check
from tests.contract.urls import OPERATIONS, READS, also

MOVING = "public, max-age=60, stale-while-revalidate=600, stale-if-error=86400"
PINNED = "public, max-age=31536000, immutable"
OF_RELEASE = {"list_kinds", "list_metrics"}  # what the release knows, whatever the edition: a later one may say more


def links(answer: httpx.Response) -> dict[str, str]:
    """Targets of a `Link` header by relation."""
    return {rel: target for target, rel in re.findall(r'<([^>]*)>; rel="([a-z-]+)"', answer.headers["link"])}


@pytest.mark.parametrize("name", READS)
def test_the_newest_answer_moves_and_its_permalink_gives_the_same_for_ever(
    api: Client, known: dict[str, str], name: str
):
    answer = api.get(known[name])
    assert answer.headers["cache-control"] == MOVING
    meta = answer.json()["meta"]
    assert answer.headers["almanac-edition"] == str(meta["edition"])
    assert answer.headers["almanac-known-on"] == meta["known_on"]
    assert set(answer.headers["vary"].split(", ")) >= {"Accept"}
    pinned = api.get(links(answer)["permalink"])
    assert pinned.status_code == 200
    assert pinned.content == answer.content
    assert pinned.headers["cache-control"] == (MOVING if name in OF_RELEASE else PINNED)
    assert links(pinned)["permalink"] == links(answer)["permalink"]


def test_the_client_finds_a_header_that_is_not_of_its_form(api: Client):
    answer = api.get("/v1/kinds")
    answer.headers["etag"] = "unquoted"
    with pytest.raises(AssertionError, match="ETag is unquoted"):
        check(answer)


@pytest.mark.parametrize("name", READS)
def test_an_etag_is_strong_differs_by_edition_and_saves_the_body(api: Client, known: dict[str, str], name: str):
    answer = api.get(known[name])
    etag = answer.headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', etag)
    for condition in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        same = api.get(known[name], If_None_Match=condition)
        assert same.status_code == 304, condition
        assert not same.content
        assert same.headers["etag"] == etag
        assert same.headers["cache-control"] == MOVING
    assert api.get(known[name], If_None_Match='"x"').status_code == 200
    edition = int(answer.headers["almanac-edition"])
    earlier = api.get(also(known[name], f"edition={edition - 1}"))
    assert earlier.headers["etag"] != etag


@pytest.mark.parametrize("name", [name for name in READS if name.startswith("list_") and name != "list_kinds"])
def test_the_permalink_of_a_later_page_is_that_page(api: Client, known: dict[str, str], name: str):
    first = api.get(also(known[name], "limit=1")) if name != "list_metrics" else api.get(known[name])
    if "next" not in links(first):
        assert first.json()["meta"].get("next_cursor") is None
        return
    second = api.get(links(first)["next"])
    if name != "list_changes":  # which goes on by `after`, into what is published meanwhile
        assert second.headers["cache-control"] == PINNED, "a cursor pins its edition"
    assert second.content != first.content
    assert api.get(links(second)["permalink"]).content == second.content


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("query", ["", "nope=1"])
def test_every_answer_lets_browsers_read_it_and_nothing_run(api: Client, known: dict[str, str], name: str, query: str):
    answer = api.get(also(known[name], query) if query else known[name])
    assert answer.status_code == (400 if query else 200)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert {"ETag", "Link", "Almanac-Edition", "Retry-After", "X-Request-Id"} <= set(
        answer.headers["access-control-expose-headers"].split(", ")
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["referrer-policy"] == "no-referrer"
    if query:
        assert answer.headers["cache-control"] == "no-store"


def test_a_request_id_is_taken_if_it_is_plain_and_made_otherwise(api: Client):
    assert api.get("/livez", X_Request_Id="mine-1").headers["x-request-id"] == "mine-1"
    assert re.fullmatch(r"[0-9a-f]{16}", api.get("/livez", X_Request_Id="a b").headers["x-request-id"])


def test_the_representation_follows_accept_and_what_cannot_be_had_is_406(api: Client):
    for accept in ("application/json", "*/*", "text/html, application/*;q=0.1", "application/json;charset=utf-8"):
        assert api.get("/v1/kinds", Accept=accept).headers["content-type"] == "application/json"
    for accept in ("image/png", "application/json;q=0", "text/html"):
        refused = api.request("GET", "/v1/kinds", Accept=accept)
        check(refused)
        assert refused.status_code == 406
        assert refused.json()["errors"][0]["allowed"]
