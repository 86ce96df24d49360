"""ITR workbooks of OS-Climate: emissions of companies report by report, and their targets.

A report gives several years, and a later report gives them again: each report is a source of its own, known from its date,
so that a number that differs is a restatement. What bears no date, or one on which the year was not over, is known from
the workbook alone, and yields to any report in it that is dated. Production has no metric in the vocabulary.
"""

import datetime as dt
import re
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from almanac.importers.figures import Desk, source
from almanac.importers.identity import Index
from almanac.importers.itr_companies import SCHEME
from almanac.importers.itr_profiles import PROFILES
from almanac.importers.itr_rows import Read, Workbook
from almanac.importers.lines import lines
from almanac.importers.report import ImportReport
from almanac.importers.table import Progress, has_header
from almanac.publish.batch import Batch, SourceLine

__all__ = ["PROFILES", "SCHEME", "load", "recognise", "released"]
_PROPERTIES = "docProps/core.xml"
_SOURCE = "itr-workbook"
_LICENCE = "Apache-2.0 (OS-Climate ITR sample data); facts transcribed from the company report"


def recognise(path: Path) -> bool:
    """Whether the file is a workbook of this kind, by the headers of its sheets."""
    return has_header(path, PROFILES)


def released(path: Path) -> dt.date | None:
    """The day on which the workbook says that it was saved last; None if it does not say."""
    with zipfile.ZipFile(path) as archive:
        said = archive.read(_PROPERTIES) if _PROPERTIES in archive.namelist() else b""
    match = re.search(rb"<dcterms:modified[^>]*>(\d{4}-\d\d-\d\d)T", said)
    return dt.date.fromisoformat(match[1].decode()) if match else None


def load(path: Path, released: dt.date, index: Index, progress: Progress | None = None) -> tuple[Batch, ImportReport]:
    """The batch of a workbook and the report of every row and cell that was not plain. Errors: BadFile."""
    desk = Desk(released, index, ImportReport(file=path.name, released=released), _SOURCE)
    title = f"ITR sample data, {released}"
    workbook = source(path, released, key=_SOURCE, title=title, publisher="OS-Climate", licence=_LICENCE)
    reading = Workbook(desk, workbook)
    rows = list(reading.rows(lines(path, PROFILES, desk.report, progress)))
    dated = {_key(one) for row in rows for name, one in row.answers.items() if name not in row.late}
    _restate(rows, reading.sources)
    for row in rows:
        _take(desk, row, dated)
    return desk.close(f"OS-Climate: {title}", reading.sources)


def _key(answer: Any) -> tuple[Any, ...]:
    names = ("metric", "period", "gas", "boundary", "segment", "scheme", "term", "reference")
    return (answer.company, *(getattr(answer, name, None) for name in names))


def _restate(rows: list[Read], sources: Mapping[str, SourceLine]) -> None:
    """Say `restated` where a number differs from the report before it, both dated; who repeats it keeps what was said."""
    said: dict[tuple[Any, ...], list[tuple[dt.date, Read, str]]] = defaultdict(list)
    for row in rows:
        for name, answer in row.answers.items():
            told = sources[answer.source]
            if name not in row.late and hasattr(answer, "basis") and told.published_precision == "day":
                said[_key(answer)].append((told.published_on, row, name))
    for reports in said.values():
        reports.sort(key=lambda one: one[0])
        _, first, place = reports[0]
        before = first.answers[place]
        for _, row, name in reports[1:]:
            answer = row.answers[name]
            if answer.source == before.source:
                continue
            basis = before.basis if answer.value == before.value else "restated"
            before = row.answers[name] = msgspec.structs.replace(answer, basis=basis)


def _take(desk: Desk, row: Read, dated: set[tuple[Any, ...]]) -> None:
    if row.refused is not None:
        desk.reject(row.line, row.refused, row.company or None)
        return
    beaten = {name for name in row.late if _key(row.answers[name]) in dated}
    for name in sorted(beaten):
        reason = "has no date on which it was known; a dated report of the workbook answers this"
        entry = row.line.entry
        entry.notes.add("conflict", entry.row, reason, entry.columns[name], row.answers[name].value)
    kept = {name: one for name, one in row.answers.items() if name not in beaten}
    if beaten and not kept and not row.also:
        desk.reject(row.line, "every value of the row is given by a report with a date", row.company)
    else:
        desk.take(row.line, row.company, kept, also=row.also)
