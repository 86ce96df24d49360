"""Numbers that can hardly be meant: over 1 Gt for one company and year, or a thousand times away from the years around them.

They are what a source says, so they are published all the same; the doubt stands beside them. Pure.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from statistics import median
from typing import Any

from almanac.kinds import emissions
from almanac.model import window

_CEILING_T = Decimal(10**9)
_JUMP = 1000
_NEIGHBOURS = 2

Point = tuple[int, Decimal, int]
"""Year, size and place in the order of the answers."""


def doubts(answers: Iterable[Any]) -> list[str | None]:
    """For each answer, why its number is hard to believe; None for most. A series is a question without its period."""
    series: dict[tuple[Any, ...], list[Point]] = defaultdict(list)
    found: list[str | None] = []
    for place, answer in enumerate(answers):
        found.append(None)
        if answer.__struct_config__.tag != emissions.KIND.name or not answer.value:
            continue
        asked = (getattr(answer, name) for name in emissions.KIND.key if name != "period")
        series[answer.company, *asked].append((window(answer.period).year, abs(answer.value), place))
        if abs(answer.value) > _CEILING_T:
            found[place] = "over 1 Gt for one company and year"
    for points in series.values():
        for place in _jumps(sorted(points)):
            found[place] = found[place] or f"{_JUMP} times or more away from the years around it"
    return found


def _jumps(points: list[Point]) -> Iterable[int]:
    for at, (_, size, place) in enumerate(points):
        around = points[max(0, at - _NEIGHBOURS) : at] + points[at + 1 : at + 1 + _NEIGHBOURS]
        middle = median([other for _, other, _ in around]) if around else size
        if not middle / _JUMP < size < middle * _JUMP:
            yield place
