"""Claimed beside computed: pairing, bases, and why a number is missing."""

from decimal import Decimal
from typing import Any

import pytest

from almanac.deltas import Delta, deltas
from tests.unit.levels import claim, indicator, level


def one(levels: list[Any], claims: list[Any]) -> Delta:
    (found,) = deltas(levels, claims)
    return found


def verdicts(delta: Delta) -> list[str]:
    assert [computed.basis for computed in delta.computed] == ["as_first_published", "as_restated"]
    return [computed.verdict for computed in delta.computed]


def test_a_claim_that_the_levels_bear_out_matches_on_both_bases():
    found = one([level("2021", "200"), level("2022", "150")], [claim("-25")])
    assert found.verdict == "match"
    assert verdicts(found) == ["match", "match"]
    assert found.computed[0].change_pct == -25
    assert found.computed[0].change_abs == -50
    assert found.level_unit == "tCO2e"


def test_each_computed_number_names_its_two_versions():
    base, current = level("2021", "200"), level("2022", "150")
    found = one([base, current], [claim("-25")])
    newest = found.computed[1]
    assert newest.base
    assert newest.current
    assert (newest.base.id, newest.current.id) == (base.id, current.id)
    assert (newest.base.value, newest.current.value) == (200, 150)


@pytest.mark.parametrize(
    ("claimed", "bases"), [("-25", ["match", "mismatch"]), ("-40.0", ["mismatch", "match"]), ("-3", ["mismatch"] * 2)]
)
def test_a_company_that_restates_is_right_on_one_base(claimed: str, bases: list[str]):
    """2021 was 200.0, and since the report of 2023 it is 250.0: both -25 % and -40 % are true of something."""
    levels = [
        level("2021", "200.0", "r2021", "2022-05-01"),
        level("2021", "250.0", "r2022", "2023-05-01", op="restate"),
        level("2022", "150.0", "r2022", "2023-05-01"),
    ]
    found = one(levels, [claim(claimed, source="r2022")])
    assert verdicts(found) == bases
    assert found.verdict == ("match" if "match" in bases else "mismatch")


def test_our_own_correction_does_not_count_as_a_restatement():
    levels = [
        level("2021", "20", "r2021", "2022-05-01"),
        level("2021", "200", "r2021", "2022-05-01", op="correct"),
        level("2022", "150", "r2022", "2023-05-01"),
    ]
    assert verdicts(one(levels, [claim("-25")])) == ["match", "match"]


def test_an_older_document_loaded_late_becomes_the_first_publication():
    levels = [
        level("2021", "250", "r2022", "2023-05-01"),
        level("2021", "200", "r2021", "2022-05-01", op="backfill"),
        level("2022", "150", "r2022", "2023-05-01"),
    ]
    assert verdicts(one(levels, [claim("-25")])) == ["match", "mismatch"]


@pytest.mark.parametrize(
    ("levels", "reason"),
    [
        ([], "no_levels"),
        ([level("2022", "150")], "no_base"),
        ([level("2021", "200")], "no_current"),
        ([level("2021", None), level("2022", "150")], "undisclosed"),
        ([level("2021", "200"), level("2022", None)], "undisclosed"),
        ([level("2021", "0"), level("2022", "150")], "zero_base"),
    ],
)
def test_what_cannot_be_computed_says_why(levels: list[Any], reason: str):
    found = one(levels, [claim("-25")])
    assert found.verdict == f"not_computable:{reason}"
    assert all(computed.change_pct is None for computed in found.computed)
    assert found.claim.value == -25, "the claim is served all the same"


@pytest.mark.parametrize(
    ("base", "current", "claimed", "reason"),
    [
        (level("2021", "200", gwp_set="AR4"), level("2022", "150", gwp_set="AR5"), claim("-25"), "gwp_set"),
        (level("2021", "200", unit="tCO2"), level("2022", "150"), claim("-25"), "unit"),
        (level("2021", "200"), level("2022", "150"), claim("-50", "change_abs", unit="ktCO2e"), "unit"),
    ],
)
def test_what_cannot_be_compared_says_why(base: Any, current: Any, claimed: Any, reason: str):
    found = one([base, current], [claimed])
    assert found.verdict == f"not_comparable:{reason}"
    assert all(computed.change_abs is None for computed in found.computed)


def test_periods_of_other_lengths_are_not_compared():
    nine_months = "2022-04-01--2022-12-31"
    found = one(
        [level("2021", "200"), level(nine_months, "150")],
        [claim("-25", period=nine_months, compared_period="2021")],
    )
    assert found.verdict == "not_comparable:period_length"


def test_a_gwp_set_that_one_side_does_not_state_is_no_obstacle():
    found = one([level("2021", "200", gwp_set="AR4"), level("2022", "150")], [claim("-25")])
    assert found.verdict == "match"


def test_leap_years_and_financial_years_last_twelve_months():
    periods = ("2023-04-01--2024-03-31", "2022-04-01--2023-03-31")
    found = one(
        [level(periods[0], "150"), level(periods[1], "200")],
        [claim("-25", period=periods[0], compared_period=periods[1])],
    )
    assert found.verdict == "match"


def test_financial_years_are_paired_without_a_claim():
    found = one([level("FY2022", "200"), level("FY2023", "150"), level("2022", "1")], [])
    assert (found.period, found.compared_period, found.verdict) == ("FY2023", "FY2022", "unclaimed")
    assert found.computed[1].change_pct == -25


def test_a_level_without_one_a_year_before_has_no_delta():
    assert deltas([level("2022", "150"), level("2020", "200")], []) == []


def test_a_claimed_pair_is_not_told_twice():
    found = deltas([level("2020", "210"), level("2021", "200"), level("2022", "150")], [claim("-25")])
    assert sorted((one.period, one.verdict) for one in found) == [("2021", "unclaimed"), ("2022", "match")]


def test_a_segment_is_compared_with_itself():
    levels = [
        level("2021", "9"),
        level("2022", "9"),
        level("2021", "200", segment="Fab 1"),
        level("2022", "150", segment="Fab 1"),
    ]
    found = {one.segment: one for one in deltas(levels, [claim("-25", segment="Fab 1")])}
    assert found["Fab 1"].verdict == "match"
    assert found[None].verdict == "unclaimed"


def test_scope_2_methods_and_gases_are_never_paired_with_each_other():
    levels = [level("2021", "200", metric="ghg.scope2.lb"), level("2022", "150", metric="ghg.scope2.mb")]
    levels += [level("2021", "1", gas="CO2"), level("2022", "1", gas="CH4")]
    assert deltas(levels, []) == []


def test_a_withdrawn_level_is_gone_on_the_restated_base_only():
    gone = level("2021", "200", "r2", "2023-05-01", op="withdraw")
    found = one([level("2021", "200", "r1", "2022-05-01"), gone, level("2022", "150")], [claim("-25")])
    assert verdicts(found) == ["match", "not_computable:no_base"]


def test_a_withdrawn_claim_is_gone():
    withdrawn = claim("-25", source="r2", known_from="2024-05-01", op="withdraw")
    assert deltas([level("2022", "150")], [claim("-25"), withdrawn]) == []


def test_a_restated_claim_replaces_the_first():
    later = claim("-30", source="r2", known_from="2024-05-01", op="restate")
    found = one([level("2021", "200"), level("2022", "150")], [claim("-25"), later])
    assert (found.claim.value, found.verdict) == (-30, "mismatch")


def test_indicators_bear_out_claims_but_make_no_delta_of_their_own():
    levels = [indicator("2021", "200"), indicator("2022", "150")]
    assert deltas(levels, []) == []
    found = one(levels, [claim("-25", metric="energy.electricity")])
    assert (found.verdict, found.level_unit) == ("match", "MWh")


def test_bounds_are_given_beside_the_number():
    newest = one([level("2021", "200"), level("2022", "150")], []).computed[1]
    assert newest.lowest_pct
    assert newest.highest_pct
    assert newest.lowest_pct < Decimal(-25) < newest.highest_pct
