"""`min_edition`: never an older answer than the caller has seen, whichever server is asked."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.batches import emission, put
from tests.api.test_waiting import LONG, timed
from tests.client import Client
from tests.contract.test_headers import MOVING, PINNED, links
from tests.contract.urls import READS, also

Serve = Callable[..., Client]


@pytest.mark.parametrize("name", READS)
def test_where_the_edition_is_here_the_answer_is_the_same(api: Client, known: dict[str, str], name: str):
    plain = api.get(known[name])
    answer = api.get(also(known[name], f"min_edition={plain.headers['almanac-edition']}"))
    assert answer.content == plain.content
    assert answer.headers["etag"] == plain.headers["etag"]
    assert links(answer)["permalink"] == links(plain)["permalink"]


@pytest.mark.parametrize("name", READS)
def test_where_it_is_not_here_there_is_no_answer(api: Client, known: dict[str, str], name: str):
    newest = api.get("/v1/kinds").json()["meta"]["edition"]
    answer = api.get(also(known[name], f"min_edition={newest + 1}"))
    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/edition-not-here"
    assert answer.headers["retry-after"] == "1"


def test_a_full_page_of_the_feed_also_rests_on_that_edition(api: Client):
    assert api.get("/v1/changes?limit=7").headers["cache-control"] == PINNED
    newest = api.get("/v1/kinds").json()["meta"]["edition"]
    answer = api.get(f"/v1/changes?limit=7&min_edition={newest}")
    assert answer.json()["meta"]["edition"] == newest
    assert answer.headers["cache-control"] == MOVING


def test_what_is_pinned_to_an_older_edition_contradicts_it(api: Client):
    cursor = api.get("/v1/companies?limit=1&edition=2").json()["meta"]["next_cursor"]
    for query in ("edition=2", "as_of=2020-01-01T00:00:00Z", f"cursor={cursor}"):
        answer = api.get(f"/v1/companies?min_edition=3&{query}")
        assert answer.status_code == 409, query
        assert answer.json()["errors"][0]["parameter"] == "min_edition"
        assert api.get(f"/v1/companies?min_edition=0&{query}").status_code == 200, query


@pytest.mark.slow
def test_an_edition_on_its_way_is_waited_for_and_one_that_does_not_come_is_not_for_long(
    serve: Serve, empty_database: str
):
    api = serve(empty_database, **LONG)
    answer, took = timed(api, "/v1/emissions?min_edition=1")
    assert answer.status_code == 503
    assert 1.9 < took < 4
    with ThreadPoolExecutor(1) as pool:
        wait = pool.submit(timed, api, "/v1/emissions?min_edition=1")
        time.sleep(0.3)
        put(empty_database, emission("a", 2022, 1))
        answer, took = wait.result(10)
    assert [row["value"] for row in answer.json()["data"]] == [1]
    assert answer.json()["meta"]["edition"] == 1
    assert 0.3 < took < 2


@pytest.mark.slow
def test_a_server_that_has_not_heard_of_an_edition_looks_before_it_answers(serve: Serve, empty_database: str):
    """Waiting for no time at all: what is there already is found."""
    api = serve(empty_database)
    for edition in range(1, 6):
        put(empty_database, emission("a", 2022, edition), on=f"2025-01-0{edition}")
        assert api.data(f"/v1/emissions?min_edition={edition}")[0]["value"] == edition
