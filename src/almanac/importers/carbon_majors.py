"""Carbon Majors (InfluenceMap): emissions traced to producers of coal, oil, gas and cement, in Mt CO2e by year.

They count the use of what was sold beside the producer's operations, by the data set's own method. So they answer another
question than a company's inventory, and are kept apart by `boundary`; somebody else stands behind them (`third_party`).
States, for which the data set has no company, are reported and left out. The file has no countries: the seat of each
producer is here, because a name alone finds no company.
"""

import calendar
import datetime as dt
import re
from pathlib import Path

from almanac.importers import cells, units
from almanac.importers.cells import Unreadable
from almanac.importers.figures import Desk, emission, source
from almanac.importers.identity import Claim, Index
from almanac.importers.lines import lines
from almanac.importers.profiles import Column, Profile
from almanac.importers.report import ImportReport
from almanac.importers.sheets import Cell
from almanac.importers.table import Progress, has_header
from almanac.publish.batch import Batch

SCHEME = "carbon_majors"
_SOURCE = "carbon-majors"
_LICENCE = "Carbon Majors database terms; not cleared for republication"
_BOUNDARY = "traced to production by Carbon Majors, use of products included"
_STATE = "Nation State"
_MEGATONNES = units.unit("Mt CO2e")

_SEATS = {
    "AE": "Abu Dhabi National Oil Company",
    "AR": "YPF",
    "AT": "OMV Group",
    "AU": "BHP|Santos|Whitehaven Coal|Woodside Energy",
    "BH": "Bapco Energies",
    "BR": "Petrobras|Vale",
    "CA": "Canadian Natural Resources|Cenovus Energy|Obsidian Energy|Suncor Energy|Teck Resources|Tourmaline Oil",
    "CH": "Glencore|Holcim Group",
    "CN": "CNOOC|CNPC|Sinopec",
    "CO": "Ecopetrol",
    "DE": "BASF|Heidelberg Materials|RWE",
    "DZ": "Sonatrach",
    "EC": "PetroEcuador",
    "EG": "Egyptian General Petroleum",
    "ES": "Repsol",
    "FR": "TotalEnergies",
    "GB": "Anglo American|BP|British Coal Corporation|Rio Tinto|Shell|Tullow Oil|UK Coal",
    "ID": "Adaro Energy|Bumi Resources|Pertamina",
    "IE": "CRH",
    "IN": "Adani Enterprises|Coal India|ONGC India|Singareni Collieries",
    "IQ": "Iraq National Oil Company",
    "IR": "National Iranian Oil Co.",
    "IT": "Eni",
    "JP": "Inpex|Taiheiyo Cement",
    "KW": "Kuwait Petroleum Corp.",
    "LY": "Libya National Oil Corp.",
    "MX": "Cemex|Pemex",
    "MY": "Petronas",
    "NG": "Nigerian National Petroleum Corp.",
    "NO": "Equinor|Petoro",
    "OM": "Petroleum Development Oman",
    "PL": "Orlen",
    "QA": "QatarEnergy",
    "RU": "Gazprom|Lukoil|Novatek|Rosneft|Surgutneftegas",
    "SA": "Saudi Aramco",
    "SY": "Syrian Petroleum",
    "TH": "Banpu|PTTEP",
    "TM": "TurkmenGaz",
    "UA": "Naftogaz",
    "US": "Alliance Resource Partners|Alpha Metallurgical Resources|"
    "American Consolidated Natural Resources|Antero|APA Corporation|Arch Resources|"
    "Chesapeake Energy|Chevron|Cloud Peak|CNX Resources|ConocoPhillips|CONSOL Energy|"
    "Continental Resources|Coterra Energy|Cyprus AMAX Minerals|Devon Energy|EOG Resources|"
    "EQT Corporation|ExxonMobil|Hess Corporation|Kiewit Mining Group|Marathon Oil|Murphy Oil|"
    "Navajo Transitional Energy Company|North American Coal|Occidental Petroleum|Ovintiv|"
    "Peabody Coal Group|Pioneer Natural Resources|SM Energy|Southwestern Energy|Vistra|"
    "Westmoreland Mining|Wolverine Fuels",
    "VE": "Petroleos de Venezuela",
    "ZA": "Exxaro Resources Ltd|Sasol|Seriti Resources",
    "AO": "Sonangol",
}
_COUNTRIES = {name: country for country, names in _SEATS.items() for name in names.split("|")}


def _year(cell: Cell) -> str:
    found = str(cell).strip().removesuffix(".0")
    if not (found.isascii() and found.isdigit() and 1800 <= int(found) <= 2100):
        raise Unreadable("is no year between 1800 and 2100")
    if int(found) < 1900:
        raise Unreadable("is a year before 1900, where periods begin")
    return found


PROFILES = (
    Profile(
        id="carbon-majors-low-granularity",
        columns=(
            Column(field="year", names=("year",), parse=_year),
            Column(field="name", names=("parent_entity",), parse=cells.text(400)),
            Column(field="type", names=("parent_type",), parse=cells.text(80)),
            Column(field="value", names=("total_emissions_MtCO2e",), parse=units.number),
        ),
    ),
)


def recognise(path: Path) -> bool:
    """Whether the file is an edition of this table, by its header."""
    return has_header(path, PROFILES)


def released(path: Path) -> dt.date | None:
    """The last day of the month that the publisher puts at the end of the file's name."""
    match = re.search(r"_(\d{4})-(0[1-9]|1[0-2])$", path.stem)
    if match is None:
        return None
    year, month = int(match[1]), int(match[2])
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def load(path: Path, released: dt.date, index: Index, progress: Progress | None = None) -> tuple[Batch, ImportReport]:
    """The batch of an edition and the report of every row and cell that was not plain. Errors: BadFile."""
    desk = Desk(released, index, ImportReport(file=path.name, released=released), _SOURCE)
    for line in lines(path, PROFILES, desk.report, progress):
        values = line.entry.values
        if not {"name", "year", "value"} <= values.keys():
            desk.reject(line, "has no producer, no year that is read, or no value")
            continue
        if values.get("type") == _STATE:
            desk.reject(line, f"{values['name']} is a state, no company")
            continue
        name = values["name"]
        classes = [("carbon_majors_type", values["type"])] if "type" in values else []
        claim = Claim(register=SCHEME, number=None, name=name, country=_COUNTRIES.get(name))
        company = desk.company(line, claim, classes)
        answer = emission(
            line,
            company,
            source=_SOURCE,
            metric="ghg.total",
            period=values["year"],
            boundary=_BOUNDARY,
            basis="third_party",
            value=units.to_base(values["value"], _MEGATONNES),
            as_reported=f"{values['value']} MtCO2e",
        )
        desk.take(line, company, {"value": answer})
    title = f"Carbon Majors emissions by producer and year, edition of {released}"
    told = source(
        path, released, key=_SOURCE, title=title, publisher="InfluenceMap", licence=_LICENCE, redistributable=False
    )
    return desk.close(title, {_SOURCE: told})
