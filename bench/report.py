"""From measured runs to a report: medians, ratios within one round, and which targets are met. Pure.

A ratio is taken within each round, of two runs that followed each other closely, and the median of these is what counts: a
machine that slows down for a while slows both.
"""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

Measure = Literal["rps", "p50_ms", "p99_ms"]
Runs = Mapping[str, Sequence[Mapping[str, float]]]
"""Runs by point, in the order of the rounds; each a measure by name."""


class Target(Struct, frozen=True, kw_only=True):
    """One line of the promise. Without `of`, `why_not` says where it is measured; without a bound it is to compare with."""

    what: str
    of: str = ""
    against: str = ""
    measure: Measure = "rps"
    at_least: float | UnsetType = UNSET
    at_most: float | UnsetType = UNSET
    why_not: str = ""


class Judged(Struct, frozen=True, kw_only=True):
    """A target beside what was measured. `met` is null where nothing was, or nothing was promised."""

    what: str
    bound: str
    ratio: float | None
    lowest: float | None
    highest: float | None
    met: bool | None
    why_not: str


_BY_HAND = "needs two more corpora: python -m bench --scale 6000 60000"
_FAULTS = "takes processes that are hurt, or half an hour: measured by tests/faults"
_PEERS = (
    ("PostgREST, stored document", "postgrest"),
    ("Datasette", "datasette"),
    ("FastAPI + SQLAlchemy + pydantic", "fastapi"),
)


_NONE = (UNSET, UNSET, UNSET)


def _peers(what: str, of: str, prefix: str, bounds: Sequence[float | UnsetType]) -> list[Target]:
    return [
        Target(what=f"{what} against {title}", of=of, against=prefix + name, at_least=bound)
        for (title, name), bound in zip(_PEERS, bounds, strict=True)
    ]


TARGETS = (
    Target(what="in-process hit against granian raw ASGI", of="hit", against="raw", at_least=0.8),
    Target(what="304 against granian raw ASGI", of="condition", against="raw", at_least=0.85),
    *_peers("in-process hit", "hit", "", (5, 15, 60)),
    *_peers("cold profile", "cold", "", (1.5, 4, 15)),
    *_peers("cold filtered list of 100", "list", "list_", (2, 5, 10)),
    *_peers("the least that a cold profile can cost", "stored", "", _NONE),
    *_peers("the least that a cold list can cost", "list_stored", "list_", _NONE),
    Target(what="Redis hit against a bare Litestar handler", of="redis", against="litestar", at_least=0.9),
    Target(what="cold profile against pgbench of the same SQL", of="cold", against="pgbench", at_least=0.6),
    Target(what="as-of profile against current, p99", of="profile_as_of", against="profile_now", measure="p99_ms", at_most=1.5),
    Target(what="as-of list against current, p99", of="list_as_of", against="list_now", measure="p99_ms", at_most=1.5),
    Target(what="list page at depth against the first page", of="page_deep", against="page_first", measure="p50_ms", at_most=1.3),
    Target(what="list page, 4,000,000 versions against 400,000", of="page_large", against="page_small", measure="p50_ms",
           at_most=1.5, why_not=_BY_HAND),
    Target(what="goodput under 5 x overload", why_not=_FAULTS),
    Target(what="memory after 30 minutes of mixed load", why_not=_FAULTS),
)  # fmt: skip
"""The targets of `make bench`, in the order of the promise."""


def judge(target: Target, runs: Runs) -> Judged:
    """A target beside the runs. What was promised to be measured and was not is not met, whatever the reason."""
    bound = _bound(target)
    over, under = runs.get(target.of, ()), runs.get(target.against, ())
    ratios = [one[target.measure] / other[target.measure] for one, other in zip(over, under, strict=False)]
    if not target.of or not ratios:
        why = (
            target.why_not or f"not measured: {' and '.join(n for n in (target.of, target.against) if not runs.get(n))}"
        )
        return Judged(what=target.what, bound=bound, ratio=None, lowest=None, highest=None, met=None, why_not=why)
    ratio = statistics.median(ratios)
    met = None
    if target.at_least is not UNSET:
        met = ratio >= target.at_least
    elif target.at_most is not UNSET:
        met = ratio <= target.at_most
    return Judged(
        what=target.what, bound=bound, ratio=ratio, lowest=min(ratios), highest=max(ratios), met=met, why_not=""
    )


def _bound(target: Target) -> str:
    if target.at_least is not UNSET:
        return f"at least {target.at_least:g} x"
    return f"at most {target.at_most:g} x" if target.at_most is not UNSET else ""


def medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The median of every measure that all runs have."""
    names = set.intersection(*(set(run) for run in runs))
    return {name: statistics.median(run[name] for run in runs) for name in sorted(names)}


def build(runs: Runs, titles: Mapping[str, str], **about: Any) -> dict[str, Any]:
    """The report as plain values: what it ran on, every point with its runs and medians, every target."""
    points = {
        name: {"title": titles.get(name, name), "median": medians(found), "runs": [dict(run) for run in found]}
        for name, found in runs.items()
        if found
    }
    return {**about, "points": points, "targets": [judge(target, runs) for target in TARGETS]}


def encode(report: Mapping[str, Any]) -> bytes:
    """The report as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


def markdown(report: Mapping[str, Any]) -> str:
    """The report for people."""
    lines = ["# What `make bench` measured", "", report["about"], "", "| | |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in report["machine"].items()]
    lines += ["", "| what | at least, or at most | measured | lowest to highest | met |", "|---|---|---|---|---|"]
    lines += [_target(one) for one in report["targets"]]
    lines += [
        "",
        "| point | answers/s | p50 ms | p99 ms | server µs | PostgreSQL µs | bytes | from |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [_point(point) for point in report["points"].values()]
    lines += ["", *(f"- {note}" for note in report["notes"])] if report["notes"] else []
    return "\n".join(lines) + "\n"


def _target(one: Judged) -> str:
    if one.ratio is None:
        return f"| {one.what} | {one.bound} | - | - | {one.why_not} |"
    met = {True: "yes", False: "**no**", None: ""}[one.met]
    return f"| {one.what} | {one.bound} | {one.ratio:.2f} x | {one.lowest:.2f} to {one.highest:.2f} | {met} |"


_CELLS = {"rps": ",.0f", "p50_ms": ".2f", "p99_ms": ".2f", "server_us": ",.0f", "postgres_us": ",.0f", "bytes": ",.0f"}


def _point(point: Mapping[str, Any]) -> str:
    found: dict[str, float] = point["median"]
    cells = [f"{found[name]:{form}}" if name in found else "-" for name, form in _CELLS.items()]
    shares = {name.removeprefix("from_"): share for name, share in found.items() if name.startswith("from_")}
    layers = ", ".join(f"{name} {share:.0%}" for name, share in shares.items() if share >= 0.005)
    return f"| {point['title']} | {' | '.join(cells)} | {layers or '-'} |"
