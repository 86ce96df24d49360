"""Across companies: what there is, and one metric in one period."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from almanac.kind import Kind
from almanac.model import CompanyRef, MetricCode, Period, ReportingYear
from almanac.web.kinds import require_company, require_metric
from almanac.web.operation import Answer, AnyVersion, Call, Operation, Paged, given, page_of


def operations(_: Sequence[Kind]) -> list[Operation]:
    """Reads across companies."""
    return [_coverage(), _frame()]


class MetricYears(Struct, frozen=True, kw_only=True):
    """Years for which there is an answer."""

    metric: MetricCode
    years: Annotated[list[int], Meta(description="Reporting years with an answer.")]


class KindCount(Struct, frozen=True, kw_only=True):
    """How many disclosures of a kind."""

    kind: Annotated[str, Meta(description="Kind of disclosure.")]
    disclosures: Annotated[int, Meta(description="Number of disclosures with an answer.")]


class CompanyCoverage(Struct, frozen=True, kw_only=True):
    """What there is of one company."""

    company: Annotated[str, Meta(description="Company id.")]
    kinds: Annotated[list[KindCount], Meta(description="Disclosures by kind.")]
    metrics: Annotated[list[MetricYears], Meta(description="Years by metric, of emissions and indicators.")]


class CoverageQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Narrows coverage."""

    company: CompanyRef | UnsetType = UNSET
    metric: MetricCode | UnsetType = UNSET
    year: ReportingYear | UnsetType = UNSET


class FramePath(Struct, frozen=True, kw_only=True):
    """One metric and period."""

    metric: MetricCode
    period: Period


def _coverage() -> Operation:
    async def handle(call: Call) -> Answer:
        query = call.query
        filters = (given(query.company), given(query.metric), given(query.year))
        rows = await call.database.fetch("coverage/list", *call.time, call.after, call.limit + 1, *filters)
        if not rows and query.company is not UNSET:
            await require_company(call, query.company)
        if not rows:
            await require_metric(call, given(query.metric))
        return page_of(call, rows)

    return Operation(
        id="list_coverage",
        path="/v1/coverage",
        tag="Vocabulary",
        summary="What there is, company by company",
        description="Kinds with counts and metrics with years, for companies that have what you ask for.",
        query=CoverageQuery,
        data=list[CompanyCoverage],
        handle=handle,
    )


def _frame() -> Operation:
    async def handle(call: Call) -> Answer:
        metric, period = call.path.metric, call.path.period
        exact = None if len(period) == 4 else period
        year = int(period.removeprefix("FY").rpartition("--")[2][:4])  # a date that does not exist is simply not there
        rows = await call.database.fetch("frames/list", *call.time, call.after, call.limit + 1, metric, exact, year)
        if not rows:
            await require_metric(call, metric)
        return page_of(call, rows)

    return Operation(
        id="read_frame",
        path="/v1/frames/{metric}/{period}",
        tag="Frames",
        summary="One metric, one period, all companies",
        description=(
            "Answers for whole companies (no single gas, boundary, geography or segment). A year such as `2022` takes every "
            "period that ends in it, financial years included; each answer carries its own `period`. Any other period is "
            "taken exactly."
        ),
        params=FramePath,
        query=Paged,
        data=list[AnyVersion],
        handle=handle,
        sample={"metric": "ghg.scope1", "period": "2022"},
    )
