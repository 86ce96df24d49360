"""Units as reports spell them, and exact conversion to a metric's base unit within one quantity.

Greenhouse gases are never converted across warming potentials: a tonne of CH4 stays one. A tonne of CO2 is a tonne of CO2e
in every set, so it is converted, and `gas` says that it is CO2 alone. Sources of the factors: SI Brochure, 9th edition,
table 7 (prefixes) and 4.1 (1 kWh is 3.6 MJ); pound: 0.45359237 kg (1959).
"""

import functools
import re
from collections.abc import Mapping
from decimal import Context, Decimal, Inexact
from fractions import Fraction

from msgspec import Struct

from almanac.importers.cells import Unreadable, fold_space

_PREFIXES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18}
_WORDS = {"": 1, "thousand": 10**3, "thousands": 10**3, "million": 10**6, "millions": 10**6, "billion": 10**9}
_TONNE = r"t|tonnes?|metric tons?|metric tonnes?"
_MASS = {
    "g": Fraction(1, 10**6),
    "kg": Fraction(1, 1000),
    "lb": Fraction(45359237, 10**11),
    "kt": Fraction(1000),
    "Mt": Fraction(10**6),
    "Gt": Fraction(10**9),
    "kilotonnes": Fraction(1000),
    "megatonnes": Fraction(10**6),
    "gigatonnes": Fraction(10**9),
}
_GAS = {"co2e": "CO2e", "co2eq": "CO2e", "co2equivalent": "CO2e", "co2equivalents": "CO2e", "co2": "CO2", "ch4": "CH4"}
# More digits than any number has that the store takes; what would still be rounded is refused.
_EXACT = Context(prec=80, traps=[Inexact])
_ENERGY = re.compile(r"([kMGTPE]?)(Wh|J)", re.IGNORECASE)
_GASEOUS = re.compile(r"(.+?)[ -]?(?:of )?(CO[₂2][ -]?(?:eq(?:uivalents?)?|e|equivalents?)?|CH[₄4])", re.IGNORECASE)


class Unit(Struct, frozen=True, kw_only=True):
    """What one unit is in the base unit; `gas` is a single gas, null for CO2 equivalents and for what is no gas."""

    base: str
    factor: Fraction
    gas: str | None = None


def unit(spelling: str, aliases: Mapping[str, str] | None = None) -> Unit:
    """The unit that a spelling stands for; `aliases` are a publisher's own, such as `MT CO2e` for metric tonnes.

    Errors: Unreadable for what is no known unit, a ratio, or one that could be two (`MT`: megatonnes or metric tonnes).
    """
    found = fold_space(spelling)
    return _unit((aliases or {}).get(found, found))


@functools.lru_cache(maxsize=1024)
def _unit(found: str) -> Unit:
    if re.search(r"/|\bper\b", found):
        raise Unreadable("is a ratio, and no metric holds its denominator")
    if energy := _ENERGY.fullmatch(found):
        return _energy(*energy.groups())
    gaseous = _GASEOUS.fullmatch(found)
    if gaseous is None:
        raise Unreadable("is no unit of greenhouse gases or energy that is known")
    gas = _GAS[re.sub(r"[ -]", "", gaseous[2].translate(str.maketrans("₂₄", "24"))).casefold()]
    base = "tCH4" if gas == "CH4" else "tCO2e"
    return Unit(base=base, factor=_mass(gaseous[1].strip()), gas=None if gas == "CO2e" else gas)


def to_base(value: Decimal, one: Unit) -> Decimal:
    """The value in the base unit, exactly, without decimals that the source did not give.

    Errors: Unreadable where the exact result has no end, as most GJ have none in MWh.
    """
    power = _power_of_ten(one.factor)
    if power is not None:
        return _plain(value.scaleb(power, _EXACT)) if power else _plain(value)
    exact = Fraction(value) * one.factor
    twos_fives = exact.denominator
    for prime in (2, 5):
        while twos_fives % prime == 0:
            twos_fives //= prime
    if twos_fives != 1:
        raise Unreadable(f"has no exact decimal number of {one.base}")
    return _plain(_EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator)))


@functools.lru_cache(maxsize=1024)
def _power_of_ten(factor: Fraction) -> int | None:
    power = len(str(factor.numerator)) - len(str(factor.denominator))
    return power if Fraction(10) ** power == factor else None


def number(cell: object) -> Decimal:
    """A number with the digits of its cell; a spreadsheet's whole number loses the `.0` that nobody reported.

    Errors: Unreadable. Commas are read only where they part thousands (1,234,567).
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        text = str(int(cell)) if float(cell).is_integer() and abs(cell) < 10**15 else repr(cell)
    elif isinstance(cell, str):
        text = fold_space(cell)
        if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text):
            text = text.replace(",", "")
    else:
        raise Unreadable("is no number")
    if re.fullmatch(r"https?://\S+|\S+\.(pdf|xlsx?|html?)", text, re.IGNORECASE):
        raise Unreadable("is the place of a document, and a number belongs here")
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", text):
        raise Unreadable("is no number")
    return _plain(Decimal(re.sub(r"\.0$", "", text)))


def _plain(value: Decimal) -> Decimal:
    return Decimal(format(value, "f"))


def _energy(prefix: str, name: str) -> Unit:
    if name.casefold() == "wh":
        return Unit(base="MWh", factor=Fraction(_PREFIXES["k" if prefix in ("k", "K") else prefix.upper()], 10**6))
    if name != "J" or prefix not in _PREFIXES:
        raise Unreadable("is no unit of energy")
    return Unit(base="MWh", factor=Fraction(_PREFIXES[prefix], 3_600_000_000))


def _mass(spelling: str) -> Fraction:
    if spelling in _MASS:
        return _MASS[spelling]
    if re.fullmatch(r"mt|MT|mT", spelling):
        raise Unreadable("can be read as megatonnes and as metric tonnes")
    words = re.fullmatch(rf"(?:(\w+)[ -])??({_TONNE})", spelling, re.IGNORECASE)
    if words is None or (words[1] or "").casefold() not in _WORDS:
        raise Unreadable("is no unit of mass that is known")
    return Fraction(_WORDS[(words[1] or "").casefold()])
