"""A copy in one SQLite file: a table of lines, and for each table of the corpus a view that reads their columns."""

import contextlib
import sqlite3
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

from almanac.errors import BadFile, Unavailable
from almanac.partner.target import Json, Row, quoted

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
_REMOVE = "delete from line where name = ? and form = 'current' and head = ?"


class Sqlite:
    """A SQLite file, open. It is made if it is not there."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        try:
            self._sqlite = sqlite3.connect(path, isolation_level=None)
            self._sqlite.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            raise BadFile(f"{path} is no copy: {error}") from error

    def close(self) -> None:
        """Let the file go."""
        self._sqlite.close()

    def state(self) -> tuple[int, str] | None:
        """What it holds."""
        with self._told():
            return self._sqlite.execute("select edition, manifest from state").fetchone()

    def begin(self) -> None:
        """Begin; waits 5 s for another writer."""
        self._execute("begin immediate")

    def end(self, edition: int, manifest: str) -> None:
        """Say what it holds, and commit."""
        self._execute("insert or replace into state values (1, ?, ?)", (edition, manifest))
        self._execute("commit")

    def undo(self) -> None:
        """Leave all as it was."""
        self._execute("rollback")

    def clear(self, table: str | None) -> None:
        """Take out lines."""
        if table is None:
            self._execute("delete from line")
        else:
            self._execute("delete from line where name = ? and form = 'current'", (table,))

    def shape(self, table: str, fields: Sequence[Json]) -> None:
        """A view; its numbers are as exact as SQLite's are."""
        columns = ", ".join(f"json_extract(body, '$.{one['name']}') as {quoted(one['name'])}" for one in fields)
        view = quoted(table)
        self._execute(f"drop view if exists {view}")
        where = f"name = '{table}' and form = 'current'"  # names were checked when they were quoted
        self._execute(f"create view {view} as select {columns} from line where {where}")  # noqa: S608

    def remove(self, table: str, heads: Sequence[str]) -> None:
        """Take out current lines by their heads."""
        with self._told():
            self._sqlite.executemany(_REMOVE, [(table, head) for head in heads])

    def put(self, table: str, form: str, rows: Sequence[Row]) -> None:
        """Put in lines."""
        with self._told():
            self._sqlite.executemany(_PUT, [(table, form, *row) for row in rows])

    def lines(self, table: str, form: str) -> Iterator[str]:
        """Lines by their place."""
        with self._told():
            rows = self._sqlite.execute(
                "select body from line where name = ? and form = ? order by place", (table, form)
            )
            for (body,) in rows:
                yield body

    def differing(self, _table: str, _fields: Sequence[Json], /) -> set[str]:
        """None: views read the lines."""
        return set()

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        with self._told():
            self._sqlite.execute(statement, values)

    @contextlib.contextmanager
    def _told(self) -> Generator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise Unavailable(f"{self.name} cannot be used: {error}") from error
