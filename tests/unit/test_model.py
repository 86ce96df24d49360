"""Identifiers, periods and numbers of the vocabulary."""

import datetime as dt
import string
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from almanac.model import decimals_of, encode, isin_ok, lei_ok, plain, uuid8, window

LEIS = ["3003004FBGVVG1CW5U45", "HWUPKR0MPOU8FGXBT394", "7LTWFZYICNSX8D621K86", "5493001KJTIIGC8Y1R12"]
ISINS = ["CNE000000TK5", "US0378331005", "DE000BAY0017", "GB0002634946", "AU0000XVGZA3"]


@pytest.mark.parametrize("lei", LEIS)
def test_a_real_lei_holds(lei: str):
    assert lei_ok(lei)


@pytest.mark.parametrize("isin", ISINS)
def test_a_real_isin_holds(isin: str):
    assert isin_ok(isin)


@given(st.sampled_from(LEIS), st.data())
def test_a_lei_with_one_digit_changed_fails(lei: str, data: st.DataObject):
    assert not lei_ok(_mutate(lei, data))


@given(st.sampled_from(ISINS), st.data())
def test_an_isin_with_one_digit_changed_fails(isin: str, data: st.DataObject):
    assert not isin_ok(_mutate(isin, data))


def _mutate(text: str, data: st.DataObject) -> str:
    at = data.draw(st.sampled_from([i for i, c in enumerate(text) if c in string.digits]))
    digit = data.draw(st.sampled_from([c for c in string.digits if c != text[at]]))
    return text[:at] + digit + text[at + 1 :]


@given(st.text(max_size=25))
def test_any_text_has_an_answer(text: str):
    assert lei_ok(text) in (True, False)
    assert isin_ok(text) in (True, False)


@pytest.mark.parametrize("text", [LEIS[0].lower(), LEIS[0] + "\n", " " + LEIS[0], "", LEIS[0][:-1]])
def test_a_lei_in_another_spelling_is_none(text: str):
    assert not lei_ok(text)


@pytest.mark.parametrize(
    ("period", "start", "end", "year"),
    [
        ("2022", "2022-01-01", "2022-12-31", 2022),
        ("2022-04-01--2023-03-31", "2022-04-01", "2023-03-31", 2023),
        ("2022-12-31", "2022-12-31", "2022-12-31", 2022),
    ],
)
def test_a_period_has_days_and_the_year_in_which_it_ends(period: str, start: str, end: str, year: int):
    days = window(period)
    assert (days.start, days.end, days.year) == (dt.date.fromisoformat(start), dt.date.fromisoformat(end), year)


def test_a_financial_year_has_no_days():
    days = window("FY2023")
    assert (days.start, days.end, days.year) == (None, None, 2023)


@pytest.mark.parametrize("period", ["2022-02-30", "2023-01-01--2022-12-31", "2022-13-01", "2022-01-01--2022-06-31"])
def test_a_period_that_cannot_be_is_refused(period: str):
    with pytest.raises(ValueError, match=r"\w"):
        window(period)


@pytest.mark.parametrize(
    ("given_", "served"), [("7.50", "7.50"), ("1E+2", "100"), ("-0.10", "-0.10"), ("9" * 30, "9" * 30), ("0", "0")]
)
def test_digits_are_served_as_given(given_: str, served: str):
    assert encode(plain(Decimal(given_))).decode() == served


@pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+31", "1E-31", "1" * 31])
def test_a_number_that_cannot_be_stored_is_refused(number: str):
    with pytest.raises(ValueError, match="number"):
        plain(Decimal(number))


@given(st.decimals(min_value=-(10**20), max_value=10**20, places=8))
def test_plain_keeps_value_and_decimals(number: Decimal):
    assert plain(number) == number
    assert decimals_of(plain(number)) == decimals_of(number)


@pytest.mark.parametrize(("number", "decimals"), [("7.50", 2), ("7", 0), ("1E+3", 0), ("-0.001", 3)])
def test_decimals_are_the_digits_after_the_point(number: str, decimals: int):
    assert decimals_of(Decimal(number)) == decimals


def test_ids_stay_the_same_for_ever():
    """Ids are public: whoever changes how they are made breaks every link to the service."""
    assert (
        uuid8(["zte", "emissions", "ghg.scope1", "2022", None, None, None, None])
        == "725f4587-94d3-8590-af1d-f618e30f034e"
    )
    assert uuid8(["source", "web_page", "Título", dt.date(2023, 5, 1), True]) == "8303fae9-aa66-857b-bfbd-f362319430d3"


@given(st.lists(st.one_of(st.none(), st.integers(), st.text(), st.booleans())))
def test_ids_are_uuids_of_version_8(parts: list[object]):
    made = uuid8(parts)
    assert made[14] == "8"
    assert made[19] in "89ab"
    assert made != uuid8([*parts, None])
