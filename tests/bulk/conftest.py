"""Two snapshots of the corpus and the delta between them, made once a worker."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import pytest
from msgspec import Struct

from almanac.bulk.snapshot import snapshot
from almanac.kinds import KINDS
from almanac.store.bulk_folder import BulkFolder
from almanac.store.db import READER, Connection, connect
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
