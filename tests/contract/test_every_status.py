"""Every operation, asked for in every way that the contract has an answer to: each refusal, each condition, each parameter."""

import re
from collections.abc import Callable, Iterator

import pytest

from tests.api.handed import URL, hand_in, make_key
from tests.client import Client
from tests.contract.urls import ALL, OPERATIONS, READS, STREAM, also

LONG = "a" * 20_000
# A value for what the document has no example, enumeration or default for.
VALUES = {"kind": "emissions", "as_of": "2999-01-01T00:00:00Z", "known_on": "2999-01-01", "scheme": "sbti", "to": "3"}
TEXT = "Invented"
# What is there in form and nowhere in fact.
NOWHERE = {"company": "no-such-company", "id": "00000000-0000-8000-8000-000000000000", "name": "nothing.json",
           "code": "nothing", "sha256": "0" * 64, "edition": "999", "span": "998-999", "n": "999", "period": "2022",
           "metric": "no.such"}  # fmt: skip


def answering(status: int) -> list[str]:
    """Open operations that document the status."""
    return [name for name in OPERATIONS if str(status) in ALL[name][2]["responses"]]


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_is_too_long_or_too_large_is_refused_everywhere(api: Client, known: dict[str, str], name: str):
    assert api.get(also(known[name], f"q={LONG}")).status_code == 414
    assert api.get(known[name], X_Padding="a" * 33_000).status_code == 431


@pytest.mark.parametrize("name", answering(406))
def test_what_has_no_such_representation_is_406(api: Client, known: dict[str, str], name: str):
    assert api.get(known[name], Accept="image/png").status_code == 406


@pytest.mark.parametrize("name", answering(304))
def test_what_is_held_already_is_304(api: Client, known: dict[str, str], name: str):
    etag = api.get(known[name]).headers["etag"]
    assert api.get(known[name], If_None_Match=etag).status_code == 304


@pytest.mark.parametrize("name", answering(416))
def test_a_part_of_a_file_is_206_and_one_beyond_its_end_416(api: Client, known: dict[str, str], name: str):
    assert api.get(known[name], Range="bytes=0-9").status_code == 206
    assert api.get(known[name], Range="bytes=99999999-").status_code == 416


@pytest.mark.parametrize("name", answering(409))
def test_two_answers_at_once_are_409(api: Client, known: dict[str, str], name: str):
    both = "edition=1&as_of=2026-01-01T00:00:00Z"
    assert api.get(also(known[name], both)).status_code == 409


@pytest.mark.parametrize("name", answering(308))
def test_a_merged_company_has_moved(api: Client, known: dict[str, str], name: str):
    url = known[name]
    moved = re.sub(r"/companies/[^/?]+", "/companies/invented-absorbed", url)
    moved = also(url, "company=invented-absorbed") if moved == url else moved
    assert api.get(moved).status_code == 308


@pytest.mark.parametrize("name", sorted({*answering(404)} - {"read_latest_snapshot", "list_snapshots"}))
def test_what_is_nowhere_is_404(api: Client, known: dict[str, str], name: str):
    path = OPERATIONS[name]
    query = known[name].partition("?")[2]
    if name == STREAM:
        path, query = f"{path}?company=no-such-company", ""
    url = (
        re.sub(r"\{(\w+)\}", lambda at: NOWHERE[at[1]], path)
        if "{" in path or name == STREAM
        else also(path, "edition=999")
    )
    assert api.get(also(url, query) if query else url).status_code == 404


@pytest.mark.parametrize("name", answering(401))
def test_a_key_that_is_none_is_refused_also_where_none_is_needed(api: Client, known: dict[str, str], name: str):
    assert api.get(known[name], Authorization="Bearer x").status_code == 401


def test_whoever_asks_too_often_is_told_so_everywhere_it_is_charged(
    api: Client, serve: Callable[..., Client], corpus_database: str, known: dict[str, str]
):
    """And files and pages are never refused for it."""
    once = "1/99999s"
    limited = serve(corpus_database, redis_url=None, rate_anonymous=once, rate_key=once)
    token = make_key(corpus_database)
    nowhere = f"{URL}/00000000-0000-4000-8000-000000000000"
    assert limited.get("/v1/kinds").status_code == 200
    assert limited.get(nowhere, Authorization=f"Bearer {token}").status_code == 404
    statuses = {name: limited.get(known[name]).status_code for name in OPERATIONS}
    charged = set(answering(429))
    assert {name for name, status in statuses.items() if status == 429} == charged == {*READS, STREAM}
    assert limited.get(nowhere, Authorization=f"Bearer {token}").status_code == 429
    assert hand_in(limited, token, b"{").status_code == 429


def _parameters() -> Iterator[tuple[str, dict]]:
    for name in OPERATIONS:
        for one in ALL[name][2].get("parameters", []):
            if one["in"] == "query" and one["name"] != "cursor":
                yield name, one


@pytest.mark.parametrize(("name", "one"), [pytest.param(n, o, id=f"{n}-{o['name']}") for n, o in _parameters()])
def test_each_parameter_is_understood_with_a_value_of_its_form(
    api: Client, known: dict[str, str], name: str, one: dict
):
    newest = api.get("/v1/editions?limit=1").headers["almanac-edition"]
    schema = one["schema"]
    told = [one.get("example"), schema.get("default"), *schema.get("enum", ()), VALUES.get(one["name"])]
    told += schema.get("examples", [])
    value = newest if one["name"] == "edition" else next((each for each in told if each is not None), TEXT)
    url = re.sub(rf"([?&]){one['name']}=[^&]*&?", r"\1", known[name]).rstrip("?&")
    assert api.get(also(url, f"{one['name']}={value}")).status_code == 200


@pytest.mark.parametrize("name", [n for n in READS if any(p["name"] == "cursor" for p in ALL[n][2]["parameters"])])
def test_a_cursor_leads_on(api: Client, known: dict[str, str], name: str):
    url = re.sub(r"(?<=from=)\d+", "1", also(known[name], "limit=1"))
    first = api.get(url).json()
    cursor = first["meta"]["next_cursor"]
    if cursor is not None:
        second = api.get(also(url, f"cursor={cursor}"))
        assert (second.status_code, second.json()["data"] != first["data"]) == (200, True)


def test_what_needs_a_key_refuses_as_documented(serve: Callable[..., Client], empty_database: str):
    api, token = serve(empty_database, redis_url=None), make_key(empty_database)
    reader = make_key(empty_database, "reader")
    one = f"{URL}/00000000-0000-4000-8000-000000000000"

    def read(url: str = one, key: str = token, **headers: str) -> int:
        return api.get(url, Authorization=f"Bearer {key}", **headers).status_code

    assert (read(), read(key="x"), read(key=reader)) == (404, 401, 403)
    assert (read(f"{one}?x=1"), read(f"{URL}/x")) == (400, 400)
    assert (read(Accept="image/png"), read(f"{one}?x={LONG}"), read(X_Padding="a" * 33_000)) == (406, 414, 431)

    def write(query: str = "", **headers: str) -> int:
        return hand_in(api, token, b"{", query=query, **headers).status_code

    assert (write(), write(Idempotency_Key=""), write("?x=1")) == (422, 400, 400)
    assert (write(Accept="image/png"), write(f"?x={LONG}"), write(X_Padding="a" * 33_000)) == (406, 414, 431)
