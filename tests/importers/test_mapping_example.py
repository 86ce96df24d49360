"""The worked example of the importers' README, run as it stands there; it catches prose that is no longer true."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from almanac.store.db import PUBLISHER, connect
from tests.conftest import ROOT

pytestmark = pytest.mark.anyio
README = (ROOT / "src/almanac/importers/README.md").read_text("utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return found


def example(folder: Path, database: str, *more: str) -> subprocess.CompletedProcess[str]:
    (folder / "emissions.csv").write_text(block("csv"), "utf-8")
    (folder / "emissions.toml").write_text(block("toml"), "utf-8")
    typed = block("console").removeprefix("$ almanac ").split()
    command = [sys.executable, "-m", "almanac", *(word for word in typed if word != "--dry-run"), *more]
    environment = {"ALMANAC_DATABASE_URL": database, "PYTHONUTF8": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False
    )


async def test_the_example_says_what_the_readme_says_and_then_publishes_it(empty_database: str, tmp_path: Path):
    tried = example(tmp_path, empty_database, "--dry-run")
    assert (tried.returncode, tried.stderr) == (0, "")
    assert tried.stdout == block("text")
    for expected in ("published as edition 1", "nothing new"):
        assert expected in example(tmp_path, empty_database).stdout
    connection = await connect(empty_database, PUBLISHER)
    rows = await connection.fetch("select company_id, kind, body from change order by seq")
    kept = await connection.fetchval("select count(*) from raw_row")
    heads = await connection.fetch("select body from company_record order by company_id")
    await connection.close()
    assert sorted((row["company_id"], row["kind"]) for row in rows) == [
        ("company-600001", "emissions"),
        ("company-600001", "emissions"),
        ("company-600001", "targets"),
        ("company-600002", "emissions"),
        ("company-600002", "targets"),
    ]
    assert any(b"12345000" in row["body"] and "1,234.5 万吨".encode() in row["body"] for row in rows)
    assert kept == 5
    assert b"Yuanshan Steel" in heads[0]["body"]


def test_a_mistake_is_one_line_and_wrong_usage(empty_database: str, tmp_path: Path):
    (tmp_path / "a.csv").write_text("x\n1\n", "utf-8")
    (tmp_path / "a.toml").write_text('[fiel]\n[source]\n[company]\n[[answer]]\nkind="awards"\n', "utf-8")
    command = [sys.executable, "-m", "almanac", "import", "table", "a.csv", "--mapping", "a.toml"]
    environment = {"ALMANAC_DATABASE_URL": empty_database}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "almanac: a.toml: the mapping: there is no key 'fiel'; the nearest is 'file'\n"
