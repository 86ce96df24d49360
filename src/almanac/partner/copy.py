"""A copy of the corpus in one SQLite file: the lines as served, by table and key, and a view with columns for each table.

A package goes in whole or not at all: after a kill at any moment the file holds the edition before or the edition after.
"""

import gzip
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from almanac.errors import BadFile

Json = dict[str, Any]

_BETWEEN = "\x1f"  # sorts before whatever a key holds
_BATCH = 5_000
_SCHEMA = """
create table if not exists state (one integer primary key check (one = 1), edition integer not null, manifest text not null);
create table if not exists line (
  name text not null, form text not null, key text not null, head text not null, place text not null, body text not null,
  primary key (name, form, key)
) without rowid;
create index if not exists line_place on line (name, form, place);
create index if not exists line_head on line (name, form, head);
"""
_PUT = "insert or replace into line (name, form, key, head, place, body) values (?, ?, ?, ?, ?, ?)"


class Copy:
    """One copy, open."""

    def __init__(self, path: Path) -> None:
        try:
            self._sqlite = sqlite3.connect(path, isolation_level=None)
            self._sqlite.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            raise BadFile(f"{path} is no copy: {error}") from error

    def close(self) -> None:
        """Let the file go."""
        self._sqlite.close()

    @property
    def edition(self) -> int:
        """The edition that it holds; 0 if it is empty."""
        row = self._sqlite.execute("select edition from state").fetchone()
        return row[0] if row else 0

    @property
    def manifest(self) -> Json:
        """The manifest that it has to agree with. Errors: BadFile if it is empty."""
        row = self._sqlite.execute("select manifest from state").fetchone()
        if row is None:
            raise BadFile("the copy is empty; `almanac bulk apply` fills it")
        return json.loads(row[0])

    def put(self, package: Path, manifest: Json, expected: Json) -> int:
        """Apply a package; how many lines it had. `expected` is the manifest that the copy has to agree with after it."""
        self._sqlite.execute("begin immediate")
        try:
            whole = "deltas" in manifest
            if whole:
                self._sqlite.execute("delete from line")
            resources = [one for one in manifest["resources"] if one["mediatype"] == "application/x-ndjson"]
            # What goes, goes first: an id may go from one table and come in another.
            resources.sort(key=lambda one: one["form"] != "deletes")
            replaced = {one["table"] for one in resources if one["form"] == "current"}
            for name in replaced if not whole else ():
                self._sqlite.execute("delete from line where name = ? and form = 'current'", (name,))
            lines = sum(self._resource(package, resource) for resource in resources)
            self._views(resources)
            self._sqlite.execute(
                "insert or replace into state values (1, ?, ?)", (manifest["edition"], json.dumps(expected))
            )
        except BaseException as error:
            self._sqlite.execute("rollback")
            if isinstance(error, OSError | EOFError | zlib.error | msgspec.DecodeError):
                raise BadFile(f"{package} cannot be applied: {error}") from error
            raise
        self._sqlite.execute("commit")
        return lines

    def _resource(self, package: Path, resource: Json) -> int:
        name: str = resource["table"]
        form: str = "current" if resource["form"] == "upserts" else resource["form"]
        done = 0
        with gzip.open(package / resource["path"]) as lines:
            while batch := [line for line, _ in zip(lines, range(_BATCH), strict=False)]:
                done += len(batch)
                rows = [msgspec.json.decode(line) for line in batch]
                if form == "deletes":
                    heads = [(name, str(next(iter(row.values())))) for row in rows]
                    self._sqlite.executemany("delete from line where name = ? and form = 'current' and head = ?", heads)
                    continue
                keys: Sequence[str] = resource["schema"]["primaryKey"]
                self._sqlite.executemany(_PUT, _placed(name, form, keys, zip(rows, batch, strict=True)))
        if done != resource["row_count"]:
            raise BadFile(f"{resource['path']} has {done} lines, and the manifest says {resource['row_count']}")
        return done

    def _views(self, resources: Iterable[Json]) -> None:
        """A view for each table, with the columns that its manifest describes."""
        for resource in resources:
            if resource["form"] not in ("current", "upserts") or not resource["row_count"]:
                continue
            names = [field["name"] for field in resource["schema"]["fields"]]
            columns = ", ".join(f"json_extract(body, '$.{one}') as {_quoted(one)}" for one in names)
            view = _quoted(resource["table"])
            self._sqlite.execute(f"drop view if exists {view}")
            where = f"name = '{resource['table']}' and form = 'current'"  # names were checked when they were quoted
            self._sqlite.execute(f"create view {view} as select {columns} from line where {where}")  # noqa: S608

    def lines(self, name: str, form: str) -> Iterator[bytes]:
        """The lines of a table as the files have them, in their order."""
        rows = self._sqlite.execute("select body from line where name = ? and form = ? order by place", (name, form))
        for (body,) in rows:
            yield body.encode() + b"\n"


def _placed(name: str, form: str, keys: Sequence[str], rows: Iterable[tuple[Json, bytes]]) -> Iterator[tuple[str, ...]]:
    for row, line in rows:
        parts = [f"{row[key]:012}" if isinstance(row[key], int) else row[key] for key in keys]
        key = _BETWEEN.join(parts)
        # Files are sorted by company, then by key.
        yield name, form, key, parts[0], f"{row.get('company', '')}{_BETWEEN}{key}", line.decode().removesuffix("\n")


def _quoted(name: str) -> str:
    """A name in SQL. Errors: BadFile if it is none that a manifest of ours has."""
    if not name.replace("-", "").replace("_", "").isalnum():
        raise BadFile(f"the manifest has a table or field of the name {name[:100]!r}")
    return f'"{name}"'
