"""CDP's open data of 2011 to 2014: Global 500 (band, score, scope 1 and 2) and Carbon Action (reported and estimated).

Until 2015 CDP gave two marks: a disclosure score of 0 to 100 and a performance band A, A-, B, C, D or E. The band goes to
`grade`. The accounting year is the reporting year less one; CDP's label is kept as the period, so that both files speak of
the same disclosure.
An estimate of CDP's model answers another question than a company's own number, and is kept apart by `boundary`.
"""

import datetime as dt
from pathlib import Path
from typing import Any

from almanac.importers.cdp_profiles import CARBON_ACTION, GLOBAL_500, PROFILES
from almanac.importers.countries import country_code
from almanac.importers.figures import Desk, emission, source
from almanac.importers.identity import Claim, Index
from almanac.importers.lines import Line, lines, year_end
from almanac.importers.report import ImportReport
from almanac.importers.table import Progress, has_header
from almanac.kind import submission
from almanac.kinds import ratings
from almanac.publish.batch import Batch

SCHEME = "cdp"
__all__ = ["PROFILES", "SCHEME", "load", "recognise", "released"]
_SOURCE = "cdp"
_LICENCE = (
    "CDP open data portal (data.cdp.net); current CDP site terms bar commercial use and republication without consent"
)
_RATING = submission(ratings.KIND)
_SCOPES = ("scope1", "scope2")
_METRICS = {"scope1": "ghg.scope1", "scope2": "ghg.scope2"}
_MARKS = "`score` is the disclosure score; the grade is the performance band."
_ESTIMATE = "estimate by CDP's model"


def recognise(path: Path) -> bool:
    """Whether the file is one of these, by its header."""
    return has_header(path, PROFILES)


def released(path: Path) -> dt.date | None:
    """The end of the year in which CDP asked; the files bear no other date."""
    asked_later = 1 if has_header(path, (CARBON_ACTION,)) else 0
    return year_end(path, PROFILES, "year", asked_later)


def load(path: Path, released: dt.date, index: Index, progress: Progress | None = None) -> tuple[Batch, ImportReport]:
    """The batch of one file and the report of every row and cell that was not plain. Errors: BadFile."""
    desk = Desk(released, index, ImportReport(file=path.name, released=released), _SOURCE)
    years: set[int] = set()
    for line in lines(path, PROFILES, desk.report, progress):
        values = line.entry.values
        if "name" not in values or "year" not in values:
            desk.reject(line, "has no company or no year")
            continue
        years.add(values["year"])
        company = desk.company(line, _claim(line))
        desk.take(
            line, company, _global_500(line, company) if line.profile == GLOBAL_500.id else _action(line, company)
        )
    assert desk.report.sheets, path
    if desk.report.sheets[-1].profile == CARBON_ACTION.id:
        title = f"Carbon Action emissions, accounting years {_span(years)}"
    else:
        title = f"Global 500 emissions and response status {_span(years)}"
    told = source(path, released, key=_SOURCE, title=title, publisher="CDP", licence=_LICENCE, redistributable=False)
    return desk.close(f"CDP: {title}", {_SOURCE: told})


def _span(years: set[int]) -> str:
    return "-".join(str(one) for one in sorted({min(years), max(years)})) if years else "unknown"


def _claim(line: Line) -> Claim:
    values, entry = line.entry.values, line.entry
    country = country_code(values["country"]) if "country" in values else None
    if country is None and "country" in values:
        reason = "is no known country name"
        entry.notes.add("unknown_country", entry.row, reason, entry.columns["country"], values["country"])
    return Claim(register=SCHEME, number=None, name=values["name"], country=country, isin=values.get("isin"))


def _global_500(line: Line, company: str) -> dict[str, Any]:
    """The marks of a reporting year, and the emissions of the year before: withheld where the answer is not public."""
    values = line.entry.values
    found: dict[str, Any] = {}
    band, score = values.get("band"), values.get("score")
    if band or score is not None or "status" in values:
        marks = [] if band is None and score is None else [_MARKS]
        parent = [f"Answered by its parent {values['parent']}."] if "parent" in values else []
        found["status"] = _RATING(
            company=company,
            source=_SOURCE,
            sheet=line.sheet,
            row=line.row,
            scheme=SCHEME,
            programme="climate",
            year=values["year"],
            grade=band,
            score=score,
            response_status=values.get("status"),
            note=" ".join(marks + parent) or None,
        )
    for scope in _SCOPES:
        value = values.get(scope)
        if value is None and values.get("permission") != "Not public":
            continue
        found[scope] = emission(
            line,
            company,
            source=_SOURCE,
            metric=_METRICS[scope],
            period=str(values["year"] - 1),
            value=value,
            missing_reason="withheld" if value is None else None,
            note=f"CDP's accounting year {values['year'] - 1}, asked for in {values['year']}."
            if value is not None
            else f'Answered to CDP in {values["year"]} with the permission "Not public".',
        )
    return found


def _action(line: Line, company: str) -> dict[str, Any]:
    """Scope 1 and 2 of an accounting year, as the company reported them and as CDP's model estimates them."""
    values = line.entry.values
    found: dict[str, Any] = {}
    ends = f" The reporting period ends on {values['ends']}." if "ends" in values else ""
    for scope in _SCOPES:
        comment = f" CDP's comment: {values[f'{scope}_comment']}" if f"{scope}_comment" in values else ""
        same = {"source": _SOURCE, "metric": _METRICS[scope], "period": str(values["year"])}
        if (reported := values.get(f"reported_{scope}")) is not None:
            origin = values.get(f"reported_{scope}_source", "not said")
            note = f"CDP's accounting year; where CDP has the number from: {origin}.{ends}{comment}"
            found[f"reported_{scope}"] = emission(line, company, value=reported, note=note, **same)
        if (estimated := values.get(f"estimated_{scope}")) is not None:
            model = values.get(f"estimated_{scope}_model", "not said")
            quality = values.get(f"estimated_{scope}_quality", "not said")
            note = f"CDP's accounting year; model: {model}, quality: {quality}.{ends}{comment}"
            apart = {"boundary": _ESTIMATE, "basis": "third_party"}
            found[f"estimated_{scope}"] = emission(line, company, value=estimated, note=note, **same, **apart)
    return found
