"""Emission deltas over HTTP: each verdict of the awkward claims, and lists that page, filter and look back."""

import pytest

from tests.client import Client

URL = "/v1/companies/invented-claims/emission-deltas"
VERDICTS = {
    "ghg.scope1": ("match", "match", "match"),
    "ghg.scope2.lb": ("match_within_rounding",) * 3,
    "ghg.scope2.mb": ("mismatch",) * 3,
    "ghg.scope3": ("match",) * 3,
    "ghg.scope3.c1": ("mismatch",) * 3,
    "ghg.scope3.c2": ("match", "match", "mismatch"),
    "ghg.scope3.c3": ("not_comparable:gwp_set",) * 3,
    "ghg.scope3.c4": ("not_computable:zero_base",) * 3,
    "ghg.scope3.c5": ("not_computable:no_levels",) * 3,
}


def test_each_claim_has_the_verdict_of_its_case(api: Client):
    found = {one["metric"]: (one["verdict"], *[c["verdict"] for c in one["computed"]]) for one in api.data(URL)}
    assert found == VERDICTS


def test_before_the_restatement_both_bases_agree(api: Client):
    (delta,) = api.data(f"{URL}?metric=ghg.scope3.c2&known_on=2023-12-31")
    assert [one["verdict"] for one in delta["computed"]] == ["match", "match"]


def test_a_computed_change_names_both_versions_and_its_bounds(api: Client):
    (delta,) = api.data(f"{URL}?metric=ghg.scope3.c2")
    first, restated = delta["computed"]
    assert (first["basis"], first["change_pct"], first["change_abs"]) == ("as_first_published", -10, -100)
    assert (restated["basis"], restated["change_pct"], restated["change_abs"]) == ("as_restated", -40, -600)
    assert first["lowest_pct"] <= first["change_pct"] <= first["highest_pct"]
    for one in (first["base"], first["current"], restated["base"], restated["current"]):
        version = api.data(f"/v1/disclosures/{one['id']}/versions/{one['version']}")
        assert (version["value"], version["period"]) == (one["value"], one["period"])


@pytest.mark.parametrize("limit", range(1, 8))
@pytest.mark.parametrize("url", [URL, "/v1/emission-deltas?company=invented-claims"])
def test_pages_give_each_delta_once(api: Client, url: str, limit: int):
    joint = "&" if "?" in url else "?"
    found, cursor = [], ""
    while cursor is not None:
        page = api.get(f"{url}{joint}limit={limit}{cursor and '&cursor='}{cursor}").json()
        found += page["data"]
        cursor = page["meta"]["next_cursor"]
    assert found == api.data(URL)


def test_across_companies_is_the_sum_of_companies(api: Client):
    across, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/v1/emission-deltas?limit=500{cursor and '&cursor='}{cursor}").json()
        across += page["data"]
        cursor = page["meta"]["next_cursor"]
    for company in {one["company"] for one in across}:
        own = api.data(f"/v1/companies/{company}/emission-deltas?limit=500")
        assert [one for one in across if one["company"] == company] == own
    assert api.data("/v1/emission-deltas?metric=ghg.scope1&year=2022&limit=500") == [
        one for one in across if one["metric"] == "ghg.scope1" and one["period"].endswith("2022")
    ]
