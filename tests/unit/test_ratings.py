"""Grades of CDP: two scales that follow each other, one order."""

import msgspec
import pytest

from almanac.kinds import ratings

KIND = ratings.KIND


def rated(grade: str, year: int, scheme: str = "cdp") -> ratings.Rating:
    values = KIND.complete({"scheme": scheme, "programme": "climate", "year": year, "grade": grade})
    return msgspec.convert(values, ratings.Rating)


def test_the_band_e_stands_below_d_and_above_f():
    ranks = [rated(grade, 2012).grade_rank for grade in ("A", "D", "E", "F")]
    assert ranks == sorted(set(ranks))
    assert rated("E", 2012).band is None


def test_the_band_e_ended_with_2015():
    assert rated("E", 2015).grade == "E"
    with pytest.raises(ValueError, match="E until 2015 only"):
        rated("E", 2016)


def test_cdp_has_no_other_grade():
    with pytest.raises(ValueError, match="until 2015 also E"):
        rated("G", 2012)
    assert rated("G", 2012, "tpi").grade_rank is None
