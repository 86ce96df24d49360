"""Every sort of problem, fired once against a live server, and what the service does while PostgreSQL is away."""

import json
import re
import time
from collections.abc import Callable, Iterator
from html import unescape

import httpx
import pytest
from msgspec import Struct

from almanac.errors import AlmanacError
from almanac.web.problem_pages import REMEDIES
from almanac.web.problems import SORTS
from tests.api.batches import execute
from tests.api.raw import send
from tests.client import DOCUMENT, Client, check
from tests.contract.examples import FOLDER, assert_example
from tests.contract.gate import Gate

# Words of our insides that no caller may see.
_INSIDE = re.compile(
    r"traceback|asyncpg|postgres(?!ql cannot be reached)|select |/src/|\.py\b|0x[0-9a-f]{6}|redis|litestar",
    re.IGNORECASE,
)


class Fired(Struct, frozen=True):
    """How a code comes about: a request, and whether the database is made slow, away or broken for it."""

    url: str
    method: str = "GET"
    accept: str = "*/*"
    trouble: str | None = None
    range_: str | None = None
    padding: int = 0
    rows: int | None = None
    quota: str | None = None


SLOW = (
    "create or replace function company_of(ref text, at_edition integer) returns text language sql "
    "as $$ select pg_sleep(9)::text $$"
)
AWAY = "away"
BROKEN = "drop table change cascade"

FIRED = {
    "bad-parameter": Fired("/v1/emissions?yaer=2022"),
    "not-found": Fired("/v1/companies/ztee?edition=1"),
    "method-not-allowed": Fired("/v1/emissions", method="POST"),
    "not-acceptable": Fired("/v1/emissions", accept="image/png"),
    "answer-too-large": Fired("/v1/companies/zte.csv", rows=3),
    "ambiguous-identifier": Fired("/v1/companies/isin:XSTWINS00009"),
    "conflicting-parameters": Fired("/v1/emissions?edition=1&as_of=2026-01-01T00:00:00Z"),
    "uri-too-long": Fired(f"/v1/companies?q={'a' * 20_000}"),
    "headers-too-large": Fired("/v1/emissions", padding=33_000),
    "range-not-satisfiable": Fired("/v1/bulk/snapshots/2/datapackage.json", range_="bytes=99999999-"),
    "too-many-requests": Fired("/v1/kinds", quota="1/3600s"),
    "internal-error": Fired("/v1/changes", trouble=BROKEN),
    "unavailable": Fired("/v1/emissions?year=2022", trouble=AWAY),
    "edition-not-here": Fired("/v1/emissions?min_edition=9999"),
    "too-slow": Fired("/v1/companies/zte/history", trouble=SLOW),
}


# Fired in test_write_problems.py.
WRITES = {
    "unauthorized",
    "forbidden",
    "body-too-slow",
    "in-flight",
    "idempotency-conflict",
    "payload-too-large",
    "unsupported-media-type",
    "bad-batch",
    "idempotency-key-reused",
}


@pytest.fixture
def gate(corpus_database: str) -> Iterator[Gate]:
    one = Gate(corpus_database)
    yield one
    one.remove()


@pytest.fixture
def troubled(gate: Gate, corpus_database: str, serve: Callable[..., Client]) -> Callable[[str], Client]:
    """A server of this test's own, with a database that is then made slow, broken or away."""

    def start(trouble: str) -> Client:
        api = serve(gate.url, redis_url=None, statement_timeout_ms="300", pool_timeout_ms="300")
        if trouble == AWAY:
            gate.close()
        else:
            execute(corpus_database, trouble)
        return api

    return start


def test_the_tables_fire_every_code():
    assert FIRED.keys() | WRITES == SORTS.keys()


@pytest.mark.parametrize("code", FIRED)
def test_a_problem_says_what_it_is_and_nothing_of_our_insides(
    api: Client, troubled: Callable[[str], Client], serve: Callable[..., Client], corpus_database: str, code: str
):
    fired = FIRED[code]
    server = troubled(fired.trouble) if fired.trouble else api
    if fired.rows:
        server = serve(corpus_database, redis_url=None, list_max_rows=str(fired.rows))
    if fired.quota:
        server = serve(corpus_database, redis_url=None, rate_anonymous=fired.quota)
        assert server.get(fired.url).status_code == 200
    headers = {"Accept": fired.accept, "X_Request_Id": "example"} | ({"Range": fired.range_} if fired.range_ else {})
    headers |= {"X_Padding": "a" * fired.padding} if fired.padding else {}
    answer = server.request(fired.method, fired.url, **headers)
    assert_problem(answer, code)
    assert_example(code, answer)
    assert answer.json()["instance"] == fired.url.partition("?")[0]
    if fired.method == "GET":
        check(answer)
    if code == "method-not-allowed":
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    if code == "internal-error":
        assert '"event":"unhandled"' in server.log(), "the log says what the answer does not"


def assert_problem(answer: httpx.Response, code: str) -> None:
    """The answer to a request with the id `example` is the problem of this code."""
    problem, sort = answer.json(), SORTS[code]
    assert answer.status_code == sort.status == problem["status"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert problem["type"] == f"/problems/{code}"
    assert problem["title"] == sort.title
    assert problem["request_id"] == answer.headers["x-request-id"] == "example"
    assert problem["detail"]
    assert not _INSIDE.search(answer.text)
    if code == "too-many-requests":
        assert 3000 < int(answer.headers["retry-after"]) <= 3600
    else:
        assert answer.headers.get("retry-after") == (str(sort.retry_after_s) if sort.retry_after_s else None)


@pytest.mark.parametrize("code", SORTS)
def test_the_type_of_a_problem_can_be_opened_by_programs_and_people(api: Client, code: str):
    told = api.get(f"/problems/{code}").json()
    assert {name: told[name] for name in ("status", "title", "meaning")} == {
        name: getattr(SORTS[code], name) for name in ("status", "title", "meaning")
    }
    assert told["type"] == told["answer"]["type"] == f"/problems/{code}"
    page = api.get(f"/problems/{code}", Accept="text/html,*/*;q=0.8")
    assert page.headers["content-type"].startswith("text/html")
    words = re.sub(r"<[^>]*>", "", page.text)
    for text in (told["title"], told["meaning"], told["remedy"], told["request"], told["answer"]["detail"]):
        assert text.replace("`", "") in unescape(words).replace("`", "").replace('\\"', '"')


def test_the_list_of_problems_leads_to_each_of_them(api: Client):
    assert [one["code"] for one in api.get("/problems").json()["problems"]] == list(SORTS)
    page = api.get("/problems", Accept="text/html").text
    assert re.findall(r'href="/problems/([a-z-]+)"', page) == list(SORTS)


def test_a_problem_that_is_none_is_told_the_nearest(api: Client):
    (error,) = api.get("/problems/bad-paramter").json()["errors"]
    assert error["suggestion"] == "bad-parameter"


def test_every_problem_has_a_remedy_and_an_example_and_none_that_is_gone_has():
    assert REMEDIES.keys() == SORTS.keys() == {file.stem for file in FOLDER.iterdir()}


def test_every_error_that_a_request_can_raise_has_a_status():
    command_line = {"bad-file", "misconfigured"}
    codes = {one.code for one in [AlmanacError, *AlmanacError.__subclasses__()]} - command_line
    assert codes == set(SORTS)


def test_every_status_of_a_problem_is_in_the_contract_or_is_a_method():
    known = {int(name.removeprefix("Problem")) for name in DOCUMENT["components"]["responses"] if "Problem" in name}
    assert known == {sort.status for sort in SORTS.values()} - {405}


def test_cached_answers_still_come_while_postgresql_is_away_and_all_heals_after(
    serve: Callable[..., Client], gate: Gate
):
    api = serve(gate.url, pool_timeout_ms="300")
    warm = api.get("/v1/companies/zte")
    gate.close()
    assert api.get("/v1/companies/zte").content == warm.content
    assert api.get("/v1/companies/zte", If_None_Match=warm.headers["etag"]).status_code == 304
    # Redis knows what other servers over the same records were asked, and nobody asked them for this.
    cold_url = "/v1/companies/abb?known_on=2025-07-06"
    cold = api.get(cold_url)
    assert cold.status_code == 503
    assert int(cold.headers["retry-after"]) > 0
    assert api.get("/livez").status_code == 200
    assert json.loads(send(api.base, b"/v1/emissions?year=x").body)["status"] == 400, "a bad request stays one"
    gate.open()
    assert _until_ready(api)
    assert api.get(cold_url).status_code == 200


def _until_ready(api: Client) -> bool:
    for _ in range(100):
        if api.get("/readyz").status_code == 200:
            return True
        time.sleep(0.1)
    return False
