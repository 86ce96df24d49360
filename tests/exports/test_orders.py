"""Orders: what is shared, what is told apart, what there is no room for, and that nobody harms anybody."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from almanac.store.db import EXPORTER
from tests.api.batches import emission, put
from tests.api.handed import make_key
from tests.api.test_submissions import fetch
from tests.client import Client
from tests.exports.orders import URL, Shop, post


def jobs(shop: Shop) -> int:
    return fetch(shop.url, "select count(*) as count from export_job")[0]["count"]


def ids(*answers) -> list[str]:
    return [answer.json()["data"]["id"] for answer in answers]


def test_equal_orders_share_one_job_and_each_is_an_export_of_its_own(shop: Shop):
    before = jobs(shop)
    same = [
        {"filters": {"metric": "ghg.scope1", "year": 2021}},
        {"filters": {"year": 2021, "metric": "ghg.scope1"}},
        {
            "filters": {"year": 2021, "metric": "ghg.scope1"},
            "edition": shop.api.data("/v1/editions?limit=1")[0]["edition"],
        },
    ]
    answers = [shop.order(body=one) for one in same]
    assert len(set(ids(*answers))) == 3
    assert jobs(shop) == before + 1
    shop.work()
    made = [shop.read(one) for one in answers]
    assert len({one["file"]["sha256"] for one in made}) == 1
    assert {one["status"] for one in made} == {"done"}
    again = shop.order(body=same[0])
    assert (again.status_code, again.json()["data"]["file"]) == (200, made[0]["file"]), "it is there already"
    late = again.json()["data"]
    assert late["finished_at"] == late["received_at"] > made[0]["finished_at"], "it waited for nothing, and not less"
    assert shop.read(answers[0]) == made[0], "control: what another orders later changes nothing of one's own"
    assert all(one["finished_at"] > one["received_at"] for one in made), "control: these were waited for"
    for other in ({"filters": {"year": 2020, "metric": "ghg.scope1"}}, same[0] | {"edition": 1}):
        shop.order(body=other)
    shop.order(form="ndjson.gz", body=same[0])
    assert jobs(shop) == before + 4, "control: another year, edition or format is another job"


def test_the_newest_edition_is_pinned_when_it_is_ordered(shop: Shop):
    answer = shop.order(form="ndjson.gz", body={"filters": {"company": "pinned-company-of-tests"}})
    assert answer.status_code == 404
    put(shop.url, emission("pinned-company-of-tests", 2021, 1))
    _until(lambda: shop.api.get("/v1/companies/pinned-company-of-tests").status_code == 200)
    first = shop.order(form="ndjson.gz", body={"filters": {"company": "pinned-company-of-tests"}})
    put(shop.url, emission("pinned-company-of-tests", 2022, 1), title="Another")
    shop.work()
    made = shop.read(first)
    assert len(shop.lines(made)) == 1, "what came later is not in it"
    assert made["edition"] == first.json()["data"]["edition"]


def test_who_cancels_harms_nobody_else(shop: Shop):
    first, second = shop.order("awards"), shop.order("awards")
    gone = shop.api.delete(f"{URL}/{ids(first)[0]}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert "content-type" not in gone.headers
    for asked in (shop.api.delete, shop.api.get):
        assert asked(f"{URL}/{ids(first)[0]}").status_code == 404, "it is gone"
    shop.work()
    assert shop.read(second)["status"] == "done"
    assert shop.file(shop.read(second))


def test_a_job_that_nobody_wants_any_more_is_not_done_and_one_asked_for_again_is(shop: Shop):
    answers = [shop.order("ratings", body={"edition": 3}) for _ in range(2)]
    (job,) = fetch(shop.url, "select job_id from export where export_id = $1::text::uuid", ids(answers[0])[0])
    for answer in answers:
        shop.api.delete(f"{URL}/{ids(answer)[0]}")
    assert fetch(shop.url, "select status from export_job where job_id = $1", job["job_id"])[0]["status"] == "dropped"
    third = shop.order("ratings", body={"edition": 3})
    shop.work()
    assert shop.read(third)["status"] == "done"


def test_the_same_key_gives_the_same_export_and_another_body_a_conflict(shop: Shop):
    body = {"filters": {"company": "zte"}}
    first = shop.order(body=body, Idempotency_Key="once")
    assert ids(first) == ids(shop.order(body=body, Idempotency_Key="once"))
    respelt = b'{"format":"csv.gz",  "filters": {"company": "zte"}, "kind": "emissions"}'
    assert ids(first) == ids(post(shop.api, respelt, Idempotency_Key="once")), "what counts is what it says"
    other = shop.order(body={"filters": {"company": "abb"}}, Idempotency_Key="once")
    assert (other.status_code, other.json()["type"]) == (409, "/problems/idempotency-conflict")
    key = {"Authorization": f"Bearer {make_key(shop.url, 'reader')}"}
    assert ids(first) != ids(shop.order(body=body, Idempotency_Key="once", **key)), "names are each caller's own"
    assert ids(first) != ids(shop.order(body=body)), "control: without the key it is another"
    held = fetch(shop.url, "select * from export where export_id = $1::text::uuid", ids(first)[0])[0]
    assert "once" not in repr(dict(held)), "neither the key nor the caller is kept as it was sent"
    assert "127.0.0" not in repr(dict(held))


def test_one_key_at_once_makes_one_export(shop: Shop):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: shop.order("targets", Idempotency_Key="at-once"), range(8)))
    assert len(set(ids(*answers))) == 1


def test_who_prefers_not_to_wait_does_not(shop: Shop, serve: Callable[..., Client]):
    api = serve(shop.url, None, bulk_dir=str(shop.folder), export_wait_ms="20000")
    patient = Shop(api, shop.url, shop.folder)
    began = time.monotonic()
    answer = patient.order("certifications", Prefer="handling=strict, Respond-Async")
    assert time.monotonic() - began < 5
    assert (answer.status_code, answer.headers["preference-applied"]) == (202, "respond-async")
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["cache-control"] == "no-store"
    waiting = shop.api.get(answer.headers["location"])
    assert (waiting.json()["data"]["status"], waiting.headers["cache-control"]) == ("queued", "no-store")
    worker = threading.Timer(0.5, shop.work)
    worker.start()
    waited = patient.order("certifications")
    worker.join()
    assert (waited.status_code, waited.json()["data"]["status"]) == (200, "done")
    assert "preference-applied" not in waited.headers
    assert "retry-after" not in waited.headers


def test_large_ones_need_a_key_and_are_told_how_large(shop: Shop, serve: Callable[..., Client]):
    api = serve(shop.url, None, bulk_dir=str(shop.folder), export_free_rows="10")
    small = Shop(api, shop.url, shop.folder)
    rows = len(shop.pages("emissions", limit=500))
    answer = small.order(body={"edition": shop.api.data("/v1/editions?limit=1")[0]["edition"]})
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthorized")
    assert f"{rows} rows" in answer.json()["detail"]
    assert "more than 10 " in answer.json()["detail"]
    assert answer.headers["www-authenticate"]
    key = {"Authorization": f"Bearer {make_key(shop.url, 'reader')}"}
    assert small.order(**key).status_code == 202
    assert small.order(body={"filters": {"company": "zte", "year": 2022}}).status_code in (200, 202), (
        "small ones need none"
    )
    for wrong in ("Bearer x", "Bearer"):
        assert small.order(Authorization=wrong).status_code == 401


def test_a_caller_has_so_many_under_way_and_no_more(shop: Shop, serve: Callable[..., Client]):
    api = serve(shop.url, None, bulk_dir=str(shop.folder), exports_per_caller="2")
    narrow = Shop(api, shop.url, shop.folder)
    key = {"Authorization": f"Bearer {make_key(shop.url, 'reader')}"}
    held = [narrow.order("awards", "xlsx", {"edition": n}, **key) for n in (4, 5)]
    refused = narrow.order("awards", "xlsx", {"edition": 6}, **key)
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-requests")
    assert int(refused.headers["retry-after"]) > 0
    other = {"Authorization": f"Bearer {make_key(shop.url, 'reader')}"}
    assert narrow.order("awards", "xlsx", {"edition": 6}, **other).status_code == 202, "others have their own"
    shop.api.delete(f"{URL}/{ids(held[0])[0]}")
    assert narrow.order("awards", "xlsx", {"edition": 7}, **key).status_code == 202, "one less is one more"
    shop.work()
    assert narrow.order("awards", "xlsx", {"edition": 8}, **key).status_code == 202, "what is done is not under way"


@pytest.mark.parametrize("bound", [{"export_jobs_max": "1"}, {"export_room_bytes": "1"}])
def test_no_more_is_kept_than_there_is_room_for(shop: Shop, serve: Callable[..., Client], bound: dict):
    shop.made("awards")
    full = serve(shop.url, None, bulk_dir=str(shop.folder), **bound)
    crowded = Shop(full, shop.url, shop.folder)
    key = {"Authorization": f"Bearer {make_key(shop.url, 'reader')}"}
    refused = crowded.order("awards", body={"filters": {"year": 1903}}, **key)
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/unavailable")
    assert crowded.order("awards", **key).status_code == 200, "control: what is there takes no more room"


def test_a_caller_fills_no_table(shop: Shop, serve: Callable[..., Client]):
    """However often the same is ordered, which costs no file."""
    shop.made("awards")
    bounded = Shop(serve(shop.url, None, bulk_dir=str(shop.folder), export_jobs_max="3"), shop.url, shop.folder)
    key = {"Authorization": f"Bearer {make_key(shop.url, 'reader')}"}
    assert [bounded.order("awards", **key).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_a_spreadsheet_has_its_bound(shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The bound itself is lowered for the worker; that the server refuses too is seen with rows that were counted."""
    answer = shop.order("emissions", "xlsx", {"filters": {"known_on": "2025-08-01"}})
    monkeypatch.setattr("almanac.exports.making.MOST_SHEET_ROWS", 3)
    shop.work()
    made = shop.read(answer)
    assert (made["status"], made["file"]) == ("failed", None)
    assert "spreadsheet" in made["reason"]
    monkeypatch.undo()
    job = "(select job_id from export where export_id = $1::text::uuid)"
    fetch(shop.url, f"update export_job set rows_total = 100001 where job_id = {job}", ids(answer)[0])
    refused = shop.order("emissions", "xlsx", {"filters": {"known_on": "2025-08-01"}})
    assert (refused.status_code, refused.json()["type"]) == (400, "/problems/answer-too-large")
    assert "100001 rows" in refused.json()["detail"]
    assert "100000" in refused.json()["detail"]


def test_an_export_that_is_nowhere_is_404(shop: Shop):
    nowhere = f"{URL}/00000000-0000-4000-8000-000000000000"
    assert (shop.api.get(nowhere).status_code, shop.api.delete(nowhere).status_code) == (404, 404)
    assert (shop.api.get(f"{URL}/x").status_code, shop.api.delete(f"{URL}/x").status_code) == (400, 400)


def test_the_role_may_do_what_it_needs_and_no_more(shop: Shop):
    held = fetch(
        shop.url,
        "select table_name, string_agg(privilege_type, ' ' order by privilege_type) as may "
        "from information_schema.table_privileges where grantee = $1 group by table_name order by table_name",
        EXPORTER,
    )
    assert {row["table_name"]: row["may"] for row in held} == {
        "export": "DELETE INSERT SELECT",
        "export_job": "DELETE INSERT SELECT UPDATE",
    }
    who = "select grantee from information_schema.table_privileges where table_name in ('export', 'export_job')"
    roles = {row["grantee"] for row in fetch(shop.url, who) if row["grantee"].startswith("almanac_")}
    assert roles == {EXPORTER}, "readers and publishers see no export"


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
