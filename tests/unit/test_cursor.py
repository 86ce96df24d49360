"""Cursors: every text that the published pattern allows decodes."""

import datetime as dt
import re
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from almanac.cursor import Cursor, decode, encode

PATTERN = get_args(Cursor)[1].pattern


@given(st.from_regex(re.compile(PATTERN, re.ASCII), fullmatch=True))
def test_every_text_of_the_pattern_decodes(text: str):
    place = decode(msgspec.convert(text, Cursor))
    assert place.known_on is None or dt.date.min <= place.known_on <= dt.date.max
    assert min(place.edition, place.anchor) >= 0


@given(
    st.integers(0, 999_999_999),
    st.none() | st.dates(),
    st.integers(0, 999_999_999_999_999),
)
def test_a_place_comes_back(edition: int, known_on: dt.date | None, anchor: int):
    text = msgspec.convert(encode(edition, known_on, anchor), Cursor)
    place = decode(text)
    assert (place.edition, place.known_on, place.anchor) == (edition, known_on, anchor)


@pytest.mark.parametrize("text", ["", "1.2", "1.2.3.4", "-1.2.3", "1.2.x", "1.2.1e3", "1234567890.1.1", "1.2.3 "])
def test_other_texts_do_not_match(text: str):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(text, Cursor)
