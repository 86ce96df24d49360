"""The real releases of 2020 to 2026, one after the other into a database, over the records that come with the service."""

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
import pytest

from almanac.importers import registry
from almanac.importers.identity import Index
from almanac.importers.report import ImportReport
from almanac.store.db import PUBLISHER, connect
from tests.conftest import BUNDLED, SHARED, Servers
from tests.conftest import _make as make

pytestmark = pytest.mark.slow
FOLDER = SHARED / "data/sbti"
ROWS = {
    "companies_2020-06-20": 911,
    "companies_2021-09-10": 2676,
    "companies_2022-09-01": 3626,
    "companies_2023-01-05": 4382,
    "companies_2024-05-02": 8513,
    "companies_2025-02-20": 10794,
    "companies_c2025-03-13": 10867,
    "companies_c2025-07-17": 11878,
    "companies_c2025-12-22": 13405,
    "companies_c2026-03-12_blank_years": 14152,
    "companies_c2026-03-26": 14303,
}
HELD = "companies_c2026-03-12_blank_years"
Loaded = tuple[dict[str, tuple[ImportReport, Any]], list[dict[str, Any]]]


def path_of(release: str, suffix: str = "xlsx") -> Path:
    path = FOLDER / f"sbti_{release}.{suffix}"
    if not path.exists():
        pytest.skip(f"shared/data/sbti/{path.name} is absent")
    return path


@pytest.fixture(scope="module")
def loaded(servers: Servers) -> Loaded:
    """The eleven company-level releases in order over the bundled records; reports, and every version by its place."""
    for release in ROWS:
        path_of(release)
    return asyncio.run(_load(servers.database(make(servers, "registers", BUNDLED))))


async def _load(url: str) -> Loaded:
    connection = await connect(url, PUBLISHER)
    last = await connection.fetchval("select max(seq) from change")
    done = {}
    for release in ROWS:
        done[release] = await registry.run(connection, registry.find(path_of(release)), registry.Options())
    named = ["amazon", "natwest-group", "hindustan-zinc", "zte"]
    rows = await connection.fetch(
        "select seq, company_id, kind, natural_key, op, known_from, body from change "
        "where company_id = any($1) order by known_from, seq",
        named,
    )
    await connection.close()
    return done, [{**dict(row), "new": row["seq"] > last, "body": msgspec.json.decode(row["body"])} for row in rows]


def path_through(loaded: Loaded, company: str, kind: str, key: str) -> list[tuple[str, str | None]]:
    """Statuses with their reasons, as they follow each other."""
    found: list[tuple[str, str | None]] = []
    for row in loaded[1]:
        if (row["company_id"], row["kind"], row["natural_key"]) == (company, kind, key):
            body = row["body"]
            said = (body["status"], body.get("reason") or body.get("status_reason"))
            if not found or found[-1][0] != said[0]:
                found.append(said)
    return found


@pytest.mark.parametrize(("release", "count"), ROWS.items())
def test_every_row_is_accounted_for(loaded: Loaded, release: str, count: int):
    report, _ = loaded[0][release]
    (sheet,) = report.sheets
    assert sheet.rows == count
    assert sheet.adds_up
    assert sheet.held == (sheet.rows if release == HELD else 0)


def test_only_the_faulty_release_is_held(loaded: Loaded):
    assert [release for release, (report, _) in loaded[0].items() if report.held] == [HELD]
    report, published = loaded[0][HELD]
    assert published is None
    assert report.hold.blank > 1000


def test_amazon_committed_and_was_removed(loaded: Loaded):
    assert [said for said, _ in path_through(loaded, "amazon", "commitments", "sbti|near_term")] == [
        "active",
        "removed",
    ]


def test_natwest_committed_set_and_withdrew(loaded: Loaded):
    key = "sbti|near_term"
    assert path_through(loaded, "natwest-group", "commitments", key)[-1] == ("removed", "Withdrawn commitment")
    assert [said for said, _ in path_through(loaded, "natwest-group", "commitments", key)] == [
        "active",
        "targets_set",
        "removed",
    ]
    assert path_through(loaded, "natwest-group", "targets", f"{key}|headline")[-1] == (
        "removed",
        "Withdrawn commitment",
    )


def test_hindustan_zinc_set_committed_and_set_again(loaded: Loaded):
    found = path_through(loaded, "hindustan-zinc", "targets", "sbti|near_term|headline")
    assert [said for said, _ in found] == ["targets_set", "committed", "targets_set"]


def test_zte_is_as_the_bundled_records_have_it(loaded: Loaded):
    assert [row for row in loaded[1] if row["company_id"] == "zte" and row["new"]] == []


@pytest.mark.parametrize(
    ("release", "suffix", "count"),
    [
        ("targets_2023-08-18", "xlsx", 11808),
        ("targets_2023-09-21", "xlsx", 12235),
        ("targets_extract_2023_cp1252_semicolon", "csv", 4447),
    ],
)
def test_target_level_rows_are_accounted_for(release: str, suffix: str, count: int):
    path = path_of(release, suffix)
    found = registry.find(path, dt.date(2023, 10, 31) if suffix == "csv" else None)
    built, report = found.importer.load(path, found.released, Index())
    (sheet,) = report.sheets
    assert sheet.rows == count == sheet.imported + sum(sheet.rejected.values()) == len(built.raw)
    assert len(built.rows) == sheet.imported
