"""An Almanac with a history of snapshots and deltas, served live; and what a partner runs against it."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from almanac.bulk.snapshot import snapshot
from almanac.kinds import KINDS
from almanac.store.bulk_folder import BulkFolder
from almanac.store.db import PUBLISHER, connect
from tests.bulk.published import history, withheld
from tests.client import Client
from tests.conftest import Servers, _copy, _numbers, _Serving
from tests.partner.places import DuckdbPlace, Place, PostgresPlace, SqlitePlace
from tests.publish.store import newest


class Story(Struct, frozen=True):
    """A folder with a snapshot of every edition but the first two, and the newest edition."""

    url: str
    folder: Path
    first: int
    last: int


@pytest.fixture(scope="session")
def story(servers: Servers, empty_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Answers that come, change, go and move with a merge that is undone and made again, and withheld ones."""
    folder = tmp_path_factory.mktemp("story")

    for url in _copy(servers, empty_template):
        asyncio.run(history(url, 5, 4))
        withheld(url)
        last = asyncio.run(_newest(url))
        for edition in range(2, last + 1):
            assert asyncio.run(snapshot(url, BulkFolder(folder), KINDS, edition=edition)).status == "made"
        yield Story(url, folder, 2, last)


async def _newest(url: str) -> int:
    connection = await connect(url, PUBLISHER)
    found = await newest(connection)
    await connection.close()
    return found


@pytest.fixture(scope="module")
def almanac_at(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], Client]]:
    """A live server whose newest snapshot is the one asked for."""
    home = tmp_path_factory.mktemp("served")
    served = home / "bulk"
    served.symlink_to(story.folder)
    with _Serving(story.url, None, bulk_dir=str(served)) as client:

        def at(edition: int) -> Client:
            folder = home / str(edition)
            if not folder.exists():
                _as_it_was(story, edition, folder)
            served.unlink()
            served.symlink_to(folder)
            assert client.get("/v1/bulk/latest.json").json()["edition"] == edition
            return client

        yield at


def _as_it_was(story: Story, edition: int, folder: Path) -> None:
    shutil.copytree(story.folder, folder)
    for path in (*folder.glob("snapshots/*"), *folder.glob("deltas/*")):
        if int(path.name.rpartition("-")[2]) > edition:
            shutil.rmtree(path)
    asyncio.run(snapshot(story.url, BulkFolder(folder), KINDS, edition=edition))  # moves the pointer


@pytest.fixture(params=["duckdb", "sqlite", "postgres"])
def placed(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> Iterator[Callable[[], Place]]:
    """New places for a copy, one database after the other."""
    made: list[Place] = []

    def new() -> Place:
        number = next(_numbers)
        if request.param == "postgres":
            made.append(PostgresPlace(servers, f"partner_{number}"))
        else:
            home = tmp_path / f"place-{number}"
            home.mkdir()
            made.append(DuckdbPlace(home) if request.param == "duckdb" else SqlitePlace(home))
        return made[-1]

    yield new
    for place in made:
        if isinstance(place, PostgresPlace):
            place.drop()


@pytest.fixture
def place(placed: Callable[[], Place]) -> Place:
    """A place for one copy, empty."""
    return placed()


def run(*args: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    """`almanac bulk` in a process of its own."""
    done = subprocess.run(command(*args), capture_output=True, text=True, check=False, timeout=120, env=environment())
    assert done.returncode == code, done.stdout + done.stderr
    return done


def command(*args: object) -> list[str]:
    return [sys.executable, "-m", "almanac", "bulk", *map(str, args)]


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("ALMANAC_")}
