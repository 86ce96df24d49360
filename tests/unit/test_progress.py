"""Progress of targets: which levels count, what they give, and why a number is missing."""

from decimal import Decimal
from typing import Any

import pytest

from almanac.progress import progress
from almanac.scope_levels import METRICS, formulas
from almanac.target_progress import ComputedProgress, Progress
from tests.unit.levels import claim, level, version


def target(**fields: Any) -> Any:
    """Half of scope 1 by 2030, from 2020."""
    own = {"scheme": "company", "term": "interim", "reference": "r", "status": "announced", "target_kind": "absolute"}
    own |= {"value_pct": Decimal(50), "base_year": 2020, "target_year": 2030, "scopes": ["1"]}
    return version("targets", own | fields, "r1", "2023-05-01")


def one(levels: list[Any], claims: tuple[Any, ...] = (), **fields: Any) -> Progress:
    (found,) = progress([target(**fields)], levels, claims)
    return found


def only(levels: list[Any], **fields: Any) -> ComputedProgress:
    (found,) = one(levels, **fields).computed
    return found


def levels(metric: str, **values: str | None) -> list[Any]:
    """Levels of a metric by year: `y2020="200"`."""
    return [level(year[1:], value, metric=metric) for year, value in values.items()]


def test_numbers_are_those_of_the_straight_line():
    found = one(levels("ghg.scope1", y2020="200", y2022="185.0", y2021="195"))
    (computed,) = found.computed
    assert (computed.formula, computed.scope2_method) == ("ghg.scope1", None)
    assert (computed.target_level, computed.pathway_level) == (100, 180)
    assert (computed.change_pct, computed.progress_pct) == (Decimal("-7.5"), 15)
    assert (found.verdict, found.level_unit, found.stated) == ("behind", "tCO2e", None)


def test_each_level_names_its_versions():
    base, latest = levels("ghg.scope1", y2020="200", y2022="180.00")
    found = only([base, latest])
    assert found.base
    assert found.latest
    assert [(p.id, p.value, p.source) for p in found.base.parts] == [(base.id, 200, "r1")]
    assert [(p.id, p.version, p.period) for p in found.latest.parts] == [(latest.id, 1, "2022")]
    assert str(found.latest.value) == "180.00", "digits as reported"


@pytest.mark.parametrize(
    ("latest", "year", "verdict"),
    [
        ("180", "2022", "on_track"),
        ("180.000001", "2022", "behind"),
        ("250", "2022", "behind"),
        ("100", "2022", "achieved"),
        ("100", "2030", "achieved"),
        ("100.1", "2030", "missed"),
        ("100.1", "2033", "missed"),
    ],
)
def test_the_verdict_compares_with_the_line_and_in_the_end_with_the_target(latest: str, year: str, verdict: str):
    assert only([level("2020", "200"), level(year, latest)]).verdict == verdict


def test_a_level_that_rose_is_negative_progress():
    found = only([level("2020", "200"), level("2021", "210")])
    assert (found.change_pct, found.progress_pct) == (5, -10)


def test_after_the_target_year_the_line_stays_at_the_target():
    assert only([level("2020", "200"), level("2035", "120")]).pathway_level == 100


def test_methods_of_scope_2_are_computed_apart_and_never_mixed():
    held = levels("ghg.scope1", y2020="100", y2022="80")
    held += levels("ghg.scope2.mb", y2020="100", y2022="50")
    held += levels("ghg.scope2.lb", y2020="100", y2022="120")
    found = one(held, scopes=["1", "2"])
    assert [(c.formula, c.scope2_method, c.change_pct) for c in found.computed] == [
        ("ghg.scope1+ghg.scope2.mb", "market", -35),
        ("ghg.scope1+ghg.scope2.lb", "location", 0),
    ]
    assert found.verdict == "depends_on_method"


def test_a_base_by_one_method_and_a_level_by_the_other_give_nothing():
    held = levels("ghg.scope2.mb", y2020="100") + levels("ghg.scope2.lb", y2022="50")
    found = one(held, scopes=["2"])
    assert [c.verdict for c in found.computed] == ["not_computable:no_current", "not_computable:no_base"]
    assert found.verdict == "not_computable:no_current"


def test_a_sum_that_the_company_reports_comes_before_one_of_ours():
    held = levels("ghg.scope1_2.mb", y2020="200", y2022="150") + levels("ghg.scope1", y2020="100", y2022="80")
    held += levels("ghg.scope2.mb", y2020="110", y2022="50")
    assert only(held, scopes=["1", "2"]).formula == "ghg.scope1_2.mb"
    newer = levels("ghg.scope1", y2023="70") + levels("ghg.scope2.mb", y2023="40")
    found = only(held + newer, scopes=["2", "1"])
    assert (found.formula, found.latest and found.latest.value) == ("ghg.scope1+ghg.scope2.mb", 110)


def test_a_sum_needs_each_part_in_the_same_period():
    held = levels("ghg.scope1", y2020="100", y2021="90", y2022="80") + levels("ghg.scope3", y2020="1", y2021="1")
    found = only(held, scopes=["1", "3"])
    assert found.latest
    assert (found.latest.period, [p.metric for p in found.latest.parts]) == ("2021", ["ghg.scope1", "ghg.scope3"])


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"target_kind": None}, "target_kind_not_stated"),
        ({"target_kind": "intensity"}, "intensity_without_denominator"),
        ({"target_kind": "net_zero"}, "net_of_removals"),
        ({"target_kind": "renewable_electricity"}, "not_emissions"),
        ({"scopes": []}, "scopes_not_stated"),
        ({"base_year": None}, "base_year_not_stated"),
        ({"coverage_pct": Decimal(67)}, "coverage"),
    ],
)
def test_what_the_target_leaves_open_is_said(fields: dict[str, Any], reason: str):
    found = one(levels("ghg.scope1", y2020="200", y2022="150"), **fields)
    assert (found.verdict, found.computed) == (f"not_computable:{reason}", [])


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        ([level("2022", "150")], "no_base"),
        ([level("2020", "200")], "no_current"),
        ([level("2020", "200"), level("2019", "210")], "no_current"),
        ([level("2020", None), level("2022", "150")], "undisclosed"),
        ([level("2020", "200"), level("2022", None)], "undisclosed"),
        ([level("2020", "0"), level("2022", "150")], "zero_base"),
        ([level("2020", "-1"), level("2022", "150")], "negative_base"),
        ([level("2020", "200", unit="tCO2"), level("2022", "150")], "unit"),
        ([level("2020", "200", gwp_set="AR4"), level("2022", "150", gwp_set="AR6")], "gwp_set"),
        ([level("2020", "200"), level("FY2022", "150")], "year_type"),
    ],
)
def test_what_the_levels_leave_open_is_said(held: list[Any], reason: str):
    found = one(held)
    assert found.verdict == found.computed[0].verdict == f"not_computable:{reason}"
    assert found.computed[0].change_pct is None


def test_no_levels_and_levels_of_other_lengths_are_told_apart():
    assert one([]).verdict == "not_computable:no_levels"
    assert one([level("2020-01-01--2020-09-30", "5"), level("2021-12-31", "5")]).verdict == (
        "not_computable:period_length"
    )
    assert one([level("2020", "200", segment="Fab 1"), level("2022", "1", gas="CO2")]).verdict == (
        "not_computable:no_levels"
    )


def test_an_undisclosed_newest_level_leaves_the_one_before():
    found = only([level("2020", "200"), level("2021", "190"), level("2022", None)])
    assert found.latest
    assert found.latest.period == "2021"


def test_a_target_without_year_has_numbers_and_no_line():
    found = only(levels("ghg.scope1", y2020="200", y2022="150"), target_year=None)
    assert (found.progress_pct, found.pathway_level) == (50, None)
    assert found.verdict == "not_computable:target_year_not_stated"
    assert only(levels("ghg.scope1", y2020="200", y2022="90"), target_year=None).verdict == "achieved"
    assert only(levels("ghg.scope1", y2020="200", y2022="150"), target_year=2020).verdict == (
        "not_computable:target_year_before_base"
    )


def test_types_of_year_are_not_mixed_and_the_target_chooses():
    held = [level("2020", "200"), level("2022", "150"), level("FY2020", "300"), level("2021-04-01--2022-03-31", "100")]
    for year_type, change in (("calendar", -25), ("financial", Decimal("-66.666667"))):
        assert only(held, year_type=year_type).change_pct == change
    assert only([*held, level("FY2023", "90")]).change_pct == -70, "unsaid: the one that reaches further"


@pytest.mark.parametrize("value", ["0", "-10"])
def test_a_target_that_is_no_reduction_has_no_progress(value: str):
    found = only(levels("ghg.scope1", y2020="200", y2022="190"), value_pct=Decimal(value))
    assert (found.progress_pct, found.verdict) == (None, "achieved")


def test_the_extremes_of_what_the_store_can_hold_are_computed():
    found = only(
        levels("ghg.scope1", y2020="0." + "0" * 29 + "1", y2022="9" * 30), value_pct=Decimal("0." + "0" * 29 + "1")
    )
    assert found.verdict == "behind"


def test_the_newest_claim_since_the_base_year_is_told_and_judged():
    held = levels("ghg.scope1", y2020="200", y2021="190", y2022="150")
    older = claim("-5", period="2021", compared_period="2020")
    newer = claim("-25", period="2022", compared_period="2020")
    other = claim("-9", period="2022", compared_period="2021")
    found = one(held, (newer, older, other))
    assert found.stated
    assert (found.stated.id, found.stated.change_pct, found.stated.verdict) == (newer.id, -25, "match")
    wrong = one(held, (claim("-40", period="2022", compared_period="2020"),)).stated
    assert wrong
    assert wrong.verdict == "mismatch"


def test_a_claim_without_levels_is_told_all_the_same():
    found = one([], (claim("-61", period="2022", compared_period="2020", metric="ghg.scope1_2"),), scopes=["1", "2"])
    assert found.stated
    assert (found.stated.change_pct, found.stated.verdict) == (-61, None)
    assert found.verdict == "not_computable:no_levels"


def test_a_claim_about_something_else_is_not_told():
    segment = claim("-25", period="2022", compared_period="2020", segment="Fab 1")
    scope3 = claim("-25", period="2022", compared_period="2020", metric="ghg.scope3")
    assert one([], (segment, scope3)).stated is None
    assert one([], (claim("-25", compared_period="2020"),), target_kind="intensity").stated is None


def test_no_formula_holds_two_methods():
    for scopes in ("1", "2", "3", "12", "13", "23", "123"):
        for way in formulas(scopes):
            assert len({metric.rpartition(".")[2] for metric in way.metrics} & {"mb", "lb"}) <= 1
            assert {"mb": "market", "lb": "location"}.get(way.id.rpartition(".")[2], way.method) == way.method or (
                way.metrics[-1] == "ghg.scope3"
            )
    assert len(METRICS) == 11
