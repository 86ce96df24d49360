"""The digest of every edition's live answers, kept at publish: the same as one computed from scratch, whatever was published."""

import hashlib
import itertools
import random

import asyncpg
import pytest

from almanac import digest
from almanac.publish.batch import CompanyLine
from almanac.store import state_digest
from almanac.store.db import Connection, connect
from almanac.store.migrate import migrate
from tests.publish.build import batch, emission, put, source
from tests.publish.store import newest

pytestmark = pytest.mark.anyio

COMPANIES = [CompanyLine(id=f"c-{n}", name=f"C {n}") for n in range(4)]
VERSIONS = "select edition, seq, known_from, op, disclosure_id, body from change"


async def publish_at_random(connection: Connection, seed: int, batches: int) -> None:
    """Adds, restatements, late documents, corrections, withdrawals and batches that only confirm."""
    chance = random.Random(seed)
    first = source("r0", "2020-05-01")
    await put(connection, batch([first], [emission("r0", "1.0", company=one.id) for one in COMPANIES], COMPANIES))
    for _ in range(batches):
        said = source(f"r{chance.randrange(6)}", "2020-05-01")
        said = source(said.key, f"{2018 + int(said.key[1:])}-05-01")
        rows = [
            emission(said.key, chance.choice(["1.0", "2.5", "30"]), company=one.id, withdrawn=chance.random() < 0.3)
            for one in chance.sample(COMPANIES, chance.randint(1, 4))
        ]
        await put(connection, batch([said], rows, COMPANIES))


async def computed(connection: Connection, place: tuple[str, ...] = ("known_from", "seq")) -> dict[int, str]:
    """The digest of each edition from scratch: the last version of each disclosure by `place`, unless it withdraws."""
    rows = await connection.fetch(VERSIONS)
    found = {}
    for edition in range(1, await newest(connection) + 1):
        held: dict[object, asyncpg.Record] = {}
        for row in sorted(rows, key=lambda row: [row[name] for name in place]):
            if row["edition"] <= edition:
                held[row["disclosure_id"]] = row
        live = [hashlib.sha256(row["body"]).digest() for row in held.values() if row["op"] != "withdraw"]
        found[edition] = digest.text(digest.updated(digest.EMPTY, come=live))
    return found


async def kept(connection: Connection) -> dict[int, str]:
    return {row["edition"]: digest.text(row["sum"]) for row in await connection.fetch("select * from edition_state")}


@pytest.mark.parametrize("seed", range(3))
async def test_it_is_what_the_live_answers_give_at_every_edition(connection: Connection, seed: int):
    await publish_at_random(connection, seed, 12)
    ops = {row["op"] for row in await connection.fetch(VERSIONS)}
    assert {"add", "restate", "backfill", "correct", "withdraw"} <= ops, "the story has everything that can happen"
    wanted = await computed(connection)
    assert await kept(connection) == wanted
    assert any(one == other for one, other in itertools.pairwise(wanted.values())), (
        "an older document changed nothing live"
    )
    assert await computed(connection, ("seq",)) != wanted, "control: by order of loading it would be another"


async def test_a_batch_that_only_adds_a_company_keeps_it(connection: Connection):
    await put(connection, batch([source("a", "2021-01-01")], [emission("a", "1.0")]))
    await put(connection, batch([], [], [CompanyLine(id="other", name="Other")]))
    first, second = (await kept(connection)).values()
    assert first == second


async def test_what_an_older_release_published_is_summed_up_by_the_next_publish_or_migration(
    connection: Connection, empty_database: str, monkeypatch: pytest.MonkeyPatch
):
    async def nothing(*_: object) -> None: ...

    with monkeypatch.context() as older:
        older.setattr(state_digest, "extend", nothing)
        await put(connection, batch([source("a", "2021-01-01")], [emission("a", "1.0")]))
        await put(connection, batch([source("b", "2022-01-01")], [emission("b", "2.0")]))
    assert await kept(connection) == {}
    await migrate(empty_database)
    assert await kept(connection) == await computed(connection)
    with monkeypatch.context() as older:
        older.setattr(state_digest, "extend", nothing)
        await put(connection, batch([source("c", "2023-01-01")], [emission("c", "3.0")]))
    await put(connection, batch([source("d", "2024-01-01")], [emission("d", "4.0")]))
    assert await kept(connection) == await computed(connection)
    assert len(await kept(connection)) == 4


async def test_a_sum_is_never_rewritten(connection: Connection, empty_database: str):
    await put(connection, batch([source("a", "2021-01-01")], [emission("a", "1.0")]))
    owner = await connect(empty_database)
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute("update edition_state set sum = sum")
    await owner.close()
