"""Numbers that can hardly be meant: over 1 Gt for one company and period, or a thousand times away from the years around them.

They are what a source says, so they are published all the same, with a flag. What is around a number is what its own file
gives, never what the store holds: the same file says the same whenever it is imported. Pure.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from operator import attrgetter
from statistics import median
from typing import Any

from almanac.kinds import KINDS, emissions
from almanac.model import window
from almanac.quantity import QualityFlag

_CEILING_T = Decimal(10**9)
_JUMP = 1000
_NEIGHBOURS = 2
_FLAGGED = {kind.name: kind for kind in KINDS if "quality_flags" in kind.fields}

_ASKED = {name: attrgetter(*(field for field in kind.key if field != "period")) for name, kind in _FLAGGED.items()}

REASONS: dict[QualityFlag, str] = {
    "over_1_gt": "over 1 Gt for one company and period",
    "jump_1000": f"{_JUMP} times or more away from the years around it",
}

Point = tuple[int, Decimal, int]
"""Year, size and place in the order of the answers."""


def doubts(answers: Iterable[Any]) -> list[list[QualityFlag]]:
    """For each answer, why its number is hard to believe; empty for most. A series is a question without its period."""
    series: dict[tuple[Any, ...], list[Point]] = defaultdict(list)
    found: list[list[QualityFlag]] = []
    for place, answer in enumerate(answers):
        found.append([])
        kind = _FLAGGED.get(answer.__struct_config__.tag)
        if kind is None or not answer.value:
            continue
        series[kind.name, answer.company, _ASKED[kind.name](answer)].append(
            (window(answer.period).year, abs(answer.value), place)
        )
        if kind is emissions.KIND and abs(answer.value) > _CEILING_T:
            found[place].append("over_1_gt")
    for points in series.values():
        if len(points) == 1:
            continue
        for place in _jumps(sorted(points)):
            found[place].append("jump_1000")
    return found


def _jumps(points: list[Point]) -> Iterable[int]:
    for at, (_, size, place) in enumerate(points):
        around = points[max(0, at - _NEIGHBOURS) : at] + points[at + 1 : at + 1 + _NEIGHBOURS]
        middle = median([other for _, other, _ in around]) if around else size
        if not middle / _JUMP < size < middle * _JUMP:
            yield place
