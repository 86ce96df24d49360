"""Awards: prizes and list placements that a company received."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from almanac.kind import Kind
from almanac.model import Content, Filter, ReportingYear, Text


class Award(Content, frozen=True, kw_only=True):
    """One award of one company as one source states it."""

    name: Annotated[Text, Meta(description="Name of the award.", examples=["Environmental Leadership Award"])]
    issuer: Annotated[Text | None, Meta(description="Who gave the award; null if not said.")] = None
    year: Annotated[ReportingYear | None, Meta(description="Year of the award; null if not said.")] = None
    category: Annotated[Text | None, Meta(description="Category, theme or reason; null if not said.")] = None
    recipient: Annotated[
        Text | None,
        Meta(description="Who received it, if not the company itself, for example its foundation; null if it did."),
    ] = None


class AwardFilter(Filter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Narrows awards."""

    year: ReportingYear | UnsetType = UNSET
    issuer: (
        Annotated[Text, Meta(description="Who gave the award, as in the answer.", examples=["CDP China"])] | UnsetType
    ) = UNSET


KIND = Kind(
    stem="awards",
    table="award",
    title="Awards",
    about="Prizes and list placements.",
    content=Award,
    key=("name", "issuer", "year"),
    filter=AwardFilter,
    example={"name": "Environmental Leadership Award", "issuer": "CDP China", "year": 2022},
)
