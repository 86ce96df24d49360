"""A release that is loaded after later ones is matched as if it had come first, and the later ones as if they came after it.

What later releases brought is left aside, its rows are matched, then those of each later release in the order of their days.
A company of this replay that stands for one that is known keeps that one's slug; rows that belong elsewhere now are moved.
"""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from almanac.importers import registers
from almanac.importers.identity import Claim, Index
from almanac.importers.registers import Kept, Release
from almanac.importers.report import ImportReport, Line
from almanac.importers.sbti_answers import statements
from almanac.importers.sbti_companies import NUMBER, as_decided, of_no_use, settle, shared
from almanac.importers.sbti_profiles import PROFILES
from almanac.importers.table import Entry, entries, reread
from almanac.publish.batch import CompanyLine
from almanac.store.db import Connection
from almanac.store.queries import QUERIES

SERIES = ("sbti/companies", "sbti/targets")

_Labels = dict[tuple[str, int], str]


class Moves(Struct, kw_only=True):
    """Kept rows that are about another company now: `rows` by source and place, `left` the companies before, by source."""

    rows: dict[str, _Labels] = {}
    left: dict[str, set[str]] = {}
    lines: list[CompanyLine] = []

    def companies_of(self, source: str) -> set[str]:
        """Companies that a row of one source leaves or comes to."""
        return set(self.rows.get(source, {}).values()) | self.left.get(source, set())

    @property
    def companies(self) -> set[str]:
        """Every company that a row leaves or comes to."""
        return set[str]().union(*(self.companies_of(source) for source in self.rows))


async def prepare(connection: Connection, path: Path, released: dt.date, index: Index) -> None:
    """Decide whom the rows of a late release are about, and which kept rows of later ones move. Cost: reads those anew."""
    later = [one for one in await registers.releases(connection, SERIES) if one.published_on > released]
    if not later or await _is_stored(connection, path):
        return
    past = index.as_of(NUMBER, released)
    known = frozenset(past.companies)
    report = ImportReport(file=path.name, released=released)
    index.decided = _labelled(entries(path, PROFILES, report), past, released)
    replayed: list[tuple[Release, list[Kept], _Labels]] = []
    for release in later:
        rows = await registers.kept(connection, release.id)
        read = (reread(one.sheet, one.row, msgspec.json.decode(one.cells), PROFILES) for one in rows)
        labels = _labelled((one for one in read if one is not None), past, release.published_on)
        replayed.append((release, rows, labels))
    index.labels = {one: one for one in known} | _slugs(replayed, known)
    index.moved = {
        release.id: {place: label for place, label in labels.items() if index.labels.get(label) != placed[place]}
        for release, rows, labels in replayed
        if (placed := {(one.sheet, one.row): one.company for one in rows})
    }


def _labelled(rows: Iterable[Entry], past: Index, day: dt.date) -> _Labels:
    """Rows to the companies of the replay, which learns from them."""
    placeless: dict[Claim, str] = {}
    rows = list(rows)
    past.shared = shared(rows)
    return {(one.sheet, one.row): settle(one, placeless, past, day)[0] for one in rows if _is_about_somebody(one)}


def _is_about_somebody(entry: Entry) -> bool:
    return of_no_use(entry) is None and ("term" in entry.columns or any(True for _ in statements(entry)))


def _slugs(replayed: list[tuple[Release, list[Kept], _Labels]], known: frozenset[str]) -> dict[str, str]:
    """The known company that a new one of the replay is: the one that most of its rows are about; each is one at most."""
    votes: dict[str, Counter[str]] = {}
    for _, rows, labels in replayed:
        for one in rows:
            label = labels.get((one.sheet, one.row))
            if label is not None and label not in known and one.company not in known:
                votes.setdefault(label, Counter())[one.company] += 1
    found: dict[str, str] = {}
    ranked = sorted(
        (
            (count, label == company, label, company)
            for label, votes_of in votes.items()
            for company, count in votes_of.items()
        ),
        reverse=True,
    )
    for _, _, label, company in ranked:
        if label not in found and company not in found.values():
            found[label] = company
    return found


async def _is_stored(connection: Connection, path: Path) -> bool:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return await connection.fetchval(QUERIES["registers/is_stored"], digest)


async def moves(connection: Connection, index: Index, later: Iterable[Release], report: ImportReport) -> Moves:
    """The kept rows that move, with the companies that they leave and the company lines that they bring."""
    made = Moves()
    for release in later:
        labels = index.moved.get(release.id)
        if not labels:
            continue
        for one in await registers.kept(connection, release.id):
            place = (one.sheet, one.row)
            if place not in labels:
                continue
            entry = reread(one.sheet, one.row, msgspec.json.decode(one.cells), PROFILES)
            assert entry is not None, "a row that moves was read before"
            company, line = as_decided(entry, labels[place], index, release.published_on)
            made.rows.setdefault(release.id, {})[place] = company
            made.left.setdefault(release.id, set()).add(one.company)
            made.lines += [line] if line is not None else []
            why = f"in the release of {release.published_on} it is about {company} now, not {one.company}"
            report.lines.append(
                Line(
                    finding="moved",
                    file=report.file,
                    sheet=one.sheet,
                    row=one.row,
                    column=None,
                    value=company,
                    reason=why,
                )
            )
    return made
