"""The SBTi register ("companies taking action") as a batch: targets and commitments of every company in one release."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec import Raw, Struct

from almanac.importers.identity import Claim, Index
from almanac.importers.report import ImportReport
from almanac.importers.sbti_answers import SCHEME as SCHEME  # noqa: PLC0414 - part of what an importer offers
from almanac.importers.sbti_answers import SOURCE, statements
from almanac.importers.sbti_companies import of_no_use, settle, shared
from almanac.importers.sbti_history import complete as complete  # noqa: PLC0414 - part of what an importer offers
from almanac.importers.sbti_profiles import COMPANIES, PROFILES, TARGETS, TARGETS_EXTRACT
from almanac.importers.sbti_replay import prepare as prepare  # noqa: PLC0414 - part of what an importer offers
from almanac.importers.sbti_rows import Stated, company_answers, kind_of, question, shown, target_answers
from almanac.importers.table import Entry, Progress, entries, has_header
from almanac.model import encode
from almanac.publish.batch import Batch, CompanyLine, RawRow, SourceLine

_PUBLISHER = "Science Based Targets initiative"
_LICENCE = "SBTi target dashboard: attribution; check terms before republication"
_URL = "https://sciencebasedtargets.org/target-dashboard"
_TITLES = {COMPANIES: "Companies taking action", TARGETS[:1]: "Companies taking action, by target"}
_SERIES = {COMPANIES: "sbti/companies", TARGETS[:1]: "sbti/targets"}


class _Made(Struct, kw_only=True):
    """What reading a file gathers."""

    lines: list[CompanyLine] = []
    raw: list[RawRow] = []
    by_company: dict[str, list[Stated]] = {}
    targets: list[Stated] = []
    placeless: dict[Claim, str] = {}


def recognise(path: Path) -> bool:
    """Whether a file is a release of the register, by its headers."""
    return has_header(path, PROFILES)


def released(path: Path) -> dt.date | None:
    """For an extract, the end of the year of its newest target, all of which SBTi had published by then; else None."""
    if not has_header(path, (TARGETS_EXTRACT,)) or has_header(path, TARGETS[:1]):
        return None
    report = ImportReport(file=path.name, released=dt.date.min)
    days = [entry.values["updated"] for entry in entries(path, PROFILES, report) if "updated" in entry.values]
    return dt.date(int(max(days)[:4]), 12, 31) if days else None


def load(path: Path, released: dt.date, index: Index, progress: Progress | None = None) -> tuple[Batch, ImportReport]:
    """The batch that a release makes, and the report of every row and cell that was not plain.

    The index then knows what the batch says, so a history can be loaded file by file before any of it is published.
    Errors: BadFile if it is no workbook or no sheet has a known header.
    """
    report = ImportReport(file=path.name, released=released)
    made = _Made()
    known = frozenset(index.companies)
    read = list(entries(path, PROFILES, report, progress))
    index.shared = shared(read)
    for entry in read:
        _take(entry, made, index, released)
    rows = list(_rows(made, index, released))
    index.learn_answers(map(question, rows), released)
    for row in rows:
        report.answers[f"{kind_of(row)} {row.status}"] += 1
    touched = {line.id for line in made.lines}
    report.companies_new, report.companies_changed = len(touched - known), len(touched & known)
    for sheet in report.sheets:
        assert sheet.adds_up, sheet
    report.lines.sort(key=lambda line: (line.sheet, line.row or 0))
    return Batch(
        publisher="almanac",
        note=f"SBTi register, release of {released}",
        sources={SOURCE: _source(path, released, report)},
        companies=made.lines,
        rows=rows,
        raw=made.raw,
    ), report


def _take(entry: Entry, made: _Made, index: Index, released: dt.date) -> None:
    """One row: who it is about, what it states; kept as it is whatever becomes of it."""
    company, by_target = None, "term" in entry.columns
    found = () if by_target or "name" not in entry.values else tuple(statements(entry))
    if (why := of_no_use(entry)) is not None:
        finding = "blank" if not entry.values or "states no" in why else "rejected"
        entry.notes.reject(finding, entry.row, why, shown(entry.values) if entry.values else None)
    elif not by_target and not found:
        entry.notes.reject("blank", entry.row, "states no target and no commitment", shown(entry.values))
    else:
        company, line = settle(entry, made.placeless, index, released)
        made.lines += [line] if line is not None else []
        stated = Stated(company=company, entry=entry, statements=found)
        (made.targets if by_target else made.by_company.setdefault(company, [])).append(stated)
    cells = Raw(encode(entry.cells))
    made.raw.append(RawRow(source=SOURCE, sheet=entry.sheet, row=entry.row, company=company, cells=cells))
    entry.cells.clear()  # the rows of a whole register are at hand until the last is read


def _rows(made: _Made, index: Index, released: dt.date) -> Iterable[Any]:
    for group in made.by_company.values():
        yield from company_answers(group, index, released)
    yield from target_answers(made.targets)


def _source(path: Path, released: dt.date, report: ImportReport) -> SourceLine:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    profile = next(sheet.profile for sheet in report.sheets if sheet.profile)
    shape = next((shape for shape in _TITLES if profile in {one.id for one in shape}), None)
    title = _TITLES[shape] if shape else "Companies taking action, extract by target"
    return SourceLine(
        key=SOURCE,
        type="registry_file",
        title=f"{title}, {released}",
        publisher=_PUBLISHER,
        published_on=released,
        published_precision="day" if shape else "year",
        url=_URL,
        sha256=digest,
        licence=_LICENCE,
        redistributable=False,
        series=_SERIES[shape] if shape else None,
    )
