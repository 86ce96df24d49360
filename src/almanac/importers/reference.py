"""Reference files: who is who (GLEIF records, OpenClimate actors) and which countries there are.

GLEIF: one record of the API is one company with its legal name, other names and LEI. OpenClimate: Actor and ActorName give
a name and a country to an LEI, ActorIdentifier gives it identifiers; a row finds its company by the LEI that is its key.
A row of identifiers alone adds to known companies only, as it names nobody. Nothing of this is an answer to a question, so
an edition of it brings companies and raw rows. Tables of countries are held against `countries.csv`: what differs is in the
report, and nothing is published.
"""

import datetime as dt
import re
from pathlib import Path

import msgspec

from almanac.company import check
from almanac.importers import cells
from almanac.importers.countries import country_code
from almanac.importers.figures import Desk, source
from almanac.importers.gleif import gleif_table, published
from almanac.importers.identity import Claim, Index
from almanac.importers.lines import Line, lines
from almanac.importers.profiles import Column, Profile
from almanac.importers.records import read
from almanac.importers.report import ImportReport
from almanac.importers.table import Progress, has_header
from almanac.publish.batch import Batch, CompanyLine, Identifier, Name

SCHEME = "reference"
_SOURCE = "reference"
_TEXT = cells.text(400)
GLEIF = Profile(
    id="gleif-record",
    columns=(
        Column(field="lei", names=("lei",), parse=cells.identifier),
        Column(field="name", names=("legalName",), parse=_TEXT),
        Column(field="country", names=("country",), parse=_TEXT),
        Column(field="others", names=("otherNames",), parse=cells.text(8000)),
    ),
)
_ACTOR_ID = Column(field="lei", names=("actor_id",), parse=cells.identifier)
ACTOR = Profile(
    id="openclimate-actor",
    columns=(
        _ACTOR_ID,
        Column(field="type", names=("type",), parse=_TEXT),
        Column(field="name", names=("name",), parse=_TEXT),
        Column(field="country", names=("is_part_of",), parse=_TEXT),
    ),
)
ACTOR_NAME = Profile(
    id="openclimate-actor-name",
    columns=(
        _ACTOR_ID,
        Column(field="name", names=("name",), parse=_TEXT),
        Column(field="lang", names=("language",), parse=_TEXT),
        Column(field="preferred", names=("preferred",), parse=_TEXT),
    ),
)
ACTOR_IDENTIFIER = Profile(
    id="openclimate-actor-identifier",
    columns=(
        _ACTOR_ID,
        Column(field="value", names=("identifier",), parse=cells.identifier),
        Column(field="scheme", names=("namespace",), parse=_TEXT),
    ),
)
COUNTRIES = (
    Profile(
        id="country-codes",
        columns=(
            Column(field="code", names=("ISO3166-1-Alpha-2",), parse=_TEXT),
            Column(field="name", names=("CLDR display name",), parse=_TEXT),
        ),
    ),
    Profile(
        id="iso3166",
        columns=(
            Column(field="name", names=("name",), parse=_TEXT),
            Column(field="code", names=("alpha-2",), parse=_TEXT),
        ),
    ),
)
_ACTORS = (ACTOR, ACTOR_NAME, ACTOR_IDENTIFIER)
PROFILES = (GLEIF, *_ACTORS, *COUNTRIES)
_TABLES = (*_ACTORS, *COUNTRIES)
_SOURCES = {
    GLEIF.id: ("GLEIF record", "Global Legal Entity Identifier Foundation", "CC0 1.0"),
    **dict.fromkeys((one.id for one in _ACTORS), ("OpenClimate actors", "OpenClimate", "Apache-2.0; GLEIF CC0")),
    COUNTRIES[0].id: ("Country codes", "datasets/country-codes", "PDDL"),
    COUNTRIES[1].id: ("ISO 3166 countries", "lukes/ISO-3166-Countries-with-Regional-Codes", "CC BY-SA 4.0"),
}
# The days on which the files were taken; they bear none themselves.
_TAKEN = {"country": dt.date(2026, 1, 31), "iso3166": dt.date(2026, 1, 31), "openclimate": dt.date(2023, 1, 31)}


def recognise(path: Path) -> bool:
    """Whether the file is one of these, by its keys or its header."""
    return gleif_table(path) is not None or has_header(path, _TABLES)


def released(path: Path) -> dt.date | None:
    """The day of GLEIF's golden copy; the other files bear none, and have the end of the month of their capture."""
    if gleif_table(path) is not None:
        return published(path)
    report = ImportReport(file=path.name, released=dt.date.min)
    first = next(lines(path, _TABLES, report), None)
    return _TAKEN[first.profile.partition("-")[0]] if first else None


def load(path: Path, released: dt.date, index: Index, progress: Progress | None = None) -> tuple[Batch, ImportReport]:
    """The batch of one file and the report of every row and cell that was not plain. Errors: BadFile."""
    report = ImportReport(file=path.name, released=released)
    desk = Desk(released, index, report, _SOURCE)
    record = gleif_table(path)
    found: list[CompanyLine] = []
    for line in read(record, (GLEIF,), report) if record else lines(path, _TABLES, report, progress):
        found += _take(desk, line, index)
    profile = next(one.profile for one in report.sheets if one.profile)
    title, publisher, licence = _SOURCES[profile]
    told = source(path, released, key=_SOURCE, title=f"{title}, {released}", publisher=publisher, licence=licence)
    batch, report = desk.close(f"{publisher}: {path.stem}", {_SOURCE: told})
    return msgspec.structs.replace(batch, companies=batch.companies + found), report


def _take(desk: Desk, line: Line, index: Index) -> list[CompanyLine]:
    values = line.entry.values
    if line.profile in {one.id for one in COUNTRIES}:
        _hold_against(line)
        desk.reject(line, "is a country; countries.csv was held against it")
        return []
    if not check("lei", values.get("lei", "")):
        desk.reject(line, f"its key {values.get('lei')} is no LEI, and nothing else tells who it is")
        return []
    if line.profile == ACTOR_IDENTIFIER.id:
        return _identifier(desk, line, index)
    if "name" not in values:
        desk.reject(line, "has no name")
        return []
    company = _company(desk, line, index)
    desk.take(line, company, {}, also=True)
    return _other_names(line, company, index)


def _company(desk: Desk, line: Line, index: Index) -> str:
    """The company of an LEI if it has the name, or one like it: OpenClimate gives some LEIs to several companies."""
    values = line.entry.values
    code = str(values.get("country", "")).strip().upper()
    country = code if re.fullmatch(r"[A-Z]{2}", code) else None
    claim = Claim(register=SCHEME, number=None, name=values["name"], country=country, lei=values["lei"])
    named = [one for one in index.holders("lei", values["lei"]) if values["name"] in index.companies[one].names]
    if len(named) == 1 and index.remembered(claim) is None:
        return desk.settle(claim, named[0])
    return desk.company(line, claim)


def _other_names(line: Line, company: str, index: Index) -> list[CompanyLine]:
    known = index.companies[company]
    given = line.entry.values.get("others")
    others = [Name(**one) for one in msgspec.json.decode(given)] if given else []
    fresh = [one for one in others if one.name not in known.names]
    if not fresh:
        return []
    news = CompanyLine(id=company, name=known.name, country=known.country, names=fresh)
    index.learn(news)
    return [news]


def _identifier(desk: Desk, line: Line, index: Index) -> list[CompanyLine]:
    values = line.entry.values
    holders = index.holders("lei", values["lei"])
    if len(holders) != 1 or "value" not in values or "scheme" not in values:
        desk.reject(line, f"names no company, and its LEI finds {len(holders)}")
        return []
    known = index.companies[holders[0]]
    desk.take(line, known.id, {}, also=True)
    scheme = re.sub(r"\W+", "_", values["scheme"].casefold())
    if (scheme, values["value"]) in known.identifiers:
        return []
    given = [Identifier(scheme=scheme, value=values["value"])]
    news = CompanyLine(id=known.id, name=known.name, country=known.country, identifiers=given)
    index.learn(news)
    return [news]


def _hold_against(line: Line) -> None:
    values, entry = line.entry.values, line.entry
    name, code = values.get("name"), values.get("code")
    ours = country_code(name) if name else None
    # The code of Namibia is one of the spellings of a blank.
    if name and ours != (code or "NA"):
        reason = f"countries.csv has {ours or 'no code'} for this name, and the table {code or 'NA'}"
        entry.notes.add("unknown_country", entry.row, reason, entry.columns["name"], name)
