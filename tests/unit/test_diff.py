"""Field by field difference of two encoded versions."""

from typing import Any

from almanac.diff import diff
from almanac.model import encode
from tests.unit.levels import BY_NAME, level


def differing(old: Any, new: Any) -> dict[str, tuple[str, str]]:
    found = diff(encode(old), encode(new), BY_NAME)
    return {one.field: (bytes(one.old).decode(), bytes(one.new).decode()) for one in found}


def test_nothing_differs_from_itself():
    one = level("2022", "150")
    assert differing(one, one) == {}


def test_digits_are_kept():
    assert differing(level("2022", "7.50"), level("2022", "7.5")) == {"value": ("7.50", "7.5"), "decimals": ("2", "1")}


def test_a_value_that_comes_and_a_reason_that_goes_are_null():
    found = differing(level("2022", None), level("2022", "0"))
    assert found["value"] == ("null", "0")
    assert found["missing_reason"] == ('"not_disclosed"', "null")


def test_fields_come_in_the_order_of_the_kind():
    old = level("2022", "1", unit="tCO2e", basis="reported")
    new = level("2022", "2.0", unit="tCO2", basis="restated", known_from="2024-01-01", gwp_set="AR5")
    assert list(differing(old, new)) == ["known_from", "value", "unit", "decimals", "basis", "gwp_set"]


def test_the_header_is_not_compared():
    old, new = level("2022", "150", "r1"), level("2022", "150", "r2", op="restate")
    assert differing(old, new) == {}
