"""The two axes of time on every list and read: what this service said then, and what the world could know then."""

import datetime as dt
from urllib.parse import quote

import pytest

from tests.client import Client
from tests.contract.urls import READS, also, urls


@pytest.fixture(scope="module")
def known(api: Client) -> dict[str, str]:
    return urls(api)


def published_at(api: Client, edition: int) -> str:
    return api.data(f"/v1/editions/{edition}")["published_at"]


@pytest.mark.parametrize("name", READS)
def test_an_instant_and_the_edition_that_it_falls_in_answer_alike(api: Client, known: dict[str, str], name: str):
    newest = api.data("/v1/editions?limit=1")[0]["edition"]
    for edition in (1, newest - 1, newest):
        instant = quote(published_at(api, edition))
        by_instant = api.get(also(known[name], f"as_of={instant}"))
        by_number = api.get(also(known[name], f"edition={edition}"))
        assert by_instant.status_code == by_number.status_code
        if by_number.status_code == 200:
            assert by_instant.content == by_number.content
            assert by_instant.headers["almanac-edition"] == str(edition)


@pytest.mark.parametrize("name", READS)
def test_edition_0_is_the_empty_corpus(api: Client, known: dict[str, str], name: str):
    answer = api.get(also(known[name], "edition=0"))
    if name in ("list_kinds", "list_metrics"):
        assert answer.json()["data"]
    elif name.startswith("list_") and "companies/" not in known[name] and "disclosures/" not in known[name]:
        assert answer.json()["data"] == []
        assert answer.json()["meta"]["edition"] == 0
        assert answer.json()["meta"]["known_on"] is None
    elif name == "read_frame":
        assert answer.json()["data"] == []
    else:
        assert answer.status_code in (404, 409), "409: a difference reaches beyond it"


@pytest.mark.parametrize("name", READS)
def test_an_edition_beyond_the_newest_is_404_and_two_times_are_409(api: Client, known: dict[str, str], name: str):
    assert api.get(also(known[name], "edition=2147483647")).status_code == 404
    both = api.get(also(known[name], "edition=1&as_of=2026-01-01T00:00:00Z"))
    assert both.status_code == 409
    assert {error["parameter"] for error in both.json()["errors"]} == {"edition", "as_of"}


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+14:00", "2000-01-01T00:00:00Z"])
def test_before_the_first_publish_there_is_nothing(api: Client, known: dict[str, str], name: str, instant: str):
    then = api.get(also(known[name], f"as_of={quote(instant)}"))
    empty = api.get(also(known[name], "edition=0"))
    assert then.status_code == empty.status_code
    if then.status_code == 200:
        assert then.content == empty.content


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("instant", ["9999-12-31T23:59:59-14:00", "2999-01-01T00:00:00Z"])
def test_the_far_future_is_the_newest_and_may_still_move(api: Client, known: dict[str, str], name: str, instant: str):
    then, now = api.get(also(known[name], f"as_of={instant}")), api.get(known[name])
    assert then.content == now.content
    assert then.headers["cache-control"] == now.headers["cache-control"]


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_and_the_last_day_of_the_calendar_are_days(api: Client, known: dict[str, str], name: str, day: str):
    answer = api.get(also(known[name], f"known_on={day}"))
    assert answer.status_code in (200, 404)
    if answer.status_code == 200:
        assert answer.json()["meta"]["known_on"] == day
        assert answer.headers["almanac-known-on"] == day


@pytest.mark.parametrize(
    ("day", "value", "op"),
    [
        ("2022-05-31", 1000, "add"),
        ("2024-05-31", 1100, "restate"),
        ("2025-05-30", 1100, "restate"),
        ("2025-05-31", 1050, "restate"),
    ],
)
def test_a_number_restated_twice_is_read_as_the_world_knew_it(api: Client, day: str, value: int, op: str):
    url = "/v1/companies/invented-restater/emissions?metric=ghg.scope1&year=2020"
    (row,) = api.data(f"{url}&known_on={day}")
    assert (row["value"], row["op"]) == (value, op)
    assert api.data(f"/v1/disclosures/{row['id']}?known_on={day}") == row
    assert api.data(f"{url}&known_on=2022-05-30") == []


def test_a_correction_of_ours_moves_only_the_edition(api: Client):
    url = "/v1/companies/invented-restater/emissions?metric=ghg.scope2.mb"
    notes = {one["edition"]: one["note"] or "" for one in api.data("/v1/editions?limit=500")}
    (first,) = [edition for edition, note in notes.items() if note.startswith("Invented companies")]
    assert [row["value"] for row in api.data(f"{url}&edition={first}")] == [777]
    (row,) = api.data(f"{url}&known_on=2023-05-31")
    assert (row["value"], row["op"], row["known_from"]) == (775, "correct", "2023-05-31")
    assert set(row["changed"]) >= {"value"}


def test_what_is_withdrawn_is_absent_later_and_stands_earlier(api: Client):
    url = "/v1/companies/invented-restater/commitments?type=net_zero"
    assert api.data(url) == []
    (row,) = api.data(f"{url}&known_on=2024-06-29")
    assert api.get(f"/v1/disclosures/{row['id']}").status_code == 404
    assert [one["op"] for one in api.data(f"/v1/disclosures/{row['id']}/versions")] == ["add", "withdraw"]


def test_what_was_withdrawn_and_came_back_is_there_with_a_hole_between(api: Client):
    url = "/v1/companies/invented-restater/commitments?type=near_term"
    held = {day: api.data(f"{url}&known_on={day}") for day in ("2023-06-30", "2024-06-30", "2025-06-29", "2025-06-30")}
    assert [[row["deadline"] for row in rows] for rows in held.values()] == [["2025-06-30"], [], [], ["2027-06-30"]]


def test_times_in_meta_are_utc_and_rise_with_the_edition(api: Client):
    editions = api.data("/v1/editions?limit=500")
    stamps = [dt.datetime.fromisoformat(one["published_at"]) for one in editions]
    assert stamps == sorted(stamps, reverse=True)
    assert all(stamp.tzinfo == dt.UTC for stamp in stamps)
    assert [one["edition"] for one in editions] == list(range(editions[0]["edition"], 0, -1))
