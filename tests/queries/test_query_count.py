"""One query for a cold read, none for a warm one or one whose ETag still holds."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from almanac.errors import Unavailable
from almanac.kinds import KINDS
from almanac.publish import editors
from almanac.publish.publish import publish
from almanac.settings import Secret, Settings
from almanac.store.cache import Cache
from almanac.store.db import PUBLISHER, Database, connect
from almanac.store.editions import Editions
from almanac.store.far import MAX_BYTES
from almanac.store.redis_link import RedisLink
from almanac.store.told import Told
from almanac.web import table
from almanac.web.crowd import Crowd
from almanac.web.held import Waiting
from almanac.web.operation import Operation
from almanac.web.reading import Request, Service, understood
from almanac.web.respond import Finished, Response, _load, respond
from tests.api.batches import emission, put
from tests.conftest import Servers

pytestmark = pytest.mark.anyio

OPERATIONS = table.operations(KINDS)


@contextlib.asynccontextmanager
async def _serving(url: str, told: Told | None = None) -> AsyncIterator[Service]:
    """What reads need, with a cache in this process only."""
    settings = Settings(database_url=Secret(url))
    link = RedisLink(settings)
    made = Service(
        database=Database(settings),
        cache=Cache(settings, link),
        editions=Editions(url, told or Told()),
        kinds=KINDS,
        revision="tests",
        whole_lists=asyncio.Semaphore(2),
        waiting=Waiting(settings, Crowd(settings.max_under_way)),
        list_max_rows=settings.list_max_rows,
        origin="",
    )
    try:
        await made.database.open()
        await made.editions.refresh()
        yield made
    finally:
        await made.editions.close()
        await made.database.close()
        await link.close()


@pytest.fixture
async def service(servers: Servers, corpus_template: str) -> AsyncIterator[Service]:
    """What reads of the corpus need."""
    async with _serving(servers.database(corpus_template)) as made:
        yield made


async def request(service: Service, operation: Operation) -> tuple[dict[str, str], bytes]:
    """A path and a query that the operation answers, about a company that has an answer."""
    day = service.editions.at(None, None, None).known_on
    kind = next((kind.name for kind in KINDS if operation.id == f"list_company_{kind.stem}"), None)
    (row,) = await service.database.fetch("changes/feed", 2**31 - 1, day, 0, 1, kind, None, None)
    body: Any = msgspec.json.decode(row["body"])
    known = {"id": body["id"], "n": "1", "company": body["company"], "metric": "ghg.scope1", "period": "2022"}
    if operation.id == "read_source":
        known["id"] = body["source"]["id"]
    path = {name: known[name] for name in operation.params.__struct_fields__}
    required = {"diff_versions": b"from=1&to=1", "diff_company": b"from=1"}
    return path, required.get(operation.id, b"")


async def ask(
    service: Service,
    operation: Operation,
    path: dict[str, str],
    query: bytes = b"",
    headers: dict[str, str] | None = None,
) -> Response:
    return await respond(operation, service, Request(path=path, suffix="", query=query, headers=headers or {}))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
async def test_a_cold_read_makes_one_query_a_warm_one_none_and_a_condition_none(service: Service, operation: Operation):
    path, query = await request(service, operation)
    before = service.database.query_count
    cold = await ask(service, operation, path, query)
    spent = service.database.query_count - before
    warm = await ask(service, operation, path, query)
    assert (cold.status, warm.status, warm.cache, warm.body) == (200, 200, "near", cold.body)
    assert spent <= 1
    service.cache._near.clear()
    held = await ask(service, operation, path, query, {"if-none-match": cold.place.etag})
    assert (held.status, held.body) == (304, b"")
    assert service.database.query_count - before == spent, (
        "neither a warm read nor a condition that holds asks anything"
    )


async def test_forms_that_are_asked_for_at_once_share_one_query(service: Service):
    (profile,) = [one for one in OPERATIONS if one.id == "read_company"]
    path, _ = await request(service, profile)
    forms = (".json", ".bib", ".ris", ".csl.json")
    before = service.database.query_count
    asked = [Request(path=path, suffix=suffix, query=b"", headers={}) for suffix in forms]
    answers = await asyncio.gather(*(respond(profile, service, one) for one in asked))
    assert [answer.status for answer in answers] == [200] * len(forms)
    assert len({answer.body for answer in answers}) == len(forms)
    assert service.database.query_count - before == 1


async def test_what_fails_within_a_loader_fails_for_all_who_wait_and_is_asked_again(service: Service):
    asked = 0

    async def load() -> Finished:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.01)
        if asked == 1:
            raise Unavailable("away")
        return Finished([], b"here")

    first = [service.cache.within("part", Finished, load) for _ in range(3)]
    told = await asyncio.gather(*first, return_exceptions=True)
    assert [type(one) for one in told] == [Unavailable] * 3
    found = await asyncio.gather(*(service.cache.within("part", Finished, load) for _ in range(3)))
    assert [one.body for one, _ in found] == [b"here"] * 3
    assert asked == 2


async def test_a_company_without_answers_costs_a_second_one(service: Service):
    """To tell it from a company that is not there. The exception, and it is stated where it is made."""
    (operation,) = [one for one in OPERATIONS if one.id == "list_company_emissions"]
    before = service.database.query_count
    assert (await ask(service, operation, {"company": "zte"})).status == 200
    assert service.database.query_count - before == 2


async def test_a_whole_list_waits_for_a_place_and_not_for_ever(service: Service, monkeypatch: pytest.MonkeyPatch):
    """Each holds all its rows: as many at once as callers like would be memory without bound."""
    (operation,) = [one for one in OPERATIONS if one.id == "list_ratings"]
    monkeypatch.setattr("almanac.web.respond._PATIENCE_S", 0.05)
    full = msgspec.structs.replace(service, whole_lists=asyncio.Semaphore(0))
    asked = Request(path={}, suffix=".csv", query=b"", headers={})
    with pytest.raises(Unavailable):
        await respond(operation, full, asked)
    page = msgspec.structs.replace(asked, query=b"limit=2")
    assert (await respond(operation, full, page)).status == 200, "a page needs no place"
    free = msgspec.structs.replace(service, whole_lists=asyncio.Semaphore(1))
    for edition in (b"edition=1", b"edition=2"):
        one = msgspec.structs.replace(asked, query=edition)
        assert (await respond(operation, free, one)).status == 200, "and a place is given back"


@pytest.mark.parametrize(("size", "kept"), [(MAX_BYTES - 100, True), (MAX_BYTES, False)])
async def test_redis_is_not_kept_waiting_by_large_answers(servers: Servers, size: int, kept: bool):
    """Sending one takes longer than Redis is given: three in a row, and it would be skipped for what fits."""
    settings = Settings(redis_url=Secret(servers.redis), redis_timeout_ms=2000, cache_bytes=0)
    link = RedisLink(settings)
    cache, key = Cache(settings, link), f"large-{size}"

    async def load() -> Finished:
        return Finished([], bytes(size))

    layers = []
    for _ in range(2):
        layers.append((await cache.get(key, Finished, load))[1])
        await asyncio.sleep(0.2)
    await link.close()
    assert layers == ["miss", "far" if kept else "miss"]


async def test_an_edition_about_others_leaves_what_is_known_of_a_company(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
):
    """And one about the company does not: by an answer, by its name, or by a merge."""
    first = [emission(name, 2020, 1) for name in ("one", "other", "third")]
    await asyncio.to_thread(put, empty_database, *first)
    async with _serving(empty_database) as service:
        (profile,) = [one for one in OPERATIONS if one.id == "read_company"]
        (levels,) = [one for one in OPERATIONS if one.id == "list_company_emissions"]

        async def cost(company: str) -> int:
            before = service.database.query_count
            for operation in (profile, levels):
                answer = await ask(service, operation, {"company": company})
                assert (b"almanac-edition", str(service.editions.newest).encode()) in answer.head
            return service.database.query_count - before

        async def say(*rows: dict) -> None:
            await asyncio.to_thread(put, empty_database, *rows, on=f"2025-01-{service.editions.newest + 1:02}")
            await service.editions.refresh()

        assert [await cost("one"), await cost("one"), await cost("other")] == [2, 0, 2]
        await say(emission("other", 2021, 5))
        assert [await cost("one"), await cost("other"), await cost("other")] == [0, 2, 0]
        await say({"record": "company", "id": "one", "name": "One by another name"})
        assert [await cost("one"), await cost("other")] == [2, 0]
        await asyncio.to_thread(_merge, empty_database, "third", "one")
        await service.editions.refresh()
        assert [await cost("one"), await cost("other")] == [2, 0]
        monkeypatch.setattr("almanac.store.editions._MANY", 0)
        await say(emission("other", 2022, 5))
        assert [await cost("one"), await cost("other")] == [2, 2], "too many companies are as good as all"


async def test_a_read_that_a_publish_overtakes_is_not_kept_as_what_came_after(empty_database: str):
    await asyncio.to_thread(put, empty_database, emission("one", 2020, 1))
    async with _serving(empty_database) as service:
        (levels,) = [one for one in OPERATIONS if one.id == "list_company_emissions"]
        begun = await understood(levels, service, Request(path={"company": "one"}, suffix="", query=b"", headers={}))
        await asyncio.to_thread(put, empty_database, emission("one", 2021, 5), on="2025-01-02")
        await service.editions.refresh()
        before = await _load(begun)
        after = await ask(service, levels, {"company": "one"})
        assert [len(msgspec.json.decode(answer.body)["data"]) for answer in (before, after)] == [1, 2]


def _merge(url: str, company: str, into: str) -> None:
    async def run() -> None:
        connection = await connect(url, PUBLISHER)
        kinds = {kind.name: kind for kind in KINDS}
        why = editors.Decision(publisher="almanac-tests", reason="one company", on=dt.date(2025, 2, 1))
        await publish(connection, await editors.merge(connection, kinds, company, into, why), kinds=KINDS)
        await connection.close()

    asyncio.run(run())


async def test_without_the_cache_every_read_would_ask(service: Service):
    """Control: the count sees what the cache saves."""
    (operation,) = [one for one in OPERATIONS if one.id == "list_emissions"]
    before = service.database.query_count
    for _ in range(2):
        service.cache._near.clear()
        await ask(service, operation, {})
    assert service.database.query_count - before == 2
