"""Progress of targets: what the base year's level, the newest level and the target's percentage give. Pure.

A target seldom says which scope 2 method it means, so each method with levels is computed for itself and they are never
added to each other. Levels are those of the whole company and all gases, as they stand at the edition and date asked for:
base years are restated when structures change (GHG Protocol Corporate Standard, ch. 5).
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any, cast

from almanac.change import between, judge
from almanac.model import decimals_of, window
from almanac.scope_levels import PRECISION, Formula, Levels, Pair, Point, formulas, pair_of, periods_of, points_of
from almanac.target_progress import ComputedProgress, LevelSum, Progress, StatedProgress, UsedLevel

_KINDS = {"absolute": None, "intensity": "intensity_without_denominator", "net_zero": "net_of_removals"}


def progress(targets: Iterable[Any], levels: Iterable[Any], claims: Iterable[Any]) -> list[Progress]:
    """Progress of each target, in their order; levels and claims are the answers that hold for its company."""
    by_metric: dict[str, dict[str, Any]] = defaultdict(dict)
    for level in levels:
        if (level.gas, level.boundary, level.geography, level.segment) == (None,) * 4:
            by_metric[level.metric][level.period] = level
    claimed = [one for one in claims if one.measure == "change_pct" and one.segment is None]
    return [_progress(target, by_metric, claimed) for target in targets]


def _progress(target: Any, levels: Levels, claims: Sequence[Any]) -> Progress:
    obstacle = _obstacle(target)
    ways = [] if obstacle else formulas(target.scopes)
    groups = [list(group) for _, group in itertools.groupby(ways, key=lambda way: way.method)]
    found = [one for group in groups if (one := _best(group, target, levels)) is not None]
    used = (part for one in found for point in (one.base, one.latest) if point for part in point.parts)
    unit = next((levels[part.metric][part.period].unit for part in used), None)
    if not obstacle and not found:
        obstacle = "period_length" if any(periods_of(way, levels) for way in ways) else "no_levels"
    return Progress(
        target=target,
        level_unit=unit,
        stated=_stated(target, claims, found),
        computed=found,
        verdict=f"not_computable:{obstacle}" if obstacle else _overall([one.verdict for one in found]),
    )


def _obstacle(target: Any) -> str | None:
    """What the target itself leaves open."""
    if target.target_kind is None:
        return "target_kind_not_stated"
    if (reason := _KINDS.get(target.target_kind, "not_emissions")) is not None:
        return reason
    if not target.scopes:
        return "scopes_not_stated"
    if target.base_year is None:
        return "base_year_not_stated"
    return "coverage" if target.coverage_pct is not None and target.coverage_pct < 100 else None


def _overall(verdicts: list[str]) -> str:
    known = {one for one in verdicts if not one.startswith("not_computable:")}
    return "depends_on_method" if len(known) > 1 else next(iter(known), verdicts[0])


def _best(ways: Sequence[Formula], target: Any, levels: Levels) -> ComputedProgress | None:
    """Of the formulas of one method the one that can be computed to the newest year; None if no level bears on any."""
    pairs = [(way, pair_of(points, target)) for way in ways if (points := points_of(way, levels))]
    if not pairs:
        return None
    way, pair = max(pairs, key=lambda one: (one[1].obstacle is None, one[1].latest.year if one[1].latest else 0))
    return _computed(way, pair, target)


def _computed(way: Formula, pair: Pair, target: Any) -> ComputedProgress:
    told: dict[str, Any] = dict.fromkeys(("target_level", "pathway_level", "change_pct", "progress_pct"))
    verdict = f"not_computable:{pair.obstacle}"
    if pair.obstacle is None and pair.base and pair.latest:
        base, latest = cast("Decimal", pair.base.value), cast("Decimal", pair.latest.value)
        told, verdict = _numbers(base, latest, pair.latest.year, target)
    return ComputedProgress(
        formula=way.id,
        scope2_method=way.method,
        base=_sum(way, pair.base),
        latest=_sum(way, pair.latest),
        verdict=verdict,
        **told,
    )


def _numbers(base: Decimal, latest: Decimal, year: int, target: Any) -> tuple[dict[str, Decimal | None], str]:
    """The computed numbers and their verdict; the base is above zero."""
    with localcontext(prec=PRECISION):
        goal = base - base * target.value_pct / 100
        change = (latest - base) / base * 100
        told = {"target_level": _six(goal), "pathway_level": None, "change_pct": _six(change)}
        told["progress_pct"] = _six((base - latest) / (base - goal) * 100) if goal < base else None
        first, last = target.base_year, target.target_year
        if last is None or last <= first:
            reason = "target_year_not_stated" if last is None else "target_year_before_base"
            return told, "achieved" if latest <= goal else f"not_computable:{reason}"
        pathway = base - (base - goal) * (min(year, last) - first) / (last - first)
        told["pathway_level"] = _six(pathway)
    if latest <= goal:
        return told, "achieved"
    return told, "missed" if year >= last else "on_track" if latest <= pathway else "behind"


def _six(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.000001"), ROUND_HALF_EVEN)


def _sum(way: Formula, point: Point | None) -> LevelSum | None:
    if point is None:
        return None
    parts = [
        UsedLevel(
            metric=metric,
            id=one.id,
            version=one.version,
            period=one.period,
            value=one.value,
            known_from=one.known_from,
            source=one.source.id,
        )
        for metric, one in zip(way.metrics, point.versions, strict=True)
    ]
    return LevelSum(period=point.period, value=point.value, parts=parts)


def _stated(target: Any, claims: Sequence[Any], found: Sequence[ComputedProgress]) -> StatedProgress | None:
    """The newest claimed change of these scopes since the base year."""
    if target.target_kind != "absolute" or target.base_year is None:
        return None
    metrics = [way.metrics[0] for way in formulas(target.scopes) if len(way.metrics) == 1]
    about = [one for one in claims if one.metric in metrics and window(one.compared_period).year == target.base_year]
    if not about:
        return None
    claim = max(about, key=lambda one: (window(one.period).year, -metrics.index(one.metric), one.period))
    own = ("metric", "id", "version", "period", "compared_period", "qualifier", "known_from")
    return StatedProgress(
        **{name: getattr(claim, name) for name in own},
        change_pct=claim.value,
        source=claim.source.id,
        verdict=_judged(claim, found),
    )


def _judged(claim: Any, found: Sequence[ComputedProgress]) -> Any:
    for one in found:
        base, latest = one.base, one.latest
        if one.formula != claim.metric or base is None or latest is None or one.change_pct is None:
            continue
        if (base.period, latest.period) == (claim.compared_period, claim.period):
            before, after = cast("Decimal", base.value), cast("Decimal", latest.value)
            return judge(claim, between(before, decimals_of(before), after, decimals_of(after)))
    return None
