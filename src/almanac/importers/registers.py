"""Complete registers, release by release: what the store held before a day, and what was held and is left out now."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from msgspec import Raw, Struct

from almanac.importers.identity import Question
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


class Said(Struct, frozen=True, kw_only=True):
    """What a source said last to a question; `answer` is the place in the feed of the version that has it."""

    content_hash: bytes
    known_from: dt.date
    withdrawn: bool
    answer: int


class Kept(Struct, frozen=True, kw_only=True):
    """A raw row of a known company; `cells` is JSON."""

    company: str
    sheet: str
    row: int
    cells: Raw


async def releases(connection: Connection, series: Iterable[str]) -> list[Release]:
    """Releases of some registers, oldest first."""
    rows = await connection.fetch(QUERIES["registers/releases"], list(series))
    return [Release(**dict(row)) for row in rows]


async def placed(connection: Connection, source: str) -> dict[tuple[str, int], str]:
    """Whom the kept rows of a source are about, by sheet and row; empty for a file that is not in the store."""
    rows = await connection.fetch(QUERIES["registers/placed"], source)
    return {(row["sheet"], row["row"]): row["company_id"] for row in rows}


async def kept(connection: Connection, source: str, companies: Iterable[str] | None = None) -> list[Kept]:
    """Kept rows of a source about some companies, or about any, in the order of the file."""
    rows = await connection.fetch(QUERIES["registers/rows"], source, None if companies is None else sorted(companies))
    return [
        Kept(company=row["company_id"], sheet=row["sheet"], row=row["row"], cells=Raw(row["cells"])) for row in rows
    ]


async def said(connection: Connection, source: str, companies: Iterable[str] | None = None) -> dict[Question, Said]:
    """What a source said last to each question, withdrawals too; about some companies, or about all."""
    rows = await connection.fetch(QUERIES["registers/said"], source, None if companies is None else list(companies))
    return {
        (row["company_id"], row["kind"], row["natural_key"]): Said(
            content_hash=row["content_hash"],
            known_from=row["known_from"],
            withdrawn=row["withdrawn"],
            answer=row["seq"],
        )
        for row in rows
    }


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
