"""Migrations: each once, in order, whole, by one process at a time; what was applied never changes."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from almanac.errors import Misconfigured, Unavailable
from almanac.store import migrate as migrating
from almanac.store.db import Connection, connect
from almanac.store.migrate import _INDEX, _OUTSIDE, files, migrate
from tests.conftest import ROOT, Servers, _admin

pytestmark = pytest.mark.anyio


@pytest.fixture
def blank(servers: Servers) -> Iterator[str]:
    """URL of a database without a schema."""
    asyncio.run(_admin(servers, "drop database if exists blank with (force)"))
    asyncio.run(_admin(servers, "create database blank"))
    yield servers.database("blank")
    asyncio.run(_admin(servers, "drop database blank with (force)"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the migrations of this release, to be changed by the test."""
    copy = tmp_path / "migrations"
    copy.mkdir()
    for path in files():
        (copy / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(migrating, "folder", lambda: tmp_path)
    return copy


async def applied(url: str) -> list[tuple[int, bytes]]:
    connection = await connect(url)
    rows = await connection.fetch("select version, sha256 from schema_migration order by version")
    await connection.close()
    return [tuple(row) for row in rows]


async def exists(url: str, table: str) -> bool:
    connection = await connect(url)
    found = await connection.fetchval("select to_regclass($1) is not null", table)
    await connection.close()
    return found


async def test_twice_is_once(blank: str):
    assert await migrate(blank) == [path.name for path in files()]
    before = await applied(blank)
    assert await migrate(blank) == []
    assert await applied(blank) == before


async def test_an_edited_file_is_refused(blank: str, folder: Path):
    await migrate(blank)
    path = folder / files()[0].name
    path.write_text(path.read_text("utf-8") + "-- one word more\n", "utf-8")
    with pytest.raises(Misconfigured, match=f"{path.name} was edited"):
        await migrate(blank)


async def test_line_ends_of_another_system_are_no_edit(blank: str, folder: Path):
    await migrate(blank)
    for path in files():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert await migrate(blank) == []


async def test_two_migrators_at_once_apply_each_file_once(blank: str):
    one, two = await asyncio.gather(migrate(blank), migrate(blank))
    assert sorted(one + two) == [path.name for path in files()]
    assert [] in (one, two), "one does it all, the other finds it done"


async def test_a_failing_file_leaves_nothing_of_itself(blank: str, folder: Path):
    await migrate(blank)
    broken = folder / "0998_broken.sql"
    broken.write_text("-- Fails half way.\ncreate table half (a integer);\nselect 1 / 0;\n", "utf-8")
    before = await applied(blank)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(blank)
    assert not await exists(blank, "half")
    assert await applied(blank) == before
    broken.write_text("-- Mended.\ncreate table half (a integer);\n", "utf-8")
    assert await migrate(blank) == ["0998_broken.sql"]
    assert await exists(blank, "half")


async def test_a_file_outside_a_transaction_builds_an_index_beside_readers(blank: str, folder: Path):
    await migrate(blank)
    late = folder / "0999_index.sql"
    late.write_text("-- transaction: off\ncreate index concurrently late on award (name);\n", "utf-8")
    assert await migrate(blank) == ["0999_index.sql"]
    assert await exists(blank, "late")


@pytest.mark.parametrize("whole", [True, False])
async def test_an_index_that_a_stopped_run_left_is_made_anew(blank: str, folder: Path, whole: bool):
    """Between the index and the word of it there is no transaction: a start that was stopped there could never be made again."""
    await migrate(blank)
    connection = await connect(blank)
    await connection.execute("create index late on award (name)")
    await connection.execute("update pg_index set indisvalid = $1 where indexrelid = 'late'::regclass", whole)
    await connection.close()
    (folder / "0999_index.sql").write_text(
        "-- transaction: off\ncreate index concurrently late on award (name);\n", "utf-8"
    )
    assert await migrate(blank) == ["0999_index.sql"]
    connection = await connect(blank)
    (valid,) = await connection.fetch("select indisvalid from pg_index where indexrelid = 'late'::regclass")
    await connection.close()
    assert valid["indisvalid"]


ALONE = {path.name: text for path in files() if (text := path.read_text("utf-8")).startswith(_OUTSIDE)}


@pytest.mark.parametrize("text", ALONE.values(), ids=ALONE)
async def test_outside_a_transaction_is_one_index_or_what_may_be_begun_again(blank: str, text: str):
    statement = re.sub(r"^--.*\n", "", text, flags=re.MULTILINE)
    for name in _INDEX.findall(statement):
        assert re.fullmatch(rf"create index concurrently {name} on [^;]+;\n", statement)
        return
    await migrate(blank)
    connection = await connect(blank)
    await connection.execute(statement)
    await connection.close()


async def test_a_migration_behind_a_long_read_gives_up_soon_and_says_so(blank: str, folder: Path):
    await migrate(blank)
    (folder / "0999_more.sql").write_text("-- A column more.\nalter table award add column more text;\n", "utf-8")
    reader = await connect(blank)
    async with reader.transaction():
        await reader.fetch("select from award")
        with pytest.raises(Unavailable, match="run it again"):
            await migrate(blank)
    assert await migrate(blank) == ["0999_more.sql"]
    await reader.close()


async def test_a_migration_of_a_newer_release_is_refused(blank: str, folder: Path):
    (folder / "0999_newer.sql").write_text("-- Of tomorrow.\nselect 1;\n", "utf-8")
    await migrate(blank)
    (folder / "0999_newer.sql").unlink()
    with pytest.raises(Misconfigured, match=r"does not know: \[999\]"):
        await migrate(blank)


async def test_a_crash_leaves_no_lock_behind(blank: str):
    holder = await connect(blank)
    assert await _lock(holder)
    other = await connect(blank)
    assert not await _lock(other), "one at a time"
    await holder.close()
    for _ in range(100):
        if await _lock(other):
            break
        await asyncio.sleep(0.02)
    else:
        pytest.fail("the lock outlived its session")
    await other.close()


async def _lock(connection: Connection) -> bool:
    return await connection.fetchval("select pg_try_advisory_lock($1)", migrating._LOCK)


def test_names_are_numbered_and_say_what():
    names = [path.name for path in files()]
    assert len({name[:4] for name in names}) == len(names)
    assert names == sorted(path.name for path in (ROOT / "sql/migrations").iterdir())


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_a_migration_begins_with_a_sentence(path: Path):
    first = path.read_text("utf-8").splitlines()[0]
    assert first.startswith("-- ")
    assert first.endswith(".") or first == "-- transaction: off"


def test_squawk_has_nothing_to_say():
    done = squawk(files())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 issues" in done.stdout + done.stderr


def test_squawk_would_speak(tmp_path: Path):
    """Control: an index built in the way of writers is found, with the settings of this checkout."""
    bad = tmp_path / "0001_bad.sql"
    bad.write_text("alter table award add column size integer not null;\ncreate index i on award (size);\n", "utf-8")
    assert squawk([bad]).returncode != 0


def squawk(paths: list[Path]) -> subprocess.CompletedProcess[str]:
    """The linter of migrations, as `make lint` runs it."""
    program = Path(sys.executable).parent / "squawk"
    return subprocess.run([program, *paths], cwd=ROOT, capture_output=True, text=True, check=False)
