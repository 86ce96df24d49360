"""What each source said to one disclosure, in the order in which the world could know it, and what that makes a version.

A version is a change of the answer: a statement that repeats the one before it is remembered and makes none. Loading an
older document later therefore gives the same answers at every date as loading it in time. Pure.
"""

import datetime as dt
from bisect import insort
from collections.abc import Iterable

from msgspec import Struct

from almanac.publish.candidate import Candidate


class Said(Struct, kw_only=True, eq=False):
    """One statement: by whom, from when, with which answer; `version` is the one it made or confirmed."""

    source_id: str
    known_from: dt.date
    order: int
    answer_hash: bytes
    content_hash: bytes
    version: "Planned | int"
    made_it: bool

    @property
    def place(self) -> tuple[dt.date, int]:
        """Where it stands in time; of two on one day the later loaded one holds."""
        return (self.known_from, self.order)


class Planned(Struct, kw_only=True, eq=False):
    """A version to be written; `before` is the answer it follows, `repeats` the version whose content it says again."""

    candidate: Candidate
    op: str
    version: int
    before: "Planned | int | None"
    source_id: str
    known_from: dt.date
    content_hash: bytes
    repeats: "Planned | int | None" = None
    seq: int = 0


class Timeline:
    """The statements to one disclosure. `version` numbers stored versions by their place in the feed (seq)."""

    def __init__(self, said: Iterable[Said] = (), version_count: int = 0) -> None:
        self._by_source = {one.source_id: one for one in said}
        self._said = sorted(self._by_source.values(), key=lambda one: one.place)
        self._order = max((one.order for one in self._said), default=0)
        self.version_count = version_count
        self.new: list[Said] = []

    def add(self, candidate: Candidate) -> list[Planned]:
        """The versions that this answer makes: none if it repeats what is known, two if an older one uncovers another."""
        own = self._by_source.get(candidate.source.id)
        if own is not None and own.content_hash == candidate.content_hash:
            return []
        if own is not None:
            self._said.remove(own)
        self._order += 1
        said = Said(
            source_id=candidate.source.id,
            known_from=candidate.known_from,
            order=self._order,
            answer_hash=candidate.answer_hash,
            content_hash=candidate.content_hash,
            version=0,
            made_it=True,
        )
        insort(self._said, said, key=lambda one: one.place)
        self._by_source[said.source_id] = said
        self.new.append(said)
        return self._settle(candidate, said, own)

    def _settle(self, candidate: Candidate, said: Said, own: Said | None) -> list[Planned]:
        at = self._said.index(said)
        before = self._said[at - 1] if at else None
        after = self._said[at + 1] if at + 1 < len(self._said) else None
        repeats = before is not None and before.answer_hash == said.answer_hash
        if repeats and (own is None or not own.made_it):
            assert before is not None
            said.version, said.made_it = before.version, False
            return []
        follows = own if own is not None else before
        planned = [self._plan(candidate, self._op(candidate, own, after), said, follows.version if follows else None)]
        if after is not None and not after.made_it and after.answer_hash != said.answer_hash:
            confirmed = after.version
            again = self._plan(candidate, "backfill", after, planned[0])
            again.repeats, after.made_it = confirmed, True
            self.new.append(after)
            planned.append(again)
        return planned

    def _op(self, candidate: Candidate, own: Said | None, after: Said | None) -> str:
        if candidate.withdrawn:
            return "withdraw"
        if own is not None:
            return "correct"
        if self.version_count == 0:
            return "add"
        return "backfill" if after is not None else "restate"

    def _plan(self, candidate: Candidate, op: str, said: Said, before: "Planned | int | None") -> Planned:
        self.version_count += 1
        planned = Planned(
            candidate=candidate,
            op=op,
            version=self.version_count,
            before=before,
            source_id=said.source_id,
            known_from=said.known_from,
            content_hash=said.content_hash,
        )
        said.version = planned
        return planned
