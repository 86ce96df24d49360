"""What was published stays: PostgreSQL refuses to rewrite it, for the roles that serve and for the owner."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from almanac.kinds import KINDS
from almanac.store.db import READER, Connection, connect
from tests.publish.build import put, said

pytestmark = pytest.mark.anyio

GUARDED = ["edition", "change", "statement", "source", "company_record", *(kind.table for kind in KINDS)]
GROWING = ["company", "company_name", "company_identifier", "company_class"]


@pytest.fixture
async def owner(empty_database: str, connection: Connection) -> AsyncIterator[Connection]:
    """The owner's connection to a database with one edition."""
    await put(connection, said("r1", "2023-05-01", "100"))
    opened = await connect(empty_database)
    yield opened
    await opened.close()


async def test_the_publisher_may_add_and_nothing_else(owner: Connection, connection: Connection):
    for table in GUARDED + GROWING:
        column = await first_column(owner, table)
        for statement in rewrites(table, column):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        assert await connection.fetchval("select has_table_privilege($1, 'insert')", table)


async def test_the_owner_is_refused_by_the_trigger(owner: Connection):
    for table in GUARDED:
        column = await first_column(owner, table)
        for statement in rewrites(table, column):
            with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
                await owner.execute(statement)
    assert await owner.fetchval("select count(*) from change") == 1


async def test_without_the_trigger_the_owner_could(owner: Connection):
    """Control: it is the trigger that protects, not chance."""
    for table in GUARDED:
        column = await first_column(owner, table)
        await owner.execute(f"drop trigger refuse_rewrite on {table}")
        await owner.execute(f"update {table} set {column} = {column}")
    await owner.execute("delete from statement")
    assert await owner.fetchval("select count(*) from statement") == 0


async def test_the_reader_reads_only(owner: Connection, empty_database: str):
    reader = await connect(empty_database, READER)
    for table in GUARDED + GROWING:
        assert await reader.fetchval(f"select count(*) >= 0 from {table}")
        column = await first_column(owner, table)
        for statement in [f"insert into {table} default values", *rewrites(table, column)]:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await reader.execute(statement)
    await reader.close()


async def test_a_kind_cannot_hang_off_nothing(owner: Connection):
    """A row of a kind belongs to a row of the change log."""
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await owner.execute(
            "insert into award (seq, disclosure_id, version, company_id, edition, op, known_from, natural_key, source_id, name)"
            " select 99, gen_random_uuid(), 1, company_id, edition, op, known_from, natural_key, source_id, 'x' from emission"
        )


def rewrites(table: str, column: str) -> list[str]:
    """The three ways to rewrite a table."""
    return [f"update {table} set {column} = {column}", f"delete from {table}", f"truncate {table} cascade"]


async def first_column(connection: Connection, table: str) -> str:
    """A column that may be written."""
    return await connection.fetchval(
        "select attname from pg_attribute where attrelid = $1::text::regclass and attnum > 0"
        " and attidentity = '' order by attnum limit 1",
        table,
    )
