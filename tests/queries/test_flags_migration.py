"""0027: a store that was filled before the flags came reads as one that is filled after."""

import pytest

from almanac.store.db import Connection, connect
from almanac.store.migrate import migrate

pytestmark = pytest.mark.anyio
_STRIP = """
update change set body = convert_to(replace(convert_from(body, 'UTF8'), ',"quality_flags":[]', ''), 'UTF8')
 where kind in ('emissions', 'indicators')
"""


async def bodies(connection: Connection) -> list[bytes]:
    return [row["body"] for row in await connection.fetch("select body from change order by seq")]


async def test_versions_of_before_get_the_key_and_keep_what_they_say(corpus_database: str):
    connection = await connect(corpus_database)
    after = await bodies(connection)
    await connection.execute("alter table change disable trigger refuse_rewrite")
    await connection.execute(_STRIP)
    await connection.execute("alter table change enable trigger refuse_rewrite")
    for table in ("emission", "indicator"):
        await connection.execute(f"alter table {table} drop column quality_flags")
    await connection.execute("alter table rating drop constraint rating_check2")
    await connection.execute("alter table edition drop column last_statement")
    await connection.execute("drop trigger refuse_change on raw_row")
    await connection.execute("delete from schema_migration where version = 27")
    assert await bodies(connection) != after, "nothing was taken away"
    assert await migrate(corpus_database) == ["0027_lossless_imports.sql"]
    assert await bodies(connection) == after
    await connection.close()
