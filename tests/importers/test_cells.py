"""Cells in every spelling that registers used: blanks, dates, years, words, identifiers."""

import datetime as dt

import pytest

from almanac.importers import cells
from almanac.importers.cells import TargetYear, Unreadable
from almanac.importers.countries import country_code
from almanac.importers.sbti_profiles import COMPANY_2025
from tests.importers.workbook import moment

PARSE = {column.field: column.parse for column in COMPANY_2025.columns}


@pytest.mark.parametrize(
    "cell", ["", "NA", "N/A", "n/a", "na", "null", "None", ".", "not available", "Not applicable", "  ", "\u200bNULL\n"]
)
def test_blank_spellings(cell: str):
    assert cells.is_blank(cell)


@pytest.mark.parametrize("cell", ["0", 0, 0.0, False, "NATO", "-", "nah"])
def test_what_is_not_blank(cell: object):
    assert not cells.is_blank(cell)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (moment(2024, 5, 16, 1), "2024-05-16"),
        (moment(2020, 8, 31, 23), "2020-09-01"),
        (dt.date(2024, 5, 16), "2024-05-16"),
        (45428.0417, "2024-05-16"),
        (45428, "2024-05-16"),
        ("2024-05-16", "2024-05-16"),
        ("2020-08-31 23:00:00", "2020-09-01"),
        ("16/05/2024", "2024-05-16"),
        ("Nov 2019", "2019-11"),
        ("November 2019", "2019-11"),
    ],
)
def test_days(cell: object, day: str):
    assert cells.day(cell) == day


@pytest.mark.parametrize("cell", ["31/02/2024", "soon", 12.0, True, "05/16/2024", "2024-13-01", "Foo 2019"])
def test_what_is_no_day(cell: object):
    with pytest.raises(Unreadable):
        cells.day(cell)


@pytest.mark.parametrize(
    ("cell", "year"),
    [
        (2030.0, TargetYear(2030)),
        (2030, TargetYear(2030)),
        ("2030", TargetYear(2030)),
        ("2030.0", TargetYear(2030)),
        ("FY2030", TargetYear(2030, "financial")),
        ("fy 2030", TargetYear(2030, "financial")),
        ("2030, 2025", TargetYear(None)),
        ("FY2030, FY2030", TargetYear(2030, "financial")),
    ],
)
def test_target_years(cell: object, year: TargetYear):
    assert cells.target_year(cell) == year


@pytest.mark.parametrize("cell", ["20300", "by 2030", 203.0, 2030.5, "3030", True, dt.date(2030, 1, 1), "twenty"])
def test_what_is_no_target_year(cell: object):
    with pytest.raises(Unreadable):
        cells.target_year(cell)


@pytest.mark.parametrize(
    ("cell", "ambition"),
    [
        ("1.5°C", "1.5C"),
        ("1.5C", "1.5C"),
        ("Well-below 2°C", "well_below_2C"),
        ("well below 2C ", "well_below_2C"),
        ("2°C ", "2C"),
        ("1.5°C/Well-below 2°C", "well_below_2C"),
        ("Well-below 2°C/2°C", "2C"),
        ("1.5°C/1.5°C", "1.5C"),
    ],
)
def test_of_several_ambitions_the_weakest_counts(cell: str, ambition: str):
    assert PARSE["near_term_ambition"](cell) == ambition


@pytest.mark.parametrize("cell", ["3°C", "1.5°C/", "yes", 2.5])
def test_what_is_no_ambition(cell: object):
    with pytest.raises(Unreadable, match="none of"):
        PARSE["near_term_ambition"](cell)


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ("Targets set", "targets_set"),
        ("Targets Set", "targets_set"),
        ("Committed", "committed"),
        ("Commitment removed", "removed"),
        ("Removed", "removed"),
        ("extended", "extended"),
    ],
)
def test_statuses_in_old_and_new_words(cell: str, status: str):
    assert PARSE["near_term_status"](cell) == status


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("us0378331005", "US0378331005"),
        ("GB00B19NLV48_x000D_", "GB00B19NLV48"),
        ("NO0010310956]", "NO0010310956"),
        ("US 0378331005", "US0378331005"),
        (913100000000000000.0, "913100000000000000"),
    ],
)
def test_identifiers_are_freed_from_junk(cell: object, value: str):
    assert cells.identifier(cell) == value


@pytest.mark.parametrize(
    ("cell", "number"), [(40006632.0, "40006632"), ("4.0006632E7", "40006632"), ("40006632", "40006632")]
)
def test_register_numbers(cell: object, number: str):
    assert cells.register_number(cell) == number


@pytest.mark.parametrize("cell", ["A-1", 0.5, -1, 0, True, 1e20, "nan"])
def test_what_is_no_register_number(cell: object):
    with pytest.raises(Unreadable):
        cells.register_number(cell)


def test_text_is_folded_to_one_line():
    assert cells.text(40)(" Net\u00a0zero\r\nby _x000D_ 2050\u200b\x00 ") == "Net zero by 2050"


def test_text_that_is_too_long_is_unreadable():
    with pytest.raises(Unreadable, match="has 41 characters"):
        cells.text(40)("x" * 41)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("United Kingdom (UK)", "GB"),
        ("United States of\u00a0America", "US"),
        ("Korea, Republic of", "KR"),
        ("Türkiye", "TR"),
        ("TURKEY", "TR"),
        ("Hong Kong, China", "HK"),
        ("Taiwan, Province of China", "TW"),
        ("Bosnia-Herzegovina", "BA"),
        ("Namibia", "NA"),
        ("Korea", "KR"),
        ("Netherlands, Kingdom of the", "NL"),
        ("The Gambia", "GM"),
        ("Gambia (the)", "GM"),
        ("Atlantis", None),
    ],
)
def test_countries(name: str, code: str | None):
    assert country_code(name) == code
