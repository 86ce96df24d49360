"""Companies: search, identifiers, history, and the difference between two editions."""

from urllib.parse import quote

import pytest

from tests.client import Client

ISIN = "isin:XSTWINS00009"  # carried by two invented companies


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Invented Restater", "invented-restater"),
        ("invented restated group", "invented-restater"),
        ("inventee ancienne raison", "invented-zero"),
        ("INVENTÉE Ancienne Raison SA", "invented-zero"),
        ("invented zero emission", "invented-zero"),
        ("虚构测试股份有限公司", "invented-cjk"),
        ("虚构测试", "invented-cjk"),
        ("株式会社インベント", "invented-cjk"),
        ("Invented Fictional", "invented-cjk"),
    ],
)
def test_search_finds_present_former_and_foreign_names(api: Client, typed: str, found: str):
    assert api.data(f"/v1/companies?q={quote(typed)}")[0]["id"] == found


def test_search_knows_only_the_names_of_its_edition(api: Client):
    notes = {one["edition"]: one["note"] or "" for one in api.data("/v1/editions?limit=500")}
    (first,) = [edition for edition, note in notes.items() if note.startswith("Invented companies")]
    (company, *_) = api.data(f"/v1/companies?q=invented+restated+group&edition={first}")
    assert company["name"] != "Invented Restated Group Ltd"
    assert api.data(f"/v1/companies?q=invented+restater&edition={first - 1}&limit=500") == [
        one for one in api.data(f"/v1/companies?q=invented+restater&edition={first - 1}") if "invented" not in one["id"]
    ]


def test_search_pages_without_gap_or_repeat(api: Client):
    whole = [one["id"] for one in api.data("/v1/companies?q=invented&limit=500")]
    assert len(whole) >= 8
    for limit in range(1, 8):
        found, cursor = [], ""
        while cursor is not None:
            page = api.get(f"/v1/companies?q=invented&limit={limit}{cursor and '&cursor='}{cursor}").json()
            found += [one["id"] for one in page["data"]]
            cursor = page["meta"]["next_cursor"]
        assert found == whole


def test_companies_narrow_by_country_sector_and_scheme(api: Client):
    everyone = api.data("/v1/companies?limit=500")
    for name, has in {
        "country=SE": lambda one: one["country"] == "SE",
        "scheme=isin": lambda one: any(i["scheme"] == "isin" for i in one["identifiers"]),
        "sector=Invented+sector": lambda one: any(c["code"] == "Invented sector" for c in one["classes"]),
    }.items():
        wanted = [one for one in everyone if has(one)]
        assert wanted
        assert api.data(f"/v1/companies?limit=500&{name}") == wanted


@pytest.mark.parametrize(
    "url",
    [f"/v1/companies/{ISIN}", f"/v1/companies/{ISIN}/emissions", f"/v1/companies/{ISIN}/history", f"/v1/ratings?company={ISIN}",
     f"/v1/companies/{ISIN}/diff?from=0", f"/v1/changes?company={ISIN}", f"/v1/coverage?company={ISIN}",
     f"/v1/companies/{ISIN}/emission-deltas", f"/v1/emission-deltas?company={ISIN}"],
)  # fmt: skip
def test_an_isin_on_two_companies_is_409_and_names_both(api: Client, url: str):
    answer = api.get(url)
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/ambiguous-identifier"
    assert "invented-twin-a, invented-twin-b" in answer.json()["detail"]


def test_an_lei_that_fails_its_check_is_kept_marked_and_leads_nowhere(api: Client):
    (bad,) = [i for i in api.data("/v1/companies/invented-twin-b")["identifiers"] if i["scheme"] == "lei"]
    assert bad["check_ok"] is False
    answer = api.get(f"/v1/companies/lei:{bad['value']}")
    assert answer.status_code == 404
    assert "check digits" in answer.json()["detail"]


def test_markup_and_formulas_in_a_name_come_back_as_they_are(api: Client):
    assert api.data("/v1/companies/invented-formula")["name"].startswith('=1+1;DROP "Invented", <b>&amp;\u202e')


def test_numbers_keep_the_digits_of_the_source(api: Client):
    text = api.get("/v1/companies/invented-cjk/emissions").text
    assert '"value":123456789012345678901.123456789,' in text
    assert '"value":7.50,' in text
    assert '"value":0.00,' in api.get("/v1/companies/invented-zero/emissions").text


def test_zero_is_a_number_and_missing_has_a_reason(api: Client):
    rows = {row["metric"]: row for row in api.data("/v1/companies/invented-zero/emissions?period=2022&basis=reported")
            if row["segment"] is None}  # fmt: skip
    assert (rows["ghg.scope1"]["value"], rows["ghg.scope1"]["missing_reason"]) == (0, None)
    assert (rows["ghg.scope2.lb"]["value"], rows["ghg.scope2.lb"]["missing_reason"]) == (None, "not_disclosed")
    assert "ghg.scope3" not in rows, "what was not said is not there"


def test_the_same_year_as_calendar_financial_and_exact_dates_stays_three_answers(api: Client):
    rows = api.data("/v1/companies/invented-zero/emissions?year=2022&metric=ghg.scope1")
    assert {row["period"] for row in rows} == {"2022", "FY2022", "2021-04-01--2022-03-31"}
    assert len(rows) == 4, "and one for a segment"


def test_history_is_newest_first_and_tells_withdrawals(api: Client):
    rows = api.data("/v1/companies/invented-restater/history")
    assert [row["seq"] for row in rows] == sorted((row["seq"] for row in rows), reverse=True)
    assert {"add", "restate", "correct", "withdraw"} <= {row["op"] for row in rows}
    assert {row["kind"] for row in api.data("/v1/companies/invented-restater/history?kind=commitments")} == {
        "commitments"
    }


def test_the_difference_of_two_editions_is_the_difference_of_their_answers(api: Client):
    newest = api.data("/v1/editions?limit=1")[0]["edition"]
    for start in range(newest + 1):
        lists = [
            {row["id"]: row for kind in ("emissions", "commitments")
             for row in _rows(api, f"/v1/companies/invented-restater/{kind}?edition={edition}&known_on=2026-01-01")}
            for edition in (start, newest)
        ]  # fmt: skip
        changed = {id_ for id_ in lists[0].keys() | lists[1].keys() if lists[0].get(id_) != lists[1].get(id_)}
        found = api.data(f"/v1/companies/invented-restater/diff?from={start}&limit=500&known_on=2026-01-01")
        told = {(one["new"] or one["old"])["id"]: one for one in found if one["new"] or one["old"]}
        assert set(told) == changed, start
        for id_, one in told.items():
            assert (one["old"], one["new"]) == (lists[0].get(id_), lists[1].get(id_))
            wanted = "appeared" if one["old"] is None else "disappeared" if one["new"] is None else "changed"
            assert one["change"] == wanted
            assert bool(one["fields"]) == (wanted == "changed")


def test_a_difference_is_empty_with_itself_and_turns_around(api: Client):
    newest = api.data("/v1/editions?limit=1")[0]["edition"]
    assert api.data(f"/v1/companies/invented-restater/diff?from={newest}") == []
    there = api.data(f"/v1/companies/invented-restater/diff?from={newest - 1}&to={newest}")
    back = api.data(f"/v1/companies/invented-restater/diff?from={newest}&to={newest - 1}")
    assert [(one["old"], one["new"]) for one in there] == [(one["new"], one["old"]) for one in back]
    beyond = api.get(f"/v1/companies/invented-restater/diff?from=1&to={newest}&edition=2")
    assert beyond.status_code == 409
    assert beyond.json()["errors"][0]["parameter"] == "to"


def _rows(api: Client, url: str) -> list[dict]:
    answer = api.get(url)
    return answer.json()["data"] if answer.status_code == 200 else []
