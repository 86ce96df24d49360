"""Databases that a copy is kept in, as a test sees them: what their owner asks and spoils, without the code under test."""

import asyncio
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import asyncpg
import duckdb

from tests.conftest import _CLONE, Servers, _admin


class Place:
    """Somewhere to keep a copy. `where` is its name for `almanac bulk`; `relation` holds the lines."""

    relation = "line"
    where_emissions = "name = 'emissions' and form = 'current'"
    own: ClassVar[Sequence[str]] = ("name", "form", "key", "head", "place", "body")
    body = "replace(body, 'tCO2e', 'tCO2')"
    view = "emissions"

    where: str

    def ask(self, statement: str) -> list[dict[str, Any]]:
        raise NotImplementedError

    def keep(self) -> None:
        """Remember it as it is now."""
        raise NotImplementedError

    def again(self) -> None:
        """Make it what was remembered."""
        raise NotImplementedError

    def spoil(self, how: str) -> None:
        """Drop, change or add one line of what is current in emissions."""
        key, _, place, body = self.own[-4:]
        (row,) = self.ask(f"select min({key}) as first from {self.relation} where {self.where_emissions}")
        one = f"{self.where_emissions} and {key} = '{row['first']}'"
        if how == "drop":
            self.ask(f"delete from {self.relation} where {one}")
        elif how == "change":
            self.ask(f"update {self.relation} set {body} = {self.body} where {one}")
        else:
            names = ", ".join(self.own)
            put = ", ".join({key: "'x'", place: "'~'"}.get(name, name) for name in self.own)
            self.ask(f"insert into {self.relation} ({names}) select {put} from {self.relation} where {one}")


class SqlitePlace(Place):
    def __init__(self, home: Path) -> None:
        self.where = str(home / "copy.sqlite")

    def ask(self, statement: str) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self.where, isolation_level=None)) as held:
            held.row_factory = sqlite3.Row
            return [dict(row) for row in held.execute(statement)]

    def keep(self) -> None:
        shutil.copy(self.where, f"{self.where}.kept")

    def again(self) -> None:
        shutil.copy(f"{self.where}.kept", self.where)


class DuckdbPlace(Place):
    relation = "almanac.emissions"
    where_emissions = "_form = 'current'"
    own = ("_form", "_key", "_head", "_place", "_body")
    body = "replace(_body, 'tCO2e', 'tCO2')"

    def __init__(self, home: Path) -> None:
        self.where = str(home / "copy.duckdb")

    def ask(self, statement: str) -> list[dict[str, Any]]:
        with duckdb.connect(self.where) as held:
            done = held.execute(statement)
            names = [column[0] for column in done.description]
            return [dict(zip(names, row, strict=True)) for row in done.fetchall()]

    def keep(self) -> None:
        assert not Path(f"{self.where}.wal").exists(), "whoever closed it wrote all to the file"
        shutil.copy(self.where, f"{self.where}.kept")

    def again(self) -> None:
        Path(f"{self.where}.wal").unlink(missing_ok=True)
        shutil.copy(f"{self.where}.kept", self.where)


class PostgresPlace(Place):
    relation = "almanac.line"
    body = "replace(body::text, 'tCO2e', 'tCO2')::json"
    view = "almanac.emissions"

    def __init__(self, servers: Servers, name: str) -> None:
        self._servers, self._name, self.where = servers, name, servers.database(name)
        self._admin(f"create database {name}")

    def ask(self, statement: str) -> list[dict[str, Any]]:
        async def ask() -> list[dict[str, Any]]:
            connection = await asyncpg.connect(self.where)
            rows = [dict(row) for row in await connection.fetch(statement)]
            await connection.close()
            return rows

        return asyncio.run(ask())

    def keep(self) -> None:
        self._admin(f"create database {self._name}_kept template {self._name} strategy file_copy")

    def again(self) -> None:
        self._admin(f"drop database {self._name} with (force)")
        self._admin(f"create database {self._name} template {self._name}_kept strategy file_copy")

    def drop(self) -> None:
        for name in (self._name, f"{self._name}_kept"):
            self._admin(f"drop database if exists {name} with (force)")

    def _admin(self, statement: str) -> None:
        asyncio.run(_admin(self._servers, _CLONE, statement))
