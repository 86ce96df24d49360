"""Answers that say what is not there: each was given once."""

import json
import threading
import time
from collections.abc import Callable

import httpx
import pytest

from tests.api.test_raw import COMPANY, SOURCE, put
from tests.client import Client


def batch(key: str, day: str, *rows: dict) -> bytes:
    source = SOURCE | {"key": key, "title": f"Invented {key}", "published_on": day}
    said = [{"company": COMPANY["id"], "source": key} | row for row in rows]
    return "\n".join(json.dumps(line) for line in (source, COMPANY, *said)).encode()


def emission(value: int, **more: object) -> dict:
    return {"record": "emissions", "metric": "ghg.scope1", "period": "2022", "unit": "tCO2e", "value": value} | more


@pytest.fixture
def client(empty_database: str, serve: Callable[..., Client]) -> Client:
    put(empty_database, batch("a", "2024-01-01", {"record": "awards", "name": "Invented"}))
    put(empty_database, batch("b", "2024-02-01", emission(1)))
    put(empty_database, batch("c", "2024-03-01", emission(1, withdrawn=True)))
    return serve(empty_database)


def test_what_came_and_went_between_two_editions_is_no_difference(client: Client):
    assert client.data("/v1/companies/raw-invented/diff?from=1&to=3") == []
    (gone,) = client.data("/v1/companies/raw-invented/diff?from=2&to=3")
    assert gone["change"] == "disappeared"


def test_coverage_leaves_out_what_is_withdrawn(client: Client):
    assert client.data("/v1/coverage?metric=ghg.scope1") == []
    (covered,) = client.data("/v1/coverage?metric=ghg.scope1&edition=2")
    assert covered["metrics"] == [{"metric": "ghg.scope1", "years": [2022]}]


def test_a_blank_finds_no_company(client: Client):
    assert client.data("/v1/companies?q=%20") == []


def test_an_identifier_finds_its_company(api: Client):
    assert [one["id"] for one in api.data("/v1/companies?q=cne000000tk5&limit=1")] == ["zte"]


def test_a_metric_that_is_none_is_said_to_be_none(api: Client):
    for path in ("/v1/emissions", "/v1/companies/zte/indicators", "/v1/emission-deltas", "/v1/coverage"):
        answer = api.get(f"{path}?metric=ghg.scpoe1")
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (404, "metric"), path
    assert api.data("/v1/emissions?metric=ghg.financed.pcaf_score") == [], "a metric without answers is another thing"


def test_the_feed_of_a_kind_goes_on_from_where_it_looked(client: Client):
    meta = client.get("/v1/changes?kind=awards").json()["meta"]
    assert (meta["next_after"], meta["up_to_date"]) == (3, True)


def test_many_who_ask_for_an_edition_that_is_not_there_share_the_looking(client: Client):
    statuses: list[int] = []

    def ask() -> None:
        with httpx.Client(base_url=client.base, timeout=10, verify=False) as http:
            statuses.extend(http.get(f"/v1/kinds?edition={n}").status_code for n in range(100, 110))

    started = time.monotonic()
    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [404] * 200
    assert time.monotonic() - started < 10
