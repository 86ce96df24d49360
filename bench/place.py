"""The folder that a run measures in: a PostgreSQL and a Valkey of its own, and corpora that are kept for the next run.

PostgreSQL runs as `almanac up` runs it (profile `safe`). What the peers read is made from the corpus once and kept as well.
"""

import asyncio
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import msgspec
from bench import synthetic
from bench.peers import sqlite
from msgspec import Raw, Struct

from almanac.store.migrate import migrate

_TABLES = Path(__file__).parent / "peers" / "tables.sql"
_THREADS = 4
_TOLD = """
select edition, last_seq, known_to::text, (select count(*) from emission where op = 'add') as emissions
  from edition order by edition desc limit 1
"""


class Corpus(Struct, frozen=True):
    """A finished corpus: synthetic, or of the companies that are named."""

    url: str
    companies: int
    editions: int
    versions: int
    emissions: int
    known_on: str
    named: tuple[str, ...] = ()

    def told(self) -> str:
        """For the report."""
        made = "of files" if self.named else "synthetic"
        return f"{self.companies:,} companies, {self.versions:,} versions, {self.editions} editions, {made}"

    def ids(self) -> list[str]:
        """Every company, in order."""
        return [*self.named] or [synthetic.company_id(number) for number in range(1, self.companies + 1)]


def corpus(postgres: str, companies: int) -> Corpus:
    """The corpus of so many companies in a database of its own, made or finished where need be."""
    return asyncio.run(_corpus(postgres, companies))


async def _corpus(postgres: str, companies: int) -> Corpus:
    name = f"synthetic_{companies}_v{synthetic.VERSION}"
    admin = await asyncpg.connect(postgres)
    try:
        if not await admin.fetchval("select true from pg_database where datname = $1", name):
            await admin.execute(f"create database {name}")
    finally:
        await admin.close()
    url = postgres.replace("/postgres?", f"/{name}?")
    await migrate(url)
    began = time.monotonic()
    versions = await synthetic.fill(url, companies, migrated=True)
    connection = await asyncpg.connect(url)
    try:
        # So that no vacuum of its own runs while others are measured, and plans rest on what is there.
        if not await connection.fetchval(
            "select last_vacuum is not null from pg_stat_all_tables where relname = 'change'"
        ):
            print(f"Made {versions} versions in {time.monotonic() - began:.0f} s", flush=True)
            await connection.execute("vacuum (analyze)")
        told = await connection.fetchrow(_TOLD)
    finally:
        await connection.close()
    return Corpus(url, companies, told["edition"], told["last_seq"], told["emissions"], told["known_to"])


async def of_files(postgres: str, files: Path) -> Corpus:
    """What an import makes of all files of a folder, in a new database."""
    url = postgres.replace("/postgres?", "/of_files?")
    admin = await asyncpg.connect(postgres)
    await admin.execute("drop database if exists of_files")
    await admin.execute("create database of_files")
    await admin.close()
    await migrate(url)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ALMANAC_")}
    command = [sys.executable, "-m", "almanac", "import", str(files)]
    # What is held back for a review, or is known to no importer, is told there and is no failure here.
    await asyncio.to_thread(subprocess.run, command, env=environ | {"ALMANAC_DATABASE_URL": url}, check=False)
    connection = await asyncpg.connect(url)
    await connection.execute("vacuum (analyze)")
    told = await connection.fetchrow(_TOLD)
    named = tuple(row["company"] for row in await connection.fetch("select distinct company_id as company from change"))
    await connection.close()
    return Corpus(url, len(named), told["edition"], told["last_seq"], told["emissions"], told["known_to"], named)


async def tables(corpus: Corpus) -> bool:
    """Make the schema `peers`, unless it is there. False if its profiles have yet to be filled."""
    connection = await asyncpg.connect(corpus.url)
    try:
        if await connection.fetchval("select to_regnamespace('peers') is null"):
            async with connection.transaction():
                await connection.execute(_TABLES.read_text("utf-8"))
        return await connection.fetchval("select count(*) from peers.profile") == corpus.companies
    finally:
        await connection.close()


class _Answer(Struct):
    data: Raw


def profiles(corpus: Corpus, port: int) -> None:
    """Fill `peers.profile` with what the product answers of every company, byte for byte."""
    ids = corpus.ids()
    bodies = fetch(port, [f"/v1/companies/{one}" for one in ids])
    docs = (bytes(msgspec.json.decode(body, type=_Answer).data).decode() for body in bodies)
    asyncio.run(_store(corpus.url, list(zip(ids, docs, strict=True))))


async def _store(url: str, rows: list[tuple[str, str]]) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("truncate peers.profile")
            await connection.copy_records_to_table("profile", schema_name="peers", records=rows)
        await connection.execute("vacuum (analyze)")
    finally:
        await connection.close()


def fetch(port: int, paths: list[str]) -> Iterator[bytes]:
    """Bodies of paths, in order, over a few connections. Errors: RuntimeError names the first answer that is not 200."""
    size = -(-len(paths) // _THREADS)
    with ThreadPoolExecutor(_THREADS) as threads:
        for part in threads.map(lambda n: _fetch(port, paths[n * size : (n + 1) * size]), range(_THREADS)):
            yield from part


def _fetch(port: int, paths: list[str]) -> list[bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    found = []
    for path in paths:
        status, _, body = ask(connection, path)
        if status != 200:
            raise RuntimeError(f"{path} was answered with {status}: {body[:300]!r}")
        found.append(body)
    connection.close()
    return found


def ask(connection: http.client.HTTPConnection, path: str, **headers: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers with lower-case names, and body."""
    connection.request("GET", path, headers={"Accept": "application/json", **headers})
    answer = connection.getresponse()
    return answer.status, [(name.lower(), value) for name, value in answer.getheaders()], answer.read()


def sqlite_file(folder: Path, corpus: Corpus) -> Path:
    """The documents as SQLite, made from the schema `peers` unless they were before."""
    file = folder / corpus.url.split("?")[0].rpartition("/")[2] / "corpus.db"
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        print("Copying the documents into SQLite for Datasette", flush=True)
        sqlite.copy(corpus.url, file)
    return file
