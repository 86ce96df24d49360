"""Companies: search and profile."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from almanac.company import CompanyHead
from almanac.kind import Kind, record
from almanac.model import Country, KindName, Text, encode
from almanac.names import fold
from almanac.web.kinds import CompanyPath, require_company
from almanac.web.operation import Answer, AnyVersion, Call, Link, Listed, Operation, Paged, Table, given, page_of


class CompanyQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Narrows companies."""

    q: (
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=200,
                pattern=r"^[^\x00-\x1f\x7f]+$",
                description="Name or identifier; case, accents, legal form and small errors in a name do not matter.",
                examples=["zte corp"],
            ),
        ]
        | UnsetType
    ) = UNSET
    country: Country | UnsetType = UNSET
    sector: (
        Annotated[
            Text,
            Meta(description="Sector or type code, as in `classes`.", examples=["Technology Hardware and Equipment"]),
        ]
        | UnsetType
    ) = UNSET
    scheme: (
        Annotated[
            str,
            Meta(
                pattern=r"^[a-z0-9_]+$",
                max_length=40,
                description="Only companies with an identifier of this scheme.",
                examples=["lei"],
            ),
        ]
        | UnsetType
    ) = UNSET


class DisclosuresQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Narrows what a company discloses."""

    kind: KindName | UnsetType = UNSET


class Coverage(Struct, frozen=True, kw_only=True):
    """How much there is of one kind."""

    kind: Annotated[str, Meta(description="Kind of disclosure.")]
    disclosures: Annotated[int, Meta(description="Number of disclosures with an answer.")]
    first_known_from: Annotated[dt.date, Meta(description="Earliest date at which one of the answers was known.")]
    last_known_from: Annotated[dt.date, Meta(description="Latest date at which one of the answers became known.")]


def operations(kinds: Sequence[Kind]) -> list[Operation]:
    """Reads of companies."""
    return [_list(), _profile(kinds), _disclosures()]


def profile_type(kinds: Iterable[Kind]) -> type[Struct]:
    """Shape of a profile: the head, the newest answer of each kind under its stem, and coverage."""
    newest = msgspec.defstruct(
        "NewestAnswers",
        [
            (k.stem, Annotated[record(k) | None, Meta(description=f"Newest of {k.title.lower()}; null if none.")])
            for k in kinds
        ],
        namespace={"__doc__": "The answer of each kind that became known last."},
        kw_only=True,
        frozen=True,
    )
    return msgspec.defstruct(
        "CompanyProfile",
        [
            *((f.name, f.type) for f in msgspec.structs.fields(CompanyHead)),
            ("newest", newest),
            ("coverage", Annotated[list[Coverage], Meta(description="What there is, kind by kind.")]),
        ],
        namespace={"__doc__": "A company: who it is, its newest answers and what there is of it."},
        kw_only=True,
        frozen=True,
    )


def _list() -> Operation:
    async def handle(call: Call) -> Answer:
        query = call.query
        filters = (given(query.country), given(query.sector), given(query.scheme))
        args = (call.at.edition, call.after, call.limit + 1, *filters)
        if query.q is UNSET:
            rows = await call.database.fetch("companies/list", *args)
        else:
            rows = await call.database.fetch("companies/search", *args, fold(query.q), query.q.strip().upper())
        return page_of(call, rows)

    return Operation(
        id="list_companies",
        path="/v1/companies",
        tag="Companies",
        summary="Companies by name, country, sector or identifier scheme",
        description=(
            "Without `q` every company in order of its id. With `q` the companies whose present or former names come near "
            "it, nearest first; spelling, accents and legal forms are forgiven."
        ),
        query=CompanyQuery,
        data=list[CompanyHead],
        handle=handle,
        links=[
            Link(
                operation="read_company",
                parameters={"company": "$response.body#/data/0/id"},
                description="The first company of the page.",
            )
        ],
    )


def _profile(kinds: Sequence[Kind]) -> Operation:
    async def handle(call: Call) -> Answer:
        rows = await call.database.fetch("companies/profile", *call.time, call.path.company)
        head = next((row["body"] for row in rows if row["kind"] is None), None)
        if head is None:
            await require_company(call, call.path.company)
            raise AssertionError(f"company {call.path.company} has no head")
        found = {row["kind"]: row for row in rows if row["kind"] is not None}
        newest = {k.stem: Raw(found[k.name]["body"]) if k.name in found else None for k in kinds}
        coverage = [
            {name: found[k.name][name] for name in Coverage.__struct_fields__} for k in kinds if k.name in found
        ]
        return Answer(one=head[:-1] + b',"newest":' + encode(newest) + b',"coverage":' + encode(coverage) + b"}")

    return Operation(
        id="read_company",
        path="/v1/companies/{company}",
        tag="Companies",
        summary="One company",
        description=(
            "Who the company is, its newest answer of every kind, and how much there is. Take the company by slug, by "
            "`lei:` or by `isin:`. As a table it is all its current answers."
        ),
        params=CompanyPath,
        query=Listed,
        data=profile_type(kinds),
        handle=handle,
        table=Table(row=AnyVersion, handle=_answers),
        links=[_from_profile("list_company_history", "The company's changes.")]
        + [_from_profile("list_company_disclosures", "Everything that the company discloses.")]
        + [_from_profile("list_company_emission_deltas", "The company's changes, claimed beside computed.")]
        + [_from_profile(f"list_company_{kind.stem}", f"The company's {kind.title.lower()}.") for kind in kinds],
        sample={"company": "zte"},
    )


async def _answers(call: Call) -> Answer:
    company = call.path.company
    rows = await call.database.fetch(
        "changes/answers", *call.time, company, call.after, call.limit + 1, given(getattr(call.query, "kind", UNSET))
    )
    if not rows:
        await require_company(call, company)
    return page_of(call, rows)


def _disclosures() -> Operation:
    return Operation(
        id="list_company_disclosures",
        path="/v1/companies/{company}/disclosures",
        tag="Companies",
        summary="Everything that one company discloses",
        description="Current answers of every kind, kind by kind. A table of `/v1/companies/{company}` has the same rows.",
        params=CompanyPath,
        query=DisclosuresQuery,
        data=list[AnyVersion],
        handle=_answers,
        links=[
            Link(
                operation="list_versions",
                parameters={"id": "$response.body#/data/0/id"},
                description="Every version of the first disclosure of the page.",
            )
        ],
        sample={"company": "zte"},
    )


def _from_profile(operation: str, description: str) -> Link:
    return Link(operation=operation, parameters={"company": "$response.body#/data/id"}, description=description)
