"""Connections to a database of the test's own."""

from collections.abc import AsyncIterator

import pytest

from almanac.store.db import PUBLISHER, Connection, connect


@pytest.fixture
async def connection(empty_database: str) -> AsyncIterator[Connection]:
    """A publisher's connection to a migrated database without an edition."""
    opened = await connect(empty_database, PUBLISHER)
    yield opened
    await opened.close()
