"""What a release of the SBTi register says by leaving out, and what it changes in the releases after it.

A company that the release before lists and this one does not is withdrawn. A release that is loaded after later ones makes
them say more (a commitment counts as met only where it was known), so their rows are read again from what is kept.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from almanac.importers.identity import Index, Question
from almanac.importers.registers import Held, Release, answers_of, held, listed, releases, withdrawals
from almanac.importers.report import Hold, ImportReport, Line
from almanac.importers.sbti_answers import REFERENCE, SCHEME, SOURCE, statements
from almanac.importers.sbti_profiles import COMPANIES
from almanac.importers.sbti_rows import Stated, company_answers, question
from almanac.importers.table import reread
from almanac.kinds import KINDS, targets
from almanac.publish.batch import Batch, RawRow, SourceLine
from almanac.store.db import Connection
from almanac.store.queries import QUERIES

_BY_COMPANY, _BY_TARGET = "sbti/companies", "sbti/targets"
_KINDS = {kind.name: kind for kind in KINDS}


class _Work(Struct, kw_only=True):
    """A batch on its way: `said` is the newest that it answers to each question, with the day."""

    connection: Connection
    index: Index
    publisher: str
    rows: list[Any]
    raw: list[RawRow]
    said: dict[Question, tuple[dt.date, Any]]


async def complete(connection: Connection, batch: Batch, report: ImportReport, index: Index) -> Batch:
    """The batch with what the release withdraws and what it changes in later ones; how much it takes back is reported.

    Of a file that is in the store nothing is left: what its rows make of companies may read otherwise by now.
    """
    source = batch.sources[SOURCE]
    if await listed(connection, source.id):
        return msgspec.structs.replace(batch, companies=[], rows=[], raw=[])
    if source.series is None:
        return batch
    kept = [one for one in await releases(connection, [_BY_COMPANY, _BY_TARGET]) if one.id != source.id]
    own = Release(id=SOURCE, series=source.series, published_on=source.published_on)
    here = {row.company for row in batch.raw if row.company is not None}
    work = _Work(
        connection=connection,
        index=index,
        publisher=source.publisher,
        rows=list(batch.rows),
        raw=list(batch.raw),
        said={question(row): (source.published_on, row) for row in batch.rows},
    )
    gone = await _own(work, own, kept, here, report)
    _tell(report, gone, source)
    await _later(work, own, kept, here)
    return msgspec.structs.replace(batch, rows=work.rows, raw=work.raw)


async def _own(
    work: _Work, own: Release, kept: list[Release], here: set[str], report: ImportReport
) -> Mapping[Question, Held]:
    """Withdraw what the release before had and this one leaves out, and count what it leaves blank."""
    before = _before(own, kept)
    if before is None:
        return {}
    live = _live(await held(work.connection, SCHEME, own.published_on), work.publisher)
    answered = {question(row) for row in work.rows}
    stated = await answers_of(work.connection, before)
    if own.series == _BY_COMPANY:
        absent = await listed(work.connection, before.id) - here
        gone = {key: one for key, one in live.items() if key[0] in absent}
        known = {key: one for key, one in live.items() if _headline(key)}
        blank = [key for key in known if key[0] in here and key in stated and key not in answered]
    else:
        known = {key: one for key, one in live.items() if one.series == _BY_TARGET}
        gone, blank = {key: one for key, one in known.items() if key not in answered}, []
    report.hold = Hold(
        known=len(known),
        withdrawn=sum(key in known for key in gone),
        blank=len(blank),
        days=(own.published_on - before.published_on).days,
    )
    await _withdraw(work, gone, own, SOURCE)
    return gone


async def _later(work: _Work, own: Release, kept: list[Release], here: set[str]) -> None:
    """What the later releases say about the companies of this one, now that it is known."""
    line = sorted([*kept, own], key=lambda one: (one.published_on, one.id))
    lists = {SOURCE: here}
    for release in kept:
        if release.published_on <= own.published_on:
            continue
        before = _before(release, line)
        if release.series == _BY_TARGET:
            if before is own:
                await _targets_left_out(work, release, own)
            continue
        present = await _listed(work, release, lists)
        absent = (await _listed(work, before, lists) - present) & here if before else set[str]()
        await _again(work, release, present & here)
        if absent:
            live = await _live_then(work, release, absent)
            await _withdraw(work, live, release, release.id)


async def _again(work: _Work, release: Release, companies: set[str]) -> None:
    groups: dict[str, list[Stated]] = {}
    for row in await work.connection.fetch(QUERIES["registers/rows"], release.id, sorted(companies)):
        cells = msgspec.json.decode(row["cells"])
        entry = reread(row["sheet"], row["row"], cells, COMPANIES)
        if entry is None or not (said := tuple(statements(entry))):
            continue
        company = row["company_id"]
        groups.setdefault(company, []).append(Stated(company=company, entry=entry, statements=said))
        raw = msgspec.Raw(row["cells"])
        work.raw.append(RawRow(source=release.id, sheet=entry.sheet, row=entry.row, company=company, cells=raw))
    made = [
        msgspec.structs.replace(row, source=release.id)
        for group in groups.values()
        for row in company_answers(group, work.index, release.published_on)
    ]
    _say(work, made, release)


async def _targets_left_out(work: _Work, release: Release, own: Release) -> None:
    """Withdraw in the release after this one what this one answers and that one does not."""
    answered = await answers_of(work.connection, release)
    mine = {key: row for key, (day, row) in work.said.items() if day == own.published_on and not row.withdrawn}
    gone = {
        key: Held(known_from=own.published_on, withdrawn=False, series=own.series, publisher=work.publisher, answer=row)
        for key, row in mine.items()
        if key not in answered
    }
    await _withdraw(work, gone, release, release.id)


async def _live_then(work: _Work, release: Release, companies: set[str]) -> dict[Question, Held]:
    """What holds of some companies just before a release, the batch at work included."""
    known = await held(work.connection, SCHEME, release.published_on, companies)
    for key, (day, row) in work.said.items():
        if key[0] not in companies or (key in known and known[key].known_from > day):
            continue
        known[key] = Held(known_from=day, withdrawn=row.withdrawn, series=None, publisher=work.publisher, answer=row)
    return _live(known, work.publisher)


async def _withdraw(work: _Work, gone: Mapping[Question, Held], release: Release, source: str) -> None:
    note = f"The register's release of {release.published_on} leaves it out; the release before lists it."
    _say(work, await withdrawals(work.connection, gone, _KINDS, source, note), release)


def _say(work: _Work, rows: Iterable[Any], release: Release) -> None:
    made = list(rows)
    work.rows += made
    work.said |= {question(row): (release.published_on, row) for row in made}
    work.index.learn_answers(map(question, made), release.published_on)


async def _listed(work: _Work, release: Release, lists: dict[str, set[str]]) -> set[str]:
    if release.id not in lists:
        lists[release.id] = await listed(work.connection, release.id)
    return lists[release.id]


def _before(release: Release, line: Iterable[Release]) -> Release | None:
    """The release of the same register before one."""
    earlier = [one for one in line if one.series == release.series and one.published_on < release.published_on]
    return max(earlier, key=lambda one: one.published_on, default=None)


def _live(known: Mapping[Question, Held], publisher: str) -> dict[Question, Held]:
    return {key: one for key, one in known.items() if not one.withdrawn and one.publisher == publisher}


def _headline(key: Question) -> bool:
    return key[1] != targets.KIND.name or key[2].endswith(f"|{REFERENCE}")


def _tell(report: ImportReport, gone: Mapping[Question, Held], source: SourceLine) -> None:
    for (company, kind, key), one in sorted(gone.items()):
        why = f"{kind} {key} of {company}, known since {one.known_from}, is left out of the release of {source.published_on}"
        report.lines.append(
            Line(finding="withdrawn", file=report.file, sheet="", row=None, column=None, value=company, reason=why)
        )
