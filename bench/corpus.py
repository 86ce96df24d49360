"""Fills a database with a synthetic corpus, through the same publish as everything else: to measure, never to cite.

    python bench/corpus.py URL --versions 1000000

Companies, numbers and documents are invented by a random generator with a fixed seed. Of the versions 8 in 10 are first
answers, the rest later documents that restate, correct or withdraw; 4 in 5 are emissions, the others targets and awards. Texts
are short and regular, so they pack better than real ones.
"""

import argparse
import asyncio
import datetime as dt
import random
import time
from decimal import Decimal

import msgspec

from almanac.kind import submission
from almanac.kinds import KINDS
from almanac.publish.batch import Batch, CompanyLine, Identifier, SourceLine
from almanac.publish.publish import publish
from almanac.store.db import PUBLISHER, connect
from almanac.store.migrate import migrate

BATCH = 20_000
PER_COMPANY = 200
METRICS = ("ghg.scope1", "ghg.scope2.lb", "ghg.scope2.mb", "ghg.scope3", "ghg.total")
SHAPES = {kind.name: submission(kind) for kind in KINDS}


def source(number: int) -> SourceLine:
    return SourceLine(
        key=f"s{number}",
        type="data_set",
        title=f"Synthetic report {number}",
        publisher="bench/corpus.py",
        published_on=dt.date(2020, 1, 1) + dt.timedelta(days=number % 1800),
        licence="CC0 1.0 (synthetic)",
    )


def row(kind: str, key: str, company: str, **fields: object) -> object:
    return msgspec.convert(fields | {"record": kind, "source": key, "company": company}, SHAPES[kind])


def answers(chance: random.Random, key: str, company: str, *, again: bool) -> list[object]:
    """What one document says about one company; a later one changes one in five."""
    found: list[object] = []
    for number in range(PER_COMPANY):
        if again and chance.random() > 0.25:
            continue
        value = Decimal(chance.randrange(10**8)).scaleb(-chance.randrange(3))
        withdrawn = again and chance.random() < 0.05
        match number % 10:
            case 8:
                found.append(row("targets", key, company, scheme="sbti", term="near_term", reference=f"t{number}",
                                 status="targets_set", target_year=2030 + number % 20, value_pct=value % 100, scopes=["1", "2"],
                                 withdrawn=withdrawn))  # fmt: skip
            case 9:
                found.append(
                    row("awards", key, company, name=f"Award {number} {value}" if not again else f"Award {number}")
                )
            case _:
                found.append(row("emissions", key, company, metric=METRICS[number % 5], period=str(1990 + number // 10),
                                 segment=f"site {number % 7}", value=value, unit="tCO2e", page=str(number),
                                 as_reported=f"{value} t", withdrawn=withdrawn))  # fmt: skip
    return found


async def fill(url: str, versions: int) -> None:
    await migrate(url)
    connection = await connect(url, PUBLISHER)
    chance, started, made, number = random.Random(1), time.monotonic(), 0, 0
    try:
        while made < versions:
            again = number % 2 == 1
            first = (number // 2) * (BATCH // PER_COMPANY)
            names = [f"synthetic-{n:06}" for n in range(first, first + BATCH // PER_COMPANY)]
            one = source(number)
            lines = [
                CompanyLine(
                    id=name, name=f"Synthetic {name[-6:]} Ltd", identifiers=[Identifier(scheme="bench", value=name)]
                )
                for name in names
            ]
            rows = [said for name in names for said in answers(chance, one.key, name, again=again)]
            batch = Batch(publisher="bench", note="synthetic", sources={one.key: one}, companies=lines, rows=rows)
            report = await publish(connection, batch, kinds=KINDS)
            made += sum(n for op, n in report.counts.items() if op not in ("unchanged", "said_again"))
            number += 1
            if number % 20 == 0:
                print(f"{made} versions, {made / (time.monotonic() - started):.0f} a second", flush=True)
    finally:
        await connection.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--versions", type=int, default=1_000_000)
    given = parser.parse_args()
    asyncio.run(fill(given.url, given.versions))
