"""Emission deltas: what a company claims beside what the levels give, on each base that is known. Pure.

A computed change names its two versions. `as_first_published` takes both levels as they were first published,
`as_restated` as they stand now: of a company that restates, one number would be called wrong by the other.
"""

import operator
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from almanac.change import between, judge, shown
from almanac.delta import Computed, Delta, Level
from almanac.model import window

Dimensions = tuple[str | None, ...]
_Key = tuple[str, str, str, Dimensions, str]  # kind, company, metric, dimensions, period


class _Series:
    """The versions of one level, in the order in which the world could know them."""

    def __init__(self, versions: Sequence[Any]) -> None:
        self.known = sorted(versions, key=lambda one: (one.known_from, one.seq))

    @property
    def newest(self) -> Any:
        """The answer that holds; None if it was withdrawn."""
        last = self.known[-1]
        return None if last.op == "withdraw" else last

    @property
    def first(self) -> Any:
        """The first answer, with our own corrections of it."""
        sources = dict.fromkeys(one.source.id for one in self.known)
        last_words = ([one for one in self.known if one.source.id == source][-1] for source in sources)
        return next((one for one in last_words if one.op != "withdraw"), None)


def deltas(levels: Iterable[Any], claims: Iterable[Any]) -> list[Delta]:
    """Every delta of the versions given: one for each claim, one for each unclaimed level with a level a year before."""
    series = {key: _Series(versions) for key, versions in _grouped(levels, _level_key).items()}
    held = [_Series(versions).newest for versions in _grouped(claims, _claim_key).values()]
    claimed = [one for one in held if one is not None]
    # Looked up, not searched for: a whole table of deltas has thousands of series.
    kinds: dict[tuple[str, str], str] = {}
    for kind, company, metric, *_ in series:
        kinds.setdefault((company, metric), kind)
    periods = _grouped((key for key, one in series.items() if one.newest is not None), operator.itemgetter(slice(-1)))
    found = [_claimed(claim, series, kinds.get((claim.company, claim.metric), "emissions")) for claim in claimed]
    taken = {(c.company, c.metric, (None, None, None, c.segment), c.period, c.compared_period) for c in claimed}
    for key, current in series.items():
        kind, company, metric, dimensions, period = key
        base = _year_before(key, periods)
        if current.newest is None or base is None or (company, metric, dimensions, period, base) in taken:
            continue
        computed = _both(series.get((kind, company, metric, dimensions, base)), current, None)
        told = {"claim": None, "verdict": computed[1].verdict, "level_unit": current.newest.unit}
        found.append(_delta(current.newest, base, computed, **told))
    return found


def _grouped(versions: Iterable[Any], key: Any) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for version in versions:
        groups[key(version)].append(version)
    return groups


def _claim_key(one: Any) -> str:
    return one.id


def _level_key(one: Any) -> _Key:
    dimensions = tuple(getattr(one, name, None) for name in ("gas", "boundary", "geography", "segment"))
    return one.kind, one.company, one.metric, dimensions, one.period


def _year_before(key: _Key, periods: dict[Any, list[Any]]) -> str | None:
    """The period of the same form that ends a year before, with a level that holds; `deltas/list` chooses it likewise."""
    kind, *_, period = key
    if kind != "emissions":
        return None
    year = window(period).year - 1
    found = [other for *_, other in periods[key[:-1]] if len(other) == len(period) and window(other).year == year]
    return max(found, default=None)


def _claimed(claim: Any, series: dict[_Key, _Series], kind: str) -> Delta:
    dimensions = (None, None, None, claim.segment)
    current = series.get((kind, claim.company, claim.metric, dimensions, claim.period))
    base = series.get((kind, claim.company, claim.metric, dimensions, claim.compared_period))
    computed = _both(base, current, claim)
    unit = next((level.known[-1].unit for level in (current, base) if level is not None), None)
    verdict = _best([one.verdict for one in computed])
    return _delta(claim, claim.compared_period, computed, claim=claim, verdict=verdict, level_unit=unit)


def _best(verdicts: list[str]) -> str:
    """A claim is right if one of the bases bears it out."""
    order = ("match", "match_within_rounding", "mismatch")
    return min(verdicts, key=lambda verdict: order.index(verdict) if verdict in order else len(order))


def _both(base: _Series | None, current: _Series | None, claim: Any) -> list[Computed]:
    first = _computed("as_first_published", base.first if base else None, current.first if current else None, claim)
    newest = _computed("as_restated", base.newest if base else None, current.newest if current else None, claim)
    return [first, newest]


def _computed(basis: Literal["as_first_published", "as_restated"], base: Any, current: Any, claim: Any) -> Computed:
    obstacle = _obstacle(base, current, claim)
    change = None
    if obstacle is None:
        change = between(base.value, base.decimals, current.value, current.decimals)
    return Computed(
        basis=basis,
        base=_level(base),
        current=_level(current),
        change_abs=change.absolute if change else None,
        change_pct=shown(change.percent) if change else None,
        lowest_pct=shown(change.lowest_pct) if change else None,
        highest_pct=shown(change.highest_pct) if change else None,
        verdict=obstacle or ("unclaimed" if claim is None or change is None else judge(claim, change)),
    )


def _obstacle(base: Any, current: Any, claim: Any) -> str | None:
    """Why there is no number, or none that may be compared."""
    if base is None or current is None:
        missing = "no_levels" if base is current else "no_base" if base is None else "no_current"
        return f"not_computable:{missing}"
    if base.value is None or current.value is None:
        return "not_computable:undisclosed"
    if (difference := _difference(base, current, claim)) is not None:
        return f"not_comparable:{difference}"
    return "not_computable:zero_base" if base.value == 0 else None


def _difference(base: Any, current: Any, claim: Any) -> str | None:
    """What keeps two levels, or their change and the claim, from being compared."""
    measured = {"change_abs": claim.unit, "change_pp": "percent"}.get(claim.measure) if claim is not None else None
    if base.unit != current.unit or measured not in (None, current.unit):
        return "unit"
    if {base.qualifier, current.qualifier} - {"exact", "about"}:
        return "qualifier"
    gwp_sets = {getattr(base, "gwp_set", None), getattr(current, "gwp_set", None)} - {None}
    if len(gwp_sets) > 1:
        return "gwp_set"
    return "period_length" if _length(base.period) != _length(current.period) else None


def _length(period: str) -> int:
    """Months that a period lasts; a financial year without dates counts as twelve."""
    days = window(period)
    if days.start is None or days.end is None:
        return 12
    return round(((days.end - days.start).days + 1) / 30.44)


def _level(one: Any) -> Level | None:
    if one is None:
        return None
    return Level(
        id=one.id,
        version=one.version,
        period=one.period,
        value=one.value,
        known_from=one.known_from,
        source=one.source.id,
    )


def _delta(one: Any, compared_period: str, computed: list[Computed], **told: Any) -> Delta:
    return Delta(
        anchor=one.seq,
        company=one.company,
        metric=one.metric,
        period=one.period,
        compared_period=compared_period,
        segment=one.segment,
        computed=computed,
        **told,
    )
