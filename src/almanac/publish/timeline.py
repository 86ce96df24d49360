"""What each source said to one disclosure, in the order in which the world could know it, and what that makes a version.

A version is a change of the answer: a statement that repeats the one before it is remembered and makes none. What reads give
at every date is what the sources said by then, whatever the order of loading: where a statement uncovers, covers or vacates
an answer, the version that restores it is planned with it. Pure.
"""

import datetime as dt
from bisect import insort
from collections.abc import Iterable

from msgspec import Struct

from almanac.publish.candidate import Candidate, Origin


class Said(Struct, kw_only=True, eq=False):
    """One statement: by whom, from when, with which answer; `version` is the one it made or confirmed."""

    source_id: str
    known_from: dt.date
    order: int
    withdrawn: bool
    answer_hash: bytes
    content_hash: bytes
    version: "Planned | int"
    made_it: bool
    origin: Origin | None = None

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


class Version(Struct, frozen=True, kw_only=True, eq=False):
    """A version as reads see it: from when, and what it says."""

    known_from: dt.date
    withdrawn: bool
    content_hash: bytes
    version: "Planned | int"


class Timeline:
    """The statements to one disclosure, and its versions in order; stored ones are named by their place in the feed (seq)."""

    __slots__ = ("_answers", "_by_source", "_order", "_said", "_versions", "new")

    def __init__(self, said: Iterable[Said] = (), versions: Iterable[Version] = ()) -> None:
        self._by_source: dict[str, Said] = {}
        self._answers: dict[bytes, bytes] = {}
        self._order = 0
        for one in said:
            self._order = max(self._order, one.order)
            self._answers[one.content_hash] = one.answer_hash
            earlier = self._by_source.get(one.source_id)
            if earlier is not None and earlier.content_hash == one.content_hash:
                one.order = earlier.order  # recorded again with the version that restored it
            self._by_source[one.source_id] = one
        self._said = sorted(self._by_source.values(), key=lambda one: one.place)
        self._versions = list(versions)
        self.new: list[Said] = []

    @property
    def version_count(self) -> int:
        """How many versions there are, planned ones included."""
        return len(self._versions)

    def add(self, candidate: Candidate) -> list[Planned]:
        """The versions that this answer makes: none if it repeats what is known, more if it uncovers others."""
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
            withdrawn=candidate.withdrawn,
            answer_hash=candidate.answer_hash,
            content_hash=candidate.content_hash,
            version=0,
            made_it=True,
            origin=candidate.origin,
        )
        insort(self._said, said, key=lambda one: one.place)
        self._by_source[said.source_id] = said
        self._answers[said.content_hash] = said.answer_hash
        self.new.append(said)
        return self._settle(candidate, said, own) + self._restore(candidate, is_correction=own is not None)

    def _settle(self, candidate: Candidate, said: Said, own: Said | None) -> list[Planned]:
        """The version that the statement itself makes."""
        at = self._said.index(said)
        before = self._said[at - 1] if at else None
        repeats = before is not None and before.answer_hash == said.answer_hash
        if repeats and (own is None or not own.made_it):
            assert before is not None
            said.version, said.made_it = before.version, False
            return []
        follows = own if own is not None else before
        op = self._op(candidate, own, is_newest=at + 1 == len(self._said))
        said.version = self._plan(candidate, op, said, said.known_from, follows.version if follows else None)
        return [said.version]

    def _restore(self, candidate: Candidate, *, is_correction: bool) -> list[Planned]:
        """The versions that say again what holds, on each day where reads would give something else."""
        planned: list[Planned] = []
        if len(self._said) == len(self._versions) == 1:
            return planned  # the first answer to a question: reads give it
        for day in sorted({one.known_from for one in (*self._said, *self._versions)}):
            held = self._held(day)
            wanted = next((one for one in reversed(self._said) if one.known_from <= day), None)
            if self._answer(held) == self._answer(wanted):
                continue
            shown = wanted or held
            assert shown is not None, "two answers that differ are not both none"
            gone = wanted is None or wanted.withdrawn
            op = "withdraw" if gone else "correct" if is_correction else "backfill"
            again = self._plan(candidate, op, shown, day, held.version if held else None)
            again.repeats = shown.version
            if wanted is not None:
                again.source_id = wanted.source_id
                if wanted.known_from == day:
                    self._confirm(wanted, again)
            planned.append(again)
        return planned

    def _confirm(self, said: Said, version: Planned) -> None:
        said.version, said.made_it = version, True
        if said not in self.new:
            self.new.append(said)

    def _held(self, day: dt.date) -> Version | None:
        """The version that reads give on a day: the latest known one, the newest of several."""
        known = [(one.known_from, place) for place, one in enumerate(self._versions) if one.known_from <= day]
        return self._versions[max(known)[1]] if known else None

    def _answer(self, one: Said | Version | None) -> bytes | None:
        return None if one is None or one.withdrawn else self._answers[one.content_hash]

    def _op(self, candidate: Candidate, own: Said | None, *, is_newest: bool) -> str:
        if candidate.withdrawn:
            return "withdraw"
        if own is not None:
            return "correct"
        if not self._versions:
            return "add"
        return "restate" if is_newest else "backfill"

    def _plan(
        self, candidate: Candidate, op: str, one: Said | Version, known_from: dt.date, before: "Planned | int | None"
    ) -> Planned:
        planned = Planned(
            candidate=candidate,
            op=op,
            version=len(self._versions) + 1,
            before=before,
            source_id=candidate.source.id,
            known_from=known_from,
            content_hash=one.content_hash,
        )
        self._versions.append(
            Version(known_from=known_from, withdrawn=op == "withdraw", content_hash=one.content_hash, version=planned)
        )
        return planned
