"""Klimatkollen: emissions of large companies on the Swedish market, as `.json` versions and as the workbook behind them.

The JSON gives scope 1+2 and scope 3 of one year, which it does not name: 2023, but for the companies in `YEARS`. A null
says nothing (in the first version most cells are null and filled four weeks later), so no answer is made of it; `n.a`
is what the analysts wrote where a report gives no number, so it is `not_disclosed`. Sums and choices of two numbers
(`576.6 + 301000`) are reported and left out. Of the workbook the sheet with a header of two rows is read: the parts by
year. What it marks as chosen for the site (block MVP) is the JSON again and is left to it, and so is scope 3 of 2023.
"""

import datetime as dt
import re
from pathlib import Path
from typing import Any

from almanac.importers import cells, units
from almanac.importers.figures import Desk, emission, source
from almanac.importers.identity import Claim, Index
from almanac.importers.klimatkollen_names import COUNTRIES, NAMES, YEARS
from almanac.importers.lines import Line
from almanac.importers.profiles import Column, Profile
from almanac.importers.records import Table, json_table, read, two_rows
from almanac.importers.report import ImportReport
from almanac.importers.sheets import Cell, open_sheets
from almanac.importers.table import Progress
from almanac.publish.batch import Batch

SCHEME = "klimatkollen"
_SOURCE = "klimatkollen"
_NONE = "n.a"
_URL = cells.text(4000)
_BLOCKS = {
    "Emissions 2023 (ton CO2e)": "2023",
    "Emissions 2022 (ton CO2e)": "2022",
    "Emissions 2021 (ton CO2e)": "2021",
    "Emissions 2020 (ton CO2e)": "2020",
    "Emissions 2019 (ton CO2e)": "2019",
    "Emissions 2015 (ton CO2e)": "2015",
}
_PARTS = {
    "Scope 1": "ghg.scope1",
    "Scope 2 (LB)": "ghg.scope2.lb",
    "Scope 2 (MB)": "ghg.scope2.mb",
    "Scope 3 (total)": "ghg.scope3",
    "Total": "ghg.total",
}
_CATEGORIES = {f"Scope 3 Categories 2023: Cat {n}": (f"ghg.scope3.c{n}", "2023") for n in range(1, 17)}
_CELLS = _CATEGORIES | {
    f"{block}: {name}": (metric, year) for block, year in _BLOCKS.items() for name, metric in _PARTS.items()
}
_LEFT_TO_JSON = "Emissions 2023 (ton CO2e): Scope 3 (total)"
_JSON_METRICS = {"scope1_2": "ghg.scope1_2", "scope3": "ghg.scope3"}


def _figure(cell: Cell) -> Any:
    return _NONE if str(cell).strip().casefold().rstrip(".") == _NONE else units.number(cell)


JSON = Profile(
    id="klimatkollen-json",
    columns=(
        Column(field="name", names=("Company",), parse=cells.text(400)),
        Column(field="url", names=("URL",), parse=_URL),
        Column(field="scope1_2", names=("Scope1n2",), parse=_figure, keep=True),
        Column(field="scope3", names=("Scope3",), parse=_figure, keep=True),
        Column(field="comment", names=("Comment",), parse=cells.text(8000), needed=False),
    ),
)
WORKBOOK = Profile(
    id="klimatkollen-workbook",
    columns=(
        Column(field="name", names=(": Company", "Company"), parse=cells.text(400)),
        Column(field="url", names=("General: URL 2023",), parse=_URL),
        *(Column(field=name, names=(name,), parse=_figure, keep=True) for name in _CELLS),
    ),
)
PROFILES = (JSON, WORKBOOK)


def recognise(path: Path) -> bool:
    """Whether the file is a version of the data set, by its keys or by its header of two rows."""
    return bool(_tables(path))


def released(path: Path) -> dt.date | None:
    """The day in a name such as `company-data_2024-04-11_2dcf32f`: the day and the commit of the version."""
    match = re.search(r"_(\d{4}-\d{2}-\d{2})_[0-9a-f]{7,40}$", path.stem)
    return dt.date.fromisoformat(match[1]) if match else None


def load(path: Path, released: dt.date, index: Index, progress: Progress | None = None) -> tuple[Batch, ImportReport]:
    """The batch of a version and the report of every row and cell that was not plain. Errors: BadFile."""
    del progress  # the largest file is read in a second
    report = ImportReport(file=path.name, released=released)
    desk = Desk(released, index, report, _SOURCE)
    tables = _tables(path)
    for table in tables:
        for line in read(table, PROFILES, report):
            _take(desk, line, index)
    if path.suffix.casefold() != ".json":
        _tell_skipped(path, report, {table.name for table in tables})
    title = f"Klimatkollen company data, {released}"
    told = source(path, released, key=_SOURCE, title=title, publisher="Klimatkollen", language="sv", licence="MIT")
    return desk.close(title, {_SOURCE: told})


def _tables(path: Path) -> list[Table]:
    found = json_table(path, PROFILES)
    if found is not None:
        return [found]
    return [table for sheet in open_sheets(path) if (table := two_rows(sheet, (WORKBOOK,))) is not None]


def _take(desk: Desk, line: Line, index: Index) -> None:
    values = line.entry.values
    if "name" not in values:
        desk.reject(line, "names no company")
        return
    if line.profile == JSON.id:
        asked = {field: (metric, YEARS.get(values["name"], "2023")) for field, metric in _JSON_METRICS.items()}
    else:
        year = YEARS.get(values["name"], "2023")
        financial = year if year.startswith("FY") else "2023"
        asked = {name: (what, financial if period == "2023" else period) for name, (what, period) in _CELLS.items()}
    given = {field: what for field, what in asked.items() if field in values and field != _LEFT_TO_JSON}
    if not given:
        desk.reject(line, "states no number that can be read; a null is no answer")
        return
    company = _company(desk, line, index)
    desk.take(line, company, {field: _answer(line, company, field, *what) for field, what in given.items()})


def _company(desk: Desk, line: Line, index: Index) -> str:
    told: str = line.entry.values["name"]
    name = NAMES.get(told, told)
    country = COUNTRIES.get(name, "SE")
    bare = [one for one in index.named(name) if index.companies[one].country is None]
    if len(bare) == 1 and name in index.companies[bare[0]].names:
        return bare[0]
    return desk.company(line, Claim(register=SCHEME, number=None, name=name, country=country))


def _answer(line: Line, company: str, field: str, metric: str, period: str) -> Any:
    values = line.entry.values
    none = values[field] == _NONE
    note = f"Transcribed by Klimatkollen from {values['url']}." if "url" in values else "Transcribed by Klimatkollen."
    return emission(
        line,
        company,
        source=_SOURCE,
        metric=metric,
        period=period,
        value=None if none else values[field],
        missing_reason="not_disclosed" if none else None,
        as_reported=_NONE if none else line.entry.spelled.get(field),
        note=note,
    )


def _tell_skipped(path: Path, report: ImportReport, read_sheets: set[str]) -> None:
    for sheet in open_sheets(path):
        if sheet.name not in read_sheets:
            report.skip(sheet.name, sheet.row_count, "a working sheet without the header of two rows")
