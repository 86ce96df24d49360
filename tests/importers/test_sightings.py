"""What a publisher said of a company is settled once: whatever other files bring in between, a second import adds nothing."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from almanac.importers import mapped, mapping, registry
from almanac.importers.identity import Claim, Index, Match
from almanac.kinds import KINDS
from almanac.publish import batch
from almanac.publish.publish import publish
from almanac.store.db import PUBLISHER, connect
from tests.conftest import SHARED

pytestmark = pytest.mark.anyio
DAY = dt.date(2024, 5, 31)
TABLE = "name,isin,tonnes\nNova,US0378331005,5\n"
MAPPING = """
[source]
title = "Emissions"
publisher = "Example"
licence = "CC BY 4.0"
published_on = 2024-05-31
[company]
name = { column = "name" }
isin = { column = "isin" }
country = "SE"
[[answer]]
kind = "emissions"
metric = "ghg.scope1"
period = "2023"
value = { column = "tonnes" }
unit = "t CO2e"
"""
RIVALS = b"""
{"record":"company","id":"nova-two","name":"Nova","country":"SE",\
"identifiers":[{"scheme":"isin","value":"US0378331005"}]}
"""
EDITIONS = "select count(*) from edition"


def claim(**more: Any) -> Claim:
    return Claim(register="example", number=None, name="Nova", country="SE", **more)


def test_a_claim_is_settled_as_before_and_that_is_certain():
    index = Index()
    index.see(claim(), "nova-by-hand", DAY)
    assert index.match(claim()) == Match(company="nova-by-hand", how="seen")
    assert index.match(claim()).score == 1
    assert index.match(claim(sector="Food")).company is None


def test_only_what_the_store_does_not_remember_is_fresh():
    known = Index()
    known.see(claim(), "nova", DAY)
    index = Index(sightings=known.fresh)
    index.see(claim(), "nova", DAY)
    index.see(claim(), "nova", DAY + dt.timedelta(1))
    assert index.fresh == []
    index.see(claim(), "nova", DAY - dt.timedelta(1))
    index.see(claim(), "nova-2", DAY)
    assert [(one.company, one.seen_on) for one in index.fresh] == [("nova", DAY - dt.timedelta(1)), ("nova-2", DAY)]


async def twice(url: str, folder: Path) -> int:
    """How many editions an import makes the second time, after a rival came for the name and the ISIN."""
    (folder / "table.csv").write_text(TABLE)
    (folder / "map.toml").write_text(MAPPING)
    found = registry.Found(folder / "table.csv", mapped.Mapped(mapping.read(folder / "map.toml")), DAY)
    connection = await connect(url, PUBLISHER)
    await registry.run(connection, found, registry.Options())
    await publish(connection, batch.parse(RIVALS, KINDS, "almanac"), kinds=KINDS)
    before = await connection.fetchval(EDITIONS)
    await registry.run(connection, found, registry.Options())
    after = await connection.fetchval(EDITIONS)
    await connection.close()
    return after - before


async def test_a_rival_for_name_and_isin_changes_nothing(empty_database: str, tmp_path: Path):
    assert await twice(empty_database, tmp_path) == 0


async def test_without_the_memory_it_would(empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Index, "see", lambda *_: None)
    assert await twice(empty_database, tmp_path) == 1


@pytest.mark.slow
async def test_a_second_import_of_the_real_files_publishes_nothing(empty_database: str):
    folder = SHARED / "data"
    if not folder.exists():
        pytest.skip("../shared/data is not there: its files are imported twice")
    paths = sorted(path for path in folder.rglob("*.*") if re.search(r"\.(csv|xlsx|json)$", path.name))
    # The releases of the register after 2023 take minutes; they hold against themselves in test_releases_over_http. Of
    # its releases by target one is enough, and EPA's facilities are imported twice in test_public_registers.
    left = re.compile(r"companies_(2024|2025|c202)|targets_2023-08|cp1252|ghgp_data")
    kept = [path for path in paths if not left.search(path.name)]
    found = sorted((registry.find(path) for path in kept), key=lambda one: (one.released, one.path.name))
    connection = await connect(empty_database, PUBLISHER)
    for one in found:
        await registry.run(connection, one, registry.Options())
    before = await connection.fetchval(EDITIONS)
    again = [await registry.run(connection, one, registry.Options()) for one in found]
    after = await connection.fetchval(EDITIONS)
    await connection.close()
    assert (len(found), after) == (len(again), before)
    assert before > 15
