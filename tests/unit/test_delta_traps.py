"""What once gave a wrong verdict, or none at all."""

import datetime as dt

import pytest

from almanac.deltas import deltas
from tests.unit.levels import claim, indicator, level


def verdict(levels: list, claims: list) -> str:
    (found,) = deltas(levels, claims)
    return found.verdict


def test_points_are_not_compared_with_tonnes():
    assert verdict([level("2021", "100"), level("2022", "93")], [claim("-7", "change_pp")]) == "not_comparable:unit"


def test_a_bound_is_no_level_to_compute_from():
    levels = [level("2021", "100", qualifier="more_than"), level("2022", "50")]
    assert verdict(levels, [claim("-50")]) == "not_comparable:qualifier"


def test_about_is_still_a_level():
    levels = [level("2021", "100", qualifier="about"), level("2022", "50")]
    assert verdict(levels, [claim("-50")]) == "match"


def test_an_answer_that_its_source_took_back_is_no_first_answer():
    levels = [
        level("2021", "100", source="r1", known_from="2022-01-01"),
        level("2021", "100", source="r1", known_from="2022-01-01", op="withdraw"),
        level("2021", "90", source="r2", known_from="2023-01-01"),
        level("2022", "45"),
    ]
    (found,) = deltas(levels, [claim("-50")])
    assert [computed.base.value for computed in found.computed if computed.base] == [90, 90]


def test_numbers_of_every_size_have_a_change():
    (found,) = deltas([level("2021", "0." + "0" * 23 + "1"), level("2022", "1" + "0" * 27)], [])
    assert found.computed[1].change_pct is not None
    assert found.computed[1].change_pct > 10**50


def test_levels_of_two_kinds_are_two_series():
    (found,) = deltas([level("2021", "10"), level("2022", "5"), indicator("2021", "7", metric="ghg.scope1")], [])
    assert found.computed[1].change_pct == -50


@pytest.mark.parametrize("periods", [("2020-04-01--2021-03-31", "2020-07-01--2021-06-30")])
def test_of_two_bases_of_one_year_the_later_one_is_taken_once(periods: tuple[str, str]):
    current = "2021-07-01--2022-06-30"
    levels = [level(period, "10") for period in periods] + [level(current, "5")]
    said = claim("-50", period=current, compared_period=periods[1])
    assert len(deltas(levels, [said])) == 1, "the claim takes the base, and no unclaimed delta is left"
    (unclaimed,) = deltas(levels, [])
    assert unclaimed.compared_period == periods[1]
    assert unclaimed.computed[0].base
    assert unclaimed.computed[0].base.known_from == dt.date(2023, 5, 1)
