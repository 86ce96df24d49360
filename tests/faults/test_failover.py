"""The primary is lost and its synchronous standby takes its place: nothing acknowledged is lost, and readers read on."""

import asyncio
import contextlib
import itertools
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from almanac.errors import Unavailable
from almanac.store.db import LOST
from almanac.store.migrate import migrate
from tests.api.batches import execute, fetch
from tests.faults.conftest import PATHS, figure, fill, serving
from tests.faults.load import Load
from tests.faults.primary import Primary, Way, socket_of

pytestmark = pytest.mark.slow

GAP_S = 15


class Publishing:
    """Publishes one edition after another until told to stop. `acknowledged` are those that it was told are published."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.acknowledged: list[int] = []
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Wait for the one under way."""
        self._ending.set()
        self._thread.join(30)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        for times in itertools.count(2):
            if self._ending.is_set():
                return
            # Whoever is not told does not know; the next one tells.
            try:
                self.acknowledged.append(fill(self._url, times))
            except (Unavailable, *LOST):
                time.sleep(0.05)


@contextlib.contextmanager
def _pair(folder: Path, names: str) -> Iterator[tuple[Primary, Primary]]:
    """A primary with one edition, and its standby; the primary waits for those of these names."""
    with Primary(folder / "a", "safe") as primary:
        asyncio.run(migrate(primary.url))
        fill(primary.url)
        with primary.standby(folder / "b") as standby:
            _until(
                lambda: fetch(primary.url, "select from pg_stat_replication where state = 'streaming'"), "none follows"
            )
            primary.set("synchronous_standby_names", names)
            _until(lambda: fetch(primary.url, "show synchronous_standby_names")[0][0] == names, "it is not told")
            yield primary, standby


def _until(true: Callable[[], object], otherwise: str) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


def _editions(url: str) -> list[int]:
    return [edition for (edition,) in fetch(url, "select edition from edition order by edition")]


def test_no_acknowledged_edition_is_lost_with_the_primary(tmp_path: Path):
    with (
        _pair(tmp_path, "*") as (primary, standby),
        Way(primary.url, tmp_path / "way") as way,
        serving(way.url, cache_bytes="0") as server,
    ):
        first = server.client.get("/v1/emissions?limit=50").json()
        publishing = Publishing(way.url)
        with Load([server.port], PATHS, rate=40) as load:
            load.during("before", 1.5)
            _until(lambda: publishing.acknowledged, "nothing was acknowledged that could be lost")
            primary.end(signal.SIGKILL)
            gone = time.monotonic()
            execute(standby.url, "select pg_promote()")
            way.target = socket_of(standby.url)
            way.reset()
            _until(lambda: server.client.get(PATHS[0]).status_code == 200, "nothing is answered")
            gap = time.monotonic() - gone
            load.during("after", 1.5)
        publishing.stop()
        figure(
            "failover", gap_s=gap, acknowledged=len(publishing.acknowledged), unavailable=load.statuses("before")[503]
        )
        assert not load.wrong()
        assert gap < GAP_S
        kept = _editions(standby.url)
        assert set(publishing.acknowledged) <= set(kept)
        assert kept == list(range(1, len(kept) + 1)), "editions are dense"
        assert load.newest <= kept[-1], "a reader was told of an edition that is lost"
        # A walk that began before goes on after, over the edition that it began in.
        rows, cursor = first["data"], first["meta"]["next_cursor"]
        while cursor:
            page = server.client.get(f"/v1/emissions?limit=50&cursor={cursor}").json()
            rows, cursor = rows + page["data"], page["meta"]["next_cursor"]
        assert len({row["id"] for row in rows}) == len(rows) == 120
        assert {row["version"] for row in rows} == {1}


def test_without_waiting_for_the_standby_an_acknowledged_edition_is_lost(tmp_path: Path):
    """What the wait is for: the standby hears nothing for a moment, and the primary is gone in it."""
    with _pair(tmp_path, "") as (primary, standby):
        ((receiver,),) = fetch(standby.url, "select pid from pg_stat_wal_receiver")
        os.kill(receiver, signal.SIGSTOP)
        told = fill(primary.url, 2)
        primary.end(signal.SIGKILL)
        os.kill(receiver, signal.SIGCONT)
        execute(standby.url, "select pg_promote()")
        assert told == 2
        assert _editions(standby.url) == [1]
