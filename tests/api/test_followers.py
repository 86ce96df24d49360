"""Sixteen publishers, and three who follow: by polling, by waiting, by a stream. Each sees every change once, in order."""

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import msgspec
import pytest
from msgspec import Raw

from almanac.publish.batch import CompanyLine
from almanac.store.db import PUBLISHER, connect
from tests.api.test_stream import PATH, events
from tests.client import Client
from tests.publish.build import batch, emission, put, source

pytestmark = pytest.mark.slow

Serve = Callable[..., Client]

PUBLISHERS, BATCHES, ROWS = 16, 10, 3
TOTAL = PUBLISHERS * BATCHES * ROWS
# A row as it came.
Seen = list[bytes]


def test_whoever_follows_sees_every_change_once_and_in_order(serve: Serve, empty_database: str):
    # Two workers, which learn of an edition at different times; streams that break off again and again.
    api = serve(empty_database, workers="2", wait_max_ms="30000", stream_max_ms="1000")
    with ThreadPoolExecutor(4) as pool:
        done = threading.Event()
        followers = {one.__name__: pool.submit(one, api) for one in (polling, waiting, streaming)}
        careless = pool.submit(hasty, api, done)
        asyncio.run(publish(empty_database))
        done.set()
        seen = {name: one.result(120) for name, one in followers.items()}
        skipped = careless.result(60)
    for name, rows in seen.items():
        assert numbers(rows) == list(range(1, TOTAL + 1)), name
    assert seen["polling"] == seen["waiting"] == seen["streaming"]
    assert numbers(skipped) != list(range(1, TOTAL + 1)), "control: who goes on from the newest edition misses changes"


async def publish(database: str) -> None:
    """Batches of all publishers at once, each about a company of its own."""

    async def one(number: int) -> None:
        connection = await connect(database, PUBLISHER)
        company = CompanyLine(id=f"company-{number}", name="x")
        for turn in range(BATCHES):
            document = source(f"r{number}-{turn}", "2023-05-01")
            gases = ("CO2", "CH4", "N2O")[:ROWS]
            rows = [emission(document.key, "1", company=company.id, period=str(1950 + turn), gas=gas) for gas in gases]
            await put(connection, batch([document], rows, [company]))
        await connection.close()

    async with asyncio.TaskGroup() as group:
        for number in range(PUBLISHERS):
            group.create_task(one(number))


def polling(api: Client) -> Seen:
    """Page after page, whatever the page says of its end."""
    seen: Seen = []
    after = 0
    while len(seen) < TOTAL:
        rows, after = page(api, f"after={after}&limit=7")
        seen += rows
    return seen


def waiting(api: Client) -> Seen:
    """The same, held until there is something; pages of another size."""
    seen: Seen = []
    after = 0
    while len(seen) < TOTAL:
        rows, after = page(api, f"after={after}&limit=5&wait=5")
        seen += rows
    return seen


def streaming(api: Client) -> Seen:
    """Events, connecting again as a browser does: by the last id."""
    seen: Seen = []
    last = None
    while len(seen) < TOTAL:
        headers = {"Last-Event-ID": last} if last is not None else {}
        with httpx.stream("GET", f"{api.base}{PATH}", headers=headers, timeout=30) as answer:
            for event in events(answer.iter_lines()):
                last = event.id or last
                if event.sort == "change":
                    seen.append(event.data.encode())
                if len(seen) >= TOTAL:
                    break
    return seen


def hasty(api: Client, done: threading.Event) -> Seen:
    """Wrong: a page, and then on from where the newest edition ends."""
    seen: Seen = []
    after = 0
    while not done.is_set():
        seen += page(api, f"after={after}&limit=7")[0]
        after = api.get("/v1/editions?limit=1").json()["data"][0]["last_seq"] if seen else 0
    return seen


def page(api: Client, query: str) -> tuple[Seen, int]:
    """The rows of a page as they came, and where to go on."""
    answer = msgspec.json.decode(api.get(f"/v1/changes?{query}").content, type=dict[str, Raw])
    rows = [bytes(row) for row in msgspec.json.decode(answer["data"], type=list[Raw])]
    return rows, msgspec.json.decode(answer["meta"])["next_after"]


def numbers(rows: Seen) -> list[int]:
    return [json.loads(row)["seq"] for row in rows]
