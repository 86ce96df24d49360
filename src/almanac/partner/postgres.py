"""A copy in a PostgreSQL database, in a schema of its own: a table of lines, and a view with typed columns for each table.

The type `json` keeps a line to the byte, and numbers read from it are exact.
"""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import asyncpg

from almanac.errors import BadFile, Unavailable
from almanac.partner.target import BATCH, Json, Row, quoted

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

_Answer = TypeVar("_Answer")

_TYPES = {
    "integer": "bigint",
    "number": "numeric",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamptz",
    "list": "json",
    "array": "json",
    "object": "json",
}
_SCHEMA = """
select pg_advisory_xact_lock(hashtext('copy of almanac'));
do $$ begin if to_regnamespace('almanac') is null then create schema almanac; end if; end $$;
create table if not exists almanac.state (
  one int primary key check (one = 1), edition int not null, manifest text not null
);
create table if not exists almanac.line (
  name text collate "C" not null, form text collate "C" not null, key text collate "C" not null,
  head text collate "C" not null, place text collate "C" not null, body json not null,
  primary key (name, form, key)
);
create index if not exists line_place on almanac.line (name, form, place);
create index if not exists line_head on almanac.line (name, form, head);
"""
_HOLD = """
insert into almanac.state values (1, $1, $2)
    on conflict (one) do update set edition = excluded.edition, manifest = excluded.manifest
"""
_PUT = """
insert into almanac.line (name, form, key, head, place, body)
select $1, $2, r.key, r.head, r.place, r.body::json
  from unnest($3::text[], $4::text[], $5::text[], $6::text[]) as r(key, head, place, body)
    on conflict (name, form, key) do update set head = excluded.head, place = excluded.place, body = excluded.body
"""
_REMOVE = "delete from almanac.line where name = $1 and form = 'current' and head = any($2::text[])"
_LINES = """
select place, body
  from almanac.line
 where name = $1 and form = $2 and place > $3
 order by place
 limit $4
"""
_REST = "drop what rests on it, apply again, and make it anew"
_SHAPE = "select obj_description(to_regclass($1), 'pg_class')"


class Postgres:
    """A database, by its URL. Nothing is made in it before the first package."""

    def __init__(self, url: str) -> None:
        self.name = _without_password(url)
        self._runner = asyncio.Runner()
        try:
            self._connection: Connection = self._run(
                asyncpg.connect(url, timeout=10, server_settings={"application_name": "almanac copy"})
            )
        except BaseException:
            self._runner.close()
            raise

    def close(self) -> None:
        """Let the connection go."""
        try:
            self._run(self._connection.close(timeout=5))
        finally:
            self._runner.close()

    def state(self) -> tuple[int, str] | None:
        """What it holds."""
        if self._run(self._connection.fetchval("select to_regclass('almanac.state')")) is None:
            return None
        row = self._run(self._connection.fetchrow("select edition, manifest from almanac.state"))
        return (row[0], row[1]) if row else None

    def begin(self) -> None:
        """Begin, after another writer; readers go on with what was before."""
        self._execute("begin")
        self._execute(_SCHEMA)

    def end(self, edition: int, manifest: str) -> None:
        """Say what it holds, and commit."""
        self._execute(_HOLD, edition, manifest)
        self._execute("commit")

    def undo(self) -> None:
        """Leave all as it was."""
        self._execute("rollback")

    def clear(self, table: str | None) -> None:
        """Take out lines."""
        if table is None:
            self._execute("delete from almanac.line")
        else:
            self._execute("delete from almanac.line where name = $1 and form = 'current'", table)

    def shape(self, table: str, fields: Sequence[Json]) -> None:
        """A view, made anew only where its columns are others. Errors: BadFile if somebody's own view rests on it then."""
        columns = ", ".join(f"{quoted(one['name'])} {_TYPES.get(one['type'], 'text')}" for one in fields)
        view = f"almanac.{quoted(table)}"
        if self._run(self._connection.fetchval(_SHAPE, view)) == columns:
            return
        where = f"l.name = '{table}' and l.form = 'current'"  # names were checked when they were quoted
        try:
            self._execute(f"drop view if exists {view}")
        except Unavailable as error:
            why = error.__cause__
            if not isinstance(why, asyncpg.DependentObjectsStillExistError):
                raise
            # Who made it knows what it is to be; with `cascade` it would be gone.
            raise BadFile(f"{view} has other columns now, and {why.detail}; {_REST}") from error
        self._execute(
            f"create view {view} as select r.* from almanac.line l, json_to_record(l.body) as r({columns}) where {where}"  # noqa: S608
        )
        self._execute(f"comment on view {view} is '{columns}'")

    def remove(self, table: str, heads: Sequence[str]) -> None:
        """Take out current lines by their heads."""
        self._execute(_REMOVE, table, heads)

    def put(self, table: str, form: str, rows: Sequence[Row]) -> None:
        """Put in lines."""
        self._execute(_PUT, table, form, *map(list, zip(*rows, strict=True)))

    def lines(self, table: str, form: str) -> Iterator[str]:
        """Lines by their place, a batch at a time."""
        last = ""
        while rows := self._run(self._connection.fetch(_LINES, table, form, last, BATCH)):
            for place, body in rows:
                last = place
                yield body

    def differing(self, _table: str, _fields: Sequence[Json], /) -> set[str]:
        """None: views read the lines."""
        return set()

    def _execute(self, statement: str, *values: Any) -> None:
        self._run(self._connection.execute(statement, *values))

    def _run(self, work: Coroutine[Any, Any, _Answer]) -> _Answer:
        try:
            return self._runner.run(work)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise Unavailable(f"{self.name} cannot be used: {error or type(error).__name__}") from error
        except ValueError as error:
            raise BadFile(f"{self.name} is no address of a database: {error}") from error


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
