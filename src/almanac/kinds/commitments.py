"""Commitments: a promise to set a target or to reach a state, with its deadline and what became of it.

Source of the words: SBTi commitment process, SBTi Target Dashboard columns.
"""

import datetime as dt
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from almanac.kind import Kind
from almanac.model import Content, Filter, LongText, Text, Year

Scheme = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9_]+$",
        max_length=40,
        description="Who keeps the commitment: `sbti` the Science Based Targets initiative, `company` itself.",
        examples=["sbti"],
    ),
]
CommitmentType = Annotated[
    Literal["near_term", "net_zero", "ba15", "membership", "alignment_1_5c", "other"],
    Meta(
        description=(
            "What was promised: a `near_term` or `net_zero` target, Business Ambition for 1.5 °C (`ba15`), joining the "
            "scheme (`membership`), cutting emissions in line with 1.5 °C (`alignment_1_5c`)."
        )
    ),
]
Status = Annotated[
    Literal["active", "extended", "targets_set", "removed", "announced"],
    Meta(description="State of the commitment; `announced` by the company alone."),
]


class Commitment(Content, frozen=True, kw_only=True):
    """One commitment of one company as one source states it."""

    scheme: Scheme
    type: CommitmentType
    status: Status
    published_on: Annotated[
        Text | None, Meta(description="Date of the commitment, as precise as given (ISO 8601); null if not said.")
    ] = None
    deadline: Annotated[dt.date | None, Meta(description="Day by which targets must be set; null if not said.")] = None
    horizon_year: Annotated[
        Year | None, Meta(description="Year aimed at, such as net zero by 2050; null if not said.")
    ] = None
    wording: Annotated[LongText | None, Meta(description="The commitment as worded; null if only a table cell.")] = None
    reason: Annotated[LongText | None, Meta(description="Reason for extension or removal; null if none given.")] = None


class CommitmentFilter(Filter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Narrows commitments."""

    scheme: Scheme | UnsetType = UNSET
    type: CommitmentType | UnsetType = UNSET
    status: Status | UnsetType = UNSET


KIND = Kind(
    stem="commitments",
    table="commitment",
    title="Commitments",
    about="Promises to set targets or to reach net zero, with deadlines and what became of them.",
    content=Commitment,
    key=("scheme", "type"),
    filter=CommitmentFilter,
    example={
        "scheme": "sbti",
        "type": "net_zero",
        "status": "active",
        "published_on": "2023-05-11",
        "deadline": dt.date(2025, 5, 11),
    },
)
