"""Real servers for every test: one PostgreSQL and one Valkey a worker, databases copied from a template, a live granian."""

import asyncio
import datetime as dt
import gc
import itertools
import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import httpx
import hypothesis
import pytest
from msgspec import Struct

from almanac.bulk.snapshot import snapshot
from almanac.company import CompanyName
from almanac.kinds import KINDS
from almanac.publish import batch, editors
from almanac.publish.publish import publish
from almanac.store import embedded
from almanac.store.bulk_folder import BulkFolder
from almanac.store.db import PUBLISHER, connect
from almanac.store.migrate import migrate
from tests import alone, exercised, spread
from tests.client import Client
from tests.forked import Forked

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
DATA = Path(__file__).parent / "data"
BUNDLED = sorted((ROOT / "src/almanac/data").glob("*.ndjson"))

# How long one case takes says how busy the machine is.
hypothesis.settings.register_profile("almanac", deadline=None)
hypothesis.settings.load_profile("almanac")

_numbers = itertools.count(1)

# The system copies the files of a template in half the time, where PostgreSQL leaves it to it: from 18 on.
_CLONE = """select set_config(name, 'clone', false) from pg_settings
            where name = 'file_copy_method' and 'clone' = any (enumvals)"""


class Servers(Struct, frozen=True):
    """Addresses of this worker's servers."""

    postgres: str
    redis: str

    def database(self, name: str) -> str:
        """URL of one of its databases."""
        return self.postgres.replace("/postgres?", f"/{name}?")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cases", type=int, help="Run at most so many cases of each test, spread over all of them.")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(exercised, "exercised")
    config.pluginmanager.register(alone, "alone")
    if config.pluginmanager.has_plugin("xdist"):
        config.pluginmanager.register(spread, "spread")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: for a third of the time, servers start and clients wait.

    Here, and not beside the scheduler: `-n auto` is read before any plugin of ours is registered.
    """
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    most = config.option.cases
    if not most:
        return
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    kept = {id(found[round(n * (len(found) - 1) / max(1, most - 1))]) for found in cases.values() for n in range(most)}
    config.hook.pytest_deselected(items=[item for item in items if id(item) not in kept])
    items[:] = [item for item in items if id(item) in kept]


def pytest_collection_finish() -> None:
    """Look no more for rings among what thousands of tests are made of, and less often among the rows that they load."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """PostgreSQL and Valkey, started for this worker and stopped after it."""
    folder = tmp_path_factory.mktemp("servers")
    postgres = embedded.postgres(folder, profile="test")
    redis = embedded.redis(folder)
    yield Servers(postgres.url, redis.url)
    redis.stop()
    postgres.stop()


@pytest.fixture(scope="session")
def empty_template(servers: Servers) -> str:
    """Name of a migrated database without an edition."""
    return _make(servers, "template_empty", [])


@pytest.fixture(scope="session")
def corpus_template(servers: Servers) -> str:
    """Name of a database with the bundled records, the awkward ones of tests/data, and what an editor decided of those.

    One edition a file and a decision.
    """
    name = _make(servers, "template_corpus", [*BUNDLED, *sorted(DATA.glob("*.ndjson"))])
    asyncio.run(_edit(servers.database(name)))
    return name


@pytest.fixture
def empty_database(servers: Servers, empty_template: str) -> Iterator[str]:
    """URL of a migrated database of this test's own."""
    yield from _copy(servers, empty_template)


@pytest.fixture
def corpus_database(servers: Servers, corpus_template: str) -> Iterator[str]:
    """URL of a database of this test's own with the bundled and the awkward records."""
    yield from _copy(servers, corpus_template)


@pytest.fixture(scope="session")
def snapshots(servers: Servers, corpus_template: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of two snapshots of the bundled and the awkward records."""
    folder = tmp_path_factory.mktemp("bulk")
    # Over a copy: PostgreSQL copies no template that somebody is connected to.
    for url in _copy(servers, corpus_template):
        for edition in (2, None):
            asyncio.run(snapshot(url, BulkFolder(folder), KINDS, edition=edition))
    return folder


@pytest.fixture(scope="session")
def api(servers: Servers, corpus_template: str, snapshots: Path) -> Iterator[Client]:
    """A live granian over the bundled and the awkward records and two snapshots; every answer is held against the contract."""
    for url in _copy(servers, corpus_template):
        with _Serving(url, servers.redis, bulk_dir=str(snapshots)) as client:
            client.twice = True
            yield client


@pytest.fixture
def serve(servers: Servers) -> Iterator[Callable[..., Client]]:
    """Starts a live granian over a database; `redis_url=None` leaves Redis away."""
    running: list[_Serving] = []

    def start(database_url: str, redis_url: str | None = servers.redis, **settings: str) -> Client:
        server = _Serving(database_url, redis_url, **settings)
        running.append(server)
        return server.__enter__()

    yield start
    for server in running:
        server.__exit__()


def _make(servers: Servers, name: str, files: list[Path]) -> str:
    async def make() -> None:
        await _admin(servers, f"create database {name}")
        url = servers.database(name)
        await migrate(url)
        connection = await connect(url, PUBLISHER)
        for file in files:
            await publish(connection, batch.read(file, KINDS), kinds=KINDS)
        await connection.close()

    asyncio.run(make())
    return name


async def _edit(url: str) -> None:
    kinds = {kind.name: kind for kind in KINDS}
    why = editors.Decision(publisher="almanac-tests", reason="one company", on=dt.date(2024, 1, 15))
    also = CompanyName(name="Invented Keepers", lang="en", type="alias")
    connection = await connect(url, PUBLISHER)
    for make, *what in (
        (editors.merge, "invented-absorbed", "invented-keeper"),
        (editors.alias, "invented-keeper", also),
        (editors.rename, "invented-claims", "Invented Claims Group plc"),
    ):
        await publish(connection, await make(connection, kinds, *what, why), kinds=KINDS)
    await connection.close()


def _copy(servers: Servers, template: str) -> Iterator[str]:
    name = f"copy_{next(_numbers)}"
    asyncio.run(_admin(servers, _CLONE, f"create database {name} template {template} strategy file_copy"))
    yield servers.database(name)
    asyncio.run(_admin(servers, f"drop database {name} with (force)"))


async def _admin(servers: Servers, *statements: str) -> None:
    connection = await asyncpg.connect(servers.postgres)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


class _Serving:
    """A granian process for the time of a with block."""

    def __init__(self, database_url: str, redis_url: str | None, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        own = {"ALMANAC_DATABASE_URL": database_url, "ALMANAC_PORT": str(self.port), "ALMANAC_HOST": "127.0.0.1"}
        own["ALMANAC_STOP_GRACE_MS"] = "0"
        # Tests ask often, all from one network.
        own |= {"ALMANAC_RATE_ANONYMOUS": "off", "ALMANAC_RATE_KEY": "off"}
        # A fuzzer asks to wait and to follow, and has no time.
        own |= {"ALMANAC_WAIT_MAX_MS": "1", "ALMANAC_STREAM_MAX_MS": "1"}
        # Nor does anybody make what it orders.
        own |= {"ALMANAC_EXPORT_WAIT_MS": "0", "ALMANAC_EXPORTS_PER_CALLER": "100000"}
        own |= {"ALMANAC_EXPORT_JOBS_MAX": "1000000"}
        if redis_url is not None:
            own["ALMANAC_REDIS_URL"] = redis_url
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ALMANAC_")}
        self.environment = inherited | own | {f"ALMANAC_{n.upper()}": v for n, v in settings.items()}

    def __enter__(self) -> Client:
        # A file, not a pipe: a pipe that nobody reads fills up after some 300 requests, and then the server waits.
        self.stderr = tempfile.NamedTemporaryFile()
        self.process = Forked(self.environment, self.stderr.name)
        self.client = client = Client(f"http://127.0.0.1:{self.port}", self.stderr)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert self.process.poll() is None, f"granian ended: {client.log()}"
            try:
                if client.request("GET", "/readyz").status_code == 200:
                    return client
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        said = client.log()
        self.__exit__()
        raise AssertionError(f"granian did not start: {said}")

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except TimeoutError:
            self.process.kill()
            self.process.wait()
        self.client.close()
        self.stderr.close()
