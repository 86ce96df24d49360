"""Batches of a few lines, for tests: one company, one report a date, one disclosure unless told otherwise."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec

from almanac.kind import Kind, disclosure_id, submission
from almanac.kinds import KINDS
from almanac.publish.batch import Batch, CompanyLine, SourceLine
from almanac.publish.publish import Report, publish
from almanac.store.db import Connection

BY_NAME: dict[str, Kind] = {kind.name: kind for kind in KINDS}
EMISSIONS = BY_NAME["emissions"]
ACME = CompanyLine(id="acme", name="Acme Corp.")


def source(key: str, day: str) -> SourceLine:
    """A report that was published on a day."""
    return SourceLine(
        key=key,
        type="sustainability_report",
        title=f"Report {key}",
        publisher="Acme",
        published_on=dt.date.fromisoformat(day),
        licence="CC0",
    )


def row(kind: str, source_key: str, **fields: Any) -> Any:
    """One submitted answer of a kind."""
    line = {"company": "acme", "source": source_key} | fields
    return msgspec.convert(line | {"record": kind}, submission(BY_NAME[kind]))


def emission(source_key: str, value: str | None, **fields: Any) -> Any:
    """Scope 1 of 2022."""
    number = {"missing_reason": "not_disclosed"} if value is None else {"value": Decimal(value)}
    line = {"metric": "ghg.scope1", "period": "2022", "unit": "tCO2e"} | number | fields
    return row("emissions", source_key, **line)


def batch(
    sources: Iterable[SourceLine],
    rows: Iterable[Any],
    companies: Iterable[CompanyLine] = (ACME,),
    note: str | None = None,
) -> Batch:
    """What one publish hands in."""
    return Batch(
        publisher="tests",
        note=note,
        sources={one.key: one for one in sources},
        companies=list(companies),
        rows=list(rows),
    )


def said(key: str, day: str, value: str | None, **fields: Any) -> Batch:
    """A batch of one source with one answer."""
    return batch([source(key, day)], [emission(key, value, **fields)])


async def put(connection: Connection, one: Batch, *, dry_run: bool = False) -> Report:
    """Publish a batch."""
    return await publish(connection, one, kinds=KINDS, dry_run=dry_run)


def emission_id(company: str = "acme", metric: str = "ghg.scope1", period: str = "2022") -> str:
    """Id of an emission of the whole company."""
    return disclosure_id(company, EMISSIONS, {"metric": metric, "period": period})
