"""A desk for publishers of numbers: settles companies, takes answers, accounts for every row, and closes with a batch.

Two answers of one source to one question are a duplicate or a conflict: the first counts, the other is reported.
Values that can hardly be meant (see `plausible`) are published with a flag and reported.
"""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw, Struct

from almanac.importers import companies
from almanac.importers.identity import Claim, Index
from almanac.importers.lines import Line
from almanac.importers.plausible import REASONS, doubts
from almanac.importers.report import ImportReport, Notes
from almanac.kind import submission
from almanac.kinds import KINDS, emissions
from almanac.model import encode
from almanac.publish.batch import Batch, CompanyLine, RawRow, SourceLine
from almanac.quantity import QualityFlag

_EMISSION = submission(emissions.KIND)
_KINDS = {kind.name: kind for kind in KINDS}
# A country, a class or a name that a data set gives is no news of a company that a register already describes.
_KEPT = "{} is kept, as the company is known there"


class _Taken(Struct, frozen=True, kw_only=True):
    """An answer that counts, and where it stands; the row itself is let go of."""

    sheet: str
    row: int
    notes: Notes
    column: str | None
    answer: Any


def source(path: Path, released: dt.date, **more: Any) -> SourceLine:
    """The source line of a data set; the last day of a year says that only the year is known."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    precision = "year" if (released.month, released.day) == (12, 31) else "day"
    given: dict[str, Any] = {
        "type": "data_set",
        "published_on": released,
        "published_precision": precision,
        "sha256": digest,
    }
    return SourceLine(**(given | more))


def emission(line: Line, company: str, **fields: Any) -> Any:
    """One submission of emissions, in tCO2e, that leads back to its row."""
    return _EMISSION(company=company, sheet=line.sheet, row=line.row, unit="tCO2e", **fields)


class Desk:
    """One import. Every row goes through `take` or `reject` once; `close` makes the batch."""

    def __init__(self, released: dt.date, index: Index, report: ImportReport, default_source: str) -> None:
        self.report = report
        self._released, self._index, self._source = released, index, default_source
        self._known = frozenset(index.companies)
        self._settled: dict[Claim, str] = {}
        self._lines: list[CompanyLine] = []
        self._taken: dict[tuple[Any, ...], _Taken] = {}
        self._raw: list[RawRow] = []

    def company(self, line: Line, claim: Claim, classes: Iterable[tuple[str, str]] = ()) -> str:
        """The company of a row, new or known; what is doubtful about it is reported once."""
        if claim in self._settled:
            return self._settled[claim]
        entry = line.entry
        match = self._index.match(claim, classes := tuple(classes))
        found = match.company
        held = self._index.companies[found].country if found is not None else None
        if held is not None and claim.country not in (None, held):
            place = entry.columns.get("country")
            entry.notes.add("conflict", entry.row, f"{found}: {_KEPT.format(held)}", place, claim.country)
        row = companies.Row(
            number=entry.row,
            claim=claim,
            classes=classes,
            columns=entry.columns,
            notes=entry.notes,
            relocates=False,
        )
        company, news = companies.settle(row, self._index, self._released, match)
        if news is not None:
            self._lines.append(news)
        return self.settle(claim, company)

    def settle(self, claim: Claim, company: str) -> str:
        """Say whom a claim is about, for the rest of this file and for ever."""
        self._settled[claim] = company
        self._index.see(claim, company, self._released)
        return company

    def take(self, line: Line, company: str, answers: Mapping[str, Any], *, also: bool = False) -> None:
        """Take the answers of a row by the field they stand in; a row that brings nothing new is rejected.

        `also` says that the row was of use beside its answers, for example because it describes the company.
        """
        entry = line.entry
        outcome: Counter[str] = Counter()
        for name, answer in answers.items():
            outcome[self._enter(line, entry.columns.get(name, name), answer)] += 1
        self._keep_raw(line, company, next((one.source for one in answers.values()), self._source))
        if also or outcome["imported"]:
            entry.notes.imported(entry.row)
        elif outcome:
            finding = "conflict" if outcome["conflict"] else "duplicate"
            entry.notes.reject(finding, entry.row, "every answer of the row was given above")
        else:
            entry.notes.reject("blank", entry.row, "states no value", value=_shown(line))

    def reject(self, line: Line, reason: str, company: str | None = None) -> None:
        """Leave a row out, with the reason."""
        finding = "rejected" if line.stated else "blank"
        line.entry.notes.reject(finding, line.row, reason if line.stated else "the row is blank", value=_shown(line))
        self._keep_raw(line, company, self._source)

    def close(self, note: str, sources: dict[str, SourceLine]) -> tuple[Batch, ImportReport]:
        """The batch and the finished report. The index then knows what the batch says."""
        report = self.report
        rows = [
            self._marked(one, flags)
            for one, flags in zip(self._taken.values(), doubts(one.answer for one in self._taken.values()), strict=True)
        ]
        for row in rows:
            kind = _KINDS[row.__struct_config__.tag]
            report.answers[f"{kind.name} {getattr(row, 'missing_reason', None) or 'given'}"] += 1
        questions = [
            (key[1], key[0], "|".join("" if part is None else str(part) for part in key[3:])) for key in self._taken
        ]
        self._index.learn_answers(questions, self._released)
        touched = {line.id for line in self._lines}
        report.companies_new, report.companies_changed = len(touched - self._known), len(touched & self._known)
        for sheet in report.sheets:
            assert sheet.adds_up, sheet
        report.lines.sort(key=lambda line: (line.sheet, line.row or 0))
        return Batch(
            publisher="almanac", note=note, sources=sources, companies=self._lines, rows=rows, raw=self._raw
        ), report

    def _enter(self, line: Line, column: str | None, answer: Any) -> str:
        kind = _KINDS[answer.__struct_config__.tag]
        key = (kind.name, answer.company, answer.source, *(getattr(answer, name) for name in kind.key))
        first = self._taken.get(key)
        if first is None:
            self._taken[key] = _Taken(
                sheet=line.sheet, row=line.row, notes=line.entry.notes, column=column, answer=answer
            )
            return "imported"
        same = _own(first.answer) == _own(answer)
        if not same:
            reason = f"row {first.row} of {first.sheet!r} gives another answer of the same source, which is kept"
            line.entry.notes.add("conflict", line.row, reason, column, getattr(answer, "value", None))
        return "duplicate" if same else "conflict"

    def _keep_raw(self, line: Line, company: str | None, key: str) -> None:
        cells = Raw(encode(line.entry.cells))
        self._raw.append(RawRow(source=key, sheet=line.sheet, row=line.row, company=company, cells=cells))

    def _marked(self, one: _Taken, flags: list[QualityFlag]) -> Any:
        if not flags:
            return one.answer
        why = "; ".join(REASONS[flag] for flag in flags)
        one.notes.add("implausible", one.row, f"{why}; published with a flag", one.column, one.answer.value)
        return msgspec.structs.replace(one.answer, quality_flags=flags)


def _own(answer: Any) -> dict[str, Any]:
    evidence = ("source", "sheet", "row", "note", "page", "quote", "as_reported")
    return {name: value for name, value in msgspec.structs.asdict(answer).items() if name not in evidence}


def _shown(line: Line) -> str:
    return "; ".join(f"{name}: {cell}" for name, cell in line.stated.items())
