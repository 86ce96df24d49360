"""Progress of a company's targets: computed at read time from the levels that hold at the edition and date asked for."""

from collections.abc import Sequence
from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta, Struct

from almanac.kind import Kind, record
from almanac.model import CompanyId, encode
from almanac.progress import progress
from almanac.scope_levels import METRICS
from almanac.target_progress import ComputedProgress, Progress, StatedProgress
from almanac.web.kinds import CompanyPath, require_company
from almanac.web.operation import Answer, Call, Link, Operation, Paged, page_of


class ProgressQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pages of targets."""


_NEEDED = ("emissions", "claimed-changes", "targets")
_ABOUT = (
    "For each target with a percentage: what the company says of the change since the base year, and what the levels give, "
    "with the versions used, the level aimed at and the linear pathway. Targets seldom name a scope 2 method, so each method "
    "with levels is computed for itself, and none is added to another. A target that cannot be computed is served and says "
    "why. Levels are those of the whole company; a scope 3 target is measured against all of scope 3."
)


def operations(kinds: Sequence[Kind]) -> list[Operation]:
    """Progress of one company's targets."""
    shapes = {kind.name: record(kind) for kind in kinds if kind.name in _NEEDED}
    data = _shape(shapes["targets"])

    async def handle(call: Call) -> Answer:
        return await _list(call, shapes)

    link = Link(
        operation="list_versions",
        parameters={"id": "$response.body#/data/0/target/id"},
        description="Every version of the first target.",
    )
    return [
        Operation(
            id="list_company_target_progress",
            path="/v1/companies/{company}/targets/progress",
            tag="Target progress",
            summary="Progress of one company's targets",
            description=_ABOUT,
            params=CompanyPath,
            query=ProgressQuery,
            data=cast("Any", list[data]),
            handle=handle,
            links=[link],
            sample={"company": "zte"},
        )
    ]


def _shape(target: type[Struct]) -> type[Struct]:
    """Shape of a target's progress on the wire."""
    told: dict[str, Any] = {
        "target": Annotated[target, Meta(description="The target as it holds.")],
        "level_unit": Annotated[str | None, Meta(description="Unit of all levels; null if there are none.")],
        "stated": Annotated[
            StatedProgress | None,
            Meta(description="Newest claimed change since the base year; null if the company claims none."),
        ],
        "computed": Annotated[
            list[ComputedProgress],
            Meta(description="One entry for each scope 2 method with levels; empty if no level bears on the target."),
        ],
    }
    fields: list[tuple[str, Any]] = [("company", CompanyId)]
    fields += [(f.name, told.get(f.name, f.type)) for f in msgspec.structs.fields(Progress)]
    doc = "One target with a percentage, and how far the company is."
    return msgspec.defstruct("TargetProgress", fields, namespace={"__doc__": doc}, kw_only=True)


async def _list(call: Call, shapes: dict[str, type[Struct]]) -> Answer:
    company: str = call.path.company
    limit = call.limit + 1
    rows = await call.database.fetch("progress/list", *call.time, company, call.after, limit, METRICS)
    if not rows:
        await require_company(call, company)
    held: dict[str, list[Any]] = {name: [] for name in _NEEDED}
    for row in rows:
        held[row["kind"]].append(msgspec.json.decode(row["body"], type=shapes[row["kind"]]))
    found = progress(held["targets"], held["emissions"], held["claimed-changes"])
    return page_of(call, [{"seq": one.target.seq, "body": _encoded(one)} for one in found])


def _encoded(one: Progress) -> bytes:
    return encode({"company": one.target.company, **msgspec.structs.asdict(one)})
