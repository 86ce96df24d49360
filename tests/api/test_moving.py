"""Answers while others publish: pinned ones never change, moving ones follow, and no walk skips or repeats a row."""

import re
import time
from collections.abc import Callable

import pytest

from tests.api.batches import emission, execute, put, put_lines
from tests.client import Client
from tests.contract.urls import READS, also, reads

pytestmark = pytest.mark.slow

Serve = Callable[..., Client]

WALKS = (
    "/v1/emissions?metric=ghg.scope1&limit=5",
    "/v1/companies?limit=2",
    "/v1/companies/a/history?limit=1",
    "/v1/coverage?limit=2",
    "/v1/frames/ghg.scope1/2022?limit=2",
)


def wait_for(api: Client, edition: int, seconds: float) -> float:
    """Seconds until the server's newest answer rests on an edition."""
    started = time.monotonic()
    while api.get("/v1/kinds").json()["meta"]["edition"] < edition:
        assert time.monotonic() - started < seconds, "the edition did not arrive"
        time.sleep(0.02)
    return time.monotonic() - started


def test_a_pinned_answer_is_the_same_bytes_after_later_publishes(serve: Serve, corpus_database: str):
    api = serve(corpus_database)
    known = reads(api)
    edition = api.data("/v1/editions?limit=1")[0]["edition"]
    before = {name: api.get(also(known[name], f"edition={edition}")) for name in READS}
    put(corpus_database, emission("zte", 2022, 1), emission("invented-new", 2022, 2), on="2020-01-01")
    put(corpus_database, emission("zte", 2022, 3), on="2026-01-01")
    wait_for(api, edition + 2, 5)
    other = serve(corpus_database, redis_url=None)
    for name in READS:
        url = also(known[name], f"edition={edition}")
        for server in (api, other):
            after = server.get(url)
            assert after.content == before[name].content, url
            assert after.headers["etag"] == before[name].headers["etag"]


def test_a_publish_by_another_process_is_seen_within_two_seconds(serve: Serve, empty_database: str):
    api = serve(empty_database)
    assert api.data("/v1/emissions") == []
    assert api.get("/v1/emissions").json()["meta"]["edition"] == 0
    put(empty_database, emission("a", 2022, 1))
    wait_for(api, 1, 2)
    assert [row["value"] for row in api.data("/v1/emissions")] == [1]
    etag = api.get("/v1/emissions").headers["etag"]
    put(empty_database, emission("a", 2022, 2), on="2026-01-01")
    wait_for(api, 2, 2)
    assert api.get("/v1/emissions", If_None_Match=etag).status_code == 200


def test_an_edition_that_a_caller_already_knows_is_there_at_once(serve: Serve, empty_database: str):
    api = serve(empty_database)
    for edition in range(1, 4):
        put(empty_database, emission("a", 2022, edition), on=f"2025-01-0{edition}")
        assert api.data(f"/v1/emissions?edition={edition}")[0]["value"] == edition


def test_a_lost_notification_heals_by_polling(serve: Serve, empty_database: str):
    api = serve(empty_database)
    listeners = "select pg_terminate_backend(pid) from pg_stat_activity where query ilike '%listen%' and pid <> pg_backend_pid()"
    execute(empty_database, listeners)
    put(empty_database, emission("a", 2022, 1))
    wait_for(api, 1, 4)
    execute(empty_database, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'almanac'")
    put(empty_database, emission("a", 2022, 2), on="2026-01-01")
    wait_for(api, 2, 4)
    assert api.get("/readyz").status_code == 200
    assert '"event":"unhandled"' not in api.log()


def test_a_walk_during_publishes_gives_each_row_of_its_edition_once(serve: Serve, empty_database: str):
    api = serve(empty_database)
    put(empty_database, *[emission(name, year, 1) for name in "abcdefg" for year in (2020, 2021, 2022)])
    wait_for(api, 1, 2)
    whole = {url: api.data(re.sub(r"limit=\d", "limit=500", url)) for url in WALKS}
    found, cursors = {url: [] for url in WALKS}, dict.fromkeys(WALKS, "")
    for edition in range(2, 8):
        for url in [url for url, cursor in cursors.items() if cursor is not None]:
            page = api.get(f"{url}{cursors[url] and '&cursor='}{cursors[url]}").json()
            assert page["meta"]["edition"] == 1
            found[url] += page["data"]
            cursors[url] = page["meta"]["next_cursor"]
        rows = [emission(name, 2021, edition) for name in ("a", "c", "e")] + [emission(f"b{edition}", 2022, 1)]
        put(empty_database, *rows, on=f"2025-02-{edition:02d}")
        wait_for(api, edition, 2)
    assert found == whole
    assert not any(cursors.values())


def test_a_cursor_of_another_edition_or_date_is_409(serve: Serve, empty_database: str):
    api = serve(empty_database)
    put(empty_database, *[emission(name, 2022, 1) for name in "abc"])
    put(empty_database, *[emission(name, 2022, 2) for name in "abc"], on="2026-01-01")
    wait_for(api, 2, 2)
    cursor = api.get("/v1/emissions?limit=1&edition=1").json()["meta"]["next_cursor"]
    assert len(api.data(f"/v1/emissions?limit=2&cursor={cursor}")) == 2
    assert len(api.data(f"/v1/emissions?limit=2&cursor={cursor}&edition=1")) == 2
    for other in ("edition=2", "as_of=2999-01-01T00:00:00Z", "known_on=2025-06-30"):
        answer = api.get(f"/v1/emissions?limit=2&cursor={cursor}&{other}")
        assert answer.status_code == 409, other
        assert answer.json()["errors"][0]["parameter"] == "cursor"


def test_an_edition_that_brings_only_companies_can_be_paged(serve: Serve, empty_database: str):
    api = serve(empty_database)
    put_companies = [{"record": "company", "id": name, "name": f"Invented {name}"} for name in ("a", "b", "c")]
    put_lines(empty_database, *put_companies)
    wait_for(api, 1, 2)
    page = api.get("/v1/companies?limit=2").json()
    assert page["meta"]["known_on"] is None
    rest = api.get(f"/v1/companies?limit=2&cursor={page['meta']['next_cursor']}").json()
    assert [one["id"] for one in page["data"] + rest["data"]] == ["a", "b", "c"]
