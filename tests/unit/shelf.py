"""A store of one disclosure in memory: it keeps what a timeline decides, and forgets the timeline after each batch."""

import datetime as dt
from typing import Any

from msgspec import Struct

from almanac.kinds import KINDS
from almanac.model import SourceRef
from almanac.publish.candidate import Candidate
from almanac.publish.timeline import Planned, Said, Timeline, Version

FIRST = dt.date(2020, 1, 1)


class Statement(Struct, frozen=True):
    """What a source answers from a day on (days after the first); an answer in capitals is a withdrawal."""

    source: str
    day: int
    answer: str
    note: str = ""


class Stored(Struct, frozen=True):
    """A stored version."""

    seq: int
    known_from: dt.date
    source: str
    op: str
    answer: str
    content_hash: bytes


class Shelf:
    """Statements and versions as the tables hold them; reads as `disclosures/read` does."""

    def __init__(self) -> None:
        self.versions: list[Stored] = []
        self._said: list[tuple[str, dt.date, bytes, bytes, int]] = []

    def publish(self, *statements: Statement) -> list[str]:
        """Load one batch; the ops that it made."""
        timeline = self._timeline()
        planned = [one for s in sorted(statements, key=lambda s: s.day) for one in timeline.add(candidate(s))]
        for one in planned:
            one.seq = len(self.versions) + 1
            assert one.version == one.seq
            answer = self._answer(one)
            self.versions.append(Stored(one.seq, one.known_from, one.source_id, one.op, answer, one.content_hash))
        for one in timeline.new:
            seq = one.version if isinstance(one.version, int) else one.version.seq
            self._said.append((one.source_id, one.known_from, one.answer_hash, one.content_hash, seq))
        return [one.op for one in planned]

    def answer(self, day: int) -> str | None:
        """What holds on a day; None if nothing does."""
        held = [one for one in self.versions if one.known_from <= date(day)]
        newest = max(held, key=lambda one: (one.known_from, one.seq), default=None)
        return None if newest is None or newest.op == "withdraw" else newest.answer

    def _timeline(self) -> Timeline:
        said = [
            Said(
                source_id=source,
                known_from=known_from,
                order=order,
                withdrawn=self.versions[seq - 1].op == "withdraw",
                answer_hash=answer,
                content_hash=content,
                version=seq,
                made_it=(self.versions[seq - 1].source, self.versions[seq - 1].known_from) == (source, known_from),
            )
            for order, (source, known_from, answer, content, seq) in enumerate(self._said, 1)
        ]
        versions = [
            Version(
                known_from=one.known_from,
                withdrawn=one.op == "withdraw",
                content_hash=one.content_hash,
                version=one.seq,
            )
            for one in self.versions
        ]
        return Timeline(said, versions)

    def _answer(self, one: Planned | int) -> str:
        if isinstance(one, int):
            return self.versions[one - 1].answer
        return one.candidate.quote or "" if one.repeats is None else self._answer(one.repeats)


def date(day: int) -> dt.date:
    """A day by its number."""
    return FIRST + dt.timedelta(days=day)


def candidate(one: Statement) -> Candidate:
    """A validated answer that says this."""
    missing: Any = None
    source = SourceRef(id=one.source, title="t", publisher="p", published_on=date(one.day), url=None, licence="CC0")
    return Candidate(
        place="row 1",
        kind=KINDS[0],
        disclosure_id="d",
        natural_key="k",
        company="acme",
        source=source,
        known_from=date(one.day),
        withdrawn=one.answer.isupper(),
        content=missing,
        page=None,
        quote=one.answer,
        as_reported=None,
        note=one.note,
        answer_hash=one.answer.encode(),
        content_hash=f"{one.answer}|{one.day}|{one.note}".encode(),
    )
