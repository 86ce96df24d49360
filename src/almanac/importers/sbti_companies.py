"""Who a row of the SBTi register is about, whatever the shape of the release."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

import msgspec

from almanac.importers import companies
from almanac.importers.countries import country_code
from almanac.importers.identity import Claim, Index, Match, name_in
from almanac.importers.sbti_targets import states
from almanac.importers.table import Entry
from almanac.publish.batch import CompanyLine

NUMBER = "sbti_id"


def settle(
    entry: Entry, placeless: dict[Claim, str], index: Index, released: dt.date
) -> tuple[str, CompanyLine | None]:
    """The company of a row; of rows without a country once for each name and sector."""
    label = index.decided.get((entry.sheet, entry.row))
    if label is not None:
        return as_decided(entry, label, index, released)
    row = _row(entry)
    claim = _claim(entry, row)
    if claim == row.claim:
        company, line = companies.settle(row, index, released)
        index.see(claim, company, released)
        return company, line
    if claim in placeless:
        return placeless[claim], None
    company, line = companies.settle(row, index, released, index.remembered(claim))
    index.see(claim, company, released)
    placeless[claim] = company
    return company, line


def as_decided(entry: Entry, label: str, index: Index, released: dt.date) -> tuple[str, CompanyLine | None]:
    """The company that a replay decided on; the first row of a label without one makes it."""
    row = _row(entry)
    slug = index.labels.get(label)
    match = Match(company=slug, how="seen") if slug is not None else Match(company=None, how="new")
    company, line = companies.settle(row, index, released, match)
    index.labels[label] = company
    index.see(_claim(entry, row), company, released)
    return company, line


def shared(read: Iterable[Entry]) -> set[tuple[str, str]]:
    """Identifiers that a release gives to rows of several names, and names that it gives to several numbers or LEIs.

    The register holds these for different companies.
    """
    borne: dict[tuple[str, str], set[str]] = defaultdict(set)
    told: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for values in (entry.values for entry in read if "name" in entry.values):
        name = name_in(country_code(values.get("location", "")), values["name"])
        for scheme in ("lei", "isin"):
            if scheme in values:
                borne[scheme, values[scheme]].add(name)
        for scheme in ("number", "lei"):
            if scheme in values:
                told["name", name, scheme].add(values[scheme])
    several = {one for one, names in borne.items() if len(names) > 1}
    return several | {(what, name) for (what, name, _), given in told.items() if len(given) > 1}


def _claim(entry: Entry, row: companies.Row) -> Claim:
    """What is remembered of a row: where the shape has no countries, the sector tells namesakes apart."""
    if "location" in entry.columns or row.claim.number is not None:
        return row.claim
    return msgspec.structs.replace(row.claim, sector=entry.values.get("sector") or "")


def of_no_use(entry: Entry) -> str | None:
    """Why a row says nothing about anybody; None if it does."""
    if not entry.values:
        return "the row is blank"
    if "name" not in entry.values:
        return "has no company name"
    return states(entry) if "term" in entry.columns else None


def _row(entry: Entry) -> companies.Row:
    values, notes = entry.values, entry.notes
    location = values.get("location")
    country = None if location is None else country_code(location)
    if location is not None and country is None:
        notes.add("unknown_country", entry.row, "is no known country name", entry.columns["location"], location)
    for scheme in ("isin", "lei"):
        if scheme in entry.spelled:
            reason = f"read as {values[scheme]}"
            notes.add("cleaned", entry.row, reason, entry.columns[scheme], entry.spelled[scheme])
    claim = Claim(
        register=NUMBER,
        number=values.get("number"),
        name=values["name"],
        country=country,
        lei=values.get("lei"),
        isin=values.get("isin"),
    )
    fields = (("sbti_sector", "sector"), ("sbti_organisation_type", "organisation_type"))
    classes = tuple((scheme, values[field]) for scheme, field in fields if field in values)
    return companies.Row(number=entry.row, claim=claim, classes=classes, columns=entry.columns, notes=notes)
