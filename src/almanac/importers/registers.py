"""Complete registers, release by release: what the store held before a day, and what was held and is left out now."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from almanac.importers.identity import Question
from almanac.kind import Kind, record, submission
from almanac.store.db import Connection
from almanac.store.queries import QUERIES


class Release(Struct, frozen=True, kw_only=True):
    """One release of a register in the store."""

    id: str
    series: str
    published_on: dt.date


class Held(Struct, frozen=True, kw_only=True):
    """The answer that a question had before a day; `answer` is its place in the feed, or a submission of this batch."""

    known_from: dt.date
    withdrawn: bool
    series: str | None
    publisher: str
    answer: Any


async def releases(connection: Connection, series: Iterable[str]) -> list[Release]:
    """Releases of some registers, oldest first."""
    rows = await connection.fetch(QUERIES["registers/releases"], list(series))
    return [Release(**dict(row)) for row in rows]


async def listed(connection: Connection, release: str) -> set[str]:
    """Companies that a release lists."""
    return {row["company_id"] for row in await connection.fetch(QUERIES["registers/listed"], release)}


async def answers_of(connection: Connection, release: Release) -> set[Question]:
    """Questions that a release answers."""
    rows = await connection.fetch(QUERIES["registers/answered"], release.id)
    return {(row["company_id"], row["kind"], row["natural_key"]) for row in rows}


async def held(
    connection: Connection, scheme: str, before: dt.date, companies: Iterable[str] | None = None
) -> dict[Question, Held]:
    """Answers just before a day, withdrawn ones too. Cost: one query, over the whole store if no companies are named."""
    wanted = None if companies is None else list(companies)
    rows = await connection.fetch(QUERIES["registers/held"], scheme, before, wanted)
    return {
        (row["company_id"], row["kind"], row["natural_key"]): Held(
            known_from=row["known_from"],
            withdrawn=row["withdrawn"],
            series=row["series"],
            publisher=row["publisher"],
            answer=row["seq"],
        )
        for row in rows
    }


async def withdrawals(
    connection: Connection, gone: Mapping[Question, Held], kinds: Mapping[str, Kind], source: str, note: str
) -> list[Any]:
    """Submissions that take back answers, each repeating what it takes back."""
    wanted = [one.answer for one in gone.values() if isinstance(one.answer, int)]
    rows = await connection.fetch(QUERIES["publish/bodies"], wanted)
    bodies = {row["seq"]: msgspec.json.decode(row["body"], type=record(kinds[row["kind"]])) for row in rows}
    made: list[Any] = []
    for (company, kind, _), one in gone.items():
        said = bodies[one.answer] if isinstance(one.answer, int) else one.answer
        fields = [name for name in kinds[kind].fields if name not in kinds[kind].derived]
        own = {name: getattr(said, name) for name in fields}
        made.append(submission(kinds[kind])(company=company, source=source, withdrawn=True, note=note, **own))
    return made
