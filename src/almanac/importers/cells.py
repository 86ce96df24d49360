"""Reading single cells. Every parser takes a cell that is not blank, and raises Unreadable with the reason in plain words."""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from msgspec import Struct

from almanac.importers.sheets import Cell
from almanac.model import plain

_BLANK = frozenset({"", "na", "n/a", "null", "none", ".", "not available", "not applicable"})
_BLANK_LONGEST = 40
# Excel writes some control characters as _x000D_; a no-break space is a space; a zero-width one is nothing.
_JUNK = re.compile(r"_x00[0-9A-Fa-f]{2}_|[\u200b-\u200f\u2060\ufeff]")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f\x80-\x9f]+")
_MONTHS = {
    name: n
    for n, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)
}
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - day 0 of Excel's calendar, which knows no zone


class Unreadable(ValueError):
    """A cell that cannot be what its column holds."""


class TargetYear(Struct, frozen=True):
    """A year aimed at; `year` is None where the cell names several."""

    year: int | None
    type: Literal["financial"] | None = None

    def __str__(self) -> str:
        return str(self.year)


def is_blank(cell: Cell) -> bool:
    """Whether a cell says that there is nothing to say, in one of the spellings of the registers."""
    return isinstance(cell, str) and len(cell) < _BLANK_LONGEST and fold_space(cell).casefold() in _BLANK


def fold_space(text: str) -> str:
    """Text on one line: runs of white space and control characters are one space, invisible characters go."""
    if text.isprintable() and "  " not in text and "_x00" not in text:
        return text.strip()  # most texts: nothing printable is white space but the space, or invisible
    return _SPACE.sub(" ", _JUNK.sub("", text)).strip()


def text(longest: int) -> Any:
    """Parser of free text on one line. Errors: Unreadable if longer than `longest` characters."""

    def parse(cell: Cell) -> str:
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        found = fold_space(str(cell))
        if len(found) > longest:
            raise Unreadable(f"has {len(found)} characters; at most {longest} are kept")
        return found

    return parse


def word(vocabulary: Mapping[str, str | None]) -> Any:
    """Parser of one word of a vocabulary, whatever its case, spaces and degree signs; None is a word that states nothing."""
    by_word = {_squeeze(key): value for key, value in vocabulary.items()}

    def parse(cell: Cell) -> str | None:
        squeezed = _squeeze(str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell))
        if squeezed not in by_word:
            raise Unreadable(f"is none of: {', '.join(vocabulary)}")
        return by_word[squeezed]

    return parse


def weakest(scale: tuple[tuple[str, str], ...]) -> Any:
    """Parser of one or several words of a scale, strongest first: of several, the weakest, which all of them reach."""
    ranks = {_squeeze(key): rank for rank, (key, _) in enumerate(scale)}

    def parse(cell: Cell) -> str:
        found = [ranks.get(_squeeze(part), -1) for part in str(cell).split("/")]
        if min(found) < 0:
            raise Unreadable(f"is none of: {', '.join(key for key, _ in scale)}, nor several of them with / between")
        return scale[max(found)][1]

    return parse


def identifier(cell: Cell) -> str:
    """An identifier without spaces and in capitals, freed from spreadsheet junk; its check digits are not judged here."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if not isinstance(cell, str | int) or isinstance(cell, bool):
        raise Unreadable("is no identifier")
    found = re.sub(r"[\s\[\]();,.'\"]", "", fold_space(str(cell))).upper()
    if not found or len(found) > 80:
        raise Unreadable("is no identifier")
    return found


def register_number(cell: Cell) -> str:
    """A whole positive number as digits; spreadsheets hand it over as a float or in scientific notation."""
    try:
        number = float(cell) if isinstance(cell, int | float | str) and not isinstance(cell, bool) else 0.0
    except ValueError:
        number = 0.0
    if not (1 <= number < 1e15 and number.is_integer()):
        raise Unreadable("is no whole number")
    return str(int(number))


def target_year(cell: Cell) -> TargetYear:
    """A year as 2030, 2030.0 or FY2030; of several (`2030, 2025`, `FY2030/31`) none is chosen."""
    if isinstance(cell, str):
        written = re.sub(r"(?<!\d)(\d\d)(\d\d)/(\d\d)(?!\d)", r"\1\2/\1\3", cell)
        years = re.findall(r"(?<!\d)(\d{4})(?:\.0+)?(?!\d)", written)
        rest = re.sub(r"(?<!\d)\d{4}(\.0+)?(?!\d)", "", written)
        if not years or re.sub(r"[\s,;/&.']|F+Y|and", "", rest, flags=re.IGNORECASE):
            raise Unreadable("is no year")
    elif isinstance(cell, int | float) and not isinstance(cell, bool) and float(cell).is_integer():
        years = [str(int(cell))]
    else:
        raise Unreadable("is no year")
    if not all(1990 <= int(year) <= 2150 for year in years):
        raise Unreadable("is no year between 1990 and 2150")
    financial = isinstance(cell, str) and "FY" in cell.upper()
    return TargetYear(int(years[0]) if len(set(years)) == 1 else None, "financial" if financial else None)


def day(cell: Cell) -> str:
    """An ISO date as precise as given (2024-05-16, 2019-11), from dates, serial numbers and text (dd/mm/yyyy, Nov 2019).

    Registers shift midnight to 01:00 in summer, or to 23:00 of the day before.
    """
    if isinstance(cell, str):
        return _written_day(fold_space(cell))
    if isinstance(cell, int | float) and not isinstance(cell, bool) and 20_000 <= cell < 80_000:
        cell = _EPOCH + dt.timedelta(days=float(cell))
    if isinstance(cell, dt.datetime):
        return _shifted(cell)
    if isinstance(cell, dt.date):
        return cell.isoformat()
    raise Unreadable("is no date")


def month(cell: Cell) -> str:
    """A date of which only the month means anything, as 2024-04."""
    return day(cell)[:7]


def share(cell: Cell) -> Decimal:
    """Per cent as `45%`, `45.00 %`, 45, or as the share 0.45 that a spreadsheet shows as 45 %: up to 1 is a share."""
    written = fold_space(str(cell))
    match = re.fullmatch(r"(\d{1,4}(?:[.,]\d{1,15})?)\s?(%?)", written)
    if match is None or isinstance(cell, bool):
        raise Unreadable("is no percentage")
    number = Decimal(match[1].replace(",", "."))
    return plain(number * 100 if not match[2] and number <= 1 else number)


def _shifted(moment: dt.datetime) -> str:
    return (moment + dt.timedelta(hours=1)).date().isoformat()


def _written_day(found: str) -> str:
    try:
        if re.match(r"\d{4}-\d\d-\d\d", found):
            return _shifted(dt.datetime.fromisoformat(found))
        if match := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", found):
            return dt.date(int(match[3]), int(match[2]), int(match[1])).isoformat()
    except ValueError:
        raise Unreadable("is no date of the calendar") from None
    match = re.fullmatch(r"([A-Za-z]{3})[a-z]*\.? (\d{4})", found)
    if match and match[1].lower() in _MONTHS:
        return f"{match[2]}-{_MONTHS[match[1].lower()]:02}"
    raise Unreadable("is no date")


def _squeeze(found: str) -> str:
    return re.sub(r"[\s°º\u200b-]", "", fold_space(found)).casefold()
