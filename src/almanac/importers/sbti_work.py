"""A batch of the SBTi register on its way: what it says so far, what holds before a release, what is taken back."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from almanac.importers import registers
from almanac.importers.identity import Index, Question
from almanac.importers.registers import Held, Kept, Release
from almanac.importers.sbti_answers import SCHEME
from almanac.importers.sbti_replay import Moves
from almanac.importers.sbti_rows import question
from almanac.kinds import KINDS
from almanac.publish import again
from almanac.publish.batch import RawRow
from almanac.store.db import Connection

BY_NAME = {kind.name: kind for kind in KINDS}
_READ_AGAIN = "Read again: the release of {} does not state it"


class Work(Struct, kw_only=True):
    """A batch on its way: `said` is the newest that it answers to each question, with the day."""

    connection: Connection
    index: Index
    publisher: str
    rows: list[Any]
    raw: list[RawRow]
    said: dict[Question, tuple[dt.date, Any]]
    moves: Moves


async def kept(work: Work, release: Release, companies: set[str]) -> list[Kept]:
    """Kept rows of a release about some companies, as they stand after what moves."""
    moved, left = work.moves.rows.get(release.id, {}), work.moves.left.get(release.id, set())
    rows = await registers.kept(work.connection, release.id, companies | left)
    found = (msgspec.structs.replace(one, company=moved.get((one.sheet, one.row), one.company)) for one in rows)
    return [one for one in found if one.company in companies]


async def listed(work: Work, release: Release) -> set[str]:
    """Companies that a release lists, as its rows stand after what moves."""
    moved = work.moves.rows.get(release.id, {})
    placed = await registers.placed(work.connection, release.id)
    return {moved.get(place, company) for place, company in placed.items()}


async def let_stand(work: Work, release: Release, withdrawn: set[Question]) -> None:
    """Say of what a release was held to leave out that what was known before it stands, if anything was."""
    live = await live_then(work, release, {company for company, *_ in withdrawn}) if withdrawn else {}
    stands = {key: live[key].answer for key in withdrawn if key in live}
    note = f"{_READ_AGAIN.format(release.published_on)}, and what was known before stands."
    say(work, await again.repeats(work.connection, stands, BY_NAME, source=release.id, note=note), release)


async def take_back(work: Work, release: Release, source: str, dropped: Mapping[Question, int]) -> None:
    """Say of what a release was read to state and does not that what was known before it stands, or that nothing is."""
    if not dropped:
        return
    live = await live_then(work, release, {company for company, *_ in dropped})
    stands = {key: live[key].answer for key in dropped if key in live}
    nothing = {key: answer for key, answer in dropped.items() if key not in live}
    note = _READ_AGAIN.format(release.published_on)
    say(
        work,
        [
            *await again.repeats(
                work.connection, stands, BY_NAME, source=source, note=f"{note}, and what was known before stands."
            ),
            *await again.repeats(work.connection, nothing, BY_NAME, source=source, note=f"{note}.", withdrawn=True),
        ],
        release,
    )
    work.index.forget_answers(nothing, release.published_on)


async def live_then(work: Work, release: Release, companies: set[str]) -> dict[Question, Held]:
    """What holds of some companies just before a release, the batch at work included."""
    known = await registers.held(work.connection, SCHEME, release.published_on, companies)
    for key, (day, row) in work.said.items():
        if key[0] not in companies or day >= release.published_on or (key in known and known[key].known_from > day):
            continue
        known[key] = Held(known_from=day, withdrawn=row.withdrawn, series=None, publisher=work.publisher, answer=row)
    return live(known, work.publisher)


async def withdraw(work: Work, gone: Mapping[Question, Held], release: Release, source: str) -> None:
    """Take back what a release leaves out."""
    note = f"The register's release of {release.published_on} leaves it out; the release before lists it."
    answers = {key: one.answer for key, one in gone.items()}
    say(
        work,
        await again.repeats(work.connection, answers, BY_NAME, source=source, note=note, withdrawn=True),
        release,
    )


def say(work: Work, rows: Iterable[Any], release: Release) -> None:
    """Add what a release says to the batch; the index learns it."""
    made = list(rows)
    work.rows += made
    work.said |= {question(row): (release.published_on, row) for row in made}
    work.index.learn_answers(map(question, made), release.published_on)


async def stated(work: Work, release: Release) -> set[Question]:
    """Questions that a release in the store answers."""
    return {key for key, one in (await registers.said(work.connection, release.id)).items() if not one.withdrawn}


def live(known: Mapping[Question, Held], publisher: str) -> dict[Question, Held]:
    """Answers of one publisher that are not withdrawn."""
    return {key: one for key, one in known.items() if not one.withdrawn and one.publisher == publisher}
