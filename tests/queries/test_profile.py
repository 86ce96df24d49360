"""A profile counts and shows the same answers as the lists, whose query it does not share: it may look once at each version."""

import collections
import datetime as dt

import msgspec
import pytest

from almanac.store.db import READER, connect
from almanac.store.queries import QUERIES

pytestmark = pytest.mark.anyio

DAYS = [dt.date(2019, 6, 1), dt.date(2023, 9, 1), dt.date(2023, 12, 15), dt.date(2024, 6, 1), dt.date(2026, 11, 1)]


async def test_a_profile_rests_on_the_answers_that_the_lists_give(corpus_database: str):
    connection = await connect(corpus_database, READER)
    newest = await connection.fetchval("select max(edition) from edition")
    companies = [row[0] for row in await connection.fetch("select company_id from company order by 1")]
    seen = collections.Counter()
    for company in companies:
        for edition in {newest, newest - 1, newest // 2}:
            for day in DAYS:
                rows = await connection.fetch(QUERIES["changes/answers"], edition, day, company, None, 10_000, None)
                answers = [msgspec.json.decode(row["body"]) for row in rows]
                profile = await connection.fetch(QUERIES["companies/profile"], edition, day, company)
                shown = {row["kind"]: row for row in profile if row["kind"] is not None}
                counted = collections.Counter(answer["kind"] for answer in answers)
                assert {kind: row["disclosures"] for kind, row in shown.items()} == counted
                for kind, row in shown.items():
                    last = max(
                        (one for one in answers if one["kind"] == kind), key=lambda one: (one["known_from"], one["seq"])
                    )
                    assert msgspec.json.decode(row["body"]) == last
                    assert str(row["last_known_from"]) == last["known_from"]
                seen += counted
    await connection.close()
    assert seen.total() > 1000
