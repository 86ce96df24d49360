"""The servers of our own: which binaries, which data, what a crash leaves."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from almanac.errors import Misconfigured
from almanac.store import embedded, embedded_postgres, embedded_redis, folder
from tests.up.running import gone

SYSTEM = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def ask(url: str, query: str):
    async def run():
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    return asyncio.run(run())


def test_committed_rows_survive_kill_9_of_the_server(tmp_path: Path) -> None:
    with embedded.postgres(tmp_path) as server:
        assert ask(server.url, "show fsync") == "on"
        ask(server.url, "create table t as select generate_series(1, 20000) as n")
        os.kill(server.process.pid, signal.SIGKILL)
    with embedded.postgres(tmp_path) as server:
        assert ask(server.url, "select count(*) from t") == 20000


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_number_of_a_dead_server_that_another_process_got_does_not_stop_the_start(tmp_path: Path) -> None:
    """After a restart of a container, the same small numbers are given out again."""
    with embedded.postgres(tmp_path) as server:
        data = next(tmp_path.glob("pgdata-*"))
        lines = (data / "postmaster.pid").read_text().splitlines()
        os.kill(server.process.pid, signal.SIGKILL)
    with subprocess.Popen(["sleep", "60"]) as other:
        (data / "postmaster.pid").write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
        try:
            assert embedded.running(tmp_path) is None
            with embedded.postgres(tmp_path) as server:
                assert ask(server.url, "select 1") == 1
        finally:
            other.kill()


def test_a_running_server_is_reused_and_left_running(tmp_path: Path) -> None:
    with embedded.postgres(tmp_path, "test") as server:
        with embedded.postgres(tmp_path, "test", reuse=True) as same:
            assert same.url == server.url
        assert ask(server.url, "select 1") == 1
    assert embedded.running(tmp_path) is None


def test_data_of_another_version_is_refused_and_kept(tmp_path: Path) -> None:
    old = tmp_path / "pgdata-9"
    old.mkdir()
    (old / "PG_VERSION").write_text("9\n")
    with pytest.raises(Misconfigured, match="data of PostgreSQL 9"):
        embedded.postgres(tmp_path)
    assert (old / "PG_VERSION").exists()


@pytest.mark.slow
@pytest.mark.skipif(not SYSTEM, reason="no PostgreSQL installed on this system")
def test_the_systems_postgres_is_the_second_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_postgres, "candidates", lambda: [tmp_path / "nothing", SYSTEM[0].parent])
    with embedded.postgres(tmp_path, "test") as server:
        assert ask(server.url, "show server_version_num").startswith(SYSTEM[0].parent.parent.name)


def test_no_binaries_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_postgres, "candidates", list)
    with pytest.raises(Misconfigured, match="no PostgreSQL 15 or newer"):
        embedded.postgres(tmp_path)
    monkeypatch.setattr(embedded_redis.shutil, "which", lambda _: None)
    monkeypatch.setattr(embedded_redis.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(Misconfigured, match="valkey"):
        embedded.redis(tmp_path)


def test_a_cut_short_initdb_is_done_again(tmp_path: Path) -> None:
    draft = tmp_path / "draft-pgdata-18"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")
    with embedded.postgres(tmp_path, "test") as server:
        assert ask(server.url, "select 1") == 1
    assert not draft.exists()


def test_valkey_caches_only_and_ends_when_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import redis

    monkeypatch.setattr(embedded_redis, "_PREDECESSOR_S", 0.2)

    with embedded.redis(tmp_path) as server:
        with redis.Redis.from_url(server.url) as client:
            assert client.set("a", b"1")
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "allkeys-lru"}
            assert client.config_get("save") == {"save": ""}
        with pytest.raises(Misconfigured, match="already listens"):
            embedded.redis(tmp_path)
        pid = server.process.pid
    assert gone([pid])


def test_a_lock_says_who_is_in_the_way_and_whether_the_last_holder_was_killed(tmp_path: Path) -> None:
    lock = tmp_path / "up.lock"
    with folder.locked(lock, 0) as was_killed:
        assert not was_killed
        with pytest.raises(Misconfigured, match="already runs"), folder.locked(lock, 0):
            pass
    with folder.locked(lock, 0) as was_killed:
        assert not was_killed
    lock.write_text("123\n")
    with folder.locked(lock, 0) as was_killed:
        assert was_killed
