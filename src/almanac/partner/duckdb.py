"""A copy in one DuckDB file: for each table of the corpus a table of lines with typed columns, and a view of what is current.

Columns are filled as lines go in, because DuckDB reads a number in JSON as a float; here it is DECIMAL(38, 12), and one that
does not fit is in `<name>_exact`, as text. A line and its columns are one row: who takes away the one takes away both.
"""

import contextlib
import importlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from almanac.errors import BadFile, Misconfigured, Unavailable
from almanac.partner import typed
from almanac.partner.target import BATCH, Json, Row, quoted
from almanac.partner.typed import Column

_SCHEMA = """
create schema if not exists almanac;
create table if not exists almanac.state (
  one integer primary key check (one = 1), edition integer not null, manifest varchar not null
);
"""
_OWN = tuple(Column(f"_{name}", "VARCHAR", "") for name in ("form", *Row._fields))
_PLAIN = {"JSON": "VARCHAR"}  # Arrow has a type of its own for JSON
_MEMORY = "set memory_limit = '500MB'"  # what needs more goes to files beside
_HOLD = "insert or replace into almanac.state values (1, ?, ?)"
_TABLES = "select table_name from duckdb_tables() where schema_name = 'almanac' and table_name <> 'state'"
_COLUMNS = "select column_name, data_type from duckdb_columns() where schema_name = 'almanac' and table_name = ?"


class Duckdb:
    """A DuckDB file, open; no other process can open it meanwhile. It is made if it is not there."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._arrow, driver = _library("pyarrow"), _library("duckdb")
        self._failure: type[Exception] = driver.Error
        self._fields: dict[str, Sequence[Json]] = {}
        self._fresh: set[str] = set()
        try:
            self._duckdb = driver.connect(self.name)
        except self._failure as error:
            raise BadFile(f"{path} is no copy that can be opened: {_line(error)}") from error
        self._execute(_MEMORY)
        self._execute(_SCHEMA)

    def close(self) -> None:
        """Let the file go."""
        self._duckdb.close()

    def state(self) -> tuple[int, str] | None:
        """What it holds."""
        return self._execute("select edition, manifest from almanac.state").fetchone()

    def begin(self) -> None:
        """Begin; who opened the file is the only writer."""
        self._execute("begin")

    def end(self, edition: int, manifest: str) -> None:
        """Say what it holds, and commit."""
        self._execute(_HOLD, (edition, manifest))
        self._execute("commit")
        self._fresh.clear()

    def undo(self) -> None:
        """Leave all as it was."""
        self._execute("rollback")
        self._fresh.clear()

    def clear(self, table: str | None) -> None:
        """Take out lines; all of them with their tables."""
        held = self._tables()
        if table is None:
            for name in held:
                self._execute(f"drop table almanac.{quoted(name)}")
        elif table in held:
            self._execute(f"delete from almanac.{quoted(table)} where _form = 'current'")  # noqa: S608

    def shape(self, table: str, fields: Sequence[Json]) -> None:
        """A table with these columns, and a view of them. Errors: BadFile if a column had another type so far."""
        self._fields[table] = fields
        name, wanted = quoted(table), typed.columns(fields)
        held = self._types(table)
        if not held:
            self._fresh.add(table)
            columns = ", ".join(f"{quoted(one.name)} {one.type}" for one in (*_OWN, *wanted))
            self._execute(f"create table almanac.{name} ({columns})")
        for one in wanted if held else ():
            if held.get(one.name, one.type) != one.type:
                raise BadFile(f"{table}.{one.name} is {one.type}, and was {held[one.name]}; fill a new copy")
            if one.name not in held:
                self._execute(f"alter table almanac.{name} add column {quoted(one.name)} {one.type}")
        shown = ", ".join(quoted(one.name) for one in wanted)
        self._execute(
            f"create or replace view main.{name} as select {shown} from almanac.{name} where _form = 'current'"  # noqa: S608
        )

    def remove(self, table: str, heads: Sequence[str]) -> None:
        """Take out current lines by their heads."""
        if table in self._tables():
            with self._batch({"head": heads}):
                self._execute(
                    f"delete from almanac.{quoted(table)} where _form = 'current' and _head in (select head from batch)"  # noqa: S608
                )

    def put(self, table: str, form: str, rows: Sequence[Row]) -> None:
        """Put in lines with their columns; DuckDB is slow with an index, so what has the same key is taken out first."""
        name, fields = f"almanac.{quoted(table)}", self._fields[table]
        own = ([form] * len(rows), *zip(*rows, strict=True))
        names = [one.name for one in (*_OWN, *typed.columns(fields))]
        found = dict(zip(names, (*own, *typed.values(fields, [row.body for row in rows])), strict=True))
        with self._batch(found):
            if table not in self._fresh:
                self._execute(f"delete from {name} where _form = ? and _key in (select _key from batch)", (form,))  # noqa: S608
            self._execute(f"insert into {name} by name select * from batch")  # noqa: S608

    def lines(self, table: str, form: str) -> Iterator[str]:
        """Lines by their place."""
        if table not in self._tables():
            return
        found = self._execute(f"select _body from almanac.{quoted(table)} where _form = ? order by _place", (form,))  # noqa: S608
        with self._told():
            while rows := found.fetchmany(BATCH):
                for (body,) in rows:
                    yield body

    def differing(self, table: str, fields: Sequence[Json], /) -> set[str]:
        """Columns of another type or with other values than `put` would make of the lines; a batch is looked at at a time.

        One that is not there is as one of nulls: it comes with the first line that has it.
        """
        types = self._types(table)
        if not types:
            return set()
        columns = typed.columns(fields)
        found = {one.name for one in columns if types.get(one.name, one.type) != one.type}
        shown = ", ".join(
            f"cast({quoted(one.name) if types.get(one.name) == one.type else 'null'} as {_PLAIN.get(one.type, one.type)})"
            for one in columns
        )
        for held in self._batches(f"select _body, {shown} from almanac.{quoted(table)}"):  # noqa: S608
            lines, *shows = held.columns
            try:
                said = list(typed.values(fields, lines.to_pylist()))
            except msgspec.DecodeError:
                found.add("_body")  # some line is none any more
                continue
            for column, is_, should in zip(columns, shows, said, strict=True):
                if not self._equal(is_, should, as_text=column.type == typed.DECIMAL):
                    found.add(column.name)
        return found

    def _equal(self, held: Any, said: Sequence[Any], *, as_text: bool) -> bool:
        try:
            return held.equals(self._arrow.array(said, self._arrow.string() if as_text else held.type).cast(held.type))
        except (self._arrow.ArrowException, OverflowError):
            return False  # a line says what the column cannot hold

    def _batches(self, statement: str) -> Iterator[Any]:
        """Rows as Arrow has them. What is spoilt in the file comes out only as it is read."""
        rows = self._execute(statement).to_arrow_reader(BATCH)
        with self._told():
            yield from rows

    def _types(self, table: str) -> dict[str, str]:
        return dict(self._execute(_COLUMNS, (table,)).fetchall())

    def _tables(self) -> set[str]:
        return {name for (name,) in self._execute(_TABLES).fetchall()}

    @contextlib.contextmanager
    def _batch(self, columns: Mapping[str, Sequence[Any]]) -> Generator[None]:
        """Values as a table of the name `batch`, for the statement inside, which casts digits to a number without loss."""
        self._duckdb.register("batch", self._arrow.table(dict(columns)))
        try:
            yield
        finally:
            self._duckdb.unregister("batch")

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> Any:
        with self._told():
            return self._duckdb.execute(statement, values)

    @contextlib.contextmanager
    def _told(self) -> Generator[None]:
        try:
            yield
        except (self._failure, self._arrow.ArrowException, OSError) as error:
            raise Unavailable(f"{self.name} cannot be used: {_line(error)}") from error


def _library(name: str) -> Any:
    """A library of the extra `duckdb`. Errors: Misconfigured without it."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise Misconfigured(f"a DuckDB file needs {name}: pip install 'climate-almanac[duckdb]'") from error


def _line(error: Exception) -> str:
    return str(error).partition("\n")[0]
