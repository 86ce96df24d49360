"""Several stores behind one Redis, and what a store must not answer from another's bytes."""

import asyncio
from collections.abc import Callable

import pytest

from tests.api.test_raw import lines, put, rating
from tests.client import Client
from tests.conftest import Servers

pytestmark = pytest.mark.slow


def test_two_stores_with_the_same_numbers_never_answer_for_each_other(
    servers: Servers, empty_template: str, serve: Callable[..., Client]
):
    import asyncpg

    async def copy(name: str) -> str:
        connection = await asyncpg.connect(servers.postgres)
        await connection.execute(f"create database {name} template {empty_template}")
        await connection.close()
        return servers.database(name)

    urls = [asyncio.run(copy(f"twin_{number}")) for number in (1, 2)]
    for url, grade in zip(urls, ("A", "B"), strict=True):
        put(url, lines(rating(grade, 2020)))
    clients = [serve(url) for url in urls]
    path = "/v1/ratings?edition=1"
    answers = [client.get(path) for client in clients]
    assert [answer.json()["data"][0]["grade"] for answer in answers] == ["A", "B"]
    assert answers[0].headers["etag"] != answers[1].headers["etag"]
    assert [client.get(path).content for client in clients] == [answer.content for answer in answers]
