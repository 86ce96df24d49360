"""Ctrl-C in the middle of an import: one line, exit code 130, nothing in part, and the same command again goes on."""

import asyncio
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from almanac.store.db import connect

pytestmark = pytest.mark.slow
COMPANIES, YEARS = 1000, 10
VERSIONS = "select count(*) from change"
MAPPING = """
[source]
title = "Invented emissions"
publisher = "Invented Register"
licence = "CC0"
published_on = 2024-06-30
[company]
name = { column = "company" }
country = "SE"
[[answer]]
kind = "emissions"
metric = "ghg.scope1"
unit = "t CO2e"
period = { column = "year" }
value = { column = "value" }
"""


class Job(Struct, frozen=True):
    """An import of many rows, as a command line and its environment."""

    command: list[str]
    environment: dict[str, str]


@pytest.fixture
def job(empty_database: str, tmp_path: Path) -> Job:
    rows = (f"Works {n},{2010 + year},{n}.{year}" for n in range(COMPANIES) for year in range(YEARS))
    (tmp_path / "many.csv").write_text("\n".join(["company,year,value", *rows]) + "\n")
    (tmp_path / "map.toml").write_text(MAPPING)
    file, mapping = str(tmp_path / "many.csv"), str(tmp_path / "map.toml")
    command = [sys.executable, "-m", "almanac", "import", "table", file, "--mapping", mapping]
    return Job(command, {"ALMANAC_DATABASE_URL": empty_database, "TERM": "xterm"})


class Watcher:
    """Looks at the store from outside."""

    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._connection = self._loop.run_until_complete(connect(url))

    def value(self, query: str) -> int:
        return self._loop.run_until_complete(self._connection.fetchval(query))

    def until(self, what: str, process: subprocess.Popen[str]) -> None:
        """Wait until the import does something, as PostgreSQL sees it."""
        # Of this database alone: other tests of this worker keep connections to theirs.
        asked = f"""select count(*) from pg_stat_activity where datname = current_database()
                    and application_name = 'almanac' and pid <> pg_backend_pid() and {what}"""
        deadline = time.monotonic() + 60
        while not self.value(asked):
            assert process.poll() is None, "it ended before"
            assert time.monotonic() < deadline, what
            time.sleep(0.002)

    def close(self) -> None:
        self._loop.run_until_complete(self._connection.close())
        self._loop.close()


@pytest.fixture
def watcher(empty_database: str) -> Iterator[Watcher]:
    made = Watcher(empty_database)
    yield made
    made.close()


# What the import does when it is stopped, as PostgreSQL sees it, how much later, and whether it may be too late to stop.
MOMENTS = {
    "at the start": ("true", 0, False),
    "while it reads": ("true", 0.4, False),
    "while it decides": ("query like '%from statement%'", 0, False),
    "while it writes": ("query like 'COPY %\"change\"%'", 0, False),
    "at the end": ("query like 'COPY %\"statement\"%'", 0.02, True),
}


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """A shell starts what runs in the background deaf to Ctrl-C, and processes inherit that; those of these tests do not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("moment", MOMENTS)
def test_it_stops_at_once_with_nothing_in_part(watcher: Watcher, job: Job, moment: str):
    when, wait_s, may_be_late = MOMENTS[moment]
    with subprocess.Popen(
        job.command, env=job.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        watcher.until(f"({when})", process)
        time.sleep(wait_s)
        process.send_signal(signal.SIGINT)
        asked = time.monotonic()
        stdout, stderr = process.communicate(timeout=20)
        took = time.monotonic() - asked
    assert took < 5
    assert (process.returncode, stderr.count("\n")) in ((130, 1), *([(0, 0)] if may_be_late else [])), stderr
    if process.returncode == 130:
        assert stderr.startswith("almanac: stopped: ")
        assert stdout == ""
    assert watcher.value(VERSIONS) in (0, COMPANIES * YEARS)
    again = subprocess.run(job.command, env=job.environment, capture_output=True, text=True, timeout=60, check=False)
    assert (again.returncode, again.stderr) == (0, "")
    assert watcher.value(VERSIONS) == COMPANIES * YEARS
    assert watcher.value("select count(*) from edition") == 1


def test_a_database_that_goes_away_is_one_line(watcher: Watcher, job: Job):
    with subprocess.Popen(
        job.command, env=job.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        watcher.until("query like 'COPY %'", process)
        watcher.value("select count(pg_terminate_backend(pid)) from pg_stat_activity where query like 'COPY %'")
        _, stderr = process.communicate(timeout=20)
    assert (process.returncode, stderr.count("\n")) == (1, 1), stderr
    assert "many.csv: PostgreSQL went away" in stderr
    assert watcher.value(VERSIONS) == 0


def test_whoever_watches_sees_how_far_it_is(watcher: Watcher, job: Job):
    """Bars on a terminal, and the terminal as it was after Ctrl-C: its cursor shows again."""
    main, side = pty.openpty()
    process = subprocess.Popen(job.command, env=job.environment, stdout=subprocess.DEVNULL, stderr=side)
    os.close(side)
    seen = b""
    deadline = time.monotonic() + 60
    stopped = False
    while time.monotonic() < deadline:
        ready, _, _ = select.select([main], [], [], 0.1)
        try:
            seen += os.read(main, 65536) if ready else b""
        except OSError:  # the other side is closed
            break
        if not stopped and b"published" in seen:
            process.send_signal(signal.SIGINT)
            stopped = True
    process.wait(20)
    os.close(main)
    text = seen.decode("utf-8", "replace")
    for step in ("read many", "checked", "published"):
        assert step in text
    hide, show = "\x1b[?25l", "\x1b[?25h"
    assert text.rindex(show) > text.rindex(hide)
    assert process.returncode in (0, 130)
