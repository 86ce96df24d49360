"""A company over time: its history, and the difference between two editions."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from almanac.diff import FieldDiff, diff
from almanac.errors import Conflicting, Fault
from almanac.kind import Kind
from almanac.model import KindName, encode
from almanac.web.kinds import CompanyPath, require_company
from almanac.web.operation import Answer, AnyVersion, Call, Operation, Paged, given, page_of


def operations(kinds: Sequence[Kind]) -> list[Operation]:
    """Reads of a company over time."""
    return [_history(), _diff(kinds)]


class HistoryQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Narrows a company's history."""

    kind: KindName | UnsetType = UNSET


class CompanyDiffQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The two editions to compare."""

    from_: Annotated[
        int, Meta(ge=0, le=2_147_483_647, description="Edition to compare from; 0 is before the first.", examples=[1])
    ] = msgspec.field(name="from")
    to: (
        Annotated[
            int,
            Meta(ge=0, le=2_147_483_647, description="Edition to compare to; the newest if left out.", examples=[12]),
        ]
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


def _history() -> Operation:
    async def handle(call: Call) -> Answer:
        query = call.query
        rows = await call.database.fetch(
            "changes/history", *call.time, call.path.company, call.after, call.limit + 1, given(query.kind)
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
        args = (*call.time, call.path.company, call.after, call.limit + 1, query.from_, to)
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
        sample={"company": "zte", "from": "1"},
    )


def _difference(old: bytes | None, new: bytes | None, kinds: dict[str, Kind]) -> bytes:
    change = "appeared" if old is None else "disappeared" if new is None else "changed"
    fields: list[Any] = diff(old, new, kinds) if old is not None and new is not None else []
    return encode({"change": change, "fields": fields, "old": Raw(old or b"null"), "new": Raw(new or b"null")})
