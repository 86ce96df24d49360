"""Every operation while its database is away or broken: a problem that the contract has, never a half answer."""

import time
from collections.abc import Callable, Iterator

import pytest

from tests.api.batches import emission, execute
from tests.api.handed import hand_in, lines, make_key
from tests.client import Client
from tests.contract.gate import Gate
from tests.contract.urls import OPERATIONS, PLAIN, STREAM, reads
from tests.exports.orders import post as order

Serve = Callable[..., Client]
PAGES = {name: url for name, url in PLAIN.items() if "{" not in url}


@pytest.fixture
def gate(corpus_database: str) -> Iterator[Gate]:
    one = Gate(corpus_database)
    yield one
    one.remove()


def _statuses(api: Client, urls: dict[str, str], token: str) -> dict[str, int]:
    """Of every read and all that is of one caller; each answer is checked."""
    answers = {name: api.get(url) for name, url in {**urls, STREAM: OPERATIONS[STREAM]}.items()}
    nowhere = "/v1/submissions/00000000-0000-4000-8000-000000000000"
    answers["read_submission"] = api.get(nowhere, Authorization=f"Bearer {token}")
    answers["create_submission"] = hand_in(api, token, lines(emission("handed-in", 2022, 1)))
    answers["create_export"] = order(api, b'{"kind": "emissions", "format": "csv.gz"}')
    answers["read_export"] = api.get(nowhere.replace("submissions", "exports"))
    answers["cancel_export"] = api.delete(nowhere.replace("submissions", "exports"))
    return {name: answer.status_code for name, answer in answers.items()}


def test_without_its_database_every_read_and_write_is_503_and_pages_stay(
    gate: Gate, corpus_database: str, api: Client, serve: Serve
):
    urls, token = reads(api), make_key(corpus_database)
    alone = serve(gate.url, redis_url=None, pool_timeout_ms="100")
    gate.close()
    found = _statuses(alone, urls, token)
    assert found == dict.fromkeys(found, 503) | {"list_kinds": 200}
    deadline = time.monotonic() + 15
    while alone.get("/readyz").status_code != 503 and time.monotonic() < deadline:
        time.sleep(0.2)
    pages = {name: alone.get(url).status_code for name, url in PAGES.items()}
    assert pages == dict.fromkeys(PAGES, 200) | {"readyz": 503}


def test_with_a_broken_database_every_read_and_write_is_500_and_says_nothing_of_it(
    corpus_database: str, api: Client, serve: Serve
):
    urls, token = reads(api), make_key(corpus_database)
    broken = serve(corpus_database, redis_url=None)
    execute(corpus_database, "drop schema public cascade; create schema public")
    found = _statuses(broken, urls, token)
    assert found == dict.fromkeys(found, 500) | {"list_kinds": 200}
    assert "does not exist" not in broken.get(urls["list_emissions"]).text
    assert '"event":"unhandled"' in broken.log()
