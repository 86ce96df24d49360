"""Levels of a set of scopes: which metrics give them, and which two periods of them may be compared. Pure."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Any

import msgspec
from msgspec import Struct

from almanac.model import window
from almanac.target_progress import Method

Levels = Mapping[str, Mapping[str, Any]]
"""Answers about the whole company by metric and period."""

# Digits that hold every product and quotient of numbers of up to 30 digits, exactly or far beyond six decimals.
PRECISION = 150

_SUFFIXES: Mapping[Method, str] = {"market": ".mb", "location": ".lb", "unspecified": ""}


class Formula(Struct, frozen=True):
    """Metrics that are added up to the level of a set of scopes, all of one scope 2 method."""

    metrics: tuple[str, ...]
    method: Method | None

    @property
    def id(self) -> str:
        """As served."""
        return "+".join(self.metrics)


def formulas(scopes: Iterable[str]) -> list[Formula]:
    """Ways to the level of these scopes, a reported sum before one of ours."""
    wanted = sorted(set(scopes))
    if "2" not in wanted:
        return [Formula(tuple(f"ghg.scope{scope}" for scope in wanted), None)] if wanted else []
    found: list[Formula] = []
    for method, suffix in _SUFFIXES.items():
        ways = [tuple(f"ghg.scope{scope}{suffix if scope == '2' else ''}" for scope in wanted)]
        if wanted == ["1", "2"]:
            ways = [(f"ghg.scope1_2{suffix}",), *ways]
        elif wanted == ["1", "2", "3"]:
            ways = [(f"ghg.total{suffix}",), (f"ghg.scope1_2{suffix}", "ghg.scope3"), *ways]
        found += [Formula(way, method) for way in ways]
    return found


_SCOPE_SETS = [scopes for size in (1, 2, 3) for scopes in itertools.combinations("123", size)]
METRICS = sorted({metric for scopes in _SCOPE_SETS for way in formulas(scopes) for metric in way.metrics})


class Point(Struct, frozen=True, eq=False):
    """The level of a formula in one period of twelve months."""

    period: str
    year: int
    year_type: str
    versions: Sequence[Any]

    @property
    def value(self) -> Decimal | None:
        """The parts together; None if one is not disclosed."""
        values = [one.value for one in self.versions]
        with localcontext(prec=PRECISION):
            return None if None in values else sum(values, Decimal(0))


class Pair(Struct, frozen=True, eq=False):
    """The level of the base year and the newest one after it, of one type of year."""

    base: Point | None
    latest: Point | None
    year_type: str
    mixed: bool = False

    @property
    def obstacle(self) -> str | None:
        """Why nothing can be computed from it."""
        if self.mixed:
            return "year_type"
        if self.base is None or self.latest is None:
            return "no_levels" if self.base is self.latest else "no_base" if self.base is None else "no_current"
        versions = [*self.base.versions, *self.latest.versions]
        if self.base.value is None or self.latest.value is None:
            return "undisclosed"
        if len({one.unit for one in versions}) > 1:
            return "unit"
        if len({one.gwp_set for one in versions} - {None}) > 1:
            return "gwp_set"
        return None if self.base.value > 0 else "negative_base" if self.base.value else "zero_base"


def periods_of(way: Formula, levels: Levels) -> list[str]:
    """Periods, of whatever length, for which there is an answer to each part."""
    first, *others = (set[str](levels.get(metric, ())) for metric in way.metrics)
    return sorted(first.intersection(*others))


def points_of(way: Formula, levels: Levels) -> list[Point]:
    """Periods of twelve months for which there is an answer to each part."""
    series = [levels.get(metric, {}) for metric in way.metrics]
    typed = [(period, _year_type(period)) for period in periods_of(way, levels)]
    return [Point(p, window(p).year, kind, [one[p] for one in series]) for p, kind in typed if kind is not None]


def _year_type(period: str) -> str | None:
    """Whether a period is a calendar or a financial year; None if it does not last twelve months."""
    days = window(period)
    if days.start is None or days.end is None:
        return "financial"
    if round(((days.end - days.start).days + 1) / 30.44) != 12:
        return None
    return "calendar" if (days.start.month, days.start.day) == (1, 1) else "financial"


def pair_of(points: Sequence[Point], target: Any) -> Pair:
    """Calendar years are compared with calendar years, financial ones with financial ones."""
    calendar, financial = (_pair_of_type(points, target.base_year, kind) for kind in ("calendar", "financial"))
    best = max(calendar, financial, key=lambda one: _rank(one, target.year_type))
    bases, latests = calendar.base or financial.base, calendar.latest or financial.latest
    mixed = bool(bases and latests) and (best.base is None or best.latest is None)
    return msgspec.structs.replace(best, mixed=mixed)


def _rank(pair: Pair, year_type: str | None) -> tuple[bool, bool, bool, bool, int]:
    year = pair.latest.year if pair.latest else 0
    known = (pair.obstacle is None, pair.base is not None and pair.latest is not None, pair.base is not None)
    return *known, pair.year_type == year_type, year


def _pair_of_type(points: Sequence[Point], base_year: int, year_type: str) -> Pair:
    own = [one for one in points if one.year_type == year_type]
    base = max((p for p in own if p.year == base_year), key=lambda p: (p.value is not None, p.period), default=None)
    form = len(base.period) if base else 0
    later = [one for one in own if one.year > base_year]
    latest = max(later, key=lambda p: (p.value is not None, p.year, len(p.period) == form, p.period), default=None)
    return Pair(base, latest, year_type)
