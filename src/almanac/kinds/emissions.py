"""Emissions: greenhouse gases that a company reports for a period.

Source of the words: GHG Protocol Corporate Standard and Scope 2 Guidance; ESRS E1-6; metric codes in `/v1/metrics`.
Scope 2 location-based, market-based and unstated are different metrics and are never compared with each other.
"""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from almanac import quantity
from almanac.kind import Kind
from almanac.model import Content, Filter, MetricCode, MissingReason, Period, Qualifier, ReportingYear, Text
from almanac.quantity import QualityFlags

Basis = Annotated[
    Literal["reported", "restated", "estimated", "third_party"],
    Meta(
        description=(
            "Who stands behind the number: `reported` the company for the first time, `restated` the company again in a "
            "later document, `estimated` an estimate by the company, `third_party` somebody else."
        )
    ),
]
RestatementReason = Annotated[
    Literal[
        "data_availability", "methodology", "reporting_boundary", "reporting_timeframe", "error", "structural_change"
    ],
    Meta(
        description=(
            "Reason that the company gives for restating (GHG Protocol Corporate Standard, chapter 5); "
            "null if it gives none."
        )
    ),
]
GwpSet = Annotated[
    Literal["SAR", "TAR", "AR4", "AR5", "AR6", "mixed"],
    Meta(description="IPCC assessment report whose warming potentials were used; null if not stated."),
]
Assurance = Annotated[
    Literal["none", "limited", "moderate", "reasonable", "high"],
    Meta(
        description="Level of external assurance of this number, in the words of ISAE 3410 or AA1000AS; null if not stated."
    ),
]


class Emission(Content, frozen=True, kw_only=True):
    """Greenhouse gas emissions of one company, metric and period as one source states them (GHG Protocol; ESRS E1-6)."""

    metric: MetricCode
    period: Period
    year: ReportingYear
    gas: Annotated[
        Literal["CO2", "CH4", "N2O", "HFCs", "PFCs", "SF6", "NF3"] | None,
        Meta(
            description="Single gas of the Kyoto basket (GHG Protocol); null for all gases together in CO2 equivalents."
        ),
    ] = None
    boundary: Annotated[
        Text | None,
        Meta(
            description=(
                "Organisational boundary (GHG Protocol Corporate Standard, chapter 3) where the source gives several "
                "answers by it; otherwise null."
            )
        ),
    ] = None
    geography: Annotated[Text | None, Meta(description="Country or region; null for the whole company.")] = None
    segment: Annotated[Text | None, Meta(description="Business segment or facility; null for the whole company.")] = (
        None
    )
    value: Annotated[
        Decimal | None, Meta(description="Emissions in `unit`, digits as reported; null if `missing_reason` says why.")
    ] = None
    qualifier: Qualifier = "exact"
    unit: Annotated[str, Meta(max_length=40, description="Unit of `value`: tCO2e, or tCO2 for biogenic CO2.")]
    decimals: Annotated[int | None, Meta(description="Digits after the point as reported; null without a value.")]
    missing_reason: MissingReason | None = None
    basis: Basis = "reported"
    gwp_set: GwpSet | None = None
    restatement_reason: RestatementReason | None = None
    assurance: Assurance | None = None
    quality_flags: QualityFlags = []  # noqa: RUF012 - msgspec copies an empty list default

    def __post_init__(self) -> None:
        """Exactly one of value and missing reason."""
        quantity.check(self.value, self.missing_reason)


class EmissionFilter(Filter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Narrows emissions."""

    metric: MetricCode | UnsetType = UNSET
    period: Period | UnsetType = UNSET
    year: ReportingYear | UnsetType = UNSET
    geography: (
        Annotated[Text, Meta(description="Country or region, as in the answer.", examples=["US"])] | UnsetType
    ) = UNSET
    segment: (
        Annotated[
            Text,
            Meta(
                description="Segment or facility, as in the answer.",
                examples=["GHGRP facility 1010254: Qorvo US, Inc., OR"],
            ),
        ]
        | UnsetType
    ) = UNSET
    basis: Basis | UnsetType = UNSET


KIND = Kind(
    stem="emissions",
    table="emission",
    title="Emissions",
    about="Greenhouse gas emissions by metric and period, with scope 2 methods and scope 3 categories kept apart.",
    content=Emission,
    key=("metric", "period", "gas", "boundary", "geography", "segment"),
    filter=EmissionFilter,
    topics=("ghg",),
    derived=quantity.DERIVED,
    example={
        "metric": "ghg.scope1",
        "period": "2022",
        "value": Decimal("91200.0"),
        "unit": "tCO2e",
        "basis": "reported",
    },
)
