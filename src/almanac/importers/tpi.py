"""Transition Pathway Initiative: Carbon Performance assessments and Management Quality levels, as ratings.

Carbon Performance: one question per company, sector (`subject`) and year aimed at (`year` is 2035 or 2050, the year of the
pathway, not of the assessment); each dated assessment is a version of the answer. It is known from the later of the two
days that a row gives: nobody could know an assessment before it was published. `No or unsuitable disclosure` and
`Not Assessed` are no grades and stand in `response_status`. The intensities by year are TPI's own computations and
projections in eleven units, and are left in the raw rows. Management Quality: `year` is that of the assessment, the grade
its level. The file of latest assessments repeats the newest Carbon Performance, which is left to the other file. Benchmarks
are of sectors and the user guide of columns: recognised, reported row by row or sheet by sheet, and nothing is published.
"""

import datetime as dt
import re
from pathlib import Path
from typing import Any

from almanac.importers import cells
from almanac.importers.cells import Unreadable
from almanac.importers.countries import country_code
from almanac.importers.figures import Desk, source
from almanac.importers.identity import Claim, Index
from almanac.importers.itr import released as saved
from almanac.importers.lines import Line, lines
from almanac.importers.profiles import Column, Profile
from almanac.importers.report import ImportReport
from almanac.importers.sheets import Cell
from almanac.importers.table import Progress, has_header
from almanac.kind import submission
from almanac.kinds import ratings
from almanac.publish.batch import Batch, SourceLine

SCHEME = "tpi"
_SOURCE = "tpi"
_LICENCE = "TPI Centre data terms: free with attribution, commercial re-use restricted"
_RATING = submission(ratings.KIND)
_HORIZONS = (2025, 2027, 2028, 2035, 2050)
_NO_GRADES = ("No or unsuitable disclosure", "Not Assessed")
_PUBLISHER = "Transition Pathway Initiative Centre"
_TERMS: dict[str, Any] = {"licence": _LICENCE, "redistributable": False}
_TEXT = cells.text(400)


def _isins(cell: Cell) -> list[str]:
    found = [cells.identifier(one) for one in str(cell).split(";") if one.strip()]
    if not all(re.fullmatch(r"[A-Z]{2}[A-Z0-9]{9}[0-9]", one) for one in found):
        raise Unreadable("is no list of ISINs")
    return found


def _level(cell: Cell) -> str:
    found = str(cell).strip().removesuffix(".0")
    if not re.fullmatch(r"[0-5](STAR)?", found):
        raise Unreadable("is no level from 0 to 5")
    return found


_COMPANY = (
    Column(field="name", names=("Company Name",), parse=_TEXT),
    Column(field="country", names=("Geography",), parse=_TEXT),
    Column(field="sector", names=("Sector",), parse=cells.text(200)),
    Column(field="isins", names=("ISINs",), parse=_isins),
)
LATEST = Profile(
    id="tpi-latest-assessments",
    columns=(
        *_COMPANY,
        Column(field="published", names=("MQ Publication Date",), parse=cells.day),
        Column(field="assessed", names=("MQ Assessment Date",), parse=cells.day),
        Column(field="level", names=("Level",), parse=_level),
        Column(field="compared", names=("Performance Compared to Previous Year",), parse=_TEXT, needed=False),
    ),
)
PERFORMANCE = Profile(
    id="tpi-carbon-performance",
    columns=(
        *_COMPANY,
        Column(field="published", names=("Publication Date",), parse=cells.day),
        Column(field="assessed", names=("Assessment Date",), parse=cells.day),
        Column(field="benchmark", names=("Benchmark ID",), parse=_TEXT, needed=False),
        *(
            Column(
                field=f"aligned_{year}",
                names=(f"Carbon Performance Alignment {year}",),
                parse=cells.text(80),
                needed=year == _HORIZONS[-1],
            )
            for year in _HORIZONS
        ),
    ),
)
BENCHMARKS = Profile(
    id="tpi-sector-benchmarks",
    columns=(
        Column(field="id", names=("Benchmark ID",), parse=_TEXT),
        Column(field="sector", names=("Sector name",), parse=_TEXT),
        Column(field="scenario", names=("Scenario name",), parse=_TEXT),
        Column(field="published", names=("Release date",), parse=cells.day),
    ),
)
GUIDE = Profile(
    id="tpi-user-guide",
    columns=(
        Column(field="column", names=("Column",), parse=cells.text(4000)),
        Column(field="name", names=("Variable Name",), parse=cells.text(4000)),
        Column(field="format", names=("Format of Data",), parse=cells.text(4000)),
        Column(field="remarks", names=("Remarks",), parse=cells.text(4000)),
    ),
)
PROFILES = (LATEST, PERFORMANCE, BENCHMARKS, GUIDE)
_NOTHING = {
    BENCHMARKS.id: "is a benchmark of a sector, and no answer of a company",
    GUIDE.id: "explains a column, and is no answer of a company",
}


def recognise(path: Path) -> bool:
    """Whether the file is one of TPI's, by its header."""
    return has_header(path, PROFILES)


def released(path: Path) -> dt.date | None:
    """The day at the end of a name such as `CP_Assessments_08032025`, else of the newest publication, else of the last saving."""
    if match := re.search(r"_(\d{2})(\d{2})(20\d{2})$", path.stem):
        return dt.date(int(match[3]), int(match[2]), int(match[1]))
    report = ImportReport(file=path.name, released=dt.date.min)
    days = [one.entry.values.get("published", "") for one in lines(path, PROFILES, report)]
    newest = max(days, default="")
    return dt.date.fromisoformat(newest) if newest else saved(path)


def load(path: Path, released: dt.date, index: Index, progress: Progress | None = None) -> tuple[Batch, ImportReport]:
    """The batch of one file and the report of every row and cell that was not plain. Errors: BadFile."""
    desk = Desk(released, index, ImportReport(file=path.name, released=released), _SOURCE)
    file = source(path, released, key=_SOURCE, title=f"{path.stem}, {released}", publisher=_PUBLISHER, **_TERMS)
    sources = {_SOURCE: file}
    for line in lines(path, PROFILES, desk.report, progress):
        values = line.entry.values
        if line.profile in _NOTHING:
            desk.reject(line, _NOTHING[line.profile])
        elif not {"name", "sector", "published", "assessed"} <= values.keys():
            desk.reject(line, "has no company, no sector or no dates of an assessment")
        else:
            company = desk.company(line, _claim(line), [("tpi_sector", values["sector"])])
            desk.take(line, company, _answers(line, company, _edition(path, values, released, sources)))
    return desk.close(f"Transition Pathway Initiative: {path.stem}", sources)


def _edition(path: Path, values: dict[str, Any], released: dt.date, sources: dict[str, SourceLine]) -> str:
    """The key of the source of a row: the assessments that were made and published by one day."""
    day = min(max(dt.date.fromisoformat(values["published"]), dt.date.fromisoformat(values["assessed"])), released)
    key = f"{_SOURCE}-{day}"
    if key not in sources:
        title = f"TPI assessments published by {day}, in {path.stem}"
        sources[key] = source(path, day, key=key, title=title, publisher=_PUBLISHER, **_TERMS)
    return key


def _claim(line: Line) -> Claim:
    values, entry = line.entry.values, line.entry
    isins = values.get("isins", [])
    country = country_code(values["country"]) if "country" in values else None
    if country is None and "country" in values:
        # TPI ties the geography to the ISIN, and gives Stellantis the European Union.
        country = isins[0][:2] if isins else None
        reason = f"is no known country name; the ISIN says {country or 'nothing'}"
        entry.notes.add("unknown_country", entry.row, reason, entry.columns["country"], values["country"])
    if len(isins) > 1:
        reason = "the first of several ISINs identifies the company"
        entry.notes.add("several_values", entry.row, reason, entry.columns["isins"], ";".join(isins))
    return Claim(register=SCHEME, number=None, name=_name(values), country=country, isin=isins[0] if isins else None)


def _name(values: dict[str, Any]) -> str:
    """The name without the sector that tells the rows of one company apart: `Glencore (Coal Mining)`."""
    match = re.fullmatch(r"(.+?) \((\w+)[^()]*\)", values["name"])
    return match[1] if match and match[2].casefold() in values["sector"].casefold() else values["name"]


def _answers(line: Line, company: str, key: str) -> dict[str, Any]:
    values = line.entry.values
    same: dict[str, Any] = {"company": company, "source": key, "sheet": line.sheet, "row": line.row, "scheme": SCHEME}
    dates = f"Assessed {values['assessed']}, published {values['published']}"
    if line.profile == LATEST.id:
        if "level" not in values:
            return {}
        compared = f"; against the year before: {values['compared']}" if "compared" in values else ""
        year = int(values["assessed"][:4])
        quality = {"programme": "management_quality", "year": year, "grade": values["level"]}
        return {"level": _RATING(**same, **quality, note=f"{dates}{compared}.")}
    found: dict[str, Any] = {}
    note = f"{dates}, against the benchmark {values.get('benchmark', 'not named')}."
    for horizon in _HORIZONS:
        field = f"aligned_{horizon}"
        if (said := values.get(field)) is None:
            continue
        grade = {"response_status" if said in _NO_GRADES else "grade": said}
        aim = {"programme": "carbon_performance", "year": horizon, "subject": values["sector"]}
        found[field] = _RATING(**same, **aim, **grade, note=note)
    return found
