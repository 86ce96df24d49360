"""A synthetic corpus, published by the same publish as everything else: to measure with, never to cite.

    python -m bench.synthetic URL [--companies 20000]

Nothing in it is of the world. Companies, numbers, documents and dates come from a generator whose seed is the company's number,
so that a corpus of few companies is the beginning of one of many. Ids begin with `synthetic-`, schemes are called `synthetic`,
and publisher, titles, licence and notes say what made them.

A company has 66 versions or so: emissions of ten years by five metrics and of a base year by two, two targets, three
ratings and a commitment from a first report; then a second report restates every seventh emission and withdraws a few.
All first reports are published before any second one, so that every edition of the second half knows every company:

| --companies | versions, about |
|---|---|
| 6,000 | 400,000 |
| 15,000 | 1,000,000 |
| 20,000 | 1,300,000, of these 1,040,000 emissions that a list can be walked through |
| 60,000 | 4,000,000 |

Texts are short and regular, so they pack better than real ones, and every company is as large as every other.
A corpus that was left unfinished is finished; one that is finished is left alone.
"""

import argparse
import asyncio
import datetime as dt
import random
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from almanac.kind import submission
from almanac.kinds import KINDS
from almanac.publish.batch import Batch, CompanyLine, Identifier, SourceLine
from almanac.publish.publish import publish
from almanac.store.db import PUBLISHER, Connection, connect
from almanac.store.migrate import migrate

PUBLISHER_ID = "synthetic-bench"
"""Publisher of every edition of a synthetic corpus."""
VERSION = 1
"""Raised with every change of what is generated: another corpus is then made beside the old one."""
COMPANIES = 20_000
YEARS = range(2014, 2024)
METRICS = ("ghg.scope1", "ghg.scope2.lb", "ghg.scope2.mb", "ghg.scope3", "ghg.total")
_BASE_YEAR = 2010
BATCH = 500
_COUNTRIES = ("BR", "CN", "DE", "FR", "IN", "JP", "SE", "US")
_SECTORS = ("Chemicals", "Food", "Metals", "Power", "Retail", "Software", "Transport")
_GRADES = ("A", "A-", "B", "B-", "C", "C-", "D", "D-", "F")
_SHAPES: dict[str, Any] = {kind.name: submission(kind) for kind in KINDS}


def company_id(number: int) -> str:
    """Id of a company; numbers begin with 1."""
    return f"synthetic-{number:06}"


async def fill(url: str, companies: int = COMPANIES, *, migrated: bool = False) -> int:
    """Bring a database to so many companies, from where it stands, and return its versions.

    Errors: ValueError if the database holds editions of another publisher or more companies.
    """
    if not migrated:
        await migrate(url)
    connection = await connect(url, PUBLISHER)
    try:
        steps = list(batches(companies))
        done = await _done(connection, len(steps))
        started, made = time.monotonic(), 0
        for number, (first, last, again) in enumerate(steps[done:], done + 1):
            one = msgspec.structs.replace(batch(first, last, again=again), note=_note(len(steps)))
            report = await publish(connection, one, kinds=KINDS)
            made += report.rows
            if number % 10 == 0 or number == len(steps):
                pace = made / (time.monotonic() - started)
                print(f"synthetic corpus: {number} of {len(steps)} editions, {pace:.0f} rows a second", flush=True)
        return await connection.fetchval("select last_seq from edition order by edition desc limit 1")
    finally:
        await connection.close()


async def _done(connection: Connection, steps: int) -> int:
    """How many editions there are already, each one of the steps."""
    rows = await connection.fetch("select edition, publisher, note from edition order by edition")
    strange = [row["edition"] for row in rows if row["publisher"] != PUBLISHER_ID]
    if strange:
        raise ValueError(f"edition {strange[0]} is not of {PUBLISHER_ID}: a corpus to measure with stands alone")
    if rows and (len(rows) > steps or rows[0]["note"] != _note(steps)):
        raise ValueError(f"the database holds another size of corpus ({rows[0]['note']})")
    return len(rows)


def _note(steps: int) -> str:
    return f"Synthetic: invented by bench/synthetic.py, {steps} editions in all; about no company of the world"


def batches(companies: int) -> Iterator[tuple[int, int, bool]]:
    """First company, last company, and whether it is their second report; one edition each."""
    for again in (False, True):
        for first in range(1, companies + 1, BATCH):
            yield first, min(first + BATCH - 1, companies), again


def batch(first: int, last: int, *, again: bool) -> Batch:
    """One edition: the first or the second reports of some companies."""
    sources: dict[str, SourceLine] = {}
    lines: list[CompanyLine] = []
    rows: list[Any] = []
    for number in range(first, last + 1):
        chance = random.Random(f"{number} {again}")
        report = _report(number, again=again)
        sources[report.key] = report
        if again:
            rows += _second(chance, number, report.key)
        else:
            lines.append(_company(number))
            rows += _first(chance, number, report.key)
    return Batch(publisher=PUBLISHER_ID, note=None, sources=sources, companies=lines, rows=rows)


def _company(number: int) -> CompanyLine:
    return CompanyLine(
        id=company_id(number),
        name=f"Synthetic {_SECTORS[number % 7]} {number} Ltd",
        country=_COUNTRIES[number % 8],
        identifiers=[Identifier(scheme="synthetic", value=str(number))],
    )


def _report(number: int, *, again: bool) -> SourceLine:
    return SourceLine(
        key=f"{number}",
        type="sustainability_report",
        title=f"Synthetic report {2024 if again else 2023} of company {number}",
        publisher=f"Synthetic {_SECTORS[number % 7]} {number} Ltd",
        published_on=dt.date(2025 if again else 2024, 3, 1) + dt.timedelta(days=number % 90),
        licence="CC0 1.0 (synthetic, made by bench/synthetic.py)",
    )


def _first(chance: random.Random, number: int, source: str) -> Iterator[Any]:
    said = {"source": source, "company": company_id(number)}
    level = chance.lognormvariate(11, 1.5)
    yield _emission(said, "ghg.scope1", _BASE_YEAR, _level(chance, level))
    yield _emission(said, "ghg.scope2.mb", _BASE_YEAR, _level(chance, level))
    for year in YEARS:
        for metric in METRICS:
            yield _emission(said, metric, year, _level(chance, level))
    for term, year, pct in (("near_term", 2030, chance.randrange(25, 60)), ("net_zero", 2050, 90)):
        yield _SHAPES["targets"](
            **said,
            scheme="synthetic",
            term=term,
            reference="headline",
            status="targets_set",
            target_kind="absolute",
            value_pct=Decimal(pct),
            base_year=_BASE_YEAR,
            target_year=year,
            scopes=["1", "2"],
        )
    for year in YEARS[-3:]:
        yield _SHAPES["ratings"](
            **said, scheme="synthetic", programme="climate", year=year, grade=chance.choice(_GRADES)
        )
    yield _SHAPES["commitments"](
        **said,
        scheme="synthetic",
        type="net_zero",
        status="active",
        published_on="2023-05-11",
        deadline=dt.date(2025, 5, 11),
        horizon_year=2050,
    )


def _second(chance: random.Random, number: int, source: str) -> Iterator[Any]:
    said = {"source": source, "company": company_id(number)}
    for year in YEARS:
        for metric in METRICS:
            if chance.random() < 1 / 7:
                value = _level(chance, chance.lognormvariate(11, 1.5))
                yield _emission(said, metric, year, value, withdrawn=chance.random() < 0.01)


def _level(chance: random.Random, level: float) -> Decimal:
    return Decimal(round(level * chance.uniform(7, 13))).scaleb(-1)


def _emission(said: dict[str, str], metric: str, year: int, value: Decimal, *, withdrawn: bool = False) -> Any:
    return _SHAPES["emissions"](
        **said,
        metric=metric,
        period=str(year),
        value=value,
        unit="tCO2e",
        page=str(year % 100),
        as_reported=f"{value} t",
        withdrawn=withdrawn,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--companies", type=int, default=COMPANIES)
    given = parser.parse_args()
    print(f"{asyncio.run(fill(given.url, given.companies))} versions")
