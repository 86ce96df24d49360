"""The clock of PostgreSQL is set back an hour: editions and their times go on forwards, and so do reads by time."""

import asyncio
import datetime as dt
import os
from pathlib import Path

import pytest

from almanac.store.migrate import migrate
from tests.api.batches import execute, fetch
from tests.faults.conftest import fill, serving
from tests.faults.primary import Primary

HOUR = dt.timedelta(hours=1)
# Where Debian's package has it; ALMANAC does not ship it. FAKETIME_LIB names another place.
FAKETIME = Path(os.environ.get("FAKETIME_LIB", "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"))


def _times(url: str) -> list[dt.datetime]:
    return [at for (at,) in fetch(url, "select published_at from edition order by edition")]


def _holds(url: str) -> None:
    """Over HTTP, `as_of` the time of each edition is that edition, and just before it the one before."""
    times = _times(url)
    assert times == sorted(set(times))
    with serving(url) as server:
        listed = server.client.get("/v1/editions").json()["data"]
        assert sorted(one["edition"] for one in listed) == list(range(1, len(times) + 1))
        for edition, at in enumerate(times, 1):
            for asked, found in ((at, edition), (at - dt.timedelta(microseconds=1), edition - 1)):
                text = asked.isoformat().replace("+00:00", "Z")
                answer = server.client.get(f"/v1/emissions?as_of={text}")
                assert answer.headers["almanac-edition"] == str(found)


def test_editions_go_on_from_a_time_that_is_to_come(empty_database: str):
    """What a clock that was set back leaves: the newest edition is an hour ahead of it."""
    fill(empty_database, 1)
    later = "update edition set published_at = published_at + interval '1 hour'"
    execute(empty_database, f"set session_replication_role = replica; {later}")
    (ahead,) = _times(empty_database)
    assert ahead > dt.datetime.now(dt.UTC) + HOUR / 2
    assert [fill(empty_database, times) for times in (2, 3)] == [2, 3]
    assert all(at > ahead for at in _times(empty_database)[1:])
    _holds(empty_database)


@pytest.mark.slow
@pytest.mark.skipif(not FAKETIME.exists(), reason="libfaketime is not installed")
def test_editions_go_on_when_the_clock_is_set_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    clock = tmp_path / "clock"
    clock.write_text("+0")
    for name, value in {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }.items():
        monkeypatch.setenv(name, value)
    with Primary(tmp_path / "primary") as primary:
        for name in ("LD_PRELOAD", "FAKETIME_TIMESTAMP_FILE"):
            monkeypatch.delenv(name)
        asyncio.run(migrate(primary.url))
        fill(primary.url, 1)
        clock.write_text("-1h")
        ((back,),) = fetch(primary.url, "select clock_timestamp()")
        assert back < dt.datetime.now(dt.UTC) - HOUR / 2, "the clock was not set back"
        assert [fill(primary.url, times) for times in (2, 3)] == [2, 3]
        _holds(primary.url)
