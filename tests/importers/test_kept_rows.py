"""Every row of an imported file is kept, once: also of a file that only confirms, and of one that brings nothing."""

from pathlib import Path
from typing import Any

import pytest

from almanac.importers import registry
from almanac.store.db import PUBLISHER, Connection, connect
from tests.importers.numbers import table
from tests.importers.test_cdp import GLOBAL, ROW

pytestmark = pytest.mark.anyio


async def take(connection: Connection, path: Path, **options: Any) -> Any:
    return await registry.run(connection, registry.find(path), registry.Options(**options))


async def counts(connection: Connection) -> tuple[int, int, int]:
    row = await connection.fetchrow(
        "select (select count(*) from raw_row), (select count(*) from source), coalesce(max(edition), 0) from edition"
    )
    return tuple(row)


def cdp(folder: Path, name: str, *rows: dict[str, str]) -> Path:
    return table(folder / name, GLOBAL, [[row.get(column, "") for column in GLOBAL] for row in rows])


async def test_a_file_that_only_confirms_is_kept(empty_database: str, tmp_path: Path):
    connection = await connect(empty_database, PUBLISHER)
    await take(connection, cdp(tmp_path, "a.csv", ROW))
    # Another file with the same answers: its column in between makes its bytes differ.
    again = table(tmp_path / "b.csv", [*GLOBAL, "new"], [[*(ROW.get(name, "") for name in GLOBAL), "x"]])
    report, published = await take(connection, again)
    assert (published.edition, published.counts["unchanged"]) == (None, 3)
    (sheet,) = report.sheets
    assert (sheet.rows, sheet.imported, sheet.unchanged) == (1, 0, 1)
    assert await counts(connection) == (2, 2, 1)
    await connection.close()


async def test_a_file_that_brings_nothing_is_kept_once(empty_database: str, tmp_path: Path):
    connection = await connect(empty_database, PUBLISHER)
    path = cdp(
        tmp_path,
        "a.csv",
        {"company_name": "Nova", "reporting_year": "2011,2012"},
        {"country": "Sweden", "reporting_year": "2011"},
    )
    for _ in range(2):
        report, published = await take(connection, path)
        assert (dict(report.sheets[0].rejected), published.edition) == ({"rejected": 2}, None)
        assert await counts(connection) == (2, 1, 0)
    await connection.close()


async def test_nothing_is_kept_of_a_dry_run(empty_database: str, tmp_path: Path):
    connection = await connect(empty_database, PUBLISHER)
    report, published = await take(connection, cdp(tmp_path, "a.csv", ROW), dry_run=True)
    assert (published.counts["add"], report.sheets[0].imported) == (3, 1)
    assert await counts(connection) == (0, 0, 0)
    await connection.close()
