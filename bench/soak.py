"""A long mixed load with publishes: whether memory and open files of the server stay where they are.

Reads from memory, Redis and PostgreSQL, conditional and not, over kept connections and new ones, at a steady rate; an edition
every few seconds. Every answer is checked as in `tests/faults`. Memory and files of the server's processes are sampled; what is
compared is the median of the second tenth of the samples (caches are full, every path was taken) with that of the last.

    python bench/soak.py [--minutes 30] [--rate 150] [--publish-every 5] [--json soak.json]
"""

import argparse
import asyncio
import json
import platform
import resource
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.conftest import _Serving as Serving
from tests.faults.conftest import COMPANIES, PATHS, fill
from tests.faults.load import Load
from tests.up.running import descendants

from almanac.store import embedded
from almanac.store.migrate import migrate

SAMPLE_S = 2
GROWTH_PCT, MORE_FILES = 5, 16
# Pinned to editions: other keys all the time, so that caches are full and drop.
BEGUN = 10
OLD = [
    f"/v1/emissions?company={name}&edition={edition}&known_on=2025-{month:02}-01"
    for edition in range(1, BEGUN + 1)
    for name in COMPANIES
    for month in range(1, 13)
]
CACHE_BYTES = 8 << 20  # small enough to be full before the second tenth


def sample(server: Serving) -> tuple[float, int]:
    """MiB of memory and open files of the server's processes."""
    pids = [server.process.pid, *descendants(server.process.pid)]
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    files = sum(1 for pid in pids for _ in Path(f"/proc/{pid}/fd").iterdir())
    return pages * resource.getpagesize() / 2**20, files


def middle(values: list[float], tenth: int) -> float:
    """Median of a tenth of the samples."""
    size = max(1, len(values) // 10)
    return statistics.median(values[tenth * size : (tenth + 1) * size])


def run(minutes: float, rate: float, every_s: float) -> dict[str, object]:
    """Load the server for so long; what was measured."""
    folder = Path(tempfile.mkdtemp(prefix="almanac-soak-"))
    with ExitStack() as stack:
        postgres = stack.enter_context(embedded.postgres(folder, profile="test"))
        redis = stack.enter_context(embedded.redis(folder))
        asyncio.run(migrate(postgres.url))
        for times in range(1, BEGUN + 1):
            fill(postgres.url, times)
        server = Serving(postgres.url, redis.url, cache_bytes=str(CACHE_BYTES))
        stack.enter_context(server)
        fresh = Load([server.port], PATHS, rate=rate / 3, conditional=True)
        old = Load([server.port], OLD, rate=rate / 3)
        anew = Load([server.port], PATHS, rate=rate / 3, keep=False)
        loads = [stack.enter_context(load) for load in (fresh, old, anew)]
        samples: list[tuple[float, int]] = []
        until = time.monotonic() + minutes * 60
        due, editions = time.monotonic() + every_s, BEGUN
        while time.monotonic() < until:
            if time.monotonic() > due:
                editions, due = fill(postgres.url, editions + 1), due + every_s
            samples.append(sample(server))
            time.sleep(SAMPLE_S)
        answers = [answer for load in loads for answer in load.answers]
        wrong = [fault for load in loads for fault in load.wrong()]
    memory, files = [one[0] for one in samples], [float(one[1]) for one in samples]
    before, after = middle(memory, 1), middle(memory, 9)
    return {
        "machine": platform.platform(),
        "minutes": minutes,
        "answers": len(answers),
        "editions": editions,
        "statuses": {str(status): sum(a.status == status for a in answers) for status in {a.status for a in answers}},
        "wrong": wrong,
        "memory_mib": [round(before, 1), round(after, 1)],
        "growth_pct": round((after / before - 1) * 100, 2),
        "files": [middle(files, 1), middle(files, 9)],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=150, help="answers a second")
    parser.add_argument("--publish-every", type=float, default=5, help="seconds")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found = run(given.minutes, given.rate, given.publish_every)
    print(json.dumps(found, indent=2))
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    grown = found["growth_pct"] > GROWTH_PCT or found["files"][1] > found["files"][0] + MORE_FILES
    return 1 if found["wrong"] or grown else 0


if __name__ == "__main__":
    sys.exit(main())
