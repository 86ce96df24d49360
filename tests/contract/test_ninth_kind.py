"""A ninth kind is a module, a migration, two queries and a line: this adds one to a copy of the sources and uses it over HTTP."""

import asyncio
import csv
import gzip
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT, Servers, _admin

pytestmark = pytest.mark.slow

MODULE = '''"""Water targets: what a company aims at for its use of water, by basin."""

from decimal import Decimal
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from almanac.kind import Kind
from almanac.model import Content, Filter, Text, Year


class WaterTarget(Content, frozen=True, kw_only=True):
    """One water target of one company as one source states it."""

    basin: Annotated[Text | None, Meta(description="River basin; null for the whole company.")] = None
    target_year: Year
    value_pct: Annotated[Decimal | None, Meta(description="Reduction aimed at, per cent of the base; null if not said.")] = None


class WaterTargetFilter(Filter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Narrows water targets."""

    target_year: Year | UnsetType = UNSET


KIND = Kind(
    stem="water_targets",
    table="water_target",
    title="Water targets",
    about="What companies aim at for their use of water.",
    content=WaterTarget,
    key=("basin", "target_year"),
    filter=WaterTargetFilter,
    example={"target_year": 2030, "value_pct": Decimal("25.0")},
)
'''
MIGRATION = """-- Water targets: what companies aim at for their use of water.
create table water_target (
  like version_header including all,
  basin       text,
  target_year integer not null check (target_year between 1900 and 2200),
  value_pct   numeric check (value_pct between -1000 and 1000)
);
select register_kind('water-targets', 'Water targets', 'water_target');
create index water_target_year on water_target (target_year, company_id, natural_key);
"""
QUERY = (
    (ROOT / "sql/queries/awards/list.sql")
    .read_text()
    .replace("Awards", "Water targets")
    .replace("year, issuer", "target_year")
    .replace("award", "water_target")
    .replace("v.year", "v.target_year")
    .replace("\n   and ($7::text is null or v.issuer = $7)", "")
)
FLAT = (
    (ROOT / "sql/queries/awards/flat.sql")
    .read_text()
    .replace("Awards", "Water targets")
    .replace("award", "water_target")
    .replace(
        "v.name,\n       v.issuer, v.year, v.category, v.recipient,", "v.basin,\n       v.target_year, v.value_pct,"
    )
)
ADDED = {
    "src/almanac/kinds/water_targets.py": MODULE,
    "sql/migrations/0900_water_targets.sql": MIGRATION,
    "sql/queries/water_targets/list.sql": QUERY,
    "sql/queries/water_targets/flat.sql": FLAT,
}
LINES_AT_MOST = 75  # written by hand for the whole slice

SOURCE = {"record": "source", "type": "other", "publisher": "Invented for tests", "licence": "CC0 1.0"}
ROW = {"record": "water-targets", "company": "invented-water", "source": "s", "basin": "Invented basin"}


def batch(title: str, published_on: str, value: float) -> str:
    """One publish with one answer."""
    lines = [
        SOURCE | {"key": "s", "title": title, "published_on": published_on},
        {"record": "company", "id": "invented-water", "name": "Invented Water Ltd"},
        ROW | {"target_year": 2030, "value_pct": value},
    ]
    return "\n".join(map(json.dumps, lines))


def snapshot(folder: Path) -> dict[str, str]:
    """Content by path of all that could be touched."""
    files = [path for top in ("src", "sql", "openapi") for path in (folder / top).rglob("*") if path.is_file()]
    return {str(p.relative_to(folder)): p.read_bytes().hex() for p in files if "__pycache__" not in p.parts}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the sources with the new kind in it."""
    for top in ("src", "sql", "openapi"):
        shutil.copytree(ROOT / top, tmp_path / top, ignore=shutil.ignore_patterns("__pycache__"))
    before = snapshot(tmp_path)
    for name, text in ADDED.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    registry = tmp_path / "src/almanac/kinds/__init__.py"
    changed = registry.read_text().replace("    targets,\n", "    targets,\n    water_targets,\n")
    registry.write_text(changed.replace("    indicators.KIND,\n", "    indicators.KIND,\n    water_targets.KIND,\n"))
    after = snapshot(tmp_path)
    touched = {name for name in after if after[name] != before.get(name)}
    assert touched == {*ADDED, "src/almanac/kinds/__init__.py"}
    return tmp_path


def test_a_kind_is_five_small_files_and_has_every_route_the_contract_and_the_tests(copy: Path, servers: Servers):
    lines = sum(text.count("\n") for text in ADDED.values()) + 2
    assert lines <= LINES_AT_MOST, f"a kind takes {lines} lines"
    asyncio.run(_admin(servers, "create database ninth"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {
        "ALMANAC_DATABASE_URL": servers.database("ninth"),
        "ALMANAC_PORT": str(port),
        "PYTHONPATH": str(copy / "src"),
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ALMANAC_")} | own

    def almanac(*words: str) -> str:
        command = [sys.executable, "-m", "almanac", *words]
        run = subprocess.run(command, env=environment, cwd=copy, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    assert "0900_water_targets" in almanac("migrate")
    for title, published_on, value in (("Invented 2022", "2022-06-30", 20.5), ("Invented 2023", "2023-06-30", 25)):
        (copy / "batch.ndjson").write_text(batch(title, published_on, value))
        almanac("publish", "batch.ndjson")
    almanac("bulk", "snapshot", "--out", "bulk")
    flat = gzip.decompress((copy / "bulk/snapshots/2/water-targets-current-0001.csv.gz").read_bytes()).decode()
    assert [row["value_pct"] for row in csv.DictReader(io.StringIO(flat))] == ["25"]
    held = snapshot(copy)
    almanac("openapi")
    now = snapshot(copy)
    assert {name for name in now if now[name] != held.get(name)} == {
        "openapi/v1.json",
        "openapi/v1.txt",
        "openapi/columns.txt",
    }
    server = subprocess.Popen([sys.executable, "-m", "almanac", "serve"], env=environment, cwd=copy)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as http:
            _ready(http)
            _use(http)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
        asyncio.run(_admin(servers, "drop database ninth with (force)"))


def _ready(http: httpx.Client) -> None:
    for _ in range(200):
        try:
            if http.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the copy did not start")


def _use(http: httpx.Client) -> None:
    def data(url: str) -> object:
        answer = http.get(url)
        assert answer.status_code == 200, f"{url}: {answer.text}"
        return answer.json()["data"]

    (row,) = data("/v1/water-targets")
    assert (row["kind"], row["basin"], row["value_pct"], row["version"]) == ("water-targets", "Invented basin", 25, 2)
    assert row["changed"] == ["value_pct"]
    assert data("/v1/water-targets?edition=1")[0]["value_pct"] == 20.5
    assert data("/v1/water-targets?known_on=2022-12-31")[0]["value_pct"] == 20.5
    assert data("/v1/companies/invented-water/water-targets?target_year=2030") == [row]
    assert data("/v1/water-targets?target_year=2031") == []
    assert data(f"/v1/disclosures/{row['id']}") == row
    assert [one["version"] for one in data(f"/v1/disclosures/{row['id']}/versions")] == [1, 2]
    difference = data(f"/v1/disclosures/{row['id']}/diff?from=1&to=2")
    assert {"field": "value_pct", "old": 20.5, "new": 25} in difference["fields"]
    assert [one["op"] for one in data("/v1/changes?kind=water-targets")] == ["add", "restate"]
    assert data("/v1/companies/invented-water")["newest"]["water_targets"] == row
    assert data("/v1/companies/invented-water/diff?from=1")[0]["change"] == "changed"
    assert "water-targets" in {kind["kind"] for kind in data("/v1/kinds")}
    assert data("/v1/coverage")[0]["kinds"] == [{"kind": "water-targets", "disclosures": 1}]
    contract = http.get("/openapi.json").json()
    assert {"/v1/water-targets", "/v1/companies/{company}/water-targets"} <= set(contract["paths"])
    assert "value_pct" in contract["components"]["schemas"]["WaterTarget"]["properties"]
    refused = http.get("/v1/water-targets?target_yaer=2030")
    assert (refused.status_code, refused.json()["errors"][0]["suggestion"]) == (400, "target_year")
