"""The change feed: dense, in order of commit, and the same however it is read."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import msgspec
import pytest
from msgspec import Raw

from almanac import digest
from tests.api.batches import emission, put
from tests.api.test_waiting import started
from tests.client import Client


def feed(api: Client, query: str = "", limit: int = 1000) -> list[dict]:
    """Every change, page by page, as a partner reads it."""
    found, after = [], 0
    while True:
        page = api.get(f"/v1/changes?after={after}&limit={limit}{query}").json()
        found += page["data"]
        after = page["meta"]["next_after"]
        if page["meta"]["up_to_date"]:
            return found


def test_numbers_have_no_hole_and_begin_at_one(api: Client):
    assert [change["seq"] for change in feed(api)] == list(range(1, len(feed(api)) + 1))


@pytest.mark.parametrize("limit", [1, 7, 97])
def test_every_page_size_tells_the_same(api: Client, limit: int):
    query = "&company=invented-restater" if limit == 1 else ""
    assert feed(api, query, limit) == feed(api, query)


def test_it_ends_with_the_newest_edition_and_says_so(api: Client):
    newest = api.data("/v1/editions?limit=1")[0]
    page = api.get(f"/v1/changes?after={newest['last_seq']}").json()
    assert page["data"] == []
    assert page["meta"]["next_after"] == newest["last_seq"]
    assert page["meta"]["up_to_date"] is True
    page = api.get(f"/v1/changes?after={newest['last_seq'] - 2}&limit=1").json()
    assert page["meta"]["up_to_date"] is False
    assert page["meta"]["next_after"] == newest["last_seq"] - 1


AHEAD = ["/v1/changes?{}", "/v1/changes?wait=1&{}", "/v1/changes?edition=1&{}", "/v1/changes/stream?{}"]


@pytest.mark.parametrize("url", AHEAD)
def test_a_place_ahead_of_all_changes_is_no_end_that_was_reached(
    serve: Callable[..., Client], corpus_database: str, url: str
):
    """Whoever has one follows another Almanac, or a server that is ahead of this one: up to date would be a lie."""
    api = serve(corpus_database, wait_max_ms="1000")
    last = api.data("/v1/editions?limit=1")[0]["last_seq"]
    assert api.get(f"/v1/changes?after={last}").json()["meta"]["up_to_date"] is True
    answer = api.get(url.format(f"after={last + 1}"))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["type"] == "/problems/edition-not-here"
    (error,) = answer.json()["errors"]
    assert (error["parameter"], error["value"]) == ("after", str(last + 1))
    assert error["detail"] == f"is ahead of the newest change here, {last}"
    assert api.get(f"/v1/changes?wait=1&edition=1&after={last + 1}").status_code == 409
    assert api.get(f"/v1/changes?edition=9999&after={last + 1}").status_code == 404


@pytest.mark.parametrize("path", ["/v1/changes?limit=1&after=1", "/v1/changes/stream?after=1"])
def test_a_place_that_this_server_is_about_to_hear_of_is_waited_for(
    serve: Callable[..., Client], empty_database: str, path: str
):
    """As one that was told of it by a server that is a moment ahead."""
    api = serve(empty_database, wait_max_ms="20000")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(_status, api, path)
        started(api, 1)
        put(empty_database, emission("invented-late", 2020, 1))
        assert asked.result(10) == 200


def _status(api: Client, path: str) -> int:
    with httpx.stream("GET", f"{api.base}{path}", timeout=20) as answer:
        return answer.status_code


def test_versions_of_each_disclosure_count_up_from_one(api: Client):
    seen: dict[str, int] = {}
    for change in feed(api):
        assert change["version"] == seen.get(change["id"], 0) + 1
        assert (change["op"] == "add") == (change["version"] == 1)
        seen[change["id"]] = change["version"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "ratings"),
        ("company", "zte"),
        ("op", "withdraw"),
        ("op", "restate"),
        ("op", "correct"),
        ("op", "backfill"),
    ],
)
def test_a_filter_leaves_out_and_adds_nothing(api: Client, name: str, value: str):
    assert feed(api, f"&{name}={value}") == [change for change in feed(api) if change[name] == value]


def test_an_edition_brings_the_versions_that_it_counts(api: Client):
    changes = feed(api)
    for edition in api.data("/v1/editions?limit=500"):
        own = [change["seq"] for change in changes if change["edition"] == edition["edition"]]
        assert len(own) == edition["versions"]
        assert not own or max(own) == edition["last_seq"]
        assert edition == api.data(f"/v1/editions/{edition['edition']}")


def test_replaying_the_feed_gives_every_current_answer(api: Client):
    answers: dict[str, tuple] = {}
    for change in feed(api):
        place = (change["known_from"], change["seq"])
        if change["id"] not in answers or place > answers[change["id"]][0]:
            answers[change["id"]] = (place, change)
    held = {id_: change for id_, (_, change) in answers.items() if change["op"] != "withdraw"}
    served = {}
    for kind in api.data("/v1/kinds"):
        cursor = ""
        while cursor is not None:
            page = api.get(f"/v1/{kind['kind']}?limit=500{cursor and '&cursor='}{cursor}").json()
            served |= {row["id"]: row for row in page["data"]}
            cursor = page["meta"]["next_cursor"]
    assert served == held


def test_the_feed_alone_proves_every_edition(api: Client):
    """A partner who replays the bytes of the feed holds the digest that the service states, edition by edition."""
    page = msgspec.json.decode(api.get("/v1/changes?limit=1000").content, type=dict[str, Raw])
    answers: dict[str, tuple] = {}
    lines = [(msgspec.json.decode(line), bytes(line)) for line in msgspec.json.decode(page["data"], type=list[Raw])]
    for edition in reversed(api.data("/v1/editions?limit=500")):
        for change, line in lines:
            if change["edition"] == edition["edition"]:
                place = (change["known_from"], change["seq"])
                answers[change["id"]] = max(answers.get(change["id"], (place,)), (place, change["op"], line))
        live = [hashlib.sha256(line).digest() for _, op, line in answers.values() if op != "withdraw"]
        assert digest.text(digest.updated(digest.EMPTY, come=live)) == edition["state_digest"], edition
