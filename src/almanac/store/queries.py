"""The SQL files: one statement each, by name, as `emissions/list`."""

import functools
from collections.abc import Mapping
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def folder() -> Path:
    """The `sql` folder: inside the installed package, or at the top of a checkout."""
    installed = _PACKAGE / "sql"
    return installed if installed.is_dir() else _PACKAGE.parents[1] / "sql"


@functools.cache
def load() -> Mapping[str, str]:
    """Every query by `stem/verb`; read once a process."""
    root = folder() / "queries"
    return {f"{path.parent.name}/{path.stem}": path.read_text("utf-8") for path in sorted(root.glob("*/*.sql"))}


def params(sql: str) -> list[str]:
    """Parameter names in `$` order, from the `-- params:` line of a query; empty if it takes none."""
    line = next((line for line in sql.splitlines() if line.startswith("-- params:")), "-- params:")
    return [name.strip() for name in line.removeprefix("-- params:").split(",") if name.strip()]


QUERIES = load()
PLANNED_ONCE = frozenset(name for name, sql in QUERIES.items() if "\n-- plan: once\n" in sql)
"""Queries without optional filters: one plan serves all values, and planning takes longer than running."""
