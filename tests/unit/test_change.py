"""Arithmetic of a change, and what a claim makes of it."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from almanac.change import Change, between, judge, shown
from almanac.model import decimals_of


def change(base: str, current: str) -> Change:
    one, two = Decimal(base), Decimal(current)
    return between(one, decimals_of(one), two, decimals_of(two))


def verdict(claimed: str, base: str, current: str, qualifier: str = "exact", measure: str = "change_pct") -> str:
    value = Decimal(claimed)
    claim = SimpleNamespace(measure=measure, value=value, qualifier=qualifier, decimals=decimals_of(value))
    return judge(claim, change(base, current))


def test_percent_is_of_the_base():
    made = change("200", "150")
    assert (made.percent, made.absolute) == (-25, -50)


def test_a_negative_base_shrinks_when_it_comes_nearer_to_zero():
    assert change("-100", "-50").percent == 50
    assert change("-100", "-150").percent == -50
    assert change("-100", "20").percent == 120


def test_bounds_are_half_a_unit_of_the_last_digit_around_each_level():
    made = change("100", "90.0")
    assert (made.lowest_abs, made.highest_abs) == (Decimal("-10.55"), Decimal("-9.45"))
    assert shown(made.lowest_pct) == Decimal("-10.497512")  # 89.95 / 100.5
    assert shown(made.highest_pct) == Decimal("-9.497487")  # 90.05 / 99.5


@given(
    st.decimals("0.1", 10**9, places=1), st.decimals(-(10**9), 10**9, places=2), st.decimals(-1, 1, places=3),
    st.decimals(-1, 1, places=3),
)  # fmt: skip
def test_levels_within_rounding_give_changes_within_bounds(base: Decimal, current: Decimal, a: Decimal, b: Decimal):
    made = between(base, 1, current, 2)
    true_base, true_current = base + a * Decimal("0.05"), current + b * Decimal("0.005")
    true = (true_current - true_base) / abs(true_base) * 100
    slack = Decimal("1e-9") * (1 + abs(true))
    assert made.lowest_pct - slack <= true <= made.highest_pct + slack
    assert made.lowest_pct <= made.percent <= made.highest_pct
    assert made.lowest_abs <= true_current - true_base <= made.highest_abs


@pytest.mark.parametrize(
    ("claimed", "base", "current", "expected"),
    [
        ("-25", "200", "150", "match"),
        ("-25.00", "200", "150", "match"),
        ("-7.5", "1000", "925.4", "match_within_rounding"),  # -7.46 rounds to -7.5
        ("-7.50", "100000", "92540", "mismatch"),  # -7.46 is not -7.50
        ("-7", "1000.0", "925.0", "match_within_rounding"),  # half way is within
        ("-7", "1000.0", "924.0", "mismatch"),
        ("-10", "10", "9", "match"),
        ("-14", "10", "9", "match_within_rounding"),  # 8.5 / 10.5 is -19, 9.5 / 9.5 is 0
        ("-19", "10", "9", "match_within_rounding"),
        ("-20", "10", "9", "mismatch"),
        ("25", "200", "150", "mismatch"),
        ("0", "200", "200", "match"),
    ],
)
def test_a_claim_matches_exactly_within_rounding_or_not(claimed: str, base: str, current: str, expected: str):
    assert verdict(claimed, base, current) == expected


@pytest.mark.parametrize(
    ("qualifier", "current", "expected"),
    [
        ("exact", "9090.00", "mismatch"),
        ("about", "9090.00", "match_within_rounding"),  # -9.1 is about -10
        ("about", "8890.00", "mismatch"),
        ("more_than", "8900.00", "match"),
        ("more_than", "9000.00", "match_within_rounding"),  # exactly 10 is not more, but 9999.995 may be meant
        ("more_than", "9100.00", "mismatch"),
        ("at_least", "9000.00", "match"),
        ("at_least", "9001.00", "mismatch"),
        ("less_than", "9100.00", "match"),
        ("less_than", "9000.00", "match_within_rounding"),
        ("less_than", "8900.00", "mismatch"),
        ("at_most", "9000.00", "match"),
        ("at_most", "8900.00", "mismatch"),
    ],
)
def test_a_bound_speaks_of_the_size_of_the_reduction(qualifier: str, current: str, expected: str):
    assert verdict("-10", "10000.00", current, qualifier) == expected


@pytest.mark.parametrize(("qualifier", "base", "current"), [("at_least", "10001", "9001"), ("at_most", "9999", "8999")])
def test_a_bound_missed_by_less_than_rounding_holds_within_rounding(qualifier: str, base: str, current: str):
    assert verdict("-10", base, current, qualifier) == "match_within_rounding"
    assert verdict("-10", f"{base}.00", f"{current}.00", qualifier) == "mismatch"


@pytest.mark.parametrize(("qualifier", "expected"), [("more_than", "match"), ("less_than", "mismatch")])
def test_a_bound_on_an_increase_speaks_of_the_increase(qualifier: str, expected: str):
    assert verdict("10", "10000.00", "11500.00", qualifier) == expected
    assert verdict("10", "10000.00", "8000.00", "more_than") == "mismatch"


def test_an_absolute_claim_is_compared_with_the_difference():
    assert verdict("-50", "200", "150", measure="change_abs") == "match"
    assert verdict("-51", "200", "150", measure="change_abs") == "match_within_rounding"
    assert verdict("-53", "200", "150", measure="change_abs") == "mismatch"


def test_points_are_the_difference_of_two_percentages():
    assert verdict("-2.5", "40.0", "37.5", measure="change_pp") == "match"
    assert verdict("-6.25", "40.0", "37.5", measure="change_pp") == "mismatch"


def test_a_percentage_is_shown_to_six_digits():
    assert str(shown(change("3", "1").percent)) == "-66.666667"
