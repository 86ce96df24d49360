"""Companies: search, profile, history and the difference between two editions."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from almanac.company import CompanyHead
from almanac.diff import FieldDiff, diff
from almanac.errors import Conflicting, Fault
from almanac.kind import Kind, record
from almanac.model import Country, Text, Timed, encode
from almanac.names import fold
from almanac.web.kinds import CompanyPath, require_company
from almanac.web.operation import Answer, Call, Link, Operation, Paged, given, page_of
from almanac.web.versions import AnyVersion


class CompanyQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Narrows companies."""

    q: (
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=200,
                pattern=r"^[^\x00-\x1f\x7f]+$",
                description="Name, or something near it: case, accents and legal form do not matter. Nearest first.",
                examples=["zte corp"],
            ),
        ]
        | UnsetType
    ) = UNSET
    country: Country | UnsetType = UNSET
    sector: Annotated[Text, Meta(description="Sector or type code, as in `classes`.")] | UnsetType = UNSET
    scheme: (
        Annotated[
            str,
            Meta(
                pattern=r"^[a-z0-9_]+$", max_length=40, description="Only companies with an identifier of this scheme."
            ),
        ]
        | UnsetType
    ) = UNSET


class Coverage(Struct, frozen=True, kw_only=True):
    """How much there is of one kind."""

    kind: Annotated[str, Meta(description="Kind of disclosure.")]
    disclosures: Annotated[int, Meta(description="Number of disclosures with an answer.")]
    first_known_from: Annotated[dt.date, Meta(description="Earliest date at which one of the answers was known.")]
    last_known_from: Annotated[dt.date, Meta(description="Latest date at which one of the answers became known.")]


class HistoryQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Narrows a company's history."""

    kind: Annotated[str, Meta(pattern=r"^[a-z]+(-[a-z]+)*$", max_length=40)] | UnsetType = UNSET


class CompanyDiffQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The two editions to compare."""

    from_: Annotated[
        int, Meta(ge=0, le=2_147_483_647, description="Edition to compare from; 0 is before the first.", examples=[1])
    ] = msgspec.field(name="from")
    to: (
        Annotated[int, Meta(ge=0, le=2_147_483_647, description="Edition to compare to; the newest if left out.")]
        | UnsetType
    ) = UNSET


class DisclosureDiff(Struct, frozen=True, kw_only=True):
    """How the answer of one disclosure differs between two editions."""

    change: Annotated[str, Meta(description="`appeared`, `disappeared` or `changed`.")]
    fields: Annotated[
        list[FieldDiff], Meta(description="Fields that differ; empty unless both editions have an answer.")
    ]
    old: Annotated[AnyVersion | None, Meta(description="Answer at `from`; null if there was none.")]
    new: Annotated[AnyVersion | None, Meta(description="Answer at `to`; null if there is none.")]


def operations(kinds: Sequence[Kind]) -> list[Operation]:
    """Reads of companies."""
    return [_list(), _profile(kinds), _history(), _diff(kinds)]


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
        args = (call.at.edition, call.after, query.limit + 1, *filters)
        if query.q is UNSET:
            rows = await call.database.fetch("companies/list", *args)
        else:
            rows = await call.database.fetch("companies/search", *args, fold(query.q))
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
            "`lei:` or by `isin:`."
        ),
        params=CompanyPath,
        query=Timed,
        data=profile_type(kinds),
        handle=handle,
        can_be_absent=True,
        links=[
            Link(
                operation="list_company_history",
                parameters={"company": "$response.body#/data/id"},
                description="The company's changes.",
            )
        ],
        sample={"company": "zte"},
    )


def _history() -> Operation:
    async def handle(call: Call) -> Answer:
        query = call.query
        rows = await call.database.fetch(
            "changes/history", *call.time, call.path.company, call.after, query.limit + 1, given(query.kind)
        )
        if not rows:
            await require_company(call, call.path.company)
        return page_of(call, rows)

    return Operation(
        id="list_company_history",
        path="/v1/companies/{company}/history",
        tag="Companies",
        summary="A company's changes, newest first",
        description="Every version published about the company, withdrawals included, newest publish first.",
        params=CompanyPath,
        query=HistoryQuery,
        data=list[AnyVersion],
        handle=handle,
        can_be_absent=True,
        sample={"company": "zte"},
    )


def _diff(kinds: Sequence[Kind]) -> Operation:
    records = {kind.name: kind for kind in kinds}

    async def handle(call: Call) -> Answer:
        query = call.query
        to = call.at.edition if query.to is UNSET else query.to
        for name, edition in (("from", query.from_), ("to", to)):
            if edition > call.at.edition:
                fault = Fault(parameter=name, value=str(edition), detail=f"lies after edition {call.at.edition}")
                raise Conflicting(f"`{name}` names an edition that this read does not reach.", [fault])
        args = (*call.time, call.path.company, call.after, query.limit + 1, query.from_, to)
        rows = await call.database.fetch("companies/diff", *args)
        if not rows:
            await require_company(call, call.path.company)
        bodies = [{"seq": row["seq"], "body": _difference(row["old"], row["new"], records)} for row in rows]
        return page_of(call, bodies)

    return Operation(
        id="diff_company",
        path="/v1/companies/{company}/diff",
        tag="Companies",
        summary="What changed about a company between two editions",
        description=(
            "Each disclosure whose answer differs between edition `from` and edition `to`, field by field, with both "
            "versions and so both sources."
        ),
        params=CompanyPath,
        query=CompanyDiffQuery,
        data=list[DisclosureDiff],
        handle=handle,
        can_be_absent=True,
        sample={"company": "zte", "from": "1"},
    )


def _difference(old: bytes | None, new: bytes | None, kinds: dict[str, Kind]) -> bytes:
    change = "appeared" if old is None else "disappeared" if new is None else "changed"
    fields: list[Any] = diff(old, new, kinds) if old is not None and new is not None else []
    return encode({"change": change, "fields": fields, "old": Raw(old or b"null"), "new": Raw(new or b"null")})
