"""Cells of a mapped table into what a field holds: text, numbers, dates, periods and lists. Pure."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal, Inexact
from fractions import Fraction
from typing import Any

import msgspec

from almanac.importers import cells, units
from almanac.importers.cells import Unreadable, fold_space
from almanac.importers.lines import Line
from almanac.importers.mapped_terms import Given, Layout

_ERROR = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")
_CJK_DAY = re.compile(r"(\d{4})[年/.-](\d{1,2})[月/.-](\d{1,2})日?")
_LONGEST_NUMBER = 60
_HUGE = re.compile(r"e[+-]?\d{3}", re.IGNORECASE)
_YEAR = re.compile(r"(FY)?(\d{4})(?:\.0+)?年?度?")

SHAPES = frozenset({"number", "integer", "date", "bool", "list"})
"""Shapes whose cells are text that is read as something else."""


class Unplaceable(Unreadable):
    """A cell that is not what its field holds, with its column."""

    def __init__(self, column: str, why: str, value: object = None) -> None:
        super().__init__(why)
        self.column, self.value = column, value


def value(line: Line, given: Given, wanted: str, layout: Layout) -> Any | None:
    """What a field is given for a row: read from its column, or the constant. Errors: Unplaceable."""
    if given.column is None:
        constant = given.constant
        return constant.isoformat() if isinstance(constant, dt.date) else constant
    cell = line.entry.cells[given.column]
    try:
        text = words_of(cell, layout)
        found = None if text is None or text in given.missing else read(text, given, wanted, layout)
    except Unreadable as error:
        raise Unplaceable(given.column, str(error), cell) from error
    if found is not None or given.default is None:
        return found
    return given.default.isoformat() if isinstance(given.default, dt.date) else given.default


def shape(wanted: Any) -> str:
    """What a field of this type is read as: one of SHAPES, or text."""
    info = msgspec.inspect.type_info(wanted)
    while isinstance(info, msgspec.inspect.Metadata):
        info = info.type
    parts = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    names: dict[type, str] = {
        msgspec.inspect.DecimalType: "number",
        msgspec.inspect.IntType: "integer",
        msgspec.inspect.DateType: "date",
        msgspec.inspect.BoolType: "bool",
        msgspec.inspect.ListType: "list",
    }
    plain = (one.type if isinstance(one, msgspec.inspect.Metadata) else one for one in parts)
    return next((names[type(one)] for one in plain if type(one) in names), "text")


def words_of(cell: object, layout: Layout) -> str | None:
    """The cell as text on one line; None if it is blank. Errors: Unreadable for an error of the spreadsheet."""
    if cell is None or cell == "":
        return None
    text = format(cell, "f") if isinstance(cell, Decimal) else fold_space(str(cell))
    if text[:1] == "#" and _ERROR.fullmatch(text):
        raise Unreadable("is an error of the spreadsheet")
    return None if cells.is_blank(text) or text in layout.blanks else text


def read(text: str, given: Given, wanted: str, layout: Layout) -> Any | None:
    """What a cell says for its field; None for a word that states nothing. Errors: Unreadable."""
    found = _meant(text, given)
    if not found:
        return None
    if wanted == "list":
        return [one.strip() for one in found.split(given.split)] if given.split else [found]
    if wanted == "number":
        return _times(number(found, layout), given.times)
    if wanted == "date":
        return day(found, given.format)
    return _PLAIN[wanted](found)


def _times(found: Decimal, times: Decimal) -> Decimal:
    """The product with no decimals that the source did not give."""
    if times == 1:
        return found
    try:
        return units.to_base(found, units.Unit(base="number", factor=Fraction(times)))
    except Inexact as error:
        raise Unreadable("has too many digits") from error


def _meant(text: str, given: Given) -> str:
    """The part of a cell that counts, in the vocabulary of its field."""
    if given.pattern is not None:
        match = re.search(given.pattern, text)
        if match is None or match[1] is None:
            raise Unreadable(f"does not fit the pattern {given.pattern}")
        text = match[1]
    if given.words is not None:
        if text not in given.words:
            raise Unreadable(f"is none of: {', '.join(given.words)}")
        text = given.words[text]
    return given.template.replace("{}", text) if given.template is not None and text else text


def number(text: str, layout: Layout) -> Decimal:
    """A number with its digits, also in full width; a per cent sign goes. Errors: Unreadable."""
    found = text if text.isascii() else unicodedata.normalize("NFKC", text).replace("\u2212", "-")
    found = found.removesuffix("%").strip()
    if len(found) > _LONGEST_NUMBER or _HUGE.search(found):
        raise Unreadable("is no number that anybody reports")
    if layout.decimal == ",":
        if not re.fullmatch(r"[+-]?(\d+|\d{1,3}([. ]\d{3})+)(,\d+)?", found):
            raise Unreadable("is no number with a decimal comma")
        found = re.sub(r"[. ]", "", found).replace(",", ".")
    return units.number(found)


def period(text: str) -> str:
    """A year as `2022`, `2022.0`, `FY2022` or `2022年`, or days as the batch format has them."""
    match = _YEAR.fullmatch(unicodedata.normalize("NFKC", text))
    return f"{match[1] or ''}{match[2]}" if match else text


def whole(text: str) -> int:
    """A whole number, also as `2030.0` or `2030年`. Errors: Unreadable."""
    found = units.number(unicodedata.normalize("NFKC", text).removesuffix("年"))
    return int(found) if found == int(found) else _refuse("is no whole number")


def day(text: str, pattern: str | None) -> str:
    """An ISO date, by a strptime pattern if one is given. Errors: Unreadable; also where only the month is known."""
    plain = unicodedata.normalize("NFKC", text)
    try:
        if pattern is not None:
            return dt.datetime.strptime(plain, pattern).date().isoformat()  # noqa: DTZ007 - a day has no zone
        if match := _CJK_DAY.fullmatch(plain):
            return dt.date(int(match[1]), int(match[2]), int(match[3])).isoformat()
    except ValueError:
        raise Unreadable("is no date of the calendar") from None
    found = cells.day(plain)
    return found if len(found) == len("2022-12-31") else _refuse("is no day")


def _refuse(why: str) -> Any:
    raise Unreadable(why)


_PLAIN: dict[str, Callable[[str], Any]] = {"text": str, "integer": whole, "period": period, "bool": str.casefold}
