"""sql/schema.sql is what the migrations make. `UPDATE_GOLDEN=1` writes it anew; it is reviewed as text."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from almanac.store import embedded_postgres
from tests.conftest import ROOT, Servers

GOLDEN = ROOT / "sql/schema.sql"
HEAD = """\
-- The whole schema, made by all migrations together. Generated: UPDATE_GOLDEN=1 pytest tests/queries/test_schema.py
-- PostgreSQL {major}
"""


def test_the_checked_in_schema_is_what_the_migrations_make(servers: Servers, empty_template: str):
    program, major = _pg_dump()
    url = servers.database(empty_template)
    dumped = subprocess.run(
        [program, "--schema-only", "--no-owner", "--dbname", url], check=True, capture_output=True, text=True
    ).stdout
    made = HEAD.format(major=major) + normal(dumped)
    if os.environ.get("UPDATE_GOLDEN") == "1":
        GOLDEN.write_text(made, encoding="utf-8")
    checked_in = GOLDEN.read_text("utf-8")
    if f"-- PostgreSQL {major}\n" not in checked_in:
        pytest.skip(f"sql/schema.sql was dumped by another major version than {major}, which words it differently")
    assert made == checked_in


def test_a_change_of_schema_would_be_seen():
    dumped = "\\restrict x\n-- a comment\n\nSET a = b;\n\nCREATE TABLE t (\n    a integer\n);\n\n\n\n-- b\n"
    assert normal(dumped) == "\nCREATE TABLE t (\n    a integer\n);\n"
    assert normal(dumped) != normal(dumped.replace("integer", "bigint"))


def normal(dump: str) -> str:
    """A dump without comments, session settings and the lines that differ each time."""
    kept = [
        line
        for line in dump.splitlines()
        if not re.match(r"--|SET |SELECT pg_catalog\.set_config|\\(un)?restrict", line)
    ]
    return "\n" + re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n") + "\n"


def _pg_dump() -> tuple[Path, int]:
    """The dump program that ships beside the server under test, and its major version."""
    for folder in embedded_postgres.candidates():
        if (program := folder / "pg_dump").exists():
            said = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
            return program, int(re.findall(r"\d+", said)[0])
    pytest.skip(f"pg_dump ships with no PostgreSQL here; PATH has {shutil.which('pg_dump')}")
