"""The head of a company's profile: names, identifiers and classes, as known at an edition."""

from typing import Annotated

from msgspec import Meta, Struct

from almanac.model import CompanyId, Country, EditionNumber, Language, SchemeCode, Text, isin_ok, lei_ok


class CompanyName(Struct, frozen=True, kw_only=True):
    """Another name of a company."""

    name: Annotated[Text, Meta(description="The name as written.")]
    lang: Annotated[Language, Meta(description="Language of the name (BCP 47).")]
    type: Annotated[str, Meta(description="Sort of name: legal, trading, former, transliterated or alias.")]


class CompanyIdentifier(Struct, frozen=True, kw_only=True):
    """An identifier as a source gives it."""

    scheme: Annotated[
        SchemeCode, Meta(description="Scheme: lei (ISO 17442), isin (ISO 6166), sbti_id or another register's.")
    ]
    value: Annotated[Text, Meta(description="The identifier as given.")]
    check_ok: Annotated[
        bool | None,
        Meta(description="Whether the check digits hold; null if the scheme has none. Never dropped if not."),
    ]


class CompanyClass(Struct, frozen=True, kw_only=True):
    """A sector or type code."""

    scheme: Annotated[SchemeCode, Meta(description="Classification, for example sbti_sector.")]
    code: Annotated[Text, Meta(description="Code or label within the classification.")]


class CompanyHead(Struct, frozen=True, kw_only=True):
    """Who a company is: what its disclosures have in common."""

    id: CompanyId
    name: Annotated[Text, Meta(description="Name in use.")]
    country: Annotated[Country | None, Meta(description="Country of the seat; null if not known.")]
    names: Annotated[list[CompanyName], Meta(description="Other names: former, in other languages, aliases.")]
    identifiers: Annotated[
        list[CompanyIdentifier], Meta(description="Identifiers that sources give, also failing ones.")
    ]
    classes: Annotated[list[CompanyClass], Meta(description="Sectors and types that sources give.")]
    first_edition: Annotated[EditionNumber, Meta(description="Edition in which the company appeared.")]
    updated_edition: Annotated[EditionNumber, Meta(description="Edition that last changed this head.")]


def check(scheme: str, value: str) -> bool | None:
    """Whether an identifier's check digits hold; None for a scheme without."""
    return {"lei": lei_ok, "isin": isin_ok}[scheme](value) if scheme in ("lei", "isin") else None
