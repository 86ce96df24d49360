"""What is in the store: read with the queries that the service uses, or counted."""

import datetime as dt
from typing import Any

import msgspec

from almanac.store.db import Connection
from almanac.store.queries import QUERIES
from tests.publish.build import emission_id

TABLES = ("edition", "change", "statement", "source", "company", "company_record", "company_name", "emission")


async def newest(connection: Connection) -> int:
    """The newest edition, 0 before the first."""
    head = await connection.fetchrow(QUERIES["publish/head"])
    return head["edition"] if head else 0


async def answer(
    connection: Connection, known_on: str | dt.date, edition: int | None = None, disclosure: str | None = None
) -> dict[str, Any] | None:
    """The version that a read gives; None if there is none or it is withdrawn."""
    day = dt.date.fromisoformat(known_on) if isinstance(known_on, str) else known_on
    at = await newest(connection) if edition is None else edition
    row = await connection.fetchrow(QUERIES["disclosures/read"], at, day, disclosure or emission_id())
    return None if row is None or row["op"] == "withdraw" else msgspec.json.decode(row["body"])


async def value(connection: Connection, known_on: str, edition: int | None = None) -> float | None:
    """The number that a read gives."""
    found = await answer(connection, known_on, edition)
    return None if found is None else found["value"]


async def versions(connection: Connection) -> list[dict[str, Any]]:
    """Every version in order of commit."""
    rows = await connection.fetch("select body from change order by seq")
    return [msgspec.json.decode(row["body"]) for row in rows]


async def ops(connection: Connection) -> list[str]:
    """The op of every version in order of commit."""
    return [one["op"] for one in await versions(connection)]


async def sizes(connection: Connection) -> dict[str, int]:
    """Rows of each table."""
    return {table: await connection.fetchval(f"select count(*) from {table}") for table in TABLES}
