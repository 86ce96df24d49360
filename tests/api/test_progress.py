"""Target progress over HTTP: invented targets whose levels are restated, withdrawn, of two methods, or not there."""

from collections.abc import Iterator

import pytest

from tests.api.batches import emission, put
from tests.client import Client
from tests.conftest import Servers, _copy, _Serving

URL = "/v1/companies/{}/targets/progress"


def target(company: str, reference: str = "r", **fields: object) -> dict:
    """Half of scopes 1 and 2 by 2030, from 2020."""
    own = {"record": "targets", "company": company, "source": "s", "scheme": "company", "term": "interim"}
    own |= {"reference": reference, "status": "announced", "target_kind": "absolute", "value_pct": 50}
    return own | {"base_year": 2020, "target_year": 2030, "scopes": ["1", "2"]} | fields


def claim(company: str, value: float, **fields: object) -> dict:
    """A change of scopes 1 and 2 since 2020."""
    own = {
        "record": "claimed-changes",
        "company": company,
        "source": "s",
        "metric": "ghg.scope1_2.mb",
        "unit": "percent",
    }
    return own | {"period": "2022", "compared_period": "2020", "measure": "change_pct", "value": value} | fields


def sum_of(company: str, year: int, value: float, method: str = "mb") -> dict:
    return emission(company, year, value, metric=f"ghg.scope1_2.{method}")


@pytest.fixture(scope="module")
def progress(servers: Servers, empty_template: str) -> Iterator[Client]:
    """A server over invented targets, loaded in four editions."""
    for url in _copy(servers, empty_template):
        first = [
            *(target("restated", reference) for reference in ("a", "b", "c")),
            *(sum_of("restated", 2020, 200), sum_of("restated", 2022, 160)),
            *(target("both"), sum_of("both", 2020, 100), sum_of("both", 2022, 60), claim("both", -40)),
            *(sum_of("both", 2020, 100, "lb"), sum_of("both", 2022, 99, "lb")),
            *(target("gone"), sum_of("gone", 2020, 100), sum_of("gone", 2022, 50)),
            *(target("words", value_pct=None), target("words", "scope 3", scopes=["3"], coverage_pct=67)),
            *(target("intense", target_kind="intensity", intensity_metric="tonne of steel"), target("nothing")),
            emission("silent", 2020, 1),
        ]
        put(url, *first, on="2023-05-01", title="Report 2022")
        put(url, sum_of("restated", 2020, 250) | {"basis": "restated"}, on="2024-05-01", title="Report 2023")
        put(url, sum_of("gone", 2020, 100) | {"withdrawn": True}, on="2024-05-01", title="Report 2023, gone")
        put(url, target("restated", "b") | {"withdrawn": True}, on="2024-06-01", title="Register")
        with _Serving(url, None) as client:
            yield client


def test_a_target_has_its_levels_its_line_and_its_versions(progress: Client):
    (found,) = progress.data(URL.format("restated") + "?known_on=2023-12-31&limit=1")
    (computed,) = found["computed"]
    assert (found["company"], found["target"]["reference"], found["target"]["value_pct"]) == ("restated", "a", 50)
    assert (computed["formula"], computed["scope2_method"]) == ("ghg.scope1_2.mb", "market")
    assert (computed["target_level"], computed["pathway_level"]) == (100, 180)
    assert (computed["change_pct"], computed["progress_pct"], found["verdict"]) == (-20, 40, "on_track")
    (base,) = computed["base"]["parts"]
    held = progress.data(f"/v1/disclosures/{base['id']}/versions/{base['version']}")
    assert (held["value"], held["source"]["id"], held["known_from"]) == (
        base["value"],
        base["source"],
        base["known_from"],
    )


def test_both_axes_of_time_apply(progress: Client):
    def base(query: str) -> tuple[float, str]:
        found = progress.data(URL.format("restated") + query)[0]
        return found["computed"][0]["base"]["value"], found["verdict"]

    assert base("") == (250, "on_track")
    assert base("?known_on=2024-04-30") == base("?edition=1") == (200, "on_track")
    assert progress.get(URL.format("restated") + "?edition=0").status_code == 404


def test_a_withdrawn_target_is_gone_and_was_there(progress: Client):
    def references(query: str) -> list[str]:
        return [one["target"]["reference"] for one in progress.data(URL.format("restated") + query)]

    assert references("") == ["a", "c"]
    assert references("?known_on=2024-05-31") == references("?edition=3") == ["a", "b", "c"]


def test_a_withdrawn_base_is_no_base(progress: Client):
    url = URL.format("gone")
    assert [one["verdict"] for one in progress.data(url)] == ["not_computable:no_base"]
    assert [one["verdict"] for one in progress.data(url + "?edition=1")] == ["achieved"]


def test_two_methods_are_two_numbers_and_a_claim_is_held_against_its_own(progress: Client):
    (found,) = progress.data(URL.format("both"))
    assert [(c["scope2_method"], c["change_pct"], c["verdict"]) for c in found["computed"]] == [
        ("market", -40, "on_track"),
        ("location", -1, "behind"),
    ]
    assert found["verdict"] == "depends_on_method"
    assert (found["stated"]["change_pct"], found["stated"]["verdict"]) == (-40, "match")


@pytest.mark.parametrize(
    ("company", "reason"),
    [("words", "coverage"), ("intense", "intensity_without_denominator"), ("nothing", "no_levels")],
)
def test_what_cannot_be_computed_is_served_and_says_why(progress: Client, company: str, reason: str):
    (found,) = progress.data(URL.format(company))
    assert (found["verdict"], found["computed"], found["stated"]) == (f"not_computable:{reason}", [], None)
    assert found["target"]["value_pct"] == 50, "a target in words alone is no quantified one and not in the list"


def test_a_company_without_targets_is_empty_and_one_that_is_not_there_is_404(progress: Client):
    assert progress.data(URL.format("silent")) == []
    assert progress.get(URL.format("no-such-company")).status_code == 404


def test_pages_go_on_where_they_ended(progress: Client):
    url = URL.format("restated")
    first = progress.get(f"{url}?limit=1").json()
    second = progress.get(f"{url}?limit=1&cursor={first['meta']['next_cursor']}").json()
    assert first["data"] + second["data"] == progress.data(url)
    assert second["meta"]["next_cursor"] is None


def test_bundled_targets_are_computed_or_say_why(api: Client):
    for company in ("zte", "duke-energy", "edf", "bp", "rwe", "cbre", "invented-cjk"):
        found = api.data(URL.format(company))
        assert found
        for one in found:
            assert all(c["base"] and c["latest"] for c in one["computed"] if c["change_pct"] is not None)
            assert bool(one["computed"]) or one["verdict"].startswith("not_computable:")
    verdicts = {one["target"]["reference"]: one["verdict"] for one in api.data(URL.format("bmw-group"))}
    assert verdicts["absolute S1+S2 2030 from 2019"] == "on_track"
