"""Exports of every emission of a synthetic corpus: rows a second and memory of a worker, beside COPY of the same bytes.

python -m bench.exports --companies 1500    # 100,000 versions, published first into a PostgreSQL of its own
"""

import argparse
import asyncio
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import get_args

from bench import synthetic

from almanac.settings import Secret, Settings
from almanac.store import embedded
from almanac.store.db import READER, connect
from almanac.store.exports import Desk, Format, Order, Stored, Wanted
from almanac.store.migrate import migrate

FLOOR = "select convert_from(body, 'utf8') from change where kind = 'emissions' and op <> 'withdraw'"
# A process of its own between this one and the worker: a child begins with the memory of its parent as its peak.
MEASURED = """
import resource, subprocess, sys, time
began = time.perf_counter()
subprocess.run(sys.argv[1:], check=True)
print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


async def _corpus(url: str, companies: int) -> None:
    await migrate(url)
    await synthetic.fill(url, companies, migrated=True)
    connection = await connect(url)
    await connection.execute("vacuum analyze")
    await connection.close()


async def _floor(url: str) -> tuple[float, int]:
    """Seconds and rows of a plain COPY."""
    connection = await connect(url, READER)

    async def take(_: bytes) -> None:
        """Leave it."""

    began = time.monotonic()
    said = await connection.copy_from_query(FLOOR, output=take)
    await connection.close()
    return time.monotonic() - began, int(said.split()[1])


async def _ordered(settings: Settings, form: Format) -> str:
    connection = await connect(str(settings.database_url), READER)
    row = await connection.fetchrow("select edition, known_to from edition order by edition desc limit 1")
    await connection.close()
    assert row is not None, "the corpus was published"
    desk = Desk(settings)
    wanted = Wanted(kind="emissions", filters={}, edition=row["edition"], known_on=row["known_to"], format=form)
    digest = hashlib.sha256(form.encode()).digest()
    taken = await desk.take(Order(wanted=wanted, rows=None, caller=digest, key=None, body=digest))
    await desk.close()
    return taken.id


def _exported(settings: Settings, form: Format) -> tuple[Stored, float, float]:
    """The export, the seconds that a worker took (with its start), and the most memory that it had, in MB."""
    export_id = asyncio.run(_ordered(settings, form))
    told = {"ALMANAC_DATABASE_URL": str(settings.database_url), "ALMANAC_BULK_DIR": str(settings.bulk_path)}
    command = [sys.executable, "-c", MEASURED, sys.executable, "-m", "almanac", "bulk", "exports", "--once"]
    done = subprocess.run(command, env=os.environ | told, check=True, capture_output=True, text=True)
    took, memory_kb = done.stdout.split()
    return asyncio.run(_read(settings, export_id)), float(took), int(memory_kb) / 1024


async def _read(settings: Settings, export_id: str) -> Stored:
    desk = Desk(settings)
    made = await desk.read(export_id)
    await desk.close()
    return made


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=1500)
    companies: int = parser.parse_args().companies
    with tempfile.TemporaryDirectory() as folder:
        server = embedded.postgres(Path(folder))
        try:
            asyncio.run(_corpus(server.url, companies))
            seconds, rows = asyncio.run(_floor(server.url))
            print(f"{'COPY':<10}{rows:>9} rows{seconds:>8.1f} s{rows / seconds:>10.0f} rows/s")
            settings = Settings(database_url=Secret(server.url), bulk_dir=f"{folder}/bulk")
            for form in get_args(Format):
                made, took, memory = _exported(settings, form)
                told = (
                    f"{made.rows:>9} rows{took:>8.1f} s{(made.rows or 0) / took:>10.0f} rows/s"
                    if made.rows
                    else made.reason
                )
                size = f"{(made.size_bytes or 0) / 1e6:>8.1f} MB" if made.size_bytes else ""
                print(f"{form:<10}{told}{size}{memory:>7.0f} MB of memory")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
