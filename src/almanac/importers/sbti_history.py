"""What a release of the SBTi register says by leaving out, and what it changes in the releases after it.

A company that the release before lists and this one does not is withdrawn. A release that is loaded after later ones makes
them say more (a commitment counts as met only where it was known), so their rows are read again from what is kept. So are
those of a release that is in the store already: what its rows say today corrects what they were read as then.
"""

import datetime as dt
from collections.abc import Iterable, Mapping

import msgspec

from almanac.importers import registers, sbti_replay, sbti_work
from almanac.importers.identity import Index, Question
from almanac.importers.registers import Held, Release, releases
from almanac.importers.report import Hold, ImportReport, Line
from almanac.importers.sbti_answers import REFERENCE, SCHEME, SOURCE
from almanac.importers.sbti_rows import question, read_again
from almanac.importers.sbti_work import BY_NAME, Work
from almanac.kinds import targets
from almanac.publish.batch import Batch, RawRow, SourceLine
from almanac.publish.candidate import Known, check
from almanac.publish.state import ref
from almanac.store.db import Connection

_BY_COMPANY, _BY_TARGET = "sbti/companies", "sbti/targets"


async def complete(connection: Connection, batch: Batch, report: ImportReport, index: Index) -> Batch:
    """The batch with what the release withdraws and what it changes in later ones; how much it takes back is reported.

    Of a file that is in the store its rows stay with the companies that they were about then.
    """
    source = batch.sources[SOURCE]
    placed = await registers.placed(connection, source.id)
    if placed:
        batch = _as_placed(batch, placed, report, index)
    own = Release(id=SOURCE, series=source.series or "", published_on=source.published_on)
    kept = [one for one in await releases(connection, [_BY_COMPANY, _BY_TARGET]) if one.id != source.id]
    here = {row.company for row in batch.raw if row.company is not None}
    moved = await sbti_replay.moves(connection, index, kept, report)
    work = Work(
        connection=connection,
        index=index,
        publisher=source.publisher,
        rows=list(batch.rows),
        raw=list(batch.raw),
        said={question(row): (source.published_on, row) for row in batch.rows},
        moves=moved,
    )
    concerned = here | moved.companies
    if placed:
        concerned = await _corrected(work, own, source, report)
    elif source.series is not None:
        gone = await _own(work, own, kept, here, report)
        _tell(report, gone, source)
    if source.series is not None and concerned:
        await _later(work, own, kept, here, concerned)
    return msgspec.structs.replace(batch, companies=batch.companies + moved.lines, rows=work.rows, raw=work.raw)


def _as_placed(batch: Batch, placed: Mapping[tuple[str, int], str], report: ImportReport, index: Index) -> Batch:
    """The batch as its rows read today, about whom they were about when they were first imported."""
    raw = [msgspec.structs.replace(row, company=placed.get((row.sheet, row.row), row.company)) for row in batch.raw]
    rows = [
        registers.Kept(company=row.company, sheet=row.sheet, row=row.row, cells=row.cells)
        for row in raw
        if row.company is not None
    ]
    answers, _ = read_again(rows, index, batch.sources[SOURCE].published_on)
    fresh = {row.company for row in raw if (row.sheet, row.row) not in placed}
    companies = [line for line in batch.companies if line.id in fresh]
    report.companies_new, report.companies_changed = len({line.id for line in companies}), 0
    return msgspec.structs.replace(batch, companies=companies, rows=answers, raw=raw)


async def _corrected(work: Work, own: Release, source: SourceLine, report: ImportReport) -> set[str]:
    """Take back what the rows of a stored release state no more; companies of which it says something else than before."""
    before = await registers.said(work.connection, source.id)
    live = {key: one.answer for key, one in before.items() if not one.withdrawn}
    dropped = {key: answer for key, answer in live.items() if key not in work.said}
    await sbti_work.take_back(work, own, SOURCE, dropped)
    known = Known(
        companies=frozenset(row.company for row in work.rows),
        sources={SOURCE: ref(source)},
        metrics={},
        today=dt.date.max,
        origins={},
    )
    hashes = {key: one.content_hash for key, one in before.items()}
    candidates, _ = check(work.rows, BY_NAME, known)
    changed = [
        key
        for one in candidates
        if hashes.get(key := (one.company, one.kind.name, one.natural_key)) != one.content_hash
    ]
    blank = len(dropped.keys() & set(changed))
    report.hold = Hold(known=len(live), withdrawn=0, blank=blank, days=0)
    return {company for company, *_ in changed}


async def _own(
    work: Work, own: Release, kept: list[Release], here: set[str], report: ImportReport
) -> Mapping[Question, Held]:
    """Withdraw what the release before had and this one leaves out, and count what it leaves blank."""
    before = _before(own, kept)
    if before is None:
        return {}
    live = sbti_work.live(await registers.held(work.connection, SCHEME, own.published_on), work.publisher)
    answered = {question(row) for row in work.rows}
    stated = await sbti_work.stated(work, before)
    if own.series == _BY_COMPANY:
        absent = set((await registers.placed(work.connection, before.id)).values()) - here
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
    await sbti_work.withdraw(work, gone, own, SOURCE)
    return gone


async def _later(work: Work, own: Release, kept: list[Release], here: set[str], concerned: set[str]) -> None:
    """What the later releases say about some companies of this one, now that it is known."""
    line = sorted([*kept, own], key=lambda one: (one.published_on, one.id))
    lists = {SOURCE: here}
    for release in kept:
        if release.published_on <= own.published_on:
            continue
        before = _before(release, line)
        if release.series == _BY_TARGET:
            await _again(work, release, work.moves.companies_of(release.id))
            if before is own:
                await _targets_left_out(work, release, own)
            continue
        present = await _listed(work, release, lists)
        absent = (await _listed(work, before, lists) - present) & concerned if before else set[str]()
        await _again(work, release, present & concerned)
        gone = await sbti_work.live_then(work, release, absent) if absent else {}
        if gone:
            await sbti_work.withdraw(work, gone, release, release.id)
        await _left(work, release, work.moves.left.get(release.id, set()) - present, gone)


async def _left(work: Work, release: Release, companies: set[str], gone: Mapping[Question, Held]) -> None:
    """Take back what a release said of companies that none of its rows is about any more."""
    if not companies:
        return
    before = await registers.said(work.connection, release.id, companies)
    dropped = {key: one.answer for key, one in before.items() if not one.withdrawn and key not in gone}
    await sbti_work.take_back(work, release, release.id, dropped)


async def _again(work: Work, release: Release, companies: set[str]) -> None:
    """What a later release says about some companies, read again from its kept rows."""
    if not companies:
        return
    rows = await sbti_work.kept(work, release, companies)
    made, lost = read_again(rows, work.index, release.published_on)
    moved = work.moves.rows.get(release.id, {})
    work.raw += [
        RawRow(
            source=release.id,
            sheet=one.sheet,
            row=one.row,
            company=one.company,
            cells=one.cells,
            moved=(one.sheet, one.row) in moved,
        )
        for one in rows
    ]
    sbti_work.say(work, [msgspec.structs.replace(row, source=release.id) for row in made], release)
    before = await registers.said(work.connection, release.id, companies - lost)
    answered = {question(row) for row in made}
    unsaid = {key: one for key, one in before.items() if key not in answered}
    await sbti_work.take_back(
        work, release, release.id, {key: one.answer for key, one in unsaid.items() if not one.withdrawn}
    )
    if release.series == _BY_COMPANY:
        # Left out as long as nothing told that these rows are about it.
        await sbti_work.let_stand(work, release, {key for key, one in unsaid.items() if one.withdrawn})


async def _targets_left_out(work: Work, release: Release, own: Release) -> None:
    """Withdraw in the release after this one what this one answers and that one does not."""
    answered = await sbti_work.stated(work, release)
    mine = {key: row for key, (day, row) in work.said.items() if day == own.published_on and not row.withdrawn}
    gone = {
        key: Held(known_from=own.published_on, withdrawn=False, series=own.series, publisher=work.publisher, answer=row)
        for key, row in mine.items()
        if key not in answered
    }
    await sbti_work.withdraw(work, gone, release, release.id)


async def _listed(work: Work, release: Release, lists: dict[str, set[str]]) -> set[str]:
    if release.id not in lists:
        lists[release.id] = await sbti_work.listed(work, release)
    return lists[release.id]


def _before(release: Release, line: Iterable[Release]) -> Release | None:
    """The release of the same register before one."""
    earlier = [one for one in line if one.series == release.series and one.published_on < release.published_on]
    return max(earlier, key=lambda one: one.published_on, default=None)


def _headline(key: Question) -> bool:
    return key[1] != targets.KIND.name or key[2].endswith(f"|{REFERENCE}")


def _tell(report: ImportReport, gone: Mapping[Question, Held], source: SourceLine) -> None:
    for (company, kind, key), one in sorted(gone.items()):
        why = f"{kind} {key} of {company}, known since {one.known_from}, is left out of the release of {source.published_on}"
        report.lines.append(
            Line(finding="withdrawn", file=report.file, sheet="", row=None, column=None, value=company, reason=why)
        )
