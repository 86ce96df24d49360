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


def repeated(key: str, day: str, grade: str, year: int) -> list[str]:
    source = json.dumps(SOURCE | {"key": key, "title": key, "published_on": day})
    return [source, rating(grade, year).replace('"source": "s"', f'"source": "{key}"')]


def confirmations(client: Client, path: str) -> list[tuple[str, int, str]]:
    return [(one["known_from"], one["row"], one["cells"]["grade"]) for one in client.data(path)["confirmed_by"]]


def test_who_only_repeats_a_version_is_listed_with_the_row(empty_database: str, serve: Callable[..., Client]):
    put(empty_database, lines(rating("A", 2020)))
    put(empty_database, "\n".join(repeated("later", "2024-06-30", "A", 2020)).encode())
    put(empty_database, "\n".join(repeated("latest", "2024-09-30", "A", 2020)).encode())
    client = serve(empty_database)
    (first,) = client.data("/v1/ratings")
    path = f"/v1/disclosures/{first['id']}/versions/1/raw"
    assert confirmations(client, path) == [], "a pinned answer never changes, so they show from the next edition on"
    pinned = client.get(f"{path}?edition=1&known_on=2024-12-31").content
    put(empty_database, lines(rating("A", 2020), rating("B", 2021)))
    fresh = serve(empty_database)
    assert confirmations(fresh, f"{path}?edition=2&known_on=2024-12-31") == [
        ("2024-06-30", 2, "A"),
        ("2024-09-30", 2, "A"),
    ]
    assert confirmations(fresh, f"{path}?edition=2&known_on=2024-07-01") == [("2024-06-30", 2, "A")]
    assert fresh.get(f"{path}?edition=1&known_on=2024-12-31").content == pinned
    told = fresh.data(path)["confirmed_by"]
    assert [fresh.data(f"/v1/sources/{one['source']}")["answers"] for one in told] == [1] * len(told)


def test_who_repeated_a_version_and_then_says_something_else_is_not_listed(
    empty_database: str, serve: Callable[..., Client]
):
    put(empty_database, lines(rating("A", 2020)))
    put(empty_database, "\n".join(repeated("later", "2024-06-30", "A", 2020)).encode())
    put(empty_database, "\n".join(repeated("later", "2024-06-30", "B", 2020)).encode())
    client = serve(empty_database)
    (first,) = client.data("/v1/ratings")
    assert confirmations(client, f"/v1/disclosures/{first['id']}/versions/1/raw") == []
    assert client.data(f"/v1/disclosures/{first['id']}/versions/2/raw")["cells"]["grade"] == "B"
