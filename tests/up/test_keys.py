"""API keys: shown once, kept as a digest, refused when revoked or expired."""

import datetime as dt
import json
from pathlib import Path

import pytest

from almanac.errors import BadParameter, NotFound
from almanac.settings import Secret, Settings
from almanac.store import keys
from almanac.store.db import Connection, Database, connect
from tests.up.test_up import almanac

pytestmark = pytest.mark.anyio


@pytest.fixture
async def connection(empty_database: str):
    connection = await connect(empty_database)
    yield connection
    await connection.close()


@pytest.fixture
async def database(empty_database: str):
    """As the API reads: the reader's role must be allowed to look keys up."""
    database = Database(Settings(database_url=Secret(empty_database)))
    await database.open()
    yield database
    await database.close()


async def test_a_token_is_recognised_and_not_stored(connection: Connection, database: Database) -> None:
    key, token = await keys.create(connection, "Example Ltd", "publisher", None)
    assert await keys.recognise(database, token) == key
    stored = str([tuple(row) for row in await connection.fetch("select * from api_key")])
    assert token.split("_", 2)[2] not in stored


async def test_other_tokens_are_not_recognised(connection: Connection, database: Database) -> None:
    _, token = await keys.create(connection, "a", "reader", None)
    _, other = await keys.create(connection, "b", "reader", None)
    mixed = "_".join([*token.split("_", 2)[:2], other.split("_", 2)[2]])
    nul = token[:-1] + "\0"
    for wrong in (
        mixed,
        token[:-1],
        token + "x",
        token.upper(),
        nul,
        "",
        "almanac__",
        "almanac_\0_x",
        "ä_ö_ü",
        "\ud800" * 3,
    ):
        assert await keys.recognise(database, wrong) is None


async def test_revoked_and_expired_keys_are_refused(connection: Connection, database: Database) -> None:
    key, token = await keys.create(connection, "a", "reader", None)
    revoked = await keys.revoke(connection, key.key_id)
    assert await keys.recognise(database, token) is None
    assert await keys.revoke(connection, key.key_id) == revoked, "the first date stands"
    tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    key, token = await keys.create(connection, "b", "reader", tomorrow)
    assert await keys.recognise(database, token) == key
    await connection.execute(
        "update api_key set created_at = now() - interval '2 days', expires_at = now() where key_id = $1", key.key_id
    )
    assert await keys.recognise(database, token) is None
    assert [one.label for one in await keys.list_(connection)] == ["b", "a"]


async def test_what_makes_no_sense_is_refused(connection: Connection) -> None:
    with pytest.raises(NotFound):
        await keys.revoke(connection, "nosuchkey")
    with pytest.raises(BadParameter):
        await keys.create(connection, "a", "reader", dt.datetime.now(dt.UTC).date())
    with pytest.raises(BadParameter):
        await keys.create(connection, "", "reader", None)


def test_the_commands(tmp_path: Path, empty_database: str) -> None:
    def key(*arguments: str):
        return almanac(tmp_path, "key", *arguments, ALMANAC_DATABASE_URL=empty_database)

    made = json.loads(key("create", "--label", "Ä", "--role", "reader", "--expires", "2999-01-01", "--json").stdout)
    assert made["key"]["expires_at"] == "2999-01-01T00:00:00Z"
    key_id = made["key"]["key_id"]
    assert json.loads(key("list", "--json").stdout) == {"keys": [made["key"]]}
    assert "revoked" in key("revoke", key_id).stdout
    assert key("revoke", "nosuchkey").returncode == 1
    assert key("create", "--label", "x", "--role", "admin").returncode == 2
    assert key("create", "--label", "x", "--role", "reader", "--expires", "2001-01-01").returncode == 2
