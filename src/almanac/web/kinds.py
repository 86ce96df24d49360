"""Lists of a kind, across companies and of one company. Takes no options on purpose: a kind is data."""

from collections.abc import Iterable
from typing import Any, cast

import msgspec
from msgspec import UNSET, Struct, UnsetType

from almanac.errors import Ambiguous, Fault, Moved, NotFound
from almanac.kind import Kind, record
from almanac.model import CompanyRef, isin_ok, lei_ok
from almanac.names import fold
from almanac.web.nearest import near
from almanac.web.operation import Answer, Call, Link, Operation, Paged, given, page_of


class CompanyPath(Struct, frozen=True, kw_only=True):
    """One company."""

    company: CompanyRef


def operations(kinds: Iterable[Kind]) -> list[Operation]:
    """Two lists for each kind."""
    return [operation for kind in kinds for operation in (_across(kind), _of_company(kind))]


def _across(kind: Kind) -> Operation:
    async def handle(call: Call) -> Answer:
        return await _list(kind, call, given(call.query.company))

    return Operation(
        id=f"list_{kind.stem}",
        path=f"/v1/{kind.name}",
        tag=kind.title,
        summary=f"{kind.title} across companies",
        description=f"{kind.about} Current answers in company order, narrowed by what you give.",
        query=_query(kind, f"{kind.content.__name__}ListQuery", with_company=True),
        data=cast("Any", list[record(kind)]),
        handle=handle,
        links=_LINKS,
    )


def _of_company(kind: Kind) -> Operation:
    async def handle(call: Call) -> Answer:
        return await _list(kind, call, call.path.company)

    return Operation(
        id=f"list_company_{kind.stem}",
        path=f"/v1/companies/{{company}}/{kind.name}",
        tag=kind.title,
        summary=f"{kind.title} of one company",
        description=f"{kind.about} Current answers of one company.",
        params=CompanyPath,
        query=_query(kind, f"Company{kind.content.__name__}ListQuery", with_company=False),
        data=cast("Any", list[record(kind)]),
        handle=handle,
        links=_LINKS,
        sample={"company": _SAMPLES.get(kind.stem, "zte")},
    )


# Who the example is about: ZTE's emissions are in no source that is bundled.
_SAMPLES = {"emissions": "alphabet"}
_LINKS = (
    Link(
        operation="read_disclosure",
        parameters={"id": "$response.body#/data/0/id"},
        description="The first disclosure of the page.",
    ),
    Link(
        operation="list_versions",
        parameters={"id": "$response.body#/data/0/id"},
        description="Every version of the first disclosure of the page.",
    ),
    Link(
        operation="read_source",
        parameters={"id": "$response.body#/data/0/source/id"},
        description="The document behind the first disclosure of the page.",
    ),
)


def _query(kind: Kind, name: str, *, with_company: bool) -> type[Struct]:
    own = [(f.encode_name, f.type, f.default) for f in msgspec.structs.fields(kind.filter)]
    company: list[tuple[str, Any, Any]] = [("company", CompanyRef | UnsetType, UNSET)] if with_company else []
    return msgspec.defstruct(
        name, [*company, *own], bases=(Paged,), kw_only=True, frozen=True, forbid_unknown_fields=True
    )


async def _list(kind: Kind, call: Call, company: str | None) -> Answer:
    """One query; a second one only where it finds nothing, to tell that from a company or metric that is not there."""
    rows = await call.database.fetch(
        f"{kind.stem}/list", *call.time, company, call.after, call.limit + 1, *filters_of(kind, call.query)
    )
    if not rows and company is not None:
        await require_company(call, company)
    if not rows:
        await require_metric(call, given(getattr(call.query, "metric", UNSET)))
    return page_of(call, rows)


def filters_of(kind: Kind, query: Any) -> list[Any]:
    """The last arguments of a kind's list: its own filters, None for what was not given."""
    return [given(getattr(query, name)) for name in kind.filter.__struct_fields__]


async def require_metric(call: Call, metric: str | None) -> None:
    """Errors: NotFound if there is no such metric: a misspelt one must not read as one without answers."""
    if metric is not None and not await call.database.fetch("metrics/exists", metric):
        codes = [row["code"] for row in await call.database.fetch("metrics/list")]
        fault = Fault(
            parameter="metric",
            value=metric,
            detail="is no metric; `/v1/metrics` lists them",
            suggestion=near(metric, codes),
        )
        raise NotFound(f"No metric {metric!r}.", [fault])


async def require_company(call: Call, ref: str) -> str:
    """The id that a reference stands for.

    Errors: NotFound; Moved if it was merged into another; Ambiguous if several companies carry the identifier.
    """
    scheme, _, value = ref.partition(":")
    check = {"lei": lei_ok, "isin": isin_ok}.get(scheme)
    if value and check and not check(value):
        raise NotFound(f"The check digits of {scheme} {value} do not hold, so no company has it.")
    rows = await call.database.fetch("companies/resolve", call.at.edition, ref)
    if not rows:
        fault = Fault(
            parameter="company",
            value=ref,
            detail="is no company; `/v1/companies?q=` finds names",
            suggestion=None if value else await _nearest_company(call, ref),
        )
        raise NotFound(f"No company {ref!r} at edition {call.at.edition}.", [fault])
    if rows[0]["is_merged"]:
        raise Moved(ref, rows[0]["company_id"])
    if len(rows) > 1:
        names = [row["company_id"] for row in rows]
        fault = Fault(parameter="company", value=ref, detail="stands on several companies", allowed=names)
        raise Ambiguous(f"{ref} stands on several companies: {', '.join(names)}.", [fault])
    return rows[0]["company_id"]


async def _nearest_company(call: Call, slug: str) -> str | None:
    """The company whose names come nearest to a slug, as the search finds it."""
    rows = await call.database.fetch(
        "companies/search", call.at.edition, None, 1, None, None, None, fold(slug.replace("-", " ")), slug.upper()
    )
    return msgspec.json.decode(rows[0]["body"])["id"] if rows else None
