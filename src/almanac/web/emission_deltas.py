"""Emission deltas: computed at read time from the versions that bear on them."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, cast

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from almanac.delta import Computed, Delta, Verdict
from almanac.deltas import deltas
from almanac.kind import Kind, record
from almanac.model import CompanyId, CompanyRef, MetricCode, Period, ReportingYear, encode
from almanac.store.db import Record
from almanac.web.kinds import CompanyPath, require_company, require_metric
from almanac.web.operation import Answer, Call, Link, Operation, Paged, given, page_of


class CompanyDeltaQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Narrows emission deltas."""

    metric: MetricCode | UnsetType = UNSET
    year: ReportingYear | UnsetType = UNSET


class DeltaQuery(CompanyDeltaQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Narrows emission deltas across companies."""

    company: CompanyRef | UnsetType = UNSET


_ABOUT = (
    "For each claim, and for each level with a level a year before: the change as claimed, and the change computed from the "
    "levels as first published and as restated, each with its two versions and a verdict. A claim without levels is served "
    "and marked, never dropped."
)


def operations(kinds: Sequence[Kind]) -> list[Operation]:
    """Deltas of one company and across companies."""
    shapes = {kind.name: record(kind) for kind in kinds if kind.name in ("emissions", "indicators", "claimed-changes")}
    data = _shape(shapes["claimed-changes"])

    async def of_company(call: Call) -> Answer:
        return await _list(call, call.path.company, shapes)

    async def across(call: Call) -> Answer:
        return await _list(call, given(call.query.company), shapes)

    link = Link(
        operation="list_versions",
        parameters={"id": "$response.body#/data/0/computed/1/current/id"},
        description="Every version of the level that the first change leads to.",
    )
    return [
        Operation(
            id="list_company_emission_deltas",
            path="/v1/companies/{company}/emission-deltas",
            tag="Emission deltas",
            summary="Changes of one company, claimed beside computed",
            description=_ABOUT,
            params=CompanyPath,
            query=CompanyDeltaQuery,
            data=cast("Any", list[data]),
            handle=of_company,
            links=[link],
            sample={"company": "zte"},
        ),
        Operation(
            id="list_emission_deltas",
            path="/v1/emission-deltas",
            tag="Emission deltas",
            summary="Changes across companies, claimed beside computed",
            description=_ABOUT,
            query=DeltaQuery,
            data=cast("Any", list[data]),
            handle=across,
            links=[link],
        ),
    ]


def _shape(claim: type[Struct]) -> type[Struct]:
    """Shape of a delta on the wire: without its place in the list, the claim as its own version."""
    told: dict[str, Any] = {
        "company": CompanyId,
        "metric": MetricCode,
        "period": Period,
        "compared_period": Annotated[Period, Meta(description="Period that the change is measured against.")],
        "segment": Annotated[str | None, Meta(description="Part of the company; null for the whole.")],
        "level_unit": Annotated[str | None, Meta(description="Unit of the levels; null if there are none.")],
        "claim": Annotated[claim | None, Meta(description="The change as claimed; null if the company claims none.")],
        "computed": Annotated[
            list[Computed], Meta(description="The change on each base: as first published, then as restated.")
        ],
        "verdict": Annotated[Verdict, Meta(description="The best of the two computed verdicts.")],
    }
    fields = [(f.name, told.get(f.name, f.type)) for f in msgspec.structs.fields(Delta) if f.name != "anchor"]
    return msgspec.defstruct("EmissionDelta", fields, namespace={"__doc__": Delta.__doc__}, kw_only=True)


async def _list(call: Call, company: str | None, shapes: dict[str, type[Struct]]) -> Answer:
    query = call.query
    limit = call.limit + 1
    rows = await call.database.fetch(
        "deltas/list", *call.time, company, call.after, limit, given(query.metric), given(query.year)
    )
    if not rows and company is not None:
        await require_company(call, company)
    if not rows:
        await require_metric(call, given(query.metric))
    return page_of(call, await asyncio.to_thread(_computed, rows, shapes))


def _computed(rows: Sequence[Record], shapes: dict[str, type[Struct]]) -> list[dict[str, Any]]:
    """Each delta with its place. Of a whole list it takes a while: others are answered meanwhile."""
    versions = [msgspec.json.decode(row["body"], type=shapes[row["kind"]]) for row in rows if row["body"] is not None]
    claims = [one for one in versions if cast("Any", one).kind == "claimed-changes"]
    levels = [one for one in versions if cast("Any", one).kind != "claimed-changes"]
    found = {delta.anchor: delta for delta in deltas(levels, claims)}
    return [{"seq": row["seq"], "body": _encoded(found[row["seq"]])} for row in rows if row["body"] is None]


def _encoded(delta: Delta) -> bytes:
    return encode({name: value for name, value in msgspec.structs.asdict(delta).items() if name != "anchor"})
