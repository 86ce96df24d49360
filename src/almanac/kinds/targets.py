"""Targets: what a company aims at, by when, from which base; as set and as a registry lists it.

Source of the words: SBTi Corporate Net-Zero Standard, SBTi Target Dashboard columns; ESRS E1-4.
"""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from almanac.kind import Kind
from almanac.model import Content, Filter, LongText, Text, Year

Scheme = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9_]+$",
        max_length=40,
        description="Where the target stands: `sbti` the register of the Science Based Targets initiative, `company` itself.",
        examples=["sbti"],
    ),
]
Term = Annotated[
    Literal["near_term", "long_term", "net_zero", "interim", "other"],
    Meta(description="Horizon of the target, in the words of the SBTi Net-Zero Standard."),
]
Status = Annotated[
    Literal["targets_set", "committed", "removed", "expired", "achieved", "announced"],
    Meta(description="State of the target in its scheme; `announced` by the company alone."),
]
Ambition = Annotated[
    Literal["1.5C", "well_below_2C", "2C"],
    Meta(
        description=(
            "Warming limit that the scheme says the target is in line with (SBTi: `1.5C`, `well_below_2C`, `2C`); "
            "null if it says none."
        )
    ),
]


class Target(Content, frozen=True, kw_only=True):
    """One target of one company as one source states it."""

    scheme: Scheme
    term: Term
    reference: Annotated[
        Text,
        Meta(
            description=(
                "Which target of this scheme and term: the registry's row id, `headline` for a register that lists one "
                "line a company, or a short form of the wording."
            )
        ),
    ]
    target_kind: Annotated[
        Literal[
            "absolute",
            "intensity",
            "net_zero",
            "engagement",
            "renewable_electricity",
            "maintenance",
            "no_deforestation",
            "other",
        ]
        | None,
        Meta(description="What is aimed at; null if the source does not say."),
    ] = None
    status: Status
    value_pct: Annotated[
        Decimal | None, Meta(description="Reduction (or share) aimed at, per cent of the base; null if not given.")
    ] = None
    base_year: Annotated[
        Year | None,
        Meta(description="Year whose level the target is measured against (ESRS E1-4, base year); null if not said."),
    ] = None
    target_year: Annotated[
        Year | None, Meta(description="Year by which the target is to be reached (ESRS E1-4); null if not said.")
    ] = None
    year_type: Annotated[
        Literal["calendar", "financial"] | None, Meta(description="Kind of `target_year`; null if not said.")
    ] = None
    scopes: Annotated[
        list[Literal["1", "2", "3"]],
        Meta(description="Scopes covered (GHG Protocol Corporate Standard, chapter 4); empty if not said."),
    ] = []  # noqa: RUF012 - msgspec copies an empty list default
    coverage_pct: Annotated[
        Decimal | None, Meta(description="Share of the scopes' emissions covered, per cent; null if not said.")
    ] = None
    intensity_metric: Annotated[
        Text | None, Meta(description="Denominator of an intensity target; null if absolute.")
    ] = None
    ambition: Ambition | None = None
    wording: Annotated[
        LongText | None, Meta(description="The target in the scheme's or company's words; null if none are given.")
    ] = None
    validation: Annotated[
        Text | None, Meta(description="Who validated the target and by which route; null if not said.")
    ] = None
    published_on: Annotated[
        Text | None,
        Meta(
            description="Date at which the scheme says it was published, as precise as given (ISO 8601); null if not said."
        ),
    ] = None
    status_reason: Annotated[
        LongText | None, Meta(description="Reason for a removal or extension; null if none is given.")
    ] = None


class TargetFilter(Filter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Narrows targets."""

    scheme: Scheme | UnsetType = UNSET
    term: Term | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    ambition: Ambition | UnsetType = UNSET
    target_year: Year | UnsetType = UNSET


KIND = Kind(
    stem="targets",
    table="target",
    title="Targets",
    about="Emission and energy targets with base, horizon, ambition and validation.",
    content=Target,
    key=("scheme", "term", "reference"),
    filter=TargetFilter,
    example={
        "scheme": "sbti",
        "term": "near_term",
        "reference": "headline",
        "status": "targets_set",
        "target_year": 2030,
        "ambition": "1.5C",
    },
)
