"""`bench/imports.py` measures what it says: the same rows both ways, and a ratio of the two."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow


def test_it_compares_an_import_with_the_copy_of_its_rows(tmp_path: Path):
    data = tmp_path / "data"
    data.mkdir()
    told = tmp_path / "told.json"
    command = [sys.executable, str(ROOT / "bench/imports.py"), "--rows", "2000", "--runs", "1"]
    command += ["--data", str(tmp_path / "nowhere"), "--json", str(told)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(told.read_text())
    (pair,) = report["floor"]["pairs"]
    assert pair["import"]["versions"] == 2000
    assert pair["ratio"] == pytest.approx(pair["floor"]["seconds"] / pair["import"]["seconds"])
    assert 20 < pair["import"]["peak_mb"] < 400
    assert {"change", "emission", "statement", "raw_row"} <= pair["floor"]["tables"].keys()
    assert "| **floor / import** |" in done.stdout
