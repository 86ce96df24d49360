"""What is no order is refused and named, as the list itself would, and what is one is understood however it is written."""

import pytest

from tests.exports.orders import Shop, post

REFUSED = [
    (b"", None),
    (b"{", None),
    (b"null", None),
    (b"[]", None),
    (b"[" * 16_000, None),
    (b'{"kind": NaN}', None),
    (b'{"kind": "\\ud800", "format": "csv.gz"}', None),
    (b'{"kind": "emissions", "kind": "emissions", "format": "csv.gz"}', "kind"),
    (b'{"format": "csv.gz"}', "kind"),
    (b'{"kind": "emission", "format": "csv.gz"}', "kind"),
    (b'{"kind": ["emissions"], "format": "csv.gz"}', "kind"),
    (b'{"kind": "emissions"}', "format"),
    (b'{"kind": "emissions", "format": "csv"}', "format"),
    (b'{"kind": "emissions", "format": "csv.gz", "colour": "red"}', "colour"),
    (b'{"kind": "emissions", "format": "csv.gz", "filters": []}', "filters"),
    (b'{"kind": "emissions", "format": "csv.gz", "filters": null}', "filters"),
    (b'{"kind": "emissions", "format": "csv.gz", "edition": "1"}', "edition"),
    (b'{"kind": "emissions", "format": "csv.gz", "edition": -1}', "edition"),
    (b'{"kind": "emissions", "format": "csv.gz", "edition": 1.5}', "edition"),
    (b'{"kind": "emissions", "format": "csv.gz", "edition": true}', "edition"),
    (b'{"kind": "emissions", "format": "csv.gz", "edition": 1' + b"0" * 5000 + b"}", None),
]
FILTERED = [
    ({"yaer": 2022}, "yaer"),
    ({"limit": 5}, "limit"),
    ({"cursor": "1.1.1"}, "cursor"),
    ({"edition": 1}, "edition"),
    ({"year": "2022"}, "year"),
    ({"year": 20220}, "year"),
    ({"year": None}, "year"),
    ({"year": {"$gt": ""}}, "year"),
    ({"year": 10**30}, "year"),
    ({"company": 5}, "company"),
    ({"company": ""}, "company"),
    ({"company": "ZTE"}, "company"),
    ({"company": "z\0te"}, "company"),
    ({"company": "zte' or 1=1 --"}, "company"),
    ({"metric": "x" * 9000}, "metric"),
    ({"known_on": "2022-02-30"}, "known_on"),
]


@pytest.mark.parametrize(("content", "parameter"), REFUSED)
def test_a_hostile_body_is_refused_and_named(shop: Shop, content: bytes, parameter: str | None):
    answer = post(shop.api, content)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-parameter"), answer.text
    assert [one["parameter"] for one in answer.json()["errors"]] == ([parameter] if parameter else [])


@pytest.mark.parametrize(("filters", "parameter"), FILTERED)
def test_a_filter_that_the_list_would_refuse_is_refused(shop: Shop, filters: dict, parameter: str):
    answer = shop.order(body={"filters": filters})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-parameter"), answer.text
    assert [one["parameter"] for one in answer.json()["errors"]] == [parameter]


@pytest.mark.parametrize(
    "filters",
    [
        {"metric": "ghg.scope9"},
        {"company": "ztee"},
        {"company": "isin:XSTWINS00009"},
        {"metric": "ghg scope1"},
        {"year": 1},
    ],
)
def test_the_problems_are_those_of_the_list(shop: Shop, filters: dict):
    ours = shop.order(body={"filters": filters}).json()
    listed = shop.api.get(
        "/v1/emissions?" + "&".join(f"{n}={str(v).replace(' ', '%20')}" for n, v in filters.items())
    ).json()
    for name in ("type", "status", "detail", "errors"):
        assert ours[name] == listed[name]


def test_time_is_that_of_the_list(shop: Shop):
    both = shop.order(body={"edition": 1, "filters": {"as_of": "2026-01-01T00:00:00Z"}})
    assert (both.status_code, both.json()["type"]) == (409, "/problems/conflicting-parameters")
    assert shop.order(body={"edition": 9999}).status_code == 404
    merged = shop.order(body={"filters": {"company": "invented-absorbed"}})
    assert merged.status_code == 404
    assert merged.json()["errors"][0]["suggestion"] == "invented-keeper"


def test_what_is_no_json_or_too_large_is_refused(shop: Shop):
    assert post(shop.api, b"{}", Content_Type="text/csv").status_code == 415
    assert post(shop.api, b"{}", Content_Encoding="gzip").status_code == 415
    assert post(shop.api, b" " * 20_000).status_code == 413
    assert shop.order(Idempotency_Key="a b").status_code == 400
    assert shop.order(Accept="text/csv").status_code == 406
    assert '"status":500' not in shop.api.log()
    assert '"event":"unhandled"' not in shop.api.log()


def test_a_number_is_one_however_json_writes_it(shop: Shop):
    body = b'{"kind": "emissions", "format": "csv.gz", "edition": 3.0, "filters": {"year": 2.022e3}}'
    data = post(shop.api, body).json()["data"]
    assert (data["edition"], data["filters"]) == (3, {"year": "2022"})
