"""Shapes of a target's progress: the target, what the company says of it, and what the levels give by scope-2 method."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from almanac.model import DisclosureId, MetricCode, Period, Qualifier, SourceId, VersionNumber

Method = Literal["location", "market", "unspecified"]
ProgressVerdict = Annotated[
    str,
    Meta(
        pattern=r"^(achieved|on_track|behind|missed|depends_on_method|not_computable:[a-z0-9_]+)$",
        max_length=80,
        description=(
            "`achieved`: the latest level is at or below the target level, whatever its year; `on_track`: at or below the "
            "linear pathway; `behind`: above it; `missed`: the target year has levels and they are above the target level; "
            "`depends_on_method`: the scope 2 methods give different verdicts; `not_computable:` no_levels, no_base, "
            "no_current, undisclosed, zero_base, negative_base, unit, gwp_set, year_type, period_length, "
            "intensity_without_denominator, net_of_removals, not_emissions, target_kind_not_stated, scopes_not_stated, "
            "base_year_not_stated, target_year_not_stated, target_year_before_base or coverage. Reasons may be added."
        ),
    ),
]


class UsedLevel(Struct, frozen=True, kw_only=True):
    """A level that a computation rests on, by version."""

    metric: MetricCode
    id: DisclosureId
    version: VersionNumber
    period: Period
    value: Annotated[Decimal | None, Meta(description="Level in `level_unit`; null if not disclosed.")]
    known_from: Annotated[dt.date, Meta(description="Date from which the world could know it.")]
    source: SourceId


class LevelSum(Struct, frozen=True, kw_only=True):
    """The level of the formula in one period: one reported level, or the sum of several of the same period."""

    period: Period
    value: Annotated[Decimal | None, Meta(description="Level in `level_unit`; null if a part is not disclosed.")]
    parts: Annotated[list[UsedLevel], Meta(description="The versions used, in the order of the formula.")]


class ComputedProgress(Struct, frozen=True, kw_only=True):
    """Progress by one formula. A number is null where an input of it is missing; the verdict says which."""

    formula: Annotated[
        str,
        Meta(
            pattern=r"^[a-z0-9_.]+(\+[a-z0-9_.]+)*$",
            max_length=1000,
            description="Which metrics give the level: one as reported, or several added up, such as `ghg.scope1+ghg.scope2.mb`.",
        ),
    ]
    scope2_method: Annotated[
        Method | None, Meta(description="Scope 2 method of every level used; null if scope 2 is not part of it.")
    ]
    base: Annotated[
        LevelSum | None, Meta(description="Level of the base year as it stands now; null if there is none.")
    ]
    latest: Annotated[
        LevelSum | None, Meta(description="Newest disclosed level after the base year; null if there is none.")
    ]
    target_level: Annotated[
        Decimal | None,
        Meta(
            description="Level aimed at, in `level_unit`: base x (1 - `value_pct` / 100), to 6 digits; null if one is missing."
        ),
    ]
    pathway_level: Annotated[
        Decimal | None,
        Meta(
            description=(
                "Level in `level_unit`, to 6 digits, of the straight line from base to target in the year of the latest "
                "level; the target level from the target year on; null if an input is missing."
            )
        ),
    ]
    change_pct: Annotated[
        Decimal | None,
        Meta(
            description="Change from base to latest level in per cent of the base, to 6 digits; null if one is missing."
        ),
    ]
    progress_pct: Annotated[
        Decimal | None,
        Meta(
            description=(
                "Part of the reduction aimed at that is reached, in per cent, to 6 digits; negative where the level rose; "
                "null if an input is missing, or if the target is no reduction."
            )
        ),
    ]
    verdict: ProgressVerdict


class StatedProgress(Struct, frozen=True, kw_only=True):
    """What the company says of the change since the base year, by version of the claimed change."""

    metric: MetricCode
    id: DisclosureId
    version: VersionNumber
    period: Period
    compared_period: Annotated[Period, Meta(description="Period in the base year that the change is measured against.")]
    change_pct: Annotated[Decimal, Meta(description="Change since the base year in per cent, as claimed.")]
    qualifier: Qualifier
    known_from: Annotated[dt.date, Meta(description="Date from which the world could know it.")]
    source: SourceId
    verdict: Annotated[
        Literal["match", "match_within_rounding", "mismatch"] | None,
        Meta(description="Claim against the computed change of the same metric and periods; null if none is computed."),
    ]


class Progress(Struct, frozen=True, kw_only=True):
    """One quantified target. `target` is the target's version."""

    target: Any
    level_unit: str | None
    stated: StatedProgress | None
    computed: list[ComputedProgress]
    verdict: ProgressVerdict
