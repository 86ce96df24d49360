"""Two releases of the SBTi register over the bundled records: what is pinned stays to the byte, what is not moves."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.client import Client
from tests.conftest import SHARED
from tests.up.running import environment

pytestmark = pytest.mark.slow

FILES = {
    "2025-03-13": "sbti_companies_c2025-03-13.xlsx",
    "2026-03-26": "sbti_companies_c2026-03-26.xlsx",
}
READS = (
    "/v1/companies/microsoft",
    "/v1/companies/natwest-group/commitments",
    "/v1/companies?q=volkswagen",
    "/v1/targets?scheme=sbti&limit=100",
    "/v1/changes?limit=1000",
    "/v1/coverage?limit=100",
)


def test_pinned_reads_stay_and_unpinned_ones_move(
    tmp_path: Path, corpus_database: str, serve: Callable[..., Client]
) -> None:
    for name in FILES.values():
        if not (SHARED / "data/sbti" / name).exists():
            pytest.skip(f"shared/data/sbti/{name} is absent")
    client = serve(corpus_database)
    edition = client.get("/v1/kinds").json()["meta"]["edition"]
    pinned = {read: f"{read}{'&' if '?' in read else '?'}edition={edition}" for read in READS}
    before = {read: (client.get(read).content, client.get(pinned[read]).content) for read in READS}
    zte = client.data("/v1/companies/zte/targets"), client.data("/v1/companies/zte/commitments")
    for released, name in FILES.items():
        file = SHARED / "data/sbti" / name
        command = [sys.executable, "-m", "almanac", "import", "sbti", str(file), "--released", released]
        told = environment(tmp_path, ALMANAC_DATABASE_URL=corpus_database)
        done = subprocess.run(command, env=told, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    for read in READS:
        moving, still = before[read]
        assert client.get(pinned[read]).content == still, read
        assert client.get(read).content != moving, read
    assert (client.data("/v1/companies/zte/targets"), client.data("/v1/companies/zte/commitments")) == zte
    companies = [one["id"] for one in client.data("/v1/companies?q=volkswagen&limit=5")]
    assert "volkswagen-group" in companies
    assert "volkswagen" not in companies, "the register's row joins the company that is there"
