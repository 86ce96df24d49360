"""`make fuzz`: many cases against servers of its own on 127.0.0.1. FUZZ_CASES (50000): how many; FUZZ_SEED (1): the first seed.

Runs of several sorts take turns, two at a time, each with the next seed, until there are as many cases. The same seeds ask
the same again. Ends with 1 if a check failed, a run had an error, or a server logged a fault of its own; then it prints what
was found.
"""

import asyncio
import itertools
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from almanac.bulk.snapshot import snapshot
from almanac.kinds import KINDS
from almanac.store import embedded
from almanac.store.bulk_folder import BulkFolder
from tests.api.handed import make_key
from tests.client import Client
from tests.conftest import BUNDLED, DATA, Servers, _copy, _edit, _make, _Serving
from tests.contract.fuzzing import OTHER_FORMS, SEED, Found, Fuzz, faultless, fuzz, of_form, there_is
from tests.contract.test_schemathesis_writes import SUBMISSIONS, TEXT_IS_NO_BATCH

CASES = int(os.environ.get("FUZZ_CASES", "50000"))
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "150"))


class Sort(Struct, frozen=True):
    """A server, and what is asked of it."""

    name: str
    api: Client
    run: Fuzz


class Tally:
    """Seeds given out, and what came of them."""

    def __init__(self, sorts: list[Sort]) -> None:
        self._turns = itertools.cycle(sorts)
        self._seeds = itertools.count(SEED)
        self._lock = threading.Lock()
        self.cases = 0
        self.failed: list[str] = []

    def next(self) -> tuple[int, Sort] | None:
        """The next seed and sort; none if there were enough cases."""
        with self._lock:
            return (next(self._seeds), next(self._turns)) if self.cases < CASES else None

    def add(self, seed: int, sort: Sort, found: Found) -> None:
        """Count a run, and say so."""
        with self._lock:
            self.cases += found.cases
            say(f"seed {seed}: {found.cases} cases in {found.seconds:.0f} s, {sort.name}, ended with {found.code}")
            if found.code:
                self.failed.append(f"seed {seed}, {sort.name}\n{found.said}")


@contextmanager
def sorts() -> Iterator[list[Sort]]:
    """Each sort and its server."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="almanac-fuzz-")))
        postgres, redis = embedded.postgres(folder, profile="test"), embedded.redis(folder)
        stack.callback(postgres.stop)
        stack.callback(redis.stop)
        servers = Servers(postgres.url, redis.url)
        empty = _make(servers, "template_empty", [])
        corpus = _make(servers, "template_corpus", [*BUNDLED, *sorted(DATA.glob("*.ndjson"))])
        asyncio.run(_edit(servers.database(corpus)))
        bulk = folder / "bulk"
        bulk.mkdir()
        for edition in (2, None):
            asyncio.run(snapshot(servers.database(corpus), BulkFolder(bulk), KINDS, edition=edition))

        def serve(template: str, redis_url: str | None) -> tuple[Client, str]:
            url = stack.enter_context(contextmanager(_copy)(servers, template))
            return stack.enter_context(_Serving(url, redis_url, bulk_dir=str(bulk))), url

        full, _ = serve(corpus, redis.url)
        bare, url = serve(corpus, None)
        none, _ = serve(empty, redis.url)
        writing, writing_url = serve(empty, None)
        reader = {"Authorization": f"Bearer {make_key(url, 'reader')}"}
        publisher = {"Authorization": f"Bearer {make_key(writing_url)}"}
        chains = Fuzz(phases="stateful", options=("--mode", "positive"))
        yield [
            Sort("as published", full, Fuzz()),
            Sort(
                "of what there is, with a key, without Redis",
                bare,
                Fuzz(said=there_is(bare), headers=reader, bare=True),
            ),
            Sort("along links", full, chains),
            *(Sort(f"as {form}", full, of_form(full, form)) for form in OTHER_FORMS),
            Sort("over an empty store", none, Fuzz()),
            Sort(
                "handing in, with a key",
                writing,
                Fuzz(headers=publisher, settings=TEXT_IS_NO_BATCH, options=SUBMISSIONS),
            ),
        ]


def say(line: str) -> None:
    """At once: a run takes a minute."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """All of it; the exit status."""
    began = time.monotonic()
    with sorts() as every:
        tally = Tally(every)

        def work() -> None:
            while (turn := tally.next()) is not None:
                seed, sort = turn
                with tempfile.TemporaryDirectory(prefix="almanac-fuzz-run-") as folder:
                    run = replace(sort.run, seed=seed, examples=EXAMPLES)
                    tally.add(seed, sort, fuzz(sort.api, Path(folder), run))

        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(work) for _ in range(2)]:
                done.result()
        faults = [sort.name for sort in every if not faultless(sort.api.log())]
    for line in [*tally.failed, *(f"the server logged a fault of its own: {name}" for name in faults)]:
        say(line)
    say(
        f"{tally.cases} cases from seed {SEED} in {time.monotonic() - began:.0f} s: {len(tally.failed)} of the runs failed."
    )
    return 1 if tally.failed or faults else 0


if __name__ == "__main__":
    sys.exit(main())
