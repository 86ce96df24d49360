"""Small batches of invented answers, published from this process while a server of another process answers."""

import asyncio
import json

import asyncpg

from almanac.kinds import KINDS
from almanac.publish import batch
from almanac.publish.publish import Report, publish
from almanac.store.db import PUBLISHER, connect


def emission(company: str, year: int, value: float, source: str = "s", metric: str = "ghg.scope1") -> dict:
    """One level."""
    return {
        "record": "emissions",
        "company": company,
        "source": source,
        "metric": metric,
        "period": str(year),
        "value": value,
        "unit": "tCO2e",
    }


def put(database_url: str, *rows: dict, on: str = "2025-01-01", title: str = "Invented report") -> Report:
    """Publish rows as one edition, from a source of that date and title; every company they name is made."""
    said = {
        "type": "other",
        "title": title,
        "publisher": "Invented for tests",
        "published_on": on,
        "licence": "CC0 1.0",
    }
    names = dict.fromkeys(row["company"] for row in rows if "company" in row)
    lines = [{"record": "source", "key": "s", **said}]
    lines += [{"record": "company", "id": name, "name": f"Invented {name}"} for name in names]
    return put_lines(database_url, *lines, *rows)


def put_lines(database_url: str, *lines: dict) -> Report:
    """Publish lines of a batch as they are."""
    text = "\n".join(json.dumps(line) for line in lines).encode()

    async def run() -> Report:
        connection = await connect(database_url, PUBLISHER)
        try:
            return await publish(connection, batch.parse(text, KINDS, "Invented for tests"), kinds=KINDS)
        finally:
            await connection.close()

    return asyncio.run(run())


def fetch(database_url: str, query: str) -> list[asyncpg.Record]:
    """Rows of a query as the owner of the database."""

    async def run() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(database_url)
        try:
            return await connection.fetch(query)
        finally:
            await connection.close()

    return asyncio.run(run())


def execute(database_url: str, statement: str) -> None:
    """One statement as the owner of the database."""

    async def run() -> None:
        connection = await asyncpg.connect(database_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())
