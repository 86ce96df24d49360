"""PostgreSQL that is there and refuses to write: orders are told to come again, and workers go on when it takes them."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlparse

import asyncpg
import pytest

from almanac.exports import worker as module
from almanac.exports.worker import Worker
from almanac.kinds import KINDS
from almanac.settings import Secret, Settings
from tests.api.batches import emission, execute, put
from tests.api.handed import hand_in, lines, make_key
from tests.client import Client
from tests.conftest import Servers
from tests.exports.orders import Shop

Serve = Callable[..., Client]

# What a full disk says, of jobs alone.
FULL = """
create function full_disk() returns trigger language plpgsql as
$$ begin raise exception 'no space left' using errcode = '53100'; end $$;
create trigger full_disk before update on export_job for each row execute function full_disk()
"""
ROOM = "drop trigger full_disk on export_job; drop function full_disk()"


def standby(servers: Servers, url: str, *, yes: bool) -> None:
    """Have the database refuse writes of new connections, as a standby does that is still to be the primary."""
    name = urlparse(url).path.strip("/")
    execute(servers.postgres, f"alter database {name} set default_transaction_read_only = {'on' if yes else 'off'}")


def test_writes_are_503_while_the_primary_is_still_a_standby(
    servers: Servers, serve: Serve, empty_database: str, tmp_path: Path
):
    put(empty_database, emission("a", 2022, 1))
    key = make_key(empty_database)
    standby(servers, empty_database, yes=True)
    shop = Shop(serve(empty_database, bulk_dir=str(tmp_path)), empty_database, tmp_path)
    for refused in (shop.order(), hand_in(shop.api, key, lines(emission("handed-in", 2022, 1)))):
        assert (refused.status_code, refused.json()["type"]) == (503, "/problems/unavailable")
        assert int(refused.headers["retry-after"]) > 0
    standby(servers, empty_database, yes=False)
    execute(empty_database, "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()")
    # A connection that was ended is found out by the first who uses it.
    comes(lambda: hand_in(shop.api, key, lines(emission("handed-in", 2022, 1))).status_code, 200)
    comes(lambda: shop.order().status_code, 202)


def comes(asked: Callable[[], int], wanted: int) -> None:
    """Ask until what is wanted comes, and 503 until then."""
    deadline = time.monotonic() + 10
    while (found := asked()) != wanted:
        assert (found, time.monotonic() < deadline) == (503, True)
        time.sleep(0.1)


@pytest.mark.anyio
async def test_a_worker_goes_on_when_what_was_refused_is_taken(
    servers: Servers, serve: Serve, empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "_AWAY_S", 0.05)
    await asyncio.to_thread(put, empty_database, emission("a", 2022, 1))
    shop = Shop(serve(empty_database, bulk_dir=str(tmp_path)), empty_database, tmp_path)
    answer = await asyncio.to_thread(shop.order)
    settings = Settings(database_url=Secret(empty_database), bulk_dir=str(tmp_path), export_lease_ms=600)
    worker = Worker(settings, empty_database, empty_database, KINDS)
    await asyncio.to_thread(standby, servers, empty_database, yes=True)
    working = asyncio.create_task(worker.run(once=False))
    owner = await asyncpg.connect(empty_database)
    try:
        await goes_on(working)
        await asyncio.to_thread(standby, servers, empty_database, yes=False)
        # Nobody reads sources: a job that is begun is not made yet.
        await owner.execute("set default_transaction_read_only = off")
        holding = await asyncpg.connect(empty_database)
        await holding.execute("begin; lock table source in access exclusive mode")
        await until(owner, "running")
        await owner.execute(FULL)
        await goes_on(working)
        await owner.execute(ROOM)
        await holding.close()
        await until(owner, "done")
    finally:
        worker.stop()
        await working
        await owner.close()
    assert (await asyncio.to_thread(shop.read, answer))["status"] == "done"


async def goes_on(working: "asyncio.Task[None]") -> None:
    """It works on for several looks and beats."""
    assert not (await asyncio.wait([working], timeout=0.6))[0], "it ended"


async def until(owner: asyncpg.Connection, status: str) -> None:
    """Wait until the only job has come so far."""
    for _ in range(500):
        if await owner.fetchval("select status from export_job") == status:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(status)
