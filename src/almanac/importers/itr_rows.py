"""Rows of ITR workbooks: what each says about its company, and from which report; `itr` decides what counts."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from almanac.importers import itr_targets, units
from almanac.importers.cells import Unreadable
from almanac.importers.figures import Desk, emission
from almanac.importers.itr_companies import Companies
from almanac.importers.itr_profiles import DOCUMENTS, ESG, SCOPES, TARGETS, WIDE, YEARS, question
from almanac.importers.lines import Line
from almanac.publish.batch import SourceLine


class Read(Struct, frozen=True, kw_only=True):
    """One row of use: its company, its report's date and its answers; `refused` says why there are none."""

    line: Line
    company: str
    answers: dict[str, Any]
    late: frozenset[str] = frozenset()
    refused: str | None = None
    also: bool = False


class Workbook:
    """Reads row by row; a row without a company belongs to nobody and is refused."""

    def __init__(self, desk: Desk, workbook: SourceLine) -> None:
        self.sources = {workbook.key: workbook}
        self._workbook = workbook
        self._desk, self._companies = desk, Companies(desk)

    def rows(self, read: Iterator[Line]) -> Iterator[Read]:
        """Every row with what it answers, in the order of the file."""
        for line in read:
            values = line.entry.values
            if "name" not in values:
                yield Read(line=line, company="", answers={}, refused="has no company name")
                continue
            company, segment = self._companies.of(line)
            if line.profile == ESG.id:
                yield self._esg(line, company, segment)
            elif line.profile == WIDE.id:
                answers = self._wide(line, company, segment)
                yield Read(line=line, company=company, answers=answers, late=frozenset(answers), also=True)
            elif line.profile == TARGETS.id:
                answers = itr_targets.answers(line, company, segment, self._workbook.key)
                yield Read(line=line, company=company, answers=answers)
            else:
                yield Read(line=line, company=company, answers={}, also=True)

    def _esg(self, line: Line, company: str, segment: str | None) -> Read:
        values, day = line.entry.values, _day(line)
        key = self._report(line, company, day)
        if values.get("metric", "").casefold() in DOCUMENTS:
            return self._document(line, company, key)
        _tell_text(line)
        try:
            metric, part = question(values.get("metric", ""), values.get("submetric", ""))
            one = _unit(values.get("unit", ""))
        except Unreadable as error:
            why = f"metric {values.get('metric')!r}, unit {values.get('unit')!r}: {error}"
            return Read(line=line, company=company, answers={}, refused=why if _figures(line) else "states no value")
        segments = ", ".join(filter(None, (segment, part))) or None
        same = {"source": key, "metric": metric, "segment": segments, "boundary": _boundary(line)}
        found: dict[str, Any] = {}
        late: set[str] = set()
        for year, name in _figures(line).items():
            if day is None or day <= dt.date(year, 12, 31):
                late.add(name)
            known = self._workbook.published_on if name in late else None
            if (answer := _answer(line, company, name, one, period=str(year), known_from=known, **same)) is not None:
                found[name] = answer
        return Read(line=line, company=company, answers=found, late=frozenset(late & found.keys()))

    def _wide(self, line: Line, company: str, segment: str | None) -> dict[str, Any]:
        values, found = line.entry.values, dict[str, Any]()
        try:
            one = _unit(values.get("unit", ""))
        except Unreadable as error:
            line.entry.notes.add("unreadable", line.row, str(error), line.entry.columns["unit"], values.get("unit"))
            return {}
        for scope in ("s1", "s2", "s1s2", "s3"):
            for year in YEARS:
                name, same = (
                    f"{scope}_{year}",
                    {"source": self._workbook.key, "metric": SCOPES[scope], "segment": segment},
                )
                if (
                    name in values
                    and (answer := _answer(line, company, name, one, period=str(year), **same)) is not None
                ):
                    found[name] = answer
        return found

    def _report(self, line: Line, company: str, day: dt.date | None) -> str:
        if day is None:
            return self._workbook.key
        key = f"{company}-{day}"
        if key not in self.sources:
            values = line.entry.values
            year_end = (day.month, day.day) == (12, 31)
            self.sources[key] = msgspec.structs.replace(
                self._workbook,
                key=key,
                type="sustainability_report",
                title=f"Report dated {day}, as transcribed in: {self._workbook.title}",
                publisher=values["name"].partition(" - ")[0],
                published_on=day,
                published_precision="year" if year_end else "day",
            )
        return key

    def _document(self, line: Line, company: str, key: str) -> Read:
        found = [one for one in _figures(line, str).values() if isinstance(line.entry.values[one], str)]
        urls = [line.entry.values[one] for one in found if line.entry.values[one].startswith("http")]
        if urls and key != self._workbook.key and self.sources[key].url is None:
            self.sources[key] = msgspec.structs.replace(self.sources[key], url=urls[0])
        refused = None if found else "names no document"
        return Read(line=line, company=company, answers={}, refused=refused, also=True)


def _unit(spelling: str) -> units.Unit:
    found = units.unit(spelling)
    if found.base != "tCO2e":
        raise Unreadable(f"is {found.base}; no warming potential is chosen for it")
    return found


def _boundary(line: Line) -> str | None:
    """The boundary as written; `own` says no more than that the emissions are the company's."""
    found = line.entry.values.get("boundary")
    return None if found == "own" else found


def _day(line: Line) -> dt.date | None:
    said = line.entry.values.get("dated", "")
    return dt.date.fromisoformat(said) if len(said) == len("2022-12-31") else None


def _figures(line: Line, sort: type = object) -> dict[int, str]:
    values = line.entry.values
    names = {year: f"in{year}" for year in YEARS}
    return {year: name for year, name in names.items() if name in values and isinstance(values[name], sort)}


def _tell_text(line: Line) -> None:
    """Report what stands where a number belongs: places of documents, words for nothing, values of a base year."""
    entry = line.entry
    for year in _figures(line, str).values():
        reason = "is the place of a document, and a number belongs here"
        entry.notes.add("unreadable", line.row, reason, entry.columns[year], entry.values.pop(year))
    if "base" in entry.values:
        reason = "is the value of a base year that its row does not name"
        entry.notes.add("unplaced", line.row, reason, entry.columns["base"], entry.values["base"])


def _answer(line: Line, company: str, name: str, one: units.Unit, **fields: Any) -> Any | None:
    entry = line.entry
    stated, spelled = entry.values[name], entry.values["unit"]
    try:
        value = units.to_base(stated, one)
    except (Unreadable, TypeError, AttributeError) as error:
        entry.notes.add("unreadable", line.row, str(error), entry.columns[name], stated)
        return None
    note = f'Read in the workbook of OS-Climate, sheet "{line.sheet}", row {line.row}'
    note += (
        "; it gives no day on which the number was known."
        if fields.get("known_from")
        else "; the date of the report is the workbook's."
    )
    return emission(
        line,
        company,
        gas=one.gas,
        value=value,
        as_reported=None if one.factor == 1 and one.gas is None else f"{stated} {spelled}",
        note=note,
        **fields,
    )
