"""Arithmetic of a change between two reported numbers: its size, what rounding leaves open, and what a claim makes of it."""

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

from msgspec import Struct

_SIX = Decimal("0.000001")
_PRECISION = 150  # the widest quotient of two numbers of 30 digits, and room


class Change(Struct, frozen=True, kw_only=True):
    """A change and its bounds: every level within half a unit of its last reported digit gives a change between them."""

    absolute: Decimal
    percent: Decimal
    lowest_pct: Decimal
    highest_pct: Decimal
    lowest_abs: Decimal
    highest_abs: Decimal


def between(base: Decimal, base_decimals: int, current: Decimal, current_decimals: int) -> Change:
    """The change from base to current; the base is not zero."""
    with localcontext(prec=_PRECISION):
        around_base, around_current = _half(base_decimals), _half(current_decimals)
        percents = [
            _percent(base + b * around_base, current + c * around_current)
            for b in (-1, 1)
            for c in (-1, 1)
            if base + b * around_base != 0  # a base of half a unit may be rounded from nothing
        ]
        absolute = current - base
        return Change(
            absolute=absolute,
            percent=_percent(base, current),
            lowest_pct=min(percents),
            highest_pct=max(percents),
            lowest_abs=absolute - around_base - around_current,
            highest_abs=absolute + around_base + around_current,
        )


def shown(percent: Decimal) -> Decimal:
    """A percentage to six digits, as served."""
    with localcontext(prec=_PRECISION):
        return percent.quantize(_SIX, ROUND_HALF_EVEN)


def judge(claim: Any, change: Change) -> str:
    """Whether the change bears the claim out: `match`, `match_within_rounding` or `mismatch`.

    A bound ("more than 14.72 %") matches if the change reaches it. "About" allows a whole unit of the claim's last digit.
    """
    relative = claim.measure == "change_pct"
    exact, lowest, highest = (
        (change.percent, change.lowest_pct, change.highest_pct)
        if relative
        else (change.absolute, change.lowest_abs, change.highest_abs)
    )
    claimed: Decimal = claim.value
    if claim.qualifier in ("more_than", "at_least", "less_than", "at_most"):
        return _judge_bound(claim.qualifier, claimed, exact, lowest, highest)
    if exact == claimed:
        return "match"
    room = _half(claim.decimals) * (2 if claim.qualifier == "about" else 1)
    overlaps = lowest <= claimed + room and highest >= claimed - room
    return "match_within_rounding" if overlaps else "mismatch"


def _judge_bound(qualifier: str, claimed: Decimal, exact: Decimal, lowest: Decimal, highest: Decimal) -> str:
    """Bounds speak of the size of the change in the claim's direction."""
    sign = -1 if claimed < 0 else 1
    size, sizes, bound = exact * sign, sorted((lowest * sign, highest * sign)), claimed * sign
    upward = qualifier in ("more_than", "at_least")
    holds = {"more_than": size > bound, "at_least": size >= bound, "less_than": size < bound, "at_most": size <= bound}
    if holds[qualifier]:
        return "match"
    reaches = sizes[1] >= bound if upward else sizes[0] <= bound
    return "match_within_rounding" if reaches else "mismatch"


def _percent(base: Decimal, current: Decimal) -> Decimal:
    return (current - base) / abs(base) * 100


def _half(decimals: int) -> Decimal:
    return Decimal(5).scaleb(-decimals - 1)
