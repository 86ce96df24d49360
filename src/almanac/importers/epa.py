"""US EPA, Greenhouse Gas Reporting Program: the yearly summary workbook, direct emissions facility by facility.

The workbook names no parent companies. A facility whose name begins with one of `_PARENTS` is a `segment` of that company;
every other one is a company of its own, named for the facility and carrying its number (scheme `ghgrp_facility`), so that
a new name renames it and no facility is taken for the corporation that it is named like. Facilities report into several
sheets (pipelines also by state); what is no direct point emission has the part in its segment. Sheets of suppliers and of
injected CO2 hold quantities that are nobody's emissions there; they are not read, and the report says so.
The day of publication, the year and the warming potentials stand above each header. The same year published again is a
later document: a value that differs from the one stored before it is `restated`.
"""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from almanac.errors import BadFile
from almanac.importers import cells, units
from almanac.importers.figures import Desk, emission, source
from almanac.importers.identity import Claim, Index
from almanac.importers.lines import Line, lines
from almanac.importers.profiles import Column, Profile
from almanac.importers.report import ImportReport
from almanac.importers.sheets import open_sheets
from almanac.importers.table import Progress, has_header
from almanac.kind import disclosure_id
from almanac.kinds import emissions
from almanac.publish import again
from almanac.publish.batch import Batch
from almanac.publish.candidate import Origin
from almanac.store.db import Connection
from almanac.store.queries import QUERIES

SCHEME = "ghgrp_facility"
_SOURCE = "ghgrp"
_KINDS = {emissions.KIND.name: emissions.KIND}
# Part of a segment by profile, and the header of its total.
_TOTALS = {
    "ghgrp-direct": ("", "Total reported direct emissions"),
    "ghgrp-onshore": ("onshore production", "Total reported emissions from Onshore Oil & Gas Production"),
    "ghgrp-gathering": ("gathering and boosting", "Total reported emissions from Gathering & Boosting"),
    "ghgrp-pipelines": ("transmission pipelines", "Total reported direct emissions from Transmission Pipelines"),
    "ghgrp-distribution": (
        "local distribution",
        "Total reported direct emissions from Local Distribution Companies",
    ),
    "ghgrp-electrical": ("electrical equipment", "Total reported direct emissions from Electrical Equipment Use"),
}
_PARENTS = {
    "chevron products co": ("Chevron", "US"),
    "dow texas operations": ("Dow", "US"),
    "exxonmobil chemical": ("ExxonMobil", "US"),
    "general motors llc": ("General Motors", "US"),
    "honeywell international inc": ("Honeywell International", "US"),
    "intel corporation": ("Intel", "US"),
    "international paper": ("International Paper", "US"),
    "linde inc": ("Linde", "GB"),
    "molson coors usa llc": ("Molson Coors", "US"),
    "nxp semiconductors": ("NXP Semiconductors", "NL"),
    "packaging corporation of america": ("Packaging Corporation of America", "US"),
    "pg&e": ("PG&E", "US"),
    "phillips 66 co": ("Phillips 66", "US"),
    "qorvo us": ("Qorvo", "US"),
    "shell chemical appalachia": ("Shell", "GB"),
    "tenaris bay city": ("Tenaris", "LU"),
    "texas instruments": ("Texas Instruments", "US"),
    "toyota motor manufacturing": ("Toyota Motor Corporation", "JP"),
}


def _profile(name: str, total: str) -> Profile:
    return Profile(
        id=name,
        columns=(
            Column(field="id", names=("Facility Id",), parse=cells.register_number),
            Column(field="name", names=("Facility Name",), parse=cells.text(300)),
            Column(field="state", names=("State", "Reported State"), parse=cells.text(40)),
            Column(field="where", names=("State where Emissions Occur",), parse=cells.text(40), needed=False),
            Column(field="total", names=(total,), parse=units.number),
        ),
    )


PROFILES = tuple(_profile(name, total) for name, (_, total) in _TOTALS.items())


class _Head(Struct, frozen=True):
    """What stands above the headers."""

    year: str
    as_of: dt.date
    gwp_set: str


def recognise(path: Path) -> bool:
    """Whether the file is a summary workbook, by the headers of its sheets and the lines above them."""
    return has_header(path, PROFILES) and _head(path) is not None


def released(path: Path) -> dt.date | None:
    """The day as of which facilities had reported."""
    head = _head(path)
    return head.as_of if head else None


def load(path: Path, released: dt.date, index: Index, progress: Progress | None = None) -> tuple[Batch, ImportReport]:
    """The batch of a workbook and the report of every row and cell that was not plain. Errors: BadFile."""
    head = _head(path)
    if head is None:
        raise BadFile(f"{path}: does not say above its header of which year it is and as of which day")
    desk = Desk(released, index, ImportReport(file=path.name, released=released), _SOURCE)
    for line in lines(path, PROFILES, desk.report, progress):
        values = line.entry.values
        if not {"id", "name", "total"} <= values.keys():
            desk.reject(line, "has no facility or no total that can be read")
            continue
        parent = _parent(values["name"])
        company = desk.company(line, _claim(line, parent))
        desk.take(line, company, {"total": _answer(line, company, head, mapped=parent is not None)})
    title = f"Greenhouse Gas Reporting Program, {head.year} data summary as of {head.as_of}"
    told = source(
        path,
        released,
        key=_SOURCE,
        title=title,
        publisher="US Environmental Protection Agency",
        licence="Public domain (US government)",
    )
    return desk.close(title, {_SOURCE: told})


async def complete(connection: Connection, batch: Batch, report: ImportReport, index: Index) -> Batch:
    """The batch with `restated` where a total differs from the document before it; who repeats one keeps its basis.

    Documents after it that are in the store are held against it in turn, so the order of loading does not matter.
    """
    del index
    asked = {_disclosure(row): row for row in batch.rows}
    said: dict[str, dict[str, Any]] = {}
    for one in await connection.fetch(QUERIES["publish/said"], list(asked)):
        said.setdefault(one["disclosure_id"], {})[one["source_id"]] = one
    shown = await again.shown(connection, {one["seq"] for by in said.values() for one in by.values()}, _KINDS)
    rows: list[Any] = []
    origins: dict[tuple[str, str, int], Origin] = {}
    for key, row in asked.items():
        line = sorted(said.get(key, {}).values(), key=lambda one: one["known_from"])
        earlier = [shown[one["seq"]] for one in line if one["known_from"] < report.released]
        last = _based(row, earlier[-1]) if earlier else row
        rows.append(last)
        for one in (one for one in line if one["known_from"] > report.released):
            held = shown[one["seq"]]
            last = _based(again.say(held, emissions.KIND, row.company, one, origins), last)
            rows += [last] if last.basis != held.basis else []
    return msgspec.structs.replace(batch, rows=rows, origins=origins)


def _based(row: Any, before: Any) -> Any:
    return msgspec.structs.replace(row, basis=before.basis if before.value == row.value else "restated")


def _disclosure(row: Any) -> str:
    kind = emissions.KIND
    return disclosure_id(row.company, kind, {name: getattr(row, name) for name in kind.key})


def _head(path: Path) -> _Head | None:
    for sheet in open_sheets(path):
        above = " ".join(str(row[0]) for number, row in sheet.rows() if number <= 3 and row)
        year, day = re.search(r"Program for (\d{4})", above), re.search(r"as of (\d+)/(\d+)/(\d{4})", above)
        gwp = re.search(r"IPCC's (AR[456])", above)
        if year and day and gwp:
            return _Head(year[1], dt.date(int(day[3]), int(day[1]), int(day[2])), gwp[1])
    return None


def _parent(name: str) -> tuple[str, str] | None:
    folded = name.casefold()
    return next((company for start, company in _PARENTS.items() if re.match(rf"{re.escape(start)}\b", folded)), None)


def _claim(line: Line, parent: tuple[str, str] | None) -> Claim:
    values = line.entry.values
    if parent is not None:
        return Claim(register=SCHEME, number=None, name=parent[0], country=parent[1])
    place = f", {values['state']}" if "state" in values else ""
    name = f"{values['name']}{place} (GHGRP {values['id']})"
    return Claim(register=SCHEME, number=values["id"], name=name, country="US")


def _answer(line: Line, company: str, head: _Head, *, mapped: bool) -> Any:
    values = line.entry.values
    part = ", ".join(filter(None, (_TOTALS[line.profile][0], values.get("where"))))
    segment = f"GHGRP facility {values['id']}" + (f" ({part})" if part else "")
    if mapped:
        segment += f": {values['name']}" + (f", {values['state']}" if "state" in values else "")
    who = "the company is read from the facility's name" if mapped else "the facility stands as a company of its own"
    return emission(
        line,
        company,
        source=_SOURCE,
        metric="ghg.scope1",
        period=head.year,
        geography="US",
        segment=segment,
        value=values["total"],
        gwp_set=head.gwp_set,
        note=f'Direct emissions of one facility (sheet "{line.sheet}"); {who}.',
    )
