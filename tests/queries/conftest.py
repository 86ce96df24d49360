"""Connections to databases that are only read, for the time of one test."""

from collections.abc import AsyncIterator

import pytest

from almanac.store.db import READER, Connection, connect
from tests.conftest import Servers


@pytest.fixture
async def owner(servers: Servers, empty_template: str) -> AsyncIterator[Connection]:
    """The owner's connection to a migrated database; what the test does is rolled back."""
    async for connection in _open(servers.database(empty_template), None):
        yield connection


@pytest.fixture
async def reader(servers: Servers, corpus_template: str) -> AsyncIterator[Connection]:
    """A reader's connection to the bundled and the awkward records."""
    async for connection in _open(servers.database(corpus_template), READER):
        yield connection


async def _open(url: str, role: str | None) -> AsyncIterator[Connection]:
    connection = await connect(url, role)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()
