"""Batches as callers hand them in, and keys to do it with."""

import asyncio
import datetime as dt
import itertools
import json

import httpx

from almanac.store import keys
from almanac.store.db import connect
from tests.api.batches import emission
from tests.client import Client

URL = "/v1/submissions"
_names = itertools.count(1)


def make_key(database_url: str, role: keys.Role = "publisher", *, revoked: bool = False, expired: bool = False) -> str:
    """Token of a key of the role."""

    async def run() -> str:
        connection = await connect(database_url)
        try:
            key, token = await keys.create(connection, "Invented Ltd", role, dt.date(2199, 1, 1) if expired else None)
            if revoked:
                await keys.revoke(connection, key.key_id)
            if expired:
                lapsed = (
                    "update api_key set created_at = now() - interval '2 days', expires_at = now() where key_id = $1"
                )
                await connection.execute(lapsed, key.key_id)
            return token
        finally:
            await connection.close()

    return asyncio.run(run())


def lines(*rows: dict, company: str = "handed-in") -> bytes:
    """A batch of these rows about one company, from one source."""
    source = {"record": "source", "key": "s", "type": "other", "title": f"Report of {company}", "licence": "CC0 1.0"}
    source |= {"publisher": "Invented for tests", "published_on": "2025-01-01"}
    head = [source, {"record": "company", "id": company, "name": f"Invented {company}"}]
    return b"".join(json.dumps(line).encode() + b"\n" for line in [*head, *rows])


def levels(company: str, count: int, value: float = 1) -> bytes:
    """A batch of so many levels, one a year."""
    rows = [
        emission(company, 1900 + n % 300, value + n, metric=("ghg.scope1", "ghg.scope3")[n // 300 % 2])
        for n in range(count)
    ]
    for n, row in enumerate(rows):
        row["segment"] = f"part {n}"
    return lines(*rows, company=company)


def hand_in(
    api: Client, token: str, content: bytes, name: str | None = None, query: str = "", **headers: str
) -> httpx.Response:
    """One POST of a batch under an idempotency key, a new one if none is given; the answer is checked."""
    told = {"Authorization": f"Bearer {token}", "Content_Type": "application/x-ndjson"}
    told |= {"Idempotency_Key": name or f"test-{next(_names)}"} | headers
    return api.post(URL + query, content, **{name: value for name, value in told.items() if value})
