"""The requests that the README shows, over the bundled records."""

import pytest

from tests.client import Client


@pytest.mark.parametrize("ref", ["zte", "lei:3003004FBGVVG1CW5U45", "isin:CNE000000TK5"])
def test_a_company_answers_to_slug_lei_and_isin(api: Client, ref: str):
    profile = api.data(f"/v1/companies/{ref}")
    assert profile == api.data("/v1/companies/zte")
    assert {one["scheme"] for one in profile["identifiers"]} >= {"lei", "isin", "sbti_id"}
    kinds = {"claimed_changes", "ratings", "targets", "commitments", "certifications", "awards", "indicators"}
    assert kinds <= {stem for stem, version in profile["newest"].items() if version}


def test_the_article_claims_five_changes_without_levels(api: Client):
    deltas = api.data("/v1/companies/zte/emission-deltas")
    claims = [delta for delta in deltas if delta["claim"]]
    assert sorted(delta["claim"]["value"] for delta in claims) == [-61, -14.72, -7.5, -7, -6.4]
    assert all(delta["verdict"] == "not_computable:no_levels" and delta["claim"]["quote"] for delta in claims)


@pytest.mark.parametrize(("known_on", "deadline"), [("2023-09-01", "2025-05-11"), ("2023-12-15", "2025-05-31")])
def test_a_silently_moved_deadline_is_read_at_both_dates(api: Client, known_on: str, deadline: str):
    commitments = api.data(f"/v1/companies/zte/commitments?scheme=sbti&type=net_zero&known_on={known_on}")
    assert [one["deadline"] for one in commitments] == [deadline]


def test_versions_and_diff_show_the_change_with_both_sources(api: Client):
    (commitment,) = api.data("/v1/companies/zte/commitments?scheme=sbti&type=net_zero")
    versions = api.data(f"/v1/disclosures/{commitment['id']}/versions")
    assert [one["version"] for one in versions] == list(range(1, len(versions) + 1))
    diff = api.data(f"/v1/disclosures/{commitment['id']}/diff?from=1&to=2")
    assert {"field": "deadline", "old": "2025-05-11", "new": "2025-05-31"} in diff["fields"]
    assert diff["old"]["source"]["id"] != diff["new"]["source"]["id"]


@pytest.mark.parametrize("typed", ["zte corp", "ZTE Corporation Ltd.", "zte"])
def test_search_forgives_legal_forms(api: Client, typed: str):
    assert api.data(f"/v1/companies?q={typed}")[0]["id"] == "zte"


def test_search_forgives_a_lost_letter(api: Client):
    assert api.data("/v1/companies?q=ericson")[0]["name"].lower().startswith("ericsson")
