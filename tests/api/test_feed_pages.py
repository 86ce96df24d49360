"""Full pages of the feed that begin on the grid: immutable, so the same bytes whatever is published later, and wherever."""

from collections.abc import Callable

import msgspec
import pytest
from msgspec import Raw

from tests.api.batches import emission, put
from tests.api.test_moving import wait_for
from tests.client import Client
from tests.contract.test_headers import MOVING, PINNED, links

Serve = Callable[..., Client]

MOVES = (
    "after=1&limit=7",  # off the grid
    "limit=1000",  # not full
    "limit=7&op=add",  # a filter
    "limit=7&kind=emissions",
    "limit=1&company=zte",
    "limit=7&known_on=2999-01-01",
    "limit=7&as_of=2999-01-01T00:00:00Z",
)


@pytest.mark.parametrize("query", ["limit=7", "after=7&limit=7", "after=200", "limit=1", "after=3&limit=1"])
def test_a_full_page_on_the_grid_rests_on_the_edition_of_its_last_change(api: Client, query: str):
    answer = api.get(f"/v1/changes?{query}")
    assert answer.headers["cache-control"] == PINNED
    page = answer.json()
    last = page["data"][-1]
    assert page["meta"]["edition"] == last["edition"] == int(answer.headers["almanac-edition"])
    assert page["meta"]["next_after"] == last["seq"]
    assert page["meta"]["up_to_date"] is False
    assert page["meta"]["oldest_seq"] == 1
    assert api.get(links(answer)["permalink"]).content == answer.content
    assert api.get(links(answer)["next"]).json()["data"][0]["seq"] == last["seq"] + 1


@pytest.mark.parametrize("query", MOVES)
def test_other_pages_rest_on_the_newest_edition_and_move(api: Client, query: str):
    answer = api.get(f"/v1/changes?{query}")
    assert answer.json()["data"]
    assert answer.headers["cache-control"] == MOVING
    assert answer.json()["meta"]["edition"] == api.data("/v1/editions?limit=1")[0]["edition"]


@pytest.mark.parametrize("suffix", [".csv", ".ndjson", ".bib"])
def test_other_forms_of_such_a_page_are_immutable_too_and_a_whole_list_moves(api: Client, suffix: str):
    assert api.get(f"/v1/changes{suffix}?limit=7").headers["cache-control"] == PINNED
    whole = api.get(f"/v1/changes{suffix}")
    assert whole.headers["cache-control"] == (PINNED if suffix == ".bib" else MOVING)


def test_a_full_page_at_the_end_is_followed_by_one_that_says_so(api: Client):
    newest = api.data("/v1/editions?limit=1")[0]["last_seq"]
    full = api.get(f"/v1/changes?after={newest - 1}&limit=1").json()["meta"]
    assert (full["up_to_date"], full["next_after"]) == (False, newest)
    rest = api.get(f"/v1/changes?after={newest}&limit=1").json()
    assert (rest["data"], rest["meta"]["up_to_date"]) == ([], True)


@pytest.mark.slow
def test_immutable_pages_are_the_same_bytes_after_every_later_publish(serve: Serve, corpus_database: str):
    api = serve(corpus_database)
    held: dict[str, bytes] = {}
    for turn in range(3):
        put(corpus_database, emission("zte", 2022, turn), emission("zte", 2021, turn), on=f"2025-01-{turn + 1:02}")
        wait_for(api, api.data("/v1/editions?limit=1")[0]["edition"], 5)
        for limit in (1, 50, 97):
            for url in [
                f"/v1/changes?after={after}&limit={limit}" for after in range(0, 2000, 97 if limit == 97 else 50)
            ]:
                answer = api.get(url)
                if answer.headers["cache-control"] == PINNED:
                    assert held.setdefault(url, answer.content) == answer.content, url
                else:
                    assert url not in held, "what was immutable once stays so"
    assert len(held) > 20
    other = serve(corpus_database, redis_url=None)
    assert {url: other.get(url).content for url in held} == held


@pytest.mark.slow
def test_a_page_that_rests_on_the_newest_edition_is_other_bytes_after_a_publish(serve: Serve, corpus_database: str):
    """Control: the same changes, told with the newest edition, do not stay the same bytes."""
    api = serve(corpus_database)
    url = "/v1/changes?after=1&limit=2"
    before = api.get(url)
    put(corpus_database, emission("zte", 2022, 1), on="2025-01-01")
    wait_for(api, before.json()["meta"]["edition"] + 1, 5)
    after = api.get(url)
    assert after.json()["data"] == before.json()["data"]
    assert after.content != before.content


@pytest.mark.slow
def test_every_change_is_the_bytes_of_its_version(api: Client):
    """One serializer: the row of the feed, the version by its number, and the line of the same list."""
    after, seen = 0, 0
    lines = api.get("/v1/changes.ndjson").content.splitlines()
    while rows := _rows(api.get(f"/v1/changes?after={after}&limit=100").content):
        for row in rows:
            change = msgspec.json.decode(row)
            version = api.get(f"/v1/disclosures/{change['id']}/versions/{change['version']}").content
            assert msgspec.json.decode(version, type=dict[str, Raw])["data"] == row
            assert lines[seen] == bytes(row)
            after, seen = change["seq"], seen + 1
    assert seen == len(lines) == api.data("/v1/editions?limit=1")[0]["last_seq"]


def _rows(page: bytes) -> list[Raw]:
    return msgspec.json.decode(msgspec.json.decode(page, type=dict[str, Raw])["data"], type=list[Raw])
