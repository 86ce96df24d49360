"""Batches over HTTP: who may, what is answered, and that a batch is published once or not at all."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import httpx
import pytest
from msgspec import Struct

from almanac.store.db import PUBLISHER, connect
from tests.api.batches import emission, execute
from tests.api.handed import URL, hand_in, levels, lines, make_key
from tests.client import Client
from tests.conftest import Servers, _copy, _Serving


class Door(Struct, frozen=True):
    """A server, its database, and a publisher's key."""

    api: Client
    url: str
    token: str


@pytest.fixture(scope="module")
def door(servers: Servers, empty_template: str) -> Iterator[Door]:
    for url in _copy(servers, empty_template):
        with _Serving(url, None) as api:
            yield Door(api, url, make_key(url))


def fetch(url: str, statement: str, *args: object) -> list[asyncpg.Record]:
    async def run() -> list[asyncpg.Record]:
        connection = await connect(url)
        try:
            return await connection.fetch(statement, *args)
        finally:
            await connection.close()

    return asyncio.run(run())


def editions(door: Door) -> int:
    """As the store has it: a worker may learn of an edition a moment later."""
    return fetch(door.url, "select count(*) as count from edition")[0]["count"]


def test_a_batch_is_published_and_each_row_says_what_became_of_it(door: Door):
    rows = [emission("first", 2021, 10), emission("first", 2022, 9)]
    answer = hand_in(door.api, door.token, lines(*rows, company="first"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    data = answer.json()["data"]
    assert (data["status"], data["rows"], data["companies"], data["counts"]["add"]) == ("published", 2, 1, 2)
    assert [(row["line"], row["result"], row["version"]) for row in data["results"]] == [(3, "add", 1), (4, "add", 1)]
    held = door.api.data(f"/v1/disclosures/{data['results'][1]['disclosure']}?edition={data['edition']}")
    assert (held["value"], held["edition"]) == (9, data["edition"])
    own = door.api.get(answer.headers["location"], Authorization=f"Bearer {door.token}")
    assert own.json()["data"] == data
    assert own.headers["cache-control"] == "no-store"
    assert door.api.data(f"/v1/editions/{data['edition']}")["publisher"] == "Invented Ltd"
    again = hand_in(door.api, door.token, lines(*rows, company="first")).json()["data"]
    assert (again["status"], again["edition"]) == ("unchanged", None)
    assert {row["result"] for row in again["results"]} == {"unchanged"}
    assert [row["disclosure"] for row in again["results"]] == [row["disclosure"] for row in data["results"]]


def test_who_is_told_that_it_is_published_finds_it_at_once_whichever_worker_is_asked(
    servers: Servers, empty_database: str
):
    """Nobody is notified here, as where a connection was lost: workers hear of editions once a second."""
    token = make_key(empty_database)
    name = empty_database.partition("?")[0].rpartition("/")[2]
    execute(empty_database, f"alter database {name} set search_path = public, pg_catalog")
    execute(empty_database, "create function public.pg_notify(text, text) returns void language sql as ''")
    with _Serving(empty_database, None, workers="3") as api:
        for n in range(10):
            batch = lines(emission("at-once", 1990 + n, 1), company="at-once")
            (row,) = hand_in(api, token, batch).json()["data"]["results"]
            with httpx.Client(base_url=api.base, verify=False) as other:
                assert other.get(f"/v1/disclosures/{row['disclosure']}/versions/1").status_code == 200, n


def test_the_same_key_gives_the_answer_of_the_first_time(door: Door):
    batch = lines(emission("replayed", 2022, 1), company="replayed")
    first = hand_in(door.api, door.token, batch, "replay")
    before = editions(door)
    second = hand_in(door.api, door.token, batch, "replay")
    assert second.content == first.content
    assert editions(door) == before
    for changed, query in ((batch + b"\n", ""), (batch, "?dry_run=true")):
        reused = hand_in(door.api, door.token, changed, "replay", query)
        assert (reused.status_code, reused.json()["type"]) == (422, "/problems/idempotency-key-reused")
    other = hand_in(door.api, make_key(door.url), batch, "replay")
    assert other.json()["data"]["status"] == "unchanged", "names are each key's own"


def test_two_equal_requests_at_once_publish_once(door: Door):
    before = editions(door)
    batch = levels("at-once", 1000)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: hand_in(door.api, door.token, batch, "at-once"), range(4)))
    assert editions(door) == before + 1
    codes = sorted(one.status_code for one in answers)
    assert 200 in codes
    assert set(codes) <= {200, 409}
    for one in answers:
        if one.status_code == 409:
            assert one.json()["type"] == "/problems/in-flight"
            assert int(one.headers["retry-after"]) > 0
    assert hand_in(door.api, door.token, batch, "at-once").json()["data"]["counts"]["add"] == 1000


def test_while_one_works_on_it_another_is_told_to_wait_and_a_dead_one_is_found_out(door: Door):
    """As a process leaves it that dies between taking the batch and publishing it."""
    batch = lines(emission("interrupted", 2022, 1), company="interrupted")
    first = hand_in(door.api, door.token, batch, "interrupted", "?dry_run=true").json()["data"]

    async def hold() -> asyncpg.Connection:
        owner = await connect(door.url)
        await owner.execute(
            "update submission set status = 'running', finished_at = null, answer = null where submission_id = $1::text::uuid",
            first["id"],
        )
        await owner.close()
        dying = await connect(door.url, PUBLISHER)
        lock = "select pg_try_advisory_lock(hashtextextended($1::text || ' interrupted', 22))"
        assert await dying.fetchval(lock, door.token.split("_")[1])
        return dying

    def status() -> str:
        answer = door.api.get(f"{URL}/{first['id']}", Authorization=f"Bearer {door.token}")
        return answer.json()["data"]["status"]

    with asyncio.Runner() as runner:
        dying = runner.run(hold())
        assert status() == "running"
        assert hand_in(door.api, door.token, batch, "interrupted", "?dry_run=true").status_code == 409
        runner.run(dying.close())
    assert status() == "interrupted"
    again = hand_in(door.api, door.token, batch, "interrupted", "?dry_run=true").json()["data"]
    assert (again["id"], again["status"]) == (first["id"], "checked")
    assert status() == "checked"


def test_a_dry_run_reports_and_changes_nothing(door: Door):
    before = editions(door)
    data = hand_in(door.api, door.token, levels("dry", 3), None, "?dry_run=true").json()["data"]
    assert (data["status"], data["dry_run"], data["edition"], data["counts"]["add"]) == ("checked", True, None, 3)
    assert editions(door) == before
    assert door.api.get("/v1/companies/dry").status_code == 404


def test_a_bad_row_rejects_the_batch_whole_and_is_named(door: Door):
    before = editions(door)
    bad = [
        emission("bad", 2022, 1),
        emission("bad", 2021, 1) | {"unit": "kg"},
        emission("bad", 2020, 1, metric="no.such"),
    ]
    answer = hand_in(door.api, door.token, lines(*bad, company="bad"), "bad")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad-batch")
    assert len(answer.json()["errors"]) == 2
    unit = next(one for one in answer.json()["errors"] if one["value"] == "kg")
    assert unit["parameter"] == "line 4: unit"
    assert editions(door) == before
    assert door.api.get("/v1/companies/bad").status_code == 404
    again = hand_in(door.api, door.token, lines(*bad, company="bad"), "bad")
    assert {**again.json(), "request_id": ""} == {**answer.json(), "request_id": ""}
    (rejected,) = fetch(door.url, "select submission_id::text as id from submission where idempotency_key = 'bad'")
    told = door.api.get(f"{URL}/{rejected['id']}", Authorization=f"Bearer {door.token}").json()["data"]
    assert (told["status"], told["errors"]) == ("rejected", answer.json()["errors"])


@pytest.mark.parametrize(
    "content", [b"\xff", b"{", b"[" * 50_000, b'{"record": "nothing"}', b'{"record": "emissions"}', b"null"]
)
def test_what_is_no_line_of_the_format_is_named(door: Door, content: bytes):
    answer = hand_in(door.api, door.token, lines() + content)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad-batch")
    assert answer.json()["errors"][0]["parameter"] == "line 3"


def test_a_large_batch_is_taken_and_told_of_later(door: Door):
    answer = hand_in(door.api, door.token, levels("large", 2500), "large")
    assert answer.status_code == 202
    taken = answer.json()["data"]
    assert (taken["status"], taken["results"]) == ("running", [])
    told = _ended(door, answer.headers["location"])
    assert (told["id"], told["status"], told["rows"], len(told["results"])) == (taken["id"], "published", 2500, 2500)
    assert hand_in(door.api, door.token, levels("large", 2500), "large").json()["data"] == told


def _ended(door: Door, url: str) -> dict:
    deadline = time.monotonic() + 60
    while (told := _read(door, url))["status"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return told


def _read(door: Door, url: str) -> dict:
    return door.api.get(url, Authorization=f"Bearer {door.token}").json()["data"]


def test_reads_are_answered_while_a_batch_is_worked_on(door: Door):
    answer = hand_in(door.api, door.token, levels("meanwhile", 2500))
    assert door.api.get("/livez").elapsed.total_seconds() < 2
    assert _ended(door, answer.headers["location"])["status"] == "published"


@pytest.mark.parametrize("made", [{"revoked": True}, {"expired": True}])
def test_a_key_that_no_longer_holds_is_refused(door: Door, made: dict):
    _refused(hand_in(door.api, make_key(door.url, **made), lines()), 401)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic {}", "{}", "Bearer {}x", "Bearer almanac_aaaaaaaaaaaa_x"]
)
def test_who_shows_no_key_is_asked_for_one(door: Door, header: str):
    _refused(hand_in(door.api, "", lines(), Authorization=header.format(door.token)), 401)
    told = {"Authorization": header.format(door.token)} if header else {}
    _refused(door.api.get(f"{URL}/00000000-0000-4000-8000-000000000000", **told), 401)


def test_a_readers_key_is_not_enough(door: Door):
    _refused(hand_in(door.api, make_key(door.url, "reader"), lines()), 403)


def _refused(answer, status: int) -> None:
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers.get("www-authenticate") == ('Bearer realm="almanac"' if status == 401 else None)


def test_a_submission_is_its_owners_alone(door: Door):
    made = hand_in(door.api, door.token, levels("own", 1)).json()["data"]
    other = door.api.get(f"{URL}/{made['id']}", Authorization=f"Bearer {make_key(door.url)}")
    assert other.status_code == 404


def test_the_idempotency_key_is_needed_and_plain(door: Door):
    for name in ("", "a/b", "a" * 201, "a b"):
        answer = hand_in(door.api, door.token, lines(), Idempotency_Key=name)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["parameter"] == "Idempotency-Key"


def test_methods_of_each_path_are_told(door: Door):
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        answer = door.api.request(method, URL)
        assert (answer.status_code, answer.headers["allow"]) == (405, "OPTIONS, POST")
    assert door.api.request("OPTIONS", URL).headers["allow"] == "OPTIONS, POST"
    assert door.api.request("POST", f"{URL}/x").headers["allow"] == "GET, HEAD, OPTIONS"


def test_the_roles_have_the_grants_they_need_and_no_more(door: Door):
    held = fetch(
        door.url,
        "select grantee, privilege_type, column_name from information_schema.column_privileges "
        "where table_name = 'submission' and grantee like 'almanac\\_%'",
    )
    assert {row["grantee"] for row in held} == {PUBLISHER}, "readers see no submission"
    changed = {row["column_name"] for row in held if row["privilege_type"] == "UPDATE"}
    assert changed == {"status", "received_at", "finished_at", "edition", "answer"}


def test_the_log_names_no_token(door: Door):
    assert door.token.split("_", 2)[2] not in door.api.log()
    assert '"event":"unhandled"' not in door.api.log()
