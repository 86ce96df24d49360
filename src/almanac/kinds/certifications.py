"""Certifications: a standard that somebody found fulfilled by an organisation, a site, a product or a process."""

import datetime as dt
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from almanac.kind import Kind
from almanac.model import TEXT, Content, Filter, Text

Standard = Annotated[
    str,
    Meta(
        pattern=TEXT,
        min_length=1,
        max_length=120,
        description="Standard, as its owner writes it.",
        examples=["ISO 14001"],
    ),
]
Subject = Annotated[
    Literal["organisation", "site", "product", "process"],
    Meta(description="What was certified. A certified product says nothing about the organisation."),
]


class Certification(Content, frozen=True, kw_only=True):
    """One certificate of one company as one source states it."""

    standard: Standard
    scheme: Annotated[
        Text | None, Meta(description="Certification scheme that applies the standard; null if none.")
    ] = None
    subject: Subject
    subject_name: Annotated[Text | None, Meta(description="Site, product or process; null if the organisation.")] = None
    issuer: Annotated[Text | None, Meta(description="Who issued the certificate; null if not said.")] = None
    number: Annotated[Text | None, Meta(description="Certificate number; null if not said.")] = None
    coverage: Annotated[
        Text | None, Meta(description="Sites or parts covered, in the source's terms; null if not said.")
    ] = None
    valid_from: Annotated[dt.date | None, Meta(description="First day of validity; null if not said.")] = None
    valid_to: Annotated[dt.date | None, Meta(description="Last day of validity; null if not said.")] = None

    def __post_init__(self) -> None:
        """Validity does not run backwards."""
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            raise ValueError("`valid_to` lies before `valid_from`")


class CertificationFilter(Filter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Narrows certifications."""

    standard: Standard | UnsetType = UNSET
    subject: Subject | UnsetType = UNSET


KIND = Kind(
    stem="certifications",
    table="certification",
    title="Certifications",
    about="Certificates by standard and subject, with issuer and validity.",
    content=Certification,
    key=("standard", "scheme", "subject", "subject_name"),
    filter=CertificationFilter,
    example={"standard": "ISO 14001", "subject": "organisation"},
)
