"""Carbon Gap's "Profit and emission database": scope 1 to 3 of large companies in 2019 and 2020, with report and page.

The header stands below a line of prose and names scope 1 and scope 3 twice: first for 2019, then for 2020. The file says
nothing of financial years but has companies with one; those known to the editors are given a financial year.
"""

import datetime as dt
import hashlib
import re
from pathlib import Path
from typing import Any

from almanac.errors import BadFile
from almanac.importers import cells, units
from almanac.importers.cells import Unreadable
from almanac.importers.countries import country_code
from almanac.importers.figures import Desk, emission, source
from almanac.importers.identity import Claim, Index
from almanac.importers.lines import Line, lines
from almanac.importers.profiles import Column, Profile, folded
from almanac.importers.report import ImportReport
from almanac.importers.table import Progress, has_header
from almanac.publish.batch import Batch

SCHEME = "carbon_gap"
_SOURCE = "carbon-gap"
_TITLE = "Profit and emission database, 2019 and 2020 data"
_SCOPE1, _SCOPE3 = "Scope 1 GHG emissions tons CO₂e", "Scope 3 emissions tons CO₂e"
_SCOPE2 = "Scope 2 emissions tons CO₂e"
_SCOPE2_LOCATION = f"{_SCOPE2} (location based when available)"
# Header, and which of the columns of that name; metric and year.
_FIGURES = (
    (_SCOPE1, 0, "ghg.scope1", "2019"),
    (_SCOPE2, 0, "ghg.scope2", "2019"),
    (_SCOPE3, 0, "ghg.scope3", "2019"),
    (_SCOPE1, 1, "ghg.scope1", "2020"),
    (_SCOPE2_LOCATION, 0, "ghg.scope2", "2020"),
    (_SCOPE3, 1, "ghg.scope3", "2020"),
)
# OpenClimate read it on that day.
_READ_ON = {"c645ae14d1aea948921c7c4a4414579884ee9e2ba9b6019163ffc2332268b400": dt.date(2023, 1, 9)}
_NOTHING = ("", "-", "--")
_FINANCIAL = ("Apple", "Microsoft")
_METHOD = "The data set says location-based where available; the method of this number is not stated."
_NUMBERS = r"\d+(?:-\d+)?(?: ?(?:,|and|&) ?\d+(?:-\d+)?)*"
_PAGE = re.compile(rf"\bpages?\.? ({_NUMBERS})(?![\d.])", re.IGNORECASE)
# Places on the editor's own disk.
_LOCAL = re.compile(r"file:///\S+")
_LETTER = re.compile(r" \[[A-Z]+\]$")
_NAME = cells.text(400)

# The columns named twice are read by their place: a profile has each column once.
PROFILES = (
    Profile(
        id="carbon-gap-profit-and-emission",
        columns=(
            Column(field="name", names=("Company Name",), parse=_NAME),
            Column(field="country", names=("Country/Territory",), parse=_NAME),
            Column(field="sector", names=("Industry",), parse=_NAME, needed=False),
            Column(field="scope2_2019", names=(_SCOPE2,), parse=cells.text(80)),
            Column(field="scope2_2020", names=(_SCOPE2_LOCATION,), parse=cells.text(80)),
            Column(field="named", names=("Datasource emission data (name, link + page nr)",), parse=cells.text(4000)),
        ),
    ),
)


def recognise(path: Path) -> bool:
    """Whether the file is this database, by its header."""
    return has_header(path, PROFILES)


def released(path: Path) -> dt.date | None:
    """The day on which the one known copy was read from its publisher; the file bears no date."""
    with path.open("rb") as file:
        return _READ_ON.get(hashlib.file_digest(file, "sha256").hexdigest())


def load(path: Path, released: dt.date, index: Index, progress: Progress | None = None) -> tuple[Batch, ImportReport]:
    """The batch of the database and the report of every row and cell that was not plain. Errors: BadFile."""
    desk = Desk(released, index, ImportReport(file=path.name, released=released), _SOURCE)
    for line in lines(path, PROFILES, desk.report, progress):
        _check(path, line, desk.report)
        if "name" not in line.entry.values:
            desk.reject(line, "has no company name")
            continue
        company, classes = _claim(line)
        slug = desk.company(line, company, classes)
        desk.take(line, slug, _answers(line, slug))
    told = source(
        path, released, key=_SOURCE, title=_TITLE, publisher="Robert Höglund, Carbon Gap", licence="CC BY 4.0"
    )
    return desk.close(_TITLE, {_SOURCE: told})


def _check(path: Path, line: Line, report: ImportReport) -> None:
    places = _places(line)
    missing = [f"{name} for {year}" for name, nth, _, year in _FIGURES if nth >= len(places.get(folded(name), []))]
    if missing:
        raise BadFile(f"{path}: the header names 2019 and 2020; missing: {', '.join(missing)}")
    sheet = report.sheets[-1]
    sheet.ignored_columns = [one for one in sheet.ignored_columns if one not in (_SCOPE1, _SCOPE3)]


def _places(line: Line) -> dict[str, list[str]]:
    """Headers of the kept row by their folded name; those that stand there twice bear the letter of their column."""
    found: dict[str, list[str]] = {}
    for header in line.entry.cells:
        found.setdefault(folded(_LETTER.sub("", header)), []).append(header)
    return found


def _claim(line: Line) -> tuple[Claim, list[tuple[str, str]]]:
    values, entry = line.entry.values, line.entry
    country = country_code(values["country"]) if "country" in values else None
    if country is None and "country" in values:
        reason = "is no known country name"
        entry.notes.add("unknown_country", entry.row, reason, entry.columns["country"], values["country"])
    classes = [("forbes_industry", values["sector"])] if "sector" in values else []
    return Claim(register=SCHEME, number=None, name=values["name"], country=country), classes


def _answers(line: Line, company: str) -> dict[str, Any]:
    named = line.entry.values.get("named")
    cited = _LOCAL.sub("", named or "").strip()
    report = f"Named report: {cited}" if cited else "The data set names no report that can be found."
    found: dict[str, Any] = {}
    places = _places(line)
    for name, nth, metric, year in _FIGURES:
        column = places[folded(name)][nth]
        cell = line.entry.cells[column]
        if cells.fold_space(str(cell)) in _NOTHING or cells.is_blank(cell):
            continue
        try:
            value = units.number(cell)
        except Unreadable as error:
            line.entry.notes.add("unreadable", line.row, str(error), column, cell)
            continue
        financial = line.entry.values["name"] in _FINANCIAL
        notes = [report, _METHOD if metric == "ghg.scope2" else ""]
        notes.append(f"The column is headed {year}; the company reports by financial year." if financial else "")
        found[column] = emission(
            line,
            company,
            source=_SOURCE,
            metric=metric,
            period=f"FY{year}" if financial else year,
            value=value,
            page=_page(named or ""),
            note=" ".join(filter(None, notes)),
        )
    return found


def _page(named: str) -> str | None:
    """The page or pages that a text names once; which of several belongs to a number is not said."""
    pages: list[str] = _PAGE.findall(named)
    return pages[0] if len(pages) == 1 else None
