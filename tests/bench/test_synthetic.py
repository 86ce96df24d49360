"""The synthetic corpus: published like any other, the same every time, finished where it was left, and honest about itself."""

import hashlib

import asyncpg
import pytest
from bench import synthetic

from almanac.kinds import KINDS
from almanac.publish import batch
from almanac.publish.publish import publish
from almanac.store.db import PUBLISHER, connect
from tests.conftest import DATA

pytestmark = pytest.mark.anyio
COMPANIES = 6


@pytest.fixture(autouse=True)
def _small_editions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthetic, "BATCH", 3)


async def _stored(url: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("select edition, op, disclosure_id, known_from, body from change order by seq")
        return [tuple(row) for row in rows]
    finally:
        await connection.close()


async def test_every_company_has_ten_years_and_later_editions_only_restate(empty_database: str):
    versions = await synthetic.fill(empty_database, COMPANIES, migrated=True)
    stored = await _stored(empty_database)
    assert len(stored) == versions
    firsts = [row for row in stored if row[1] == "add"]
    assert len(firsts) == COMPANIES * 58
    assert {row[0] for row in firsts} == {1, 2}
    later = {row[0]: row[1] for row in stored if row[1] != "add"}
    assert set(later) == {3, 4}
    assert {row[1] for row in stored} <= {"add", "restate", "withdraw"}
    assert 60 <= versions / COMPANIES <= 70, "the sizes that the module promises"


async def test_what_is_generated_changes_with_its_number_only():
    names = ("company", "metric", "period", "value", "grade", "target_year", "withdrawn")
    rows = [
        repr([str(getattr(one, name, None)) for name in names])
        for again in (False, True)
        for one in synthetic.batch(1, 3, again=again).rows
    ]
    digest = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    assert (synthetic.VERSION, digest[:16]) == (1, "a0a0cbb52ad5f1e4"), (
        "a corpus that was kept is another one: raise VERSION"
    )


async def test_it_says_of_itself_that_it_is_synthetic(empty_database: str):
    await synthetic.fill(empty_database, COMPANIES, migrated=True)
    connection = await asyncpg.connect(empty_database)
    try:
        told = await connection.fetch("select publisher, note from edition")
        sources = await connection.fetch("select title, publisher, licence from source")
        companies = await connection.fetch("select company_id, name from company_record")
    finally:
        await connection.close()
    assert all(row["publisher"] == "synthetic-bench" and "invented" in row["note"] for row in told)
    assert sources
    assert all("ynthetic" in value for row in (*sources, *companies) for value in row)


async def test_what_was_left_unfinished_is_finished_and_what_is_whole_is_left_alone(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
):
    left = 2

    async def stops(*args: object, **more: object) -> object:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return await publish(*args, **more)

    monkeypatch.setattr(synthetic, "publish", stops)
    with pytest.raises(KeyboardInterrupt):
        await synthetic.fill(empty_database, COMPANIES, migrated=True)
    assert {row[0] for row in await _stored(empty_database)} == {1, 2}
    monkeypatch.setattr(synthetic, "publish", publish)
    versions = await synthetic.fill(empty_database, COMPANIES, migrated=True)
    stored = await _stored(empty_database)
    assert {row[0] for row in stored} == {1, 2, 3, 4}
    assert await synthetic.fill(empty_database, COMPANIES, migrated=True) == versions
    assert await _stored(empty_database) == stored


async def test_it_is_not_mixed_with_another_corpus_or_size(empty_database: str):
    await synthetic.fill(empty_database, 3, migrated=True)
    with pytest.raises(ValueError, match="another size"):
        await synthetic.fill(empty_database, COMPANIES, migrated=True)
    connection = await connect(empty_database, PUBLISHER)
    try:
        await publish(connection, batch.read(min(DATA.glob("*.ndjson")), KINDS), kinds=KINDS)
    finally:
        await connection.close()
    with pytest.raises(ValueError, match="stands alone"):
        await synthetic.fill(empty_database, 3, migrated=True)
