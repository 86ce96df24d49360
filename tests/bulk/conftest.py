"""Two snapshots of the corpus and the delta between them, made once a worker."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import duckdb
import duckdb_extension_httpfs
import pytest
from msgspec import Struct

from almanac.bulk import renderings
from almanac.bulk.snapshot import snapshot
from almanac.kinds import KINDS
from almanac.settings import Settings
from almanac.store.bulk_folder import BulkFolder
from almanac.store.bulk_place import MANIFEST
from almanac.store.bulk_store import BulkStore
from almanac.store.db import READER, Connection, connect
from tests.bulk.bucket import Bucket
from tests.bulk.bucket import running as bucket_running
from tests.bulk.published import withheld
from tests.conftest import Servers, _copy

FIRST = 12


class Published(Struct, frozen=True):
    """A store, a folder with snapshots of it, and their editions."""

    url: str
    folder: BulkFolder
    first: int
    newest: int

    def manifest(self, package: str, sort: str = "snapshots") -> dict:
        """A manifest."""
        return json.loads(self.folder.document(sort, package))


class Stored(Struct, frozen=True):
    """A folder of a bucket with the same snapshots."""

    bucket: Bucket
    settings: Settings
    place: BulkStore


@pytest.fixture(scope="session")
def published(servers: Servers, corpus_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    """The bundled and the awkward records, and one answer that may not be given on."""
    for url in _copy(servers, corpus_template):
        withheld(url)
        folder = BulkFolder(tmp_path_factory.mktemp("bulk"))
        first = asyncio.run(snapshot(url, folder, KINDS, edition=FIRST))
        newest = asyncio.run(snapshot(url, folder, KINDS))
        assert (first.status, newest.status) == ("made", "made")
        yield Published(url, folder, FIRST, newest.edition)


@pytest.fixture
async def reader(published: Published) -> AsyncIterator[Connection]:
    """A reader's connection to the store of the snapshots."""
    opened = await connect(published.url, READER)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    """A bucket of an S3-compatible store."""
    with bucket_running(tmp_path_factory.mktemp("moto")) as made:
        yield made


@pytest.fixture(scope="session")
def stored(published: Published, bucket: Bucket, tmp_path_factory: pytest.TempPathFactory) -> Stored:
    """The snapshots of `published` in a folder of a bucket: the first brought there, the newest made there, with its delta."""
    settings = bucket.settings("stored", tmp_path_factory.mktemp("here"))
    place, package = BulkStore(settings), str(published.first)
    for one in published.manifest(package)["resources"]:
        place.bring(published.folder.root / f"snapshots/{package}/{one['path']}", one["hash"].removeprefix("sha256:"))
    names = (MANIFEST, *renderings.documents(published.manifest(package)))
    place.publish(
        "snapshots", package, [], {name: published.folder.document("snapshots", package, name) for name in names}
    )
    assert asyncio.run(snapshot(published.url, place, KINDS)).status == "made"
    return Stored(bucket, settings, place)


@pytest.fixture
def remote() -> duckdb.DuckDBPyConnection:
    """DuckDB that reads over HTTP, by the extension that its makers signed; nothing is fetched for it."""
    (extension,) = Path(duckdb_extension_httpfs.__file__).parent.glob("extensions/*/httpfs.duckdb_extension")
    held = duckdb.connect()
    held.execute(f"load '{extension}'")
    return held
