"""Migrations: forward only, checksummed, one at a time across processes; the vocabulary follows them.

A file runs in one transaction unless its first line says `-- transaction: off`; then it makes one index, concurrently.
"""

import asyncio
import csv
import hashlib
import re
import time
from collections.abc import Mapping
from pathlib import Path

from almanac.errors import Misconfigured, Unavailable
from almanac.store import state_digest
from almanac.store.db import Connection, LackingPrivilege, LockedOut, connect
from almanac.store.queries import QUERIES, folder

_LOCK = 0x616C6D616E6163  # "almanac"
_DATA = Path(__file__).resolve().parents[1] / "data"
_OUTSIDE = "-- transaction: off"
_INDEX = re.compile(r"^create index concurrently (\w+) on ", re.MULTILINE)
_MIGRATION_TABLE = """
create table if not exists schema_migration (
  version    integer     primary key,
  name       text        not null,
  sha256     bytea       not null,
  applied_at timestamptz not null default now(),
  duration_ms integer    not null
)"""


async def migrate(database_url: str) -> list[str]:
    """Apply what is missing and load the vocabulary; names of the files applied.

    Errors: Misconfigured if an applied file was edited or is gone; Unavailable without PostgreSQL, or while
    others read or write for long.
    """
    connection = await connect(database_url)
    try:
        await _lock(connection)
        await connection.execute(_MIGRATION_TABLE)
        known = {row["version"]: row["sha256"] for row in await connection.fetch(QUERIES["migrations/list"])}
        gone = set(known) - {int(path.name[:4]) for path in files()}
        if gone:
            raise Misconfigured(f"the database has migrations that this release does not know: {sorted(gone)}")
        applied = [path.name for path in files() if await _apply(connection, path, known)]
        await _load_metrics(connection)
        head = await connection.fetchrow(QUERIES["publish/head"])
        await state_digest.extend(connection, head["edition"] if head else 0)
    except LackingPrivilege as error:
        raise Misconfigured(f"the login that migrates needs the right to create roles and tables: {error}") from error
    except LockedOut as error:
        raise Unavailable(
            "a migration waits for a long read or a publish, such as an export; run it again later"
        ) from error
    else:
        return applied
    finally:
        await connection.close()


def files() -> list[Path]:
    """Migration files in order."""
    return sorted((folder() / "migrations").glob("[0-9][0-9][0-9][0-9]_*.sql"))


def _text(path: Path) -> str:
    return path.read_text("utf-8").replace("\r\n", "\n")


async def _lock(connection: Connection) -> None:
    # Polling, not waiting: a session blocked in pg_advisory_lock holds a snapshot that can deadlock an index build.
    deadline = time.monotonic() + 60
    while not await connection.fetchval(QUERIES["migrations/lock"], _LOCK):
        if time.monotonic() > deadline:
            raise Misconfigured("another migration has been running for a minute")
        await asyncio.sleep(0.1)


async def _apply(connection: Connection, path: Path, known: Mapping[int, bytes]) -> bool:
    text = _text(path)
    version, digest = int(path.name[:4]), hashlib.sha256(text.encode()).digest()
    if version in known:
        if known[version] != digest:
            raise Misconfigured(f"{path.name} was edited after it was applied")
        return False
    started = time.monotonic()
    await connection.execute("set lock_timeout = '2s'")

    async def run() -> None:
        await connection.execute(text)
        spent = int((time.monotonic() - started) * 1000)
        await connection.execute(QUERIES["migrations/record"], version, path.stem, digest, spent)

    if text.startswith(_OUTSIDE):
        # A run that was stopped may have left the index, whole or not, and no word of it.
        for name in _INDEX.findall(text):
            await connection.execute(await connection.fetchval(QUERIES["migrations/unmade"], name))
        await run()
    else:
        async with connection.transaction():
            await run()
    return True


async def _load_metrics(connection: Connection) -> None:
    with (_DATA / "metrics.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = ("code", "label", "unit", "topic", "scope", "scope2_method", "period_type", "good_when", "esrs", "ifrs",
               "notes")  # fmt: skip
    values = [[row[name] or None for row in rows] for name in columns]
    categories = [int(row["s3_category"]) if row["s3_category"] else None for row in rows]
    await connection.execute(QUERIES["metrics/load"], *values, categories)
