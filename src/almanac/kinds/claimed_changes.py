"""Claimed changes: a change as the company words it, such as "-7.5 % year on year", with or without the levels.

A claim is kept as worded and never recomputed; `emission-deltas` sets it beside what the levels give.
"""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from almanac import quantity
from almanac.kind import Kind
from almanac.model import Content, Filter, MetricCode, Period, Qualifier, ReportingYear, Text, window

Measure = Annotated[
    Literal["change_pct", "change_pp", "change_abs"],
    Meta(
        description=(
            "What the number measures: `change_pct` per cent of the compared period's level, `change_pp` percentage "
            "points, `change_abs` the metric's own unit."
        )
    ),
]


class ClaimedChange(Content, frozen=True, kw_only=True):
    """A change that a source claims for one company and metric between two periods."""

    metric: MetricCode
    period: Period
    year: ReportingYear
    compared_period: Annotated[Period, Meta(description="Period that the change is measured against.")]
    measure: Measure
    segment: Annotated[Text | None, Meta(description="Part of the company or theme; null for the whole.")] = None
    value: Annotated[Decimal, Meta(description="Change in `unit`, negative for a reduction, digits as worded.")]
    qualifier: Qualifier = "exact"
    unit: Annotated[
        str, Meta(max_length=40, description="Unit of `value`: percent, percentage_point or the metric's unit.")
    ]
    decimals: Annotated[int, Meta(description="Digits after the point as worded.")]

    def __post_init__(self) -> None:
        """The compared period is another one, and the unit belongs to the measure."""
        if window(self.compared_period).year >= window(self.period).year:
            raise ValueError("`compared_period` must lie before `period`")
        wanted = {"change_pct": "percent", "change_pp": "percentage_point"}.get(self.measure)
        if wanted and self.unit != wanted:
            raise ValueError(f"`unit` of {self.measure} is {wanted}")


class ClaimedChangeFilter(Filter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Narrows claimed changes."""

    metric: MetricCode | UnsetType = UNSET
    period: Period | UnsetType = UNSET
    year: ReportingYear | UnsetType = UNSET
    measure: Measure | UnsetType = UNSET


KIND = Kind(
    stem="claimed_changes",
    table="claimed_change",
    title="Claimed changes",
    about="Changes as companies word them, with or without the levels behind them.",
    content=ClaimedChange,
    key=("metric", "period", "compared_period", "measure", "segment"),
    filter=ClaimedChangeFilter,
    derived=quantity.DERIVED,
    example={
        "metric": "ghg.total",
        "period": "2022",
        "compared_period": "2021",
        "measure": "change_pct",
        "value": Decimal("-7.5"),
        "unit": "percent",
    },
)
