"""The SBTi register ("companies taking action") as a batch: targets and commitments of every company in one release."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from msgspec import Struct

from almanac.importers import companies
from almanac.importers.countries import country_code
from almanac.importers.identity import Claim, Index, load_index
from almanac.importers.report import ImportReport
from almanac.importers.sbti_answers import REFERENCE, SCHEME, SOURCE, Statement, answers, statements
from almanac.importers.sbti_profiles import PROFILES
from almanac.importers.table import Entry, Progress, entries, has_header
from almanac.kinds import KINDS, commitments, targets
from almanac.publish.batch import Batch, CompanyLine, SourceLine
from almanac.publish.publish import Report, publish
from almanac.store.db import Connection

_PUBLISHER = "Science Based Targets initiative"
_LICENCE = "SBTi target dashboard: attribution; check terms before republication"
_URL = "https://sciencebasedtargets.org/target-dashboard"
_NUMBER = "sbti_id"


class _Stated(Struct, frozen=True, kw_only=True):
    """A row that is of use: which company it is about, and what it states."""

    company: str
    entry: Entry
    statements: tuple[Statement, ...]

    @property
    def rank(self) -> tuple[str, int, str]:
        """Of two rows about one company the later dated counts, then the fuller; never the order in the file."""
        return (self.entry.values.get("updated", ""), len(self.entry.values), repr(sorted(self.entry.values.items())))


def load(path: Path, released: dt.date, index: Index, progress: Progress | None = None) -> tuple[Batch, ImportReport]:
    """The batch that a release makes, and the report of every row and cell that was not plain.

    The index then knows what the batch says, so a history can be loaded file by file before any of it is published.
    Errors: BadFile if it is no workbook or no sheet has a known header.
    """
    report = ImportReport(file=path.name, released=released)
    lines: list[CompanyLine] = []
    by_company: dict[str, list[_Stated]] = {}
    known = frozenset(index.companies)
    for entry in entries(path, PROFILES, report, progress):
        if (stated := _stated(entry, index, released, lines)) is not None:
            by_company.setdefault(stated.company, []).append(stated)
    rows = [row for group in by_company.values() for row in _answers(group, index, released)]
    index.learn_answers(map(_question, rows), released)
    for row in rows:
        report.answers[f"{_kind(row)} {row.status}"] += 1
    touched = {line.id for line in lines}
    report.companies_new, report.companies_changed = len(touched - known), len(touched & known)
    for sheet in report.sheets:
        assert sheet.rows == sheet.imported + sum(sheet.rejected.values()), sheet
    report.lines.sort(key=lambda line: (line.sheet, line.row or 0))
    return Batch(
        publisher="almanac",
        note=f"SBTi register, release of {released}",
        sources={SOURCE: _source(path, released)},
        companies=lines,
        rows=rows,
    ), report


def recognise(path: Path) -> bool:
    """Whether a file is a release of the register, by its headers."""
    return has_header(path, PROFILES)


async def run(
    connection: Connection, path: Path, released: dt.date, *, dry_run: bool, progress: Progress | None
) -> tuple[ImportReport, Report]:
    """Import one release as one edition. Errors: BadFile; BadBatch, which names every row that the store refuses."""
    index = await load_index(connection, SCHEME)
    batch, report = load(path, released, index, progress)
    return report, await publish(connection, batch, kinds=KINDS, dry_run=dry_run, progress=progress)


def _stated(entry: Entry, index: Index, released: dt.date, lines: list[CompanyLine]) -> _Stated | None:
    values, notes = entry.values, entry.notes
    if not values:
        notes.reject("blank", entry.row, "the row is blank")
        return None
    if "name" not in values:
        notes.reject("rejected", entry.row, "has no company name", value=_shown(values))
        return None
    if (found := tuple(statements(entry))) == ():
        notes.reject("blank", entry.row, "states no target and no commitment", value=_shown(values))
        return None
    company, line = companies.settle(_row(entry), index, released)
    if line is not None:
        lines.append(line)
    return _Stated(company=company, entry=entry, statements=found)


def _row(entry: Entry) -> companies.Row:
    values, notes = entry.values, entry.notes
    location = values.get("location")
    country = None if location is None else country_code(location)
    if location is not None and country is None:
        notes.add("unknown_country", entry.row, "is no known country name", entry.columns["location"], location)
    for scheme in ("isin", "lei"):
        if scheme in entry.spelled:
            reason = f"read as {values[scheme]}"
            notes.add("cleaned", entry.row, reason, entry.columns[scheme], entry.spelled[scheme])
    claim = Claim(
        register=_NUMBER,
        number=values.get("number"),
        name=values["name"],
        country=country,
        lei=values.get("lei"),
        isin=values.get("isin"),
    )
    fields = (("sbti_sector", "sector"), ("sbti_organisation_type", "organisation_type"))
    classes = tuple((scheme, values[field]) for scheme, field in fields if field in values)
    return companies.Row(number=entry.row, claim=claim, classes=classes, columns=entry.columns, notes=notes)


def _answers(group: list[_Stated], index: Index, released: dt.date) -> Iterable[Any]:
    """Answers of one company: each term from the best row that states it; other rows repeat it or contradict it."""
    kept: dict[str, tuple[Statement, Entry]] = {}
    for stated in sorted(group, key=lambda one: one.rank, reverse=True):
        _keep(stated, kept)
    for said, entry in kept.values():
        yield from answers(group[0].company, said, entry, _knows(index, group[0].company, released))


def _keep(stated: _Stated, kept: dict[str, tuple[Statement, Entry]]) -> None:
    entry = stated.entry
    rivals = {one: kept[one.term] for one in stated.statements if one.term in kept}
    new = [one for one in stated.statements if one.term not in kept]
    contradicted = ", ".join(
        f"{one.term} differs from row {other.row}" for one, (said, other) in rivals.items() if said != one
    )
    kept.update({one.term: (one, entry) for one in new})
    reason = f"{stated.company}: {contradicted}, which is dated later or says more and is kept"
    if new:
        entry.notes.imported()
        if contradicted:
            entry.notes.add("conflict", entry.row, reason, value=_shown(entry.values))
    elif contradicted:
        entry.notes.reject("conflict", entry.row, reason, _shown(entry.values))
    else:
        entry.notes.reject("duplicate", entry.row, f"repeats row {next(iter(rivals.values()))[1].row}")


def _knows(index: Index, company: str, released: dt.date) -> Callable[[str, str], bool]:
    return lambda kind, natural_key: index.knows((company, kind, natural_key), released)


def _question(row: Any) -> tuple[str, str, str]:
    kind = _kind(row)
    if kind == targets.KIND.name:
        return (row.company, kind, f"{row.scheme}|{row.term}|{REFERENCE}")
    assert kind == commitments.KIND.name, kind
    return (row.company, kind, f"{row.scheme}|{row.type}")


def _kind(row: Struct) -> str:
    tag = row.__struct_config__.tag
    assert isinstance(tag, str), row
    return tag


def _shown(values: dict[str, Any]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in values.items())


def _source(path: Path, released: dt.date) -> SourceLine:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return SourceLine(
        key=SOURCE,
        type="registry_file",
        title=f"Companies taking action, {released}",
        publisher=_PUBLISHER,
        published_on=released,
        url=_URL,
        sha256=digest,
        licence=_LICENCE,
        redistributable=False,
    )
