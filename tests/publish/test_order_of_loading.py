"""The property of tests/unit/test_timeline.py through a real store: the order of loading changes no answer at any date."""

import datetime as dt
import itertools
import random
from typing import Any

import pytest

from almanac.publish.batch import CompanyLine, SourceLine
from almanac.store.db import Connection
from tests.publish.build import batch, emission, emission_id, put, source
from tests.publish.store import answer

pytestmark = pytest.mark.anyio

DAYS = [dt.date(2020 + n, 5, 1) for n in range(6)]
STORIES = ["abab", "aaba", "abbWa", "aWWab", "abaWaa", "aabbaa", "abWbWa", "aaaWaa"]


def statement(company: str, place: int, said: str) -> tuple[SourceLine, Any]:
    """The answer of the source of one day about one company; W withdraws."""
    key = f"r{place}"
    value = {"a": "100.0", "b": "90", "W": "100.0"}[said]
    return source(key, str(DAYS[place])), emission(key, value, company=company, withdrawn=said == "W")


@pytest.mark.parametrize("seed", range(3))
async def test_any_order_gives_the_same_answers_at_every_date(connection: Connection, seed: int):
    """Each story is told in time to one company, and shuffled to another; one source a batch."""
    chance = random.Random(seed)
    for number, story in enumerate(STORIES):
        told = list(enumerate(story))
        shuffled = chance.sample(told, len(told))
        # A first batch that withdraws is refused: there must be an answer to withdraw.
        first = next(place for place, (_, said) in enumerate(shuffled) if said != "W")
        shuffled.insert(0, shuffled.pop(first))
        for company, order in ((f"in-time-{number}", told), (f"shuffled-{number}", shuffled)):
            for place, said in order:
                one, row = statement(company, place, said)
                await put(connection, batch([one], [row], [CompanyLine(id=company, name=company)]))
        for day, offset in itertools.product(DAYS[: len(story)], (-1, 0)):
            date = day + dt.timedelta(days=offset)
            found = [await _own(connection, f"{name}-{number}", date) for name in ("in-time", "shuffled")]
            assert found == [_expected(story, date)] * 2, (story, shuffled, date)


def _expected(story: str, date: dt.date) -> tuple[float, int] | None:
    known = [said for said, day in zip(story, DAYS, strict=False) if day <= date]
    return {"a": (100.0, 1), "b": (90, 0), "W": None}[known[-1]] if known else None


async def _own(connection: Connection, company: str, date: dt.date) -> tuple[float, int] | None:
    found = await answer(connection, date, disclosure=emission_id(company))
    return None if found is None else (found["value"], found["decimals"])
