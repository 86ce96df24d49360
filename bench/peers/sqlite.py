"""The documents as SQLite, and what Datasette is told about them."""

import asyncio
import json
import sqlite3
from pathlib import Path

import asyncpg

METADATA = {
    "databases": {
        "corpus": {
            "queries": {
                "profile": {"sql": "select doc from profile where id = :id"},
                "emissions": {
                    "sql": "select doc from emission where metric = :metric and year = cast(:year as integer)"
                    " and company_id > :after order by company_id limit 100"
                },
            }
        }
    }
}
"""Two canned queries, over documents that are stored ready: one profile, one page of emissions."""
_TABLES = """
create table profile (id text primary key, doc text not null) without rowid;
create table emission (metric text not null, year integer not null, company_id text not null, doc text not null);
"""
_INDEX = "create index emission_filter on emission (metric, year, company_id)"
_COPIES = (
    ("select id, doc::text from peers.profile order by id", "insert into profile values (?, ?)"),
    (
        "select metric, year, company_id, doc::text from peers.emission_doc order by metric, year, company_id",
        "insert into emission values (?, ?, ?, ?)",
    ),
)


def copy(database: str, file: Path) -> None:
    """Copy the documents of the schema `peers` into a new SQLite file, whole or not at all."""
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    target = sqlite3.connect(draft)
    target.executescript(f"pragma journal_mode = off; pragma synchronous = off; {_TABLES}")
    asyncio.run(_copy(database, target))
    target.execute(_INDEX)
    target.execute("analyze")
    target.commit()
    target.close()
    draft.rename(file)


async def _copy(database: str, target: sqlite3.Connection) -> None:
    connection = await asyncpg.connect(database)
    try:
        async with connection.transaction():
            for read, write in _COPIES:
                cursor = await connection.cursor(read)
                while rows := await cursor.fetch(10_000):
                    target.executemany(write, [tuple(row) for row in rows])
        target.commit()
    finally:
        await connection.close()


def metadata(file: Path) -> Path:
    """Write the metadata beside the SQLite file."""
    path = file.with_name("metadata.json")
    path.write_text(json.dumps(METADATA), "utf-8")
    return path
