"""Numbers that can hardly be meant: flagged by what their own file says, and by nothing else."""

from decimal import Decimal
from typing import Any

import pytest

from almanac.importers.plausible import doubts
from tests.publish.build import row


def emission(year: int, value: str | None, **fields: Any) -> Any:
    number = {"missing_reason": "not_disclosed"} if value is None else {"value": Decimal(value)}
    return row("emissions", "s", metric="ghg.scope1", period=str(year), unit="tCO2e", **number, **fields)


def energy(year: int, value: str) -> Any:
    return row("indicators", "s", metric="energy.electricity", period=str(year), unit="MWh", value=Decimal(value))


def test_a_number_a_thousand_times_away_from_its_series_is_flagged():
    rows = [emission(2019, "31000"), emission(2020, "32000000"), emission(2021, "33000"), emission(2022, "32.5")]
    assert doubts(rows) == [[], ["jump_1000"], [], ["jump_1000"]]


def test_999_times_is_no_jump():
    assert doubts([emission(2019, "1"), emission(2020, "999")]) == [[], []]
    assert doubts([emission(2019, "1"), emission(2020, "1000")]) == [["jump_1000"], ["jump_1000"]]


def test_over_1_gt_is_flagged_and_1_gt_is_not():
    assert doubts([emission(2019, "1000000000")]) == [[]]
    assert doubts([emission(2019, "1000000001"), emission(2020, "-2000000000")]) == [["over_1_gt"], ["over_1_gt"]]


def test_both_doubts_stand_together():
    assert doubts([emission(2019, "5"), emission(2020, "6"), emission(2021, "5000000000")])[2] == [
        "over_1_gt",
        "jump_1000",
    ]


@pytest.mark.parametrize(
    "other",
    [{"segment": "Oil"}, {"geography": "Sweden"}, {"gas": "CH4"}, {"boundary": "equity share"}, {"company": "nova"}],
    ids=lambda other: next(iter(other)),
)
def test_another_question_is_another_series(other: dict[str, str]):
    assert doubts([emission(2019, "1"), emission(2020, "5000", **other)]) == [[], []]


def test_indicators_have_jumps_and_no_ceiling():
    assert doubts([energy(2019, "1"), energy(2020, "5000000000")]) == [["jump_1000"], ["jump_1000"]]
    assert doubts([energy(2019, "5000000000")]) == [[]]


def test_zero_and_no_value_are_no_jump():
    assert doubts([emission(2019, "0"), emission(2020, "70000"), emission(2021, None)]) == [[], [], []]
