"""Workers that die, stall, meet a full disk, or are told to stop: a file is there whole, with the same bytes, or not at all."""

import asyncio
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import asyncpg
import pytest

from tests.api.batches import emission, execute, put
from tests.api.test_submissions import fetch
from tests.conftest import Servers, _copy, _Serving
from tests.exports.orders import URL, Shop
from tests.forked import Command

pytestmark = pytest.mark.slow
LEASE = "600"
ROWS = 9000
KILLS = 15


@pytest.fixture(scope="module")
def shop(servers: Servers, empty_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop over more rows than fit into one block."""
    folder: Path = tmp_path_factory.mktemp("bulk")
    for url in _copy(servers, empty_template):
        rows = [
            emission(f"many-{n % 40}", 1950 + n // 40 % 75, n) | {"segment": f"part {n // 3000}"} for n in range(ROWS)
        ]
        put(url, *rows)
        with _Serving(url, None, bulk_dir=str(folder)) as api:
            yield Shop(api, url, folder)


@pytest.fixture(autouse=True)
def _no_order_of_another_test(shop: Shop) -> None:
    """What one test had made would be the answer to the next one's order, and no worker would begin."""
    execute(shop.url, "delete from export; delete from export_job")


def status(shop: Shop, answer) -> str:
    return shop.read(answer)["status"]


def until(true: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Held:
    """Whoever looks at sources waits, until it is let go: a worker stops in the middle of its file."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> Self:
        self._runner = asyncio.Runner()
        self._runner.run(self._lock())
        return self

    async def _lock(self) -> None:
        self._connection = await asyncpg.connect(self._url)
        await self._connection.execute("begin; lock table source in access exclusive mode")

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._connection.close())
        self._runner.close()


def ended(process: Command, how: signal.Signals = signal.SIGTERM) -> int:
    process.send_signal(how)
    return process.wait(20)


@pytest.mark.parametrize("form", ["csv.gz", "ndjson.gz", "parquet", "xlsx"])
def test_killed_in_the_middle_another_takes_over_and_gives_the_same_bytes(shop: Shop, form: str):
    reference = shop.made("emissions", form, year=1990 + len(form))
    body = {"filters": {"year": 1990 + len(form)}}
    execute(shop.url, "delete from export; delete from export_job")
    with Held(shop.url):
        # Counting looks at no source; the worker does, after its first block.
        answer = _ordered_while_held(shop, form, body)
        victim = shop.command(export_lease_ms=LEASE)
        until(lambda: status(shop, answer) == "running" and _scratch(shop))
        ended(victim, signal.SIGKILL)
        left = _scratch(shop)
    assert left, "control: it was killed with its file begun"
    assert status(shop, answer) == "running", "and nobody knows yet"
    second = shop.command(export_lease_ms=LEASE)
    until(lambda: status(shop, answer) == "done")
    until(lambda: not _scratch(shop))
    assert ended(second) == 0
    made = shop.read(answer)
    assert made["file"]["sha256"] == reference["file"]["sha256"]
    assert shop.file(made)


def _ordered_while_held(shop: Shop, form: str, body: dict):
    answer = shop.order("emissions", form, body)
    assert answer.status_code == 202, answer.text
    return answer


def _scratch(shop: Shop) -> list[Path]:
    return list((shop.folder / "exports").glob("*/*"))


def test_killed_anywhere_the_file_is_whole_or_not_there(shop: Shop):
    wanted = {form: shop.made("emissions", form)["file"]["sha256"] for form in ("csv.gz", "parquet")}
    chance = random.Random(7)
    for n in range(KILLS):
        form = ("csv.gz", "parquet")[n % 2]
        execute(shop.url, "delete from export; delete from export_job")
        answer = shop.order("emissions", form)
        worker = shop.command(export_lease_ms="300")
        time.sleep(chance.uniform(0, 2))
        ended(worker, signal.SIGKILL)
        _whole(shop)
        if status(shop, answer) != "done":
            time.sleep(0.3)
            shop.work()
        assert shop.read(answer)["file"]["sha256"] == wanted[form]
        assert shop.file(shop.read(answer))


def _whole(shop: Shop) -> None:
    for path in (shop.folder / "files").glob("*/*"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.parent.name


def test_one_that_stalls_loses_its_job_and_spoils_nothing(shop: Shop):
    with Held(shop.url):
        answer = shop.order("emissions", "ndjson.gz", {"filters": {"year": 2001}})
        stalled = shop.command(export_lease_ms=LEASE)
        until(lambda: status(shop, answer) == "running" and _scratch(shop))
        stalled.send_signal(signal.SIGSTOP)
    second = shop.command(export_lease_ms=LEASE)
    until(lambda: status(shop, answer) == "done")
    before = shop.read(answer)
    stalled.send_signal(signal.SIGCONT)
    time.sleep(1)
    assert shop.read(answer) == before
    assert shop.file(before)
    assert (ended(stalled), ended(second)) == (0, 0)


def test_one_that_only_takes_long_keeps_its_job(shop: Shop):
    """Control of the two above: beating is what keeps a job."""
    with Held(shop.url):
        answer = shop.order("emissions", "ndjson.gz", {"filters": {"year": 2002}})
        first, second = (shop.command(export_lease_ms=LEASE) for _ in range(2))
        until(lambda: status(shop, answer) == "running")
        time.sleep(3 * int(LEASE) / 1000)
        job = fetch(shop.url, "select attempts from export_job where status = 'running'")
        assert [row["attempts"] for row in job] == [1]
    until(lambda: status(shop, answer) == "done")
    assert (ended(first), ended(second)) == (0, 0)


def test_told_to_stop_it_gives_its_job_back(shop: Shop):
    with Held(shop.url):
        answer = shop.order("emissions", "ndjson.gz", {"filters": {"year": 2003}})
        worker = shop.command()
        until(lambda: status(shop, answer) == "running")
        assert ended(worker) == 0
        assert status(shop, answer) == "queued"
        assert not _scratch(shop)
    shop.work()
    assert status(shop, answer) == "done"


def test_cancelled_while_it_is_made_it_stops(shop: Shop):
    with Held(shop.url):
        answer = shop.order("emissions", "ndjson.gz", {"filters": {"year": 2004}})
        worker = shop.command(export_lease_ms=LEASE)
        until(lambda: status(shop, answer) == "running" and _scratch(shop))
        shop.api.delete(f"{URL}/{answer.json()['data']['id']}")
        until(lambda: not _scratch(shop), 10)
    next_one = shop.order("emissions", "ndjson.gz", {"filters": {"year": 2005}})
    until(lambda: status(shop, next_one) == "done")
    assert ended(worker) == 0


def test_many_workers_do_each_job_once(shop: Shop):
    answers = [shop.order("emissions", "csv.gz", {"filters": {"year": year}}) for year in range(1951, 1971)]
    workers = [shop.command() for _ in range(3)]
    until(lambda: all(status(shop, one) == "done" for one in answers))
    assert {ended(one) for one in workers} <= {0, -signal.SIGTERM}, "one may not have come so far as to listen"
    tries = fetch(shop.url, "select attempts from export_job where status = 'done'")
    assert {row["attempts"] for row in tries} <= {1, 2}
    rows = sum(shop.read(one)["file"]["rows"] for one in answers)
    assert rows == sum(len(shop.pages("emissions", f"year={year}", limit=500)) for year in range(1951, 1971))


def test_one_whose_edition_is_not_here_yet_keeps_nobody_waiting(shop: Shop, servers: Servers, empty_template: str):
    """The worker reads from a server that heard nothing of the newest edition."""
    for behind in _copy(servers, empty_template):
        put(behind, emission("many-0", 2006, 1))
        edition = put(shop.url, emission("many-0", 2040, 1), on="2025-08-01").edition
        ahead = shop.order("emissions", "ndjson.gz", {"edition": edition})
        other = shop.order("emissions", "ndjson.gz", {"edition": 1, "filters": {"year": 1901}})
        worker = shop.command(database_url=behind, publish_database_url=shop.url)
        until(lambda other=other: status(shop, other) == "done")
        # While it works it looks at that one again every second.
        assert (ended(worker), status(shop, ahead)) == (0, "queued")


@pytest.mark.parametrize("form", ["csv.gz", "parquet", "xlsx"])
def test_a_full_disk_fails_the_job_with_a_reason_and_the_next_order_is_made(shop: Shop, form: str):
    """No file may grow beyond 16 kB: as good as a disk that is full in the middle of one."""
    answer = shop.order("emissions", form)
    cramped = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (16_000, 16_000));"
        "import sys; sys.argv = ['almanac', 'bulk', 'exports', '--once'];"
        "from almanac.__main__ import main; main()"
    )
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ALMANAC_")}
    own = {"ALMANAC_DATABASE_URL": shop.url, "ALMANAC_BULK_DIR": str(shop.folder)}
    done = subprocess.run(
        [sys.executable, "-c", cramped], env=inherited | own, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    made = shop.read(answer)
    assert (made["status"], made["file"]) == ("failed", None)
    assert "cannot be written" in made["reason"]
    assert not _scratch(shop)
    again = shop.order("emissions", form)
    shop.work()
    assert (status(shop, again), status(shop, answer)) == ("done", "done"), "who asked first has it too"


def test_a_file_that_grows_too_large_fails(shop: Shop):
    answer = shop.order("emissions", "csv.gz", {"filters": {"known_on": "2025-06-01"}})
    shop.work(export_max_bytes=20_000)
    assert "20000 bytes" in shop.read(answer)["reason"]


def test_progress_is_told_while_it_is_made(shop: Shop):
    answer = shop.order("emissions", "ndjson.gz", {"filters": {"known_on": "2025-07-01"}})
    assert (answer.json()["data"]["rows_total"], answer.json()["data"]["rows_done"]) == (ROWS, 0)
    fetch(
        shop.url,
        "update export_job set status = 'running', worker = gen_random_uuid(), lease_until = now() + interval '1 hour', "
        "rows_done = 4000 where job_id = (select job_id from export where export_id = $1::text::uuid)",
        answer.json()["data"]["id"],
    )
    told = shop.read(answer)
    assert (told["status"], told["rows_done"], told["rows_total"]) == ("running", 4000, ROWS)
    shop.work()
    assert status(shop, answer) == "running", "a job of another is left alone"
    execute(shop.url, "update export_job set lease_until = now() where status = 'running'")
    shop.work()
    assert json.loads(shop.lines(shop.read(answer))[-1])["company"] == "many-9"
