"""The small table of imanzaf/esg-data-retrieval: scope 1 and 2 of eight companies by year.

A language model took the numbers from reports that the file does not name; every answer says so. The file spells metric
tonnes as `MT` and `mt`, which would elsewhere be refused as ambiguous. It names share classes and no countries.
"""

import datetime as dt
import re
from pathlib import Path
from typing import Any

from almanac.importers import cells, units
from almanac.importers.cells import Unreadable
from almanac.importers.figures import Desk, emission, source
from almanac.importers.identity import Claim, Index
from almanac.importers.lines import Line, lines, year_end
from almanac.importers.profiles import Column, Profile
from almanac.importers.report import ImportReport
from almanac.importers.sheets import Cell
from almanac.importers.table import Progress, has_header
from almanac.publish.batch import Batch

SCHEME = "imanzaf"
_SOURCE = "esg-data-retrieval"
_NOTE = "Extracted by a language model from a company report that the file does not name."
_ALIASES = {"MT CO2e": "t CO2e", "mtCO2e": "t CO2e", "tCOe": "t CO2e"}
_SCOPES = {"scope1": "ghg.scope1", "scope2_location": "ghg.scope2.lb", "scope2_market": "ghg.scope2.mb"}
_COUNTRIES = {
    "NVIDIA CORP": "US",
    "MICROSOFT CORP": "US",
    "ALPHABET INC CLASS A": "US",
    "ELI LILLY & CO": "US",
    "NETFLIX INC": "US",
    "NIKE INC CLASS B": "US",
    "HSBC HOLDINGS PLC": "GB",
    "TOYOTA MOTOR CORP": "JP",
}


def _period(cell: Cell) -> str:
    text = cells.fold_space(str(cell)).removesuffix(".0")
    if match := re.fullmatch(r"FY(\d\d)", text):
        return f"FY20{match[1]}"
    if not re.fullmatch(r"(FY)?(19|20)\d\d", text):
        raise Unreadable("is no year")
    return text


PROFILES = (
    Profile(
        id="imanzaf-company-emissions",
        columns=(
            Column(field="name", names=("company",), parse=cells.text(400)),
            Column(field="period", names=("year",), parse=_period),
            *(Column(field=f"{one}_value", names=(f"{one}_value",), parse=units.number, keep=True) for one in _SCOPES),
            *(Column(field=f"{one}_unit", names=(f"{one}_unit",), parse=cells.text(40)) for one in _SCOPES),
        ),
    ),
)


def recognise(path: Path) -> bool:
    """Whether the file is this table, by its header."""
    return has_header(path, PROFILES)


def released(path: Path) -> dt.date | None:
    """The end of the newest year in it; the file bears no date."""
    return year_end(path, PROFILES, "period")


def load(path: Path, released: dt.date, index: Index, progress: Progress | None = None) -> tuple[Batch, ImportReport]:
    """The batch of the table and the report of every row and cell that was not plain. Errors: BadFile."""
    desk = Desk(released, index, ImportReport(file=path.name, released=released), _SOURCE)
    for line in lines(path, PROFILES, desk.report, progress):
        values = line.entry.values
        if "name" not in values or "period" not in values:
            desk.reject(line, "has no company or no year")
            continue
        named = values["name"]
        name = re.sub(r" CLASS [A-Z]$", "", named)
        company = desk.company(line, Claim(register=SCHEME, number=None, name=name, country=_COUNTRIES.get(named)))
        desk.take(line, company, _answers(line, company))
    title = "Company emissions by year, extracted from company reports by a language model"
    told = source(path, released, key=_SOURCE, title=title, publisher="imanzaf/esg-data-retrieval", licence="MIT")
    return desk.close(f"{title}, {released}", {_SOURCE: told})


def _answers(line: Line, company: str) -> dict[str, Any]:
    values, notes = line.entry.values, line.entry.notes
    found: dict[str, Any] = {}
    for scope, metric in _SCOPES.items():
        place, spelled = f"{scope}_value", values.get(f"{scope}_unit")
        if place not in values:
            continue
        try:
            one = units.unit(spelled or "", _ALIASES)
            value = units.to_base(values[place], one)
        except Unreadable as error:
            notes.add("unreadable", line.row, str(error), line.entry.columns[f"{scope}_unit"], spelled)
            continue
        found[place] = emission(
            line,
            company,
            source=_SOURCE,
            metric=metric,
            period=values["period"],
            gas=one.gas,
            value=value,
            as_reported=f"{line.entry.spelled.get(place, values[place])} {spelled}",
            note=_NOTE,
        )
    return found
