"""The oldest PostgreSQL that is promised (15) takes the migrations and gives the same answers; where one is installed."""

import asyncio
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from almanac.company import CompanyName
from almanac.kinds import KINDS
from almanac.publish import batch, editors
from almanac.publish.publish import publish
from almanac.store import embedded, embedded_postgres
from almanac.store.db import PUBLISHER, connect
from almanac.store.migrate import migrate
from tests.client import Client
from tests.conftest import BUNDLED

pytestmark = pytest.mark.slow

INSTALLED = sorted(Path("/usr/lib/postgresql").glob("15/bin")) + sorted(Path("/usr").glob("pgsql-15/bin"))
READS = (
    "/v1/companies?limit=500",
    "/v1/companies?q=ericson",
    "/v1/companies/zte",
    "/v1/companies/zte/history",
    "/v1/companies/zte/diff?from=1",
    "/v1/companies/bmw-group/targets/progress",
    "/v1/emission-deltas?limit=500",
    "/v1/frames/ghg.scope1/2020",
    "/v1/coverage?limit=500",
    "/v1/changes?limit=1000",
    *(f"/v1/{kind.name}?limit=500" for kind in KINDS),
)


def _filled(url: str) -> str:
    async def fill() -> None:
        await migrate(url)
        connection = await connect(url, PUBLISHER)
        for file in BUNDLED:
            await publish(connection, batch.read(file, KINDS), kinds=KINDS)
        kinds = {kind.name: kind for kind in KINDS}
        why = editors.Decision(publisher="almanac-tests", reason="as people write", on=dt.date(2024, 1, 15))
        decided = await editors.alias(connection, kinds, "zte", CompanyName(name="Z T E", lang="en", type="alias"), why)
        await publish(connection, decided, kinds=KINDS)
        await connection.close()

    asyncio.run(fill())
    return url


@pytest.mark.skipif(not INSTALLED, reason="PostgreSQL 15 is not installed on this system")
def test_postgres_15_gives_the_same_answers(
    tmp_path: Path, empty_database: str, serve: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_postgres, "candidates", lambda: iter(INSTALLED))
    oldest = embedded.postgres(tmp_path / "fifteen", profile="test")
    try:
        assert (tmp_path / "fifteen/pgdata-15").is_dir()
        clients = [serve(_filled(url), redis_url=None) for url in (oldest.url, empty_database)]
        for read in READS:
            old, new = (client.get(read).json()["data"] for client in clients)
            assert old == new, read
            assert old, read
    finally:
        oldest.stop()
