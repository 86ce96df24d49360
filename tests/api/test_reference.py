"""What disclosures refer to: frames, coverage, sources, editions, metrics and kinds."""

import json
from collections import defaultdict

from almanac.kinds import KINDS
from tests.client import Client


def rows(api: Client, url: str) -> list[dict]:
    """All items of a list."""
    found, cursor = [], ""
    while cursor is not None:
        page = api.get(f"{url}{'&' if '?' in url else '?'}limit=500{cursor and '&cursor='}{cursor}").json()
        found += page["data"]
        cursor = page["meta"]["next_cursor"]
    return found


def test_a_frame_of_a_year_takes_every_period_that_ends_in_it_for_whole_companies(api: Client):
    frame = rows(api, "/v1/frames/ghg.scope1/2022")
    whole = [
        row
        for row in rows(api, "/v1/emissions?metric=ghg.scope1&year=2022")
        if not any(row[name] for name in ("gas", "boundary", "geography", "segment"))
    ]
    assert {row["id"] for row in frame} == {row["id"] for row in whole}
    assert {row["period"] for row in frame if row["company"] == "invented-zero"} == {
        "2022",
        "FY2022",
        "2021-04-01--2022-03-31",
    }


def test_a_frame_of_any_other_period_takes_it_exactly(api: Client):
    assert {row["period"] for row in rows(api, "/v1/frames/ghg.scope1/FY2022")} == {"FY2022"}
    assert rows(api, "/v1/frames/ghg.scope1/1900") == []
    assert api.get("/v1/frames/no.such.metric/2022").status_code == 404


def test_coverage_counts_what_the_lists_hold(api: Client):
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    years: dict[str, dict[str, set]] = defaultdict(lambda: defaultdict(set))
    for kind in KINDS:
        for row in rows(api, f"/v1/{kind.name}"):
            counts[row["company"]][kind.name] += 1
            if kind.name in ("emissions", "indicators"):
                years[row["company"]][row["metric"]].add(row["year"])
    for one in rows(api, "/v1/coverage"):
        assert {k["kind"]: k["disclosures"] for k in one["kinds"]} == counts.pop(one["company"], {})
        assert {m["metric"]: set(m["years"]) for m in one["metrics"]} == dict(years[one["company"]])
    assert not counts


def test_coverage_narrows_by_company_metric_and_year(api: Client):
    assert [one["company"] for one in rows(api, "/v1/coverage?company=zte")] == ["zte"]
    held = {row["company"] for row in rows(api, "/v1/emissions?metric=ghg.scope2.mb&year=2022")}
    assert {one["company"] for one in rows(api, "/v1/coverage?metric=ghg.scope2.mb&year=2022")} == held
    assert api.get("/v1/coverage?company=no-such-company").status_code == 404


def test_a_profile_holds_the_newest_answer_of_each_kind(api: Client):
    profile = api.data("/v1/companies/invented-cjk")
    assert set(profile["newest"]) == {kind.stem for kind in KINDS}
    for kind in KINDS:
        own = rows(api, f"/v1/companies/invented-cjk/{kind.name}")
        newest = max(own, key=lambda row: (row["known_from"], row["seq"]), default=None)
        assert profile["newest"][kind.stem] == newest
    assert {one["kind"]: one["disclosures"] for one in profile["coverage"]}["awards"] == 2


def test_a_source_counts_the_versions_that_cite_it_then(api: Client):
    changes = api.data("/v1/changes?limit=1000&company=invented-claims")
    source = changes[0]["source"]
    told = api.data(f"/v1/sources/{source['id']}")
    assert {name: told[name] for name in source} == source
    everyone = [json.loads(line) for line in api.get("/v1/changes.ndjson").text.splitlines()]
    assert told["versions"] == sum(change["source"]["id"] == source["id"] for change in everyone)
    assert api.get(f"/v1/sources/{source['id']}?edition=1").status_code == 404, "not cited yet"
    assert api.get("/v1/sources/00000000-0000-8000-8000-000000000000").status_code == 404


def test_every_metric_in_use_is_in_the_vocabulary_with_its_unit(api: Client):
    units = {metric["code"]: metric["unit"] for metric in api.data("/v1/metrics")}
    for kind in ("emissions", "indicators"):
        for row in rows(api, f"/v1/{kind}"):
            assert units[row["metric"]] == row["unit"]


def test_every_kind_has_both_its_lists(api: Client):
    for kind in api.data("/v1/kinds"):
        assert api.get(f"/v1/{kind['kind']}?limit=1").status_code == 200
        assert api.get(f"/v1/companies/zte/{kind['kind']}?limit=1").status_code == 200
