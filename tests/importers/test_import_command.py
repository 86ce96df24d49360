"""Releases through the command into a database: a history of what changed, and nothing twice."""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from almanac.importers import registry, sbti
from almanac.store.db import PUBLISHER, connect
from tests.importers.workbook import HEADER, NEAR, company, register

pytestmark = pytest.mark.anyio
DAYS = [dt.date(2025, 3, 13), dt.date(2025, 7, 17), dt.date(2025, 12, 22)]


async def test_a_history_holds_what_changed(empty_database: str, tmp_path: Path):
    moved = company(**NEAR | {"near_term_target_year": "FY2035"})
    spelled = company(**NEAR | {"near_term_target_classification": "1.5C", "near_term_target_year": "2030.0"})
    connection = await connect(empty_database, PUBLISHER)
    counts = []
    for day, row in zip(DAYS, (company(**NEAR), spelled, moved), strict=True):
        path = register(tmp_path, [row, company(2, "Nova", net_zero_status="Committed")])
        _, report = await registry.run(connection, registry.Found(path, sbti, day), registry.Options())
        counts.append((report.counts["add"], report.counts["restate"], report.counts["unchanged"]))
    _, again = await registry.run(connection, registry.Found(path, sbti, DAYS[-1]), registry.Options())
    rows = await connection.fetch("select op, changed from change where kind = 'targets' order by seq")
    await connection.close()
    assert counts == [(2, 0, 0), (0, 0, 2), (0, 1, 1)]
    assert again.edition is None
    assert [(row["op"], row["changed"]) for row in rows] == [("add", []), ("restate", ["target_year", "year_type"])]


def almanac(database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "almanac", "import", "sbti", *arguments]
    environment = {"ALMANAC_DATABASE_URL": database}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_the_command_reports_and_a_dry_run_changes_nothing(empty_database: str, tmp_path: Path):
    path = register(tmp_path, [company(**NEAR), {"company_name": "Only A Name"}])
    findings = tmp_path / "findings.ndjson"
    options = (str(path), "--released", "2025-03-13", "--report", str(findings))
    for expected in ("dry run, nothing was published", "published as edition 1"):
        done = almanac(empty_database, *options, *(["--dry-run"] if expected.startswith("dry") else []))
        assert (done.returncode, done.stderr) == (0, "")
        assert "sheet Data: 2 rows, 1 imported, 1 blank" in done.stdout
        assert expected in done.stdout
    (line,) = [msgspec.json.decode(line) for line in findings.read_bytes().splitlines()]
    assert (line["finding"], line["row"]) == ("blank", 3)


def test_the_command_prints_json(empty_database: str, tmp_path: Path):
    done = almanac(empty_database, str(register(tmp_path, [company(**NEAR)])), "--released", "2025-03-13", "--json")
    told = msgspec.json.decode(done.stdout)
    assert (told["read"]["companies_new"], told["published"]["edition"]) == (1, 1)


def test_an_unknown_header_is_one_line_and_wrong_usage(empty_database: str, tmp_path: Path):
    done = almanac(empty_database, str(register(tmp_path, [], HEADER[:3])), "--released", "2025-03-13")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "the nearest profile is sbti-2025-company" in done.stderr
