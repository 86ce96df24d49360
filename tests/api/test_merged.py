"""A company that was merged into another: every URL about it leads to that one, and what was pinned before stays."""

import pytest

from tests.client import Client, check

TAILS = ("", "/emissions", "/emissions?limit=5&metric=ghg.scope1", "/history", "/diff?from=1", "/emission-deltas",
         "/targets/progress", "/identity-events")  # fmt: skip


@pytest.fixture(scope="module")
def merged_in(api: Client) -> int:
    """The edition of the merge."""
    (event,) = api.data("/v1/identity-events?event=merged_from")
    return event["edition"]


@pytest.mark.parametrize("tail", TAILS)
def test_every_url_leads_to_the_other_with_what_was_asked(api: Client, tail: str):
    moved = api.get(f"/v1/companies/invented-absorbed{tail}")
    assert (moved.status_code, moved.headers["location"]) == (308, f"/v1/companies/invented-keeper{tail}")
    assert moved.json()["meta"]["merged_into"] == "invented-keeper"
    assert moved.json()["data"] is None
    there = api.get(moved.headers["location"])
    assert there.status_code == 200
    head = api.request("HEAD", f"/v1/companies/invented-absorbed{tail}")
    assert (head.status_code, head.headers["location"], head.content) == (308, moved.headers["location"], b"")


@pytest.mark.parametrize("path", ["/v1/emissions", "/v1/coverage", "/v1/changes", "/v1/emission-deltas"])
def test_a_filter_by_the_company_leads_to_the_other_too(api: Client, path: str):
    moved = api.get(f"{path}?limit=5&company=invented-absorbed")
    assert moved.status_code == 308
    assert "company=invented-keeper" in moved.headers["location"]
    assert "limit=5" in moved.headers["location"]
    assert api.data(moved.headers["location"])


def test_before_the_merge_each_stands_by_itself(api: Client, merged_in: int):
    pin = f"edition={merged_in - 1}"
    assert api.data(f"/v1/companies/invented-absorbed?{pin}")["id"] == "invented-absorbed"
    assert [row["value"] for row in api.data(f"/v1/companies/invented-absorbed/emissions?{pin}")] == [13]
    assert [row["period"] for row in api.data(f"/v1/companies/invented-keeper/emissions?{pin}")] == ["2021"]
    ids = {one["id"] for one in api.data(f"/v1/companies?q=invented+absorbed&{pin}")}
    assert "invented-absorbed" in ids


def test_a_pinned_redirect_is_kept_for_ever_and_one_that_moves_is_not(api: Client, merged_in: int):
    pinned = api.get(f"/v1/companies/invented-absorbed?edition={merged_in}")
    assert (pinned.status_code, "immutable" in pinned.headers["cache-control"]) == (308, True)
    assert pinned.headers["location"] == f"/v1/companies/invented-keeper?edition={merged_in}"
    assert "immutable" not in api.get("/v1/companies/invented-absorbed").headers["cache-control"]


def test_its_answers_names_and_identifiers_are_the_others(api: Client):
    keeper = api.data("/v1/companies/invented-keeper")
    assert "Invented Absorbed AB" in {one["name"] for one in keeper["names"]}
    assert {"scheme": "invented_register", "value": "4711", "check_ok": None} in keeper["identifiers"]
    rows = api.data("/v1/companies/invented-keeper/emissions")
    assert {(row["period"], row["value"]) for row in rows} == {("2022", 13), ("2021", 15)}
    earlier = api.data("/v1/companies/invented-keeper/emissions?known_on=2023-05-01&period=2022")
    assert [row["value"] for row in earlier] == [12.5]
    found = [one["id"] for one in api.data("/v1/companies?q=invented+absorbed")]
    assert found[0] == "invented-keeper"
    assert "invented-absorbed" not in found
    assert "invented-absorbed" not in {one["id"] for one in api.data("/v1/companies?limit=500")}


def test_a_moved_answer_leads_to_the_row_that_it_was_read_from(api: Client):
    (row,) = api.data("/v1/companies/invented-keeper/emissions?period=2022")
    raw = api.data(f"/v1/disclosures/{row['id']}/versions/{row['version']}/raw")
    assert (raw["sheet"], raw["row"]) == ("lines", 7)


def test_the_feed_tells_of_the_merge_and_of_everything_that_moved(api: Client, merged_in: int):
    feed = api.get(f"/v1/changes?after=0&limit=1000&company=invented-keeper&edition={merged_in}").json()["data"]
    told = [(one["kind"], one["op"]) for one in feed if one["edition"] == merged_in]
    assert ("identity-events", "add") in told
    assert [one for one in told if one[0] == "emissions"] == [("emissions", "add"), ("emissions", "restate")]
    note = api.data(f"/v1/editions/{merged_in}")["note"]
    assert note == "Merged invented-absorbed into invented-keeper: one company"


def test_the_difference_across_the_merge_shows_what_came(api: Client, merged_in: int):
    diffs = api.data(f"/v1/companies/invented-keeper/diff?from={merged_in - 1}&to={merged_in}")
    appeared = {(one["new"]["kind"], one["change"]) for one in diffs}
    assert appeared == {("emissions", "appeared"), ("identity-events", "appeared")}


def test_the_redirect_is_in_the_contract(api: Client):
    response = api.request("GET", "/v1/companies/invented-absorbed")
    del response.headers["location"]
    with pytest.raises(AssertionError, match="lacks"):
        check(response)
