"""An answer that names its edition is the same bytes for ever, whatever is published after it."""

from collections.abc import Callable
from typing import Any

import pytest

from almanac.publish.batch import Batch, CompanyLine, Name
from almanac.store.db import PUBLISHER, connect
from tests.client import Client
from tests.publish.build import batch, emission, put, row, source

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

PATHS = (
    "/v1/emissions?limit=200",
    "/v1/emissions?metric=ghg.scope1&year=2022",
    "/v1/companies?limit=100",
    "/v1/companies/zte",
    "/v1/companies/zte/commitments",
    "/v1/companies/zte/history",
    "/v1/companies/zte/emission-deltas",
    "/v1/emission-deltas?limit=200",
    "/v1/commitments?limit=200",
    "/v1/coverage?limit=100",
    "/v1/changes?after=1&limit=500",  # off the grid: a full page on it never moves
    "/v1/editions?limit=100",
)


async def test_pinned_answers_are_the_same_bytes_after_a_thousand_publishes(
    corpus_database: str, serve: Callable[..., Client]
):
    client = serve(corpus_database, redis_url=None)
    pins = _pins(client)
    assert len(pins) == len(PATHS)
    before = {url: client.request("GET", url) for url in pins}
    moving = {path: client.request("GET", path).content for path in PATHS}
    connection = await connect(corpus_database, PUBLISHER)
    for number in range(1000):
        await put(connection, _disturbance(number))
    await connection.close()
    # Another process, so that nothing comes from a cache.
    again = serve(corpus_database, redis_url=None)
    for url, was in before.items():
        now = again.request("GET", url)
        assert now.status_code == was.status_code == 200, url
        assert now.content == was.content, url
        assert now.headers["etag"] == was.headers["etag"], url
    changed = [path for path in PATHS if again.request("GET", path).content != moving[path]]
    assert len(changed) == len(PATHS), "control: without a pin every answer moved"


def _pins(client: Client) -> list[str]:
    """Each path as its own `permalink` names it."""
    answers = [client.request("GET", path) for path in PATHS]
    assert [one.status_code for one in answers] == [200] * len(PATHS), [one.text[:200] for one in answers]
    links = [one.headers["link"] for one in answers]
    pins = [part.split(">")[0].strip(" <") for link in links for part in link.split(", <") if 'rel="permalink"' in part]
    assert all("edition=" in pin for pin in pins)
    return pins


def _disturbance(number: int) -> Batch:
    """Restatements, backfills, corrections and new companies, all over the dates of the corpus."""
    day = f"20{10 + number % 15:02}-{1 + number % 12:02}-{1 + number % 28:02}"
    one = source(f"r{number // 2}", day)
    company = "zte" if number % 3 else f"new-{number}"
    line = CompanyLine(
        id=company, name="ZTE Corporation" if company == "zte" else company, names=[Name(name=f"N{number}")]
    )
    rows = [emission(one.key, f"{number}.0", company=company, period=str(2015 + number % 9))]
    if number % 5 == 0:
        rows.append(emission(one.key, str(number), company=company, metric="ghg.scope2.lb"))
    return batch([one], [*rows, _commitment(one.key, company, number)], [line])


def _commitment(key: str, company: str, number: int) -> Any:
    status = ("active", "extended", "removed")[number % 3]
    return row("commitments", key, company=company, scheme="sbti", type="net_zero", status=status)
