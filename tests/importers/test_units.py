"""Units are converted exactly within one quantity, and refused where they could mean two things."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from almanac.importers.cells import Unreadable
from almanac.importers.units import number, to_base, unit


@pytest.mark.parametrize(
    ("spelling", "value", "expected", "base", "gas"),
    [
        ("t CO2e", "5865.8", "5865.8", "tCO2e", None),
        ("kt CO2e", "5865.8", "5865800", "tCO2e", None),
        ("kt CO2e", "7.50", "7500", "tCO2e", None),
        ("Mt CO2e", "8.02879152463168", "8028791.52463168", "tCO2e", None),
        ("Millions t CO2e", "1.2", "1200000", "tCO2e", None),
        ("thousand tonnes CO2-eq", "3", "3000", "tCO2e", None),
        ("kilotonnes of CO2 equivalent", "3", "3000", "tCO2e", None),
        ("kg CO₂e", "1500", "1.500", "tCO2e", None),
        ("lb CO2e", "1", "0.00045359237", "tCO2e", None),
        ("million t-CO2", "2.48", "2480000", "tCO2e", "CO2"),
        ("Metric Tons CO2-e", "26594", "26594", "tCO2e", None),
        ("t CH4", "2", "2", "tCH4", "CH4"),
        ("kWh", "1500", "1.500", "MWh", None),
        ("GWh", "81670.056", "81670056", "MWh", None),
        ("Twh", "1.5", "1500000", "MWh", None),
        ("GJ", "36", "10", "MWh", None),
        ("PJ", "1.8", "500000", "MWh", None),
    ],
)
def test_a_unit_becomes_the_base_unit(spelling: str, value: str, expected: str, base: str, gas: str | None):
    found = unit(spelling)
    assert (str(to_base(Decimal(value), found)), found.base, found.gas) == (expected, base, gas)


@pytest.mark.parametrize(
    ("spelling", "why"),
    [
        ("MT CO2e", "megatonnes and as metric tonnes"),
        ("mtCO2e", "megatonnes and as metric tonnes"),
        ("tons CO2e", "no unit of mass"),
        ("t CO2e/MWh", "a ratio"),
        ("tCO2e per employee", "a ratio"),
        ("MMscf CH4", "no unit of mass"),
        ("boe", "no unit"),
        ("t Steel", "no unit"),
        ("", "no unit"),
    ],
)
def test_what_is_not_one_unit_is_refused(spelling: str, why: str):
    with pytest.raises(Unreadable, match=why):
        unit(spelling)


def test_a_publisher_may_say_what_an_ambiguous_unit_means():
    assert to_base(Decimal(5), unit("MT CO2e", {"MT CO2e": "t CO2e"})) == 5


def test_a_result_without_an_end_is_refused_and_not_rounded():
    with pytest.raises(Unreadable, match="no exact decimal number of MWh"):
        to_base(Decimal(1), unit("GJ"))


@given(st.decimals(min_value=0, max_value=10**12, places=9))
def test_powers_of_ten_are_exact_and_invent_no_decimals(value: Decimal):
    found = to_base(value, unit("kt CO2e"))
    assert found == value * 1000
    assert max(0, -int(found.as_tuple().exponent)) == 6


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (70457.0, "70457"),
        (5865.8, "5865.8"),
        (0.0, "0"),
        ("4612.0", "4612"),
        ("1.50", "1.50"),
        (" 1,234,567.8 ", "1234567.8"),
        ("-516000", "-516000"),
    ],
)
def test_a_number_keeps_the_digits_that_were_reported(cell: object, expected: str):
    assert str(number(cell)) == expected


@pytest.mark.parametrize(
    "cell", ["x", "N/A", "--", "#VALUE!", "0,3346%", "2,5", "$736 ", True, "576.6 + 301000", "nan"]
)
def test_what_is_no_number_is_refused(cell: object):
    with pytest.raises(Unreadable, match="no number"):
        number(cell)


@pytest.mark.parametrize("cell", ["https://example.org/report.pdf", "2020_EEI.xlsx"])
def test_a_document_is_named_for_what_it_is(cell: str):
    with pytest.raises(Unreadable, match="place of a document"):
        number(cell)
