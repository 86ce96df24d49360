"""Indicators: everything countable that is not a gas, such as electricity, air-freight ratio or suppliers audited.

Source of the words: GRI and ESRS concepts named for each metric in `/v1/metrics`.
"""

from decimal import Decimal
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from almanac import quantity
from almanac.kind import Kind
from almanac.model import Content, Filter, MetricCode, MissingReason, Period, Qualifier, ReportingYear, Text
from almanac.quantity import QualityFlags


class Indicator(Content, frozen=True, kw_only=True):
    """A countable fact about one company, metric and period as one source states it."""

    metric: MetricCode
    period: Period
    year: ReportingYear
    segment: Annotated[Text | None, Meta(description="Segment, theme or standard; null for the whole company.")] = None
    value: Annotated[
        Decimal | None, Meta(description="Number in `unit`, digits as reported; null if `missing_reason` says why.")
    ] = None
    qualifier: Qualifier = "exact"
    unit: Annotated[str, Meta(max_length=40, description="Unit of `value`, as the metric has it, for example MWh.")]
    decimals: Annotated[int | None, Meta(description="Digits after the point as reported; null without a value.")]
    missing_reason: MissingReason | None = None
    quality_flags: QualityFlags = []  # noqa: RUF012 - msgspec copies an empty list default

    def __post_init__(self) -> None:
        """Exactly one of value and missing reason."""
        quantity.check(self.value, self.missing_reason)


class IndicatorFilter(Filter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Narrows indicators."""

    metric: MetricCode | UnsetType = UNSET
    period: Period | UnsetType = UNSET
    year: ReportingYear | UnsetType = UNSET
    segment: (
        Annotated[Text, Meta(description="Segment, theme or standard, as in the answer.", examples=["ISO 14001"])]
        | UnsetType
    ) = UNSET


KIND = Kind(
    stem="indicators",
    table="indicator",
    title="Indicators",
    about="Countable facts that are no greenhouse gas: energy, logistics, suppliers audited, patents.",
    content=Indicator,
    key=("metric", "period", "segment"),
    filter=IndicatorFilter,
    topics=("company", "energy", "finance", "innovation", "logistics", "management", "supply_chain"),
    derived=quantity.DERIVED,
    example={"metric": "suppliers.audited.count", "period": "2022", "value": Decimal(109), "unit": "count"},
)
