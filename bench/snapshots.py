"""Snapshots of a corpus, beside psql: rows a second and memory of each format, of the whole, and what reads notice.

    python -m bench.snapshots [--companies 15000] [--rounds 3]   # 1,000,000 synthetic versions, kept; needs psql
    python -m bench.snapshots --files ../shared/data             # all files of a folder, imported first

The floor is `\\copy` of the table of emissions to a CSV file by psql: its columns as they are, unpacked and in no order. What
is held against it gives the same rows: NDJSON as they are served, CSV with the ids of others, Parquet from that CSV.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import machine, place
from bench.contenders import ROOT, Starter
from tests.faults.load import Load

from almanac.bulk import parquet, rows
from almanac.bulk.export import ENDINGS
from almanac.bulk.sink import Sink
from almanac.columns import of_kind
from almanac.commands import terminal
from almanac.kinds import KINDS
from almanac.store import embedded
from almanac.store.db import READER, connect
from almanac.store.queries import QUERIES

KIND = next(kind for kind in KINDS if kind.name == "emissions")
RATE = 40
"""Reads a second of an API that has other work: a tenth of what one core answers cold."""
# A process of its own between this one and the measured: a child begins with the memory of its parent as its peak.
_MEASURED = """
import resource, subprocess, sys, time
began = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, check=True)
took, memory = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(" ".join(done.stdout.decode().split()), took, memory, sep="\\t")
"""
Measures = dict[str, float]


def main() -> None:
    """Print a table a part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=15_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--state", type=Path, default=ROOT / ".almanac" / "bench", help="kept between runs")
    parser.add_argument("--files", type=Path, help="a folder to import, in place of the synthetic corpus")
    parser.add_argument("--part", help=argparse.SUPPRESS, nargs=3)
    given = parser.parse_args()
    if given.part:
        terminal.run(_part(*given.part))
        return
    print(json.dumps(machine.described()))
    with embedded.postgres(given.state.resolve()) as postgres, tempfile.TemporaryDirectory() as folder:
        corpus = (
            asyncio.run(place.of_files(postgres.url, given.files.resolve()))
            if given.files
            else place.corpus(postgres.url, given.companies)
        )
        print(corpus.told())
        _formats(corpus, Path(folder), given.rounds)
        _whole(corpus, Path(folder) / "bulk")


def _formats(corpus: place.Corpus, folder: Path, rounds: int) -> None:
    runs: dict[str, list[Measures]] = {name: [] for name in ("copy", *ENDINGS.values())}
    for number in range(rounds):
        for name, found in runs.items():
            found.append(_floor(corpus, folder) if name == "copy" else _format(corpus, folder, name))
            print(f"round {number + 1}  {name:10} {found[-1]['rate']:10,.0f} rows a second", flush=True)
    print("\n| every version of emissions as | rows | s | rows/s | of `\\copy` | MB | peak memory, MB |")
    print("|---|---|---|---|---|---|---|")
    for name, found in runs.items():
        ratio = statistics.median(one["rate"] / floor["rate"] for one, floor in zip(found, runs["copy"], strict=True))
        middle = sorted(found, key=lambda one: one["rate"])[len(found) // 2]
        memory = max(one["memory"] for one in found)
        print(f"| {name} | {middle['rows']:,.0f} | {middle['s']:.1f} | {middle['rate']:,.0f} | {ratio:.2f} "
              f"| {middle['bytes'] / 1e6:.0f} | {memory:.0f} |")  # fmt: skip


def _floor(corpus: place.Corpus, folder: Path) -> Measures:
    psql = shutil.which("psql")
    if psql is None:
        raise SystemExit("bench.snapshots needs psql: apt install postgresql-client")
    target = folder / "floor.csv"
    said, took, memory = _measured([psql, "-X", corpus.url, "-c", f"\\copy emission to '{target}' csv"])
    return _measures(int(said.removeprefix("COPY ")), took, memory, target)


def _format(corpus: place.Corpus, folder: Path, ending: str) -> Measures:
    target = folder / f"emissions.{ending}"
    command = [sys.executable, "-m", "bench.snapshots", "--part", ending, corpus.url, str(target)]
    line, _, memory = _measured(command)
    said = json.loads(line)
    return _measures(said["rows"], said["s"], memory, target)


def _measures(count: int, took: float, memory: float, target: Path) -> Measures:
    return {"rows": count, "s": took, "rate": count / took, "memory": memory, "bytes": target.stat().st_size}


def _measured(command: list[str], env: dict[str, str] | None = None) -> tuple[str, float, float]:
    """What it said, as one line; seconds with its start; the most memory, in MB, that it or a child of it had."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *command], env=env, check=True, capture_output=True, text=True
    )
    said, took, memory = done.stdout.strip().split("\t")
    return said, float(took), float(memory)


async def _part(ending: str, url: str, target: str) -> None:
    """One format in one go, as the exporter writes it; told without the start of Python, which a snapshot has once."""
    connection = await connect(url, READER)
    path = Path(target)
    count = 0
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute(QUERIES["bulk/session"])
        edition = await connection.fetchval("select max(edition) from edition")
        span = rows.Span(0, edition, current=False)
        begin = await rows.begin(connection, KIND, span)
        assert begin is not None
        # Where parts begin is told by whoever writes their lines, which in a snapshot comes first.
        firsts = [begin]
        while "csv" in ending and (first := await rows.after(connection, KIND, span, firsts[-1])):
            firsts.append(first)
        began = time.perf_counter()
        if ending == ENDINGS["parquet"]:
            flat = path.with_name(f"emissions.{ENDINGS['csv']}")
            count = await parquet.convert(flat, path, of_kind(KIND))
        else:
            async with Sink(path) as sink:
                if "csv" in ending:
                    await sink.put(rows.head(of_kind(KIND)))
                    for first in firsts:
                        await rows.cells(connection, KIND, span, first, sink.put)
                else:
                    first = begin
                    while first is not None:
                        first = await rows.lines(connection, KIND, span, first, sink.put)
                count = (await sink.close()).rows
    print(json.dumps({"rows": count, "s": time.perf_counter() - began}))


def _whole(corpus: place.Corpus, folder: Path) -> None:
    """The command, alone and then while the API is read at a steady rate."""
    env = {"ALMANAC_DATABASE_URL": corpus.url, "ALMANAC_BULK_DIR": str(folder)}
    command = [sys.executable, "-m", "almanac", "bulk", "snapshot", "--json"]
    made, took, memory = _measured(command, _environ(env))
    print(f"\nalmanac bulk snapshot: {made}\n{took:.0f} s, {memory:.0f} MB at most in one process")
    starter = Starter(folder, None)
    try:
        server = starter.product("product-cold", corpus.url, None, {"ALMANAC_CACHE_BYTES": "0"})
        paths = [f"/v1/companies/{one}" for one in random.Random(1).sample(corpus.ids(), min(4000, corpus.companies))]
        with Load([server.port], paths, rate=RATE) as load:
            load.during("begin", 3)
            load.during("idle", 20)
            for number in range(2):
                _during(load, f"snapshot {number}", lambda: _again(command, env, folder))
                load.during("idle", 20)
        idle = load.p99_ms("idle")
        for phase in dict.fromkeys(one.phase for one in load.answers):
            p99, p50 = load.p99_ms(phase), load.p99_ms(phase, 0.5)
            print(f"{phase:12} {len(load.of(phase)):6} reads {dict(load.statuses(phase))}, p50 {p50:.1f} ms, "
                  f"p99 {p99:.1f} ms, {p99 / idle:.2f} x idle")  # fmt: skip
        print(load.wrong() or "nothing wrong with any answer")
    finally:
        starter.stop()


def _during(load: Load, phase: str, work: Callable[[], None]) -> None:
    load.phase = phase
    work()
    load.phase = "begin"


def _again(command: list[str], env: dict[str, str], folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()
    subprocess.run(command, env=_environ(env), check=True, capture_output=True)


def _environ(env: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("ALMANAC_")} | env


if __name__ == "__main__":
    main()
