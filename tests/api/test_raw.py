"""The row that a version was read from."""

import asyncio
import json
from collections.abc import Callable

import pytest

from almanac.kinds import KINDS
from almanac.publish import batch
from almanac.publish.publish import publish
from almanac.store.db import PUBLISHER, connect
from tests.client import Client

SOURCE = {
    "record": "source",
    "key": "s",
    "type": "data_set",
    "title": "Invented",
    "publisher": "Invented for tests",
    "published_on": "2024-01-01",
    "licence": "CC0",
}
COMPANY = {"record": "company", "id": "raw-invented", "name": "Raw Invented"}


def rating(grade: str, year: int) -> str:
    said = {"company": "raw-invented", "source": "s", "scheme": "cdp", "programme": "climate"}
    return json.dumps({"record": "ratings", **said, "year": year, "grade": grade})


def lines(*ratings: str) -> bytes:
    return "\n".join([json.dumps(SOURCE), json.dumps(COMPANY), *ratings]).encode()


def put(url: str, data: bytes) -> None:
    async def run() -> None:
        connection = await connect(url, PUBLISHER)
        await publish(connection, batch.parse(data, KINDS, "tests"), kinds=KINDS)
        await connection.close()

    asyncio.run(run())


@pytest.fixture
def client(empty_database: str, serve: Callable[..., Client]) -> Client:
    put(empty_database, lines(rating("A", 2020), rating("B", 2021)))
    put(empty_database, lines(rating("A", 2020), rating("C", 2021)))
    return serve(empty_database)


def test_a_version_leads_to_the_line_that_it_was_read_from(client: Client):
    first, second = client.data("/v1/ratings")
    raw = client.data(f"/v1/disclosures/{first['id']}/versions/1/raw")
    assert (raw["sheet"], raw["row"], raw["cells"]) == ("lines", 3, json.loads(rating("A", 2020)))
    grades = [client.data(f"/v1/disclosures/{second['id']}/versions/{n}/raw")["cells"]["grade"] for n in (1, 2)]
    assert grades == ["B", "C"], "a correction has a line of its own in the same place"


def test_a_version_that_is_not_there_has_no_raw_row(client: Client):
    (first, _) = client.data("/v1/ratings")
    assert client.get(f"/v1/disclosures/{first['id']}/versions/9/raw").status_code == 404
