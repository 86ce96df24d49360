"""Shapes of an emission delta: a claim, and the change computed on each base, each with its versions."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from almanac.model import DisclosureId, MetricCode, Period, SourceId, VersionNumber

Verdict = Annotated[
    str,
    Meta(
        pattern=r"^(match|match_within_rounding|mismatch|unclaimed|not_comparable:[a-z0-9_]+|not_computable:[a-z0-9_]+)$",
        max_length=80,
        description=(
            "`match`: claim and computation agree exactly, or the claim is a bound that holds; `match_within_rounding`: they "
            "agree within the digits reported; `mismatch`; `unclaimed`: computed, and the company claims nothing; "
            "`not_comparable:` gwp_set, period_length, qualifier or unit; `not_computable:` no_levels, no_base, no_current, "
            "undisclosed or zero_base. Reasons may be added."
        ),
    ),
]


class Level(Struct, frozen=True, kw_only=True):
    """A level that a change was computed from, by version."""

    id: DisclosureId
    version: VersionNumber
    period: Period
    value: Annotated[Decimal | None, Meta(description="Level in the delta's `level_unit`; null if not disclosed.")]
    known_from: Annotated[dt.date, Meta(description="Date from which the world could know it.")]
    source: SourceId


class Computed(Struct, frozen=True, kw_only=True):
    """A change computed on one base. Numbers are null unless both levels are there and comparable."""

    basis: Annotated[
        Literal["as_first_published", "as_restated"],
        Meta(description="Whether both levels are taken as first published or as they stand now."),
    ]
    base: Annotated[Level | None, Meta(description="Level of the compared period; null if there is none.")]
    current: Annotated[Level | None, Meta(description="Level of the period; null if there is none.")]
    change_abs: Annotated[
        Decimal | None, Meta(description="Current minus base, in `level_unit`; null if not computable.")
    ]
    change_pct: Annotated[
        Decimal | None, Meta(description="Change in per cent of the base, to 6 digits; null if not computable.")
    ]
    lowest_pct: Annotated[
        Decimal | None, Meta(description="Least change in per cent that the reported digits allow; null likewise.")
    ]
    highest_pct: Annotated[
        Decimal | None, Meta(description="Greatest change in per cent that the reported digits allow; null likewise.")
    ]
    verdict: Verdict


class Delta(Struct, frozen=True, kw_only=True):
    """One company, metric and pair of periods. `claim` is the claimed change's version, `anchor` its place in a list."""

    anchor: int
    company: str
    metric: MetricCode
    period: Period
    compared_period: Period
    segment: str | None
    level_unit: str | None
    claim: Any
    computed: list[Computed]
    verdict: Verdict
