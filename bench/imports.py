"""Imports against the floor: the rows that an import writes, copied by PostgreSQL alone into the same tables, in the same run.

The floor is what `COPY ... FROM` (binary) takes for the very rows, in one transaction, into a database of the same schema: all
tables with all their indexes, checks, foreign keys and triggers. Nothing is read, parsed, matched, compared, hashed or encoded
in it, and the rows are in memory already. An import does all of that, begins with a new process, and ends with its commit.
Both run against the same PostgreSQL with its default durability, by turns; what is compared is the ratio of each pair.

    python bench/imports.py [--rows 100000] [--runs 3] [--data ../shared/data] [--json imports.json]
"""

import argparse
import asyncio
import io
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg

from almanac.commands.paths import chosen
from almanac.importers import registry
from almanac.store import embedded
from almanac.store.migrate import migrate

ROOT = Path(__file__).resolve().parents[1]
YEARS = range(2014, 2024)
MAPPING = """
[source]
title = "Invented emissions"
publisher = "Invented Register"
licence = "CC0"
published_on = 2024-06-30
[company]
name = { column = "Company" }
number = { column = "Number" }
register = "invented"
country = { column = "Country" }
[[answer]]
kind = "emissions"
metric = "ghg.scope1"
period = { column = "Year" }
value = { column = "Scope 1" }
unit = { column = "Unit" }
page = { column = "Page" }
"""
# A process of its own between this one and the import: a child begins with the memory of its parent as its peak.
MEASURED = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
code = subprocess.run(sys.argv[1:], check=False).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
told = {"seconds": time.perf_counter() - began, "cpu_seconds": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024}
print("\\n" + json.dumps(told), end="")
sys.exit(code)
"""
# What the migrations fill.
FILLED = ("schema_migration", "metric", "kind")
COLUMNS = """
select attname from pg_attribute
 where attrelid = $1::text::regclass and attnum > 0 and not attisdropped and attidentity = '' and attgenerated = ''
 order by attnum
"""
TABLES = "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by relname"
REFERENCES = "select conrelid::regclass::text, confrelid::regclass::text from pg_constraint where contype = 'f'"


def generate(path: Path, rows: int) -> None:
    """Invented companies with ten years each; the same for the same number of rows."""
    dice = random.Random(7)
    lines = ["Company,Number,Country,Year,Scope 1,Unit,Page"]
    for number in range(rows):
        company, year = number // len(YEARS) + 1, YEARS[number % len(YEARS)]
        country = ("SE", "DE", "CN", "US", "BR")[company % 5]
        value, page = f"{dice.uniform(1e3, 1e6):.1f}", dice.randint(1, 200)
        lines.append(f"Invented Works {company} Ltd,{100_000 + company},{country},{year},{value},t CO2e,{page}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def run_import(database: str, *arguments: str) -> dict[str, Any]:
    """`almanac import` in a process of its own: seconds, CPU seconds, peak megabytes (of it or a child), and its report."""
    command = [sys.executable, "-m", "almanac", "import", *arguments, "--json"]
    environment = {"ALMANAC_DATABASE_URL": database, "PATH": os.environ.get("PATH", "")}
    done = subprocess.run([sys.executable, "-c", MEASURED, *command], env=environment, capture_output=True, check=False)
    report, _, measured = done.stdout.rpartition(b"\n")
    told = json.loads(report or b"null")
    held = told is not None and told["read"]["held"] is not None
    if told is None or (done.returncode and not held):
        raise SystemExit(f"{' '.join(command)}: {done.stderr.decode().strip()}")
    published = told["published"] or {"counts": {}, "rows": 0, "edition": None}
    return json.loads(measured) | {
        "rows": sum(sheet["rows"] for sheet in told["read"]["sheets"]),
        "answers": published["rows"],
        "versions": sum(count for op, count in published["counts"].items() if op not in ("unchanged", "said_again")),
        "edition": published["edition"],
        "held": held,
    }


class Server:
    """A PostgreSQL of this run's own."""

    def __init__(self, folder: Path) -> None:
        self._server = embedded.postgres(folder)
        self.url = self._server.url

    def make(self, name: str) -> str:
        """URL of a new database with the schema."""
        asyncio.run(self._make(name))
        url = self.url.replace("/postgres?", f"/{name}?")
        asyncio.run(migrate(url))
        return url

    async def _make(self, name: str) -> None:
        connection = await asyncpg.connect(self.url)
        await connection.execute(f"drop database if exists {name} with (force)")
        await connection.execute(f"create database {name}")
        await connection.execute("checkpoint")
        await connection.close()

    def version(self) -> str:
        """Version of the server."""

        async def ask() -> str:
            connection = await asyncpg.connect(self.url)
            found = await connection.fetchval("show server_version")
            await connection.close()
            return found

        return asyncio.run(ask())

    def stop(self) -> None:
        """Stop it."""
        self._server.stop()


async def copy_floor(source: str, target: str) -> dict[str, Any]:
    """Copy every row that an import wrote into the same tables elsewhere; seconds from the first row to the commit."""
    one, other = await asyncpg.connect(source), await asyncpg.connect(target)
    copies: list[tuple[str, list[str], bytes]] = []
    for table in await _ordered(one):
        columns = [row["attname"] for row in await one.fetch(COLUMNS, table)]
        rows = io.BytesIO()
        await one.copy_from_table(table, columns=columns, output=rows, format="binary")
        copies.append((table, columns, rows.getvalue()))
    by_table: dict[str, float] = {}
    began = time.perf_counter()
    async with other.transaction():
        for table, columns, rows in copies:
            step = time.perf_counter()
            await other.copy_to_table(table, source=io.BytesIO(rows), columns=columns, format="binary")
            by_table[table] = time.perf_counter() - step
    seconds = time.perf_counter() - began
    for table, *_ in copies:
        counts = [await each.fetchval(f"select count(*) from {table}") for each in (one, other)]
        assert counts[0] == counts[1], (table, counts)
    await one.close()
    await other.close()
    megabytes = sum(len(rows) for *_, rows in copies) / 1e6
    return {"seconds": seconds, "megabytes": megabytes, "tables": {k: v for k, v in by_table.items() if v > 0.005}}


async def _ordered(connection: Any) -> list[str]:
    """Tables that imports fill, each after those that it refers to."""
    left = {row["relname"] for row in await connection.fetch(TABLES)} - set(FILLED)
    needs: dict[str, set[str]] = {table: set() for table in left}
    for table, referred in await connection.fetch(REFERENCES):
        if table in needs and table != referred:
            needs[table].add(referred)
    ordered: list[str] = []
    while left:
        free = sorted(table for table in left if not needs[table] & left)
        assert free, f"a ring of foreign keys: {left}"
        ordered += free
        left -= set(free)
    return ordered


def against_floor(server: Server, folder: Path, rows: int, runs: int) -> dict[str, Any]:
    """Pairs of an import and its floor, by turns, each into a database of its own."""
    table, mapping = folder / "invented.csv", folder / "invented.toml"
    generate(table, rows)
    mapping.write_text(MAPPING, encoding="utf-8")
    pairs: list[dict[str, Any]] = []
    for number in range(runs):
        source, target = server.make("imported"), server.make("copied")
        done = run_import(source, "table", str(table), "--mapping", str(mapping))
        assert done["versions"] == rows, done
        floor = asyncio.run(copy_floor(source, target))
        pairs.append({"import": done, "floor": floor, "ratio": floor["seconds"] / done["seconds"]})
        _say(f"run {number + 1}: import {done['seconds']:.1f} s, floor {floor['seconds']:.1f} s")
    again = run_import(source, "table", str(table), "--mapping", str(mapping))
    assert again["edition"] is None, again
    return {"rows": rows, "pairs": pairs, "again": again, "ratio": statistics.median(one["ratio"] for one in pairs)}


def each_file(server: Server, data: Path) -> Iterator[dict[str, Any]]:
    """Every file of a folder, oldest first, each in a process of its own, into one database."""
    database = server.make("files")
    files, _ = chosen((data,))
    for found in sorted((registry.find(path) for path in files), key=lambda one: (one.released, one.path.name)):
        done = run_import(database, str(found.path))
        _say(f"{found.path.name}: {done['seconds']:.1f} s")
        yield {"file": str(found.path.relative_to(data)), "released": str(found.released)} | done


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def markdown(told: dict[str, Any]) -> str:
    """The figures as tables."""
    machine, floor = told["machine"], told["floor"]
    pairs, count = floor["pairs"], f"{floor['rows']:,}"
    shown = {
        "import, s": [f"{one['import']['seconds']:.2f}" for one in pairs],
        "of it CPU of its process, s": [f"{one['import']['cpu_seconds']:.2f}" for one in pairs],
        "floor, COPY of the same rows, s": [f"{one['floor']['seconds']:.2f}" for one in pairs],
        "**floor / import**": [f"**{one['ratio']:.2f}**" for one in pairs],
        "versions a second": [f"{floor['rows'] / one['import']['seconds']:,.0f}" for one in pairs],
        "peak memory, MB": [f"{one['import']['peak_mb']:.0f}" for one in pairs],
    }
    tables = ", ".join(f"`{name}` {spent:.2f} s" for name, spent in pairs[-1]["floor"]["tables"].items())
    lines = [
        f"{machine['cpu']}, {machine['cores']} cores, load {machine['load']}; Python {machine['python']}, "  # noqa: ISC004
        f"PostgreSQL {machine['postgresql']}.",
        "",
        _line([f"{count} rows, {count} versions", *(f"run {number}" for number in range(1, len(pairs) + 1))]),
        _line(["---", *["---:"] * len(pairs)]),
        *(_line([name, *cells]) for name, cells in shown.items()),
        "",
        f"Median ratio {floor['ratio']:.2f}. The floor copies {pairs[-1]['floor']['megabytes']:.0f} MB: {tables}.",
        f"The same file again, which publishes nothing: {floor['again']['seconds']:.1f} s.",
    ]
    if told["files"]:
        lines += ["", *_files(told["files"])]
    return "\n".join(lines)


def _files(files: list[dict[str, Any]]) -> Iterator[str]:
    yield _line(["file", "released", "rows", "answers", "versions", "s", "peak MB"])
    yield _line(["---", "---", *["---:"] * 5])
    for one in files:
        versions = "held" if one["held"] else f"{one['versions']:,}"
        counts = [f"{one['rows']:,}", f"{one['answers']:,}", versions]
        yield _line([one["file"], one["released"], *counts, f"{one['seconds']:.1f}", f"{one['peak_mb']:.0f}"])
    rows, answers, versions = (sum(one[name] for one in files) for name in ("rows", "answers", "versions"))
    seconds, most = sum(one["seconds"] for one in files), max(one["peak_mb"] for one in files)
    yield _line(["all", "", f"{rows:,}", f"{answers:,}", f"{versions:,}", f"{seconds:.0f}", f"{most:.0f}"])


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Measure, and print one report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--json", type=Path, dest="json_to")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(folder)
        try:
            told = {
                "machine": {
                    "cpu": _cpu(),
                    "cores": os.cpu_count(),
                    "load": f"{os.getloadavg()[0]:.1f}",
                    "python": platform.python_version(),
                    "postgresql": server.version(),
                },
                "floor": against_floor(server, folder, options.rows, options.runs),
                "files": list(each_file(server, options.data)) if options.data.is_dir() else [],
            }
        finally:
            server.stop()
    if options.json_to:
        options.json_to.write_text(json.dumps(told, indent=2), encoding="utf-8")
    print(markdown(told))


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
