"""A small corpus, a Valkey, and a server whose every answer comes from that Valkey or from PostgreSQL."""

import datetime as dt
import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.api.batches import emission, put
from tests.conftest import Servers, _copy
from tests.conftest import _Serving as Serving
from tests.faults.load import Load
from tests.faults.valkey import Valkey

COMPANIES = [f"firm-{number}" for number in range(40)]
_PATHS = [
    *(f"/v1/emissions?company={name}" for name in COMPANIES),
    *(f"/v1/changes?company={name}" for name in COMPANIES),
    *(f"/v1/companies/{name}" for name in COMPANIES[::5]),
]
# Mixed: what costs more than the rest would be too much, many times in a row, for a server that has most to spare.
PATHS = random.Random(1).sample(_PATHS, len(_PATHS))


def fill(database_url: str, times: int = 1) -> int:
    """Publish what the paths are about, once or again with other numbers; the edition."""
    rows = [emission(name, year, times * 1000 + year) for name in COMPANIES for year in (2020, 2021, 2022)]
    edition = put(
        database_url, *rows, on=str(dt.date(2025, 1, 1) + dt.timedelta(times)), title=f"Report {times}"
    ).edition
    assert edition is not None
    return edition


def figure(name: str, **measured: float) -> None:
    """Say what was measured: `-rP` shows it, and the README has it in a table."""
    print(name, *(f"{what}={value:.1f}" for what, value in measured.items()))  # noqa: T201 - it is said to be read


def third_of_load(port: int) -> float:
    """A third of what a server answers a second to clients that never wait, on this machine at this moment."""
    with Load([port], PATHS) as load:
        load.during("full", 1)
    assert not load.wrong()
    return load.rate("full") / 3


@contextmanager
def serving(database_url: str, redis_url: str | None = None, **settings: str) -> Iterator[Serving]:
    """A server, with its port and its process."""
    server = Serving(database_url, redis_url, **settings)
    with server:
        yield server


@pytest.fixture(scope="module")
def filled(servers: Servers, empty_template: str) -> Iterator[str]:
    """URL of a database of this module's own with one edition."""
    for url in _copy(servers, empty_template):
        fill(url)
        yield url


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with Valkey(tmp_path_factory.mktemp("valkey")) as one:
        yield one


@pytest.fixture(scope="module")
def served(filled: str, valkey: Valkey) -> Iterator[Serving]:
    """A server that keeps nothing in its own memory."""
    with serving(filled, valkey.url, cache_bytes="0") as server:
        yield server
