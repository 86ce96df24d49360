"""Headers and words of the OS-Climate ITR workbooks, as data: column to field and parser, metric and submetric to code."""

import re
from typing import Any

from almanac.importers import cells, units
from almanac.importers.cells import Unreadable
from almanac.importers.profiles import Column, Profile
from almanac.importers.sheets import Cell

YEARS = range(2005, 2031)
DOCUMENTS = ("pdf", "xlsx", "html")
_NAME = cells.text(400)
_DOCUMENT = re.compile(r"https?://\S+|\S+\.(pdf|xlsx?|html?)", re.IGNORECASE)

SCOPES = {"s1": "ghg.scope1", "s2": "ghg.scope2", "s1s2": "ghg.scope1_2", "s3": "ghg.scope3", "s1s2s3": "ghg.total"}
_METHODS = {"location": "lb", "market": "mb"}
_WHOLE = ("", "total", "all", "combined")
_CATEGORIES = {
    "purchased goods and services": 1,
    "fuel- and energy-related activities": 3,
    "upstream transportation": 4,
    "business travel": 6,
    "employee commuting": 7,
    "use of sold products": 11,
    "investments": 15,
}


def question(metric: str, submetric: str) -> tuple[str, str | None]:
    """Metric code and segment of a row. Errors: Unreadable where the vocabulary of metrics has nothing like it."""
    scope, _, part = metric.casefold().partition(" - ")
    code = SCOPES.get(scope)
    if code is None:
        raise Unreadable("is no metric of the vocabulary")
    word = (submetric or part).strip()
    said = word.casefold()
    if said in _METHODS and scope in ("s2", "s1s2", "s1s2s3"):
        return f"{code}.{_METHODS[said]}", None
    if scope == "s3" and (
        category := _CATEGORIES.get(said) or (int(said) if re.fullmatch(r"1[0-5]|[1-9]", said) else None)
    ):
        return f"{code}.c{category}", None
    if scope == "s3" and re.fullmatch(r"\d+(, ?\d+)+", said):
        return code, f"categories {word}"
    return code, None if said in _WHOLE else word


def _figure(cell: Cell) -> Any:
    """A number, or the place of a document as text: rows of documents stand between those of numbers."""
    if isinstance(cell, str) and _DOCUMENT.fullmatch(cells.fold_space(cell)):
        return cells.fold_space(cell)[:400]
    return units.number(cell)


def _year_columns(stem: str, suffix: str = "") -> tuple[Column, ...]:
    return tuple(
        Column(field=f"{stem}{year}", names=(f"{year}{suffix}", f"{year}.0{suffix}"), parse=_figure, needed=False)
        for year in YEARS
    )


_COMPANY = (
    Column(field="name", names=("company_name",), parse=_NAME),
    Column(field="lei", names=("company_lei",), parse=cells.identifier),
    Column(field="id", names=("company_id",), parse=_NAME),
)
_COUNTRY = Column(field="country", names=("country",), parse=_NAME)
_SECTOR = Column(field="sector", names=("sector",), parse=_NAME)
_MONEY = ("region", "exposure", "currency", "fx_quote", "fx_rate", "market_cap", "revenue", "ev", "evic", "assets")

ESG = Profile(
    id="itr-v2-esg",
    columns=(
        *_COMPANY,
        Column(field="metric", names=("metric",), parse=_NAME),
        Column(field="submetric", names=("submetric",), parse=_NAME),
        Column(field="boundary", names=("boundary",), parse=_NAME, needed=False),
        Column(field="unit", names=("unit",), parse=_NAME),
        Column(field="dated", names=("report_date",), parse=cells.day),
        Column(field="base", names=("base_year",), parse=units.number, needed=False),
        *_year_columns("in"),
    ),
)
WIDE = Profile(
    id="itr-input",
    columns=(
        *_COMPANY,
        _COUNTRY,
        _SECTOR,
        Column(field="unit", names=("emissions_metric",), parse=_NAME),
        *(one for scope in ("s1", "s2", "s1s2", "s3") for one in _year_columns(f"{scope}_", f"_ghg_{scope}")),
    ),
    unused=("report_date", "production_metric", *_MONEY, *(f"{year}_production" for year in YEARS)),
)
COMPANIES = Profile(
    id="itr-v2-companies",
    columns=(*_COMPANY, _COUNTRY, _SECTOR, Column(field="retrieved", names=("report_date",), parse=cells.text(80))),
    unused=_MONEY,
)
TARGETS = Profile(
    id="itr-targets",
    columns=(
        *_COMPANY,
        Column(field="country", names=("country",), parse=_NAME, needed=False),
        Column(field="netzero", names=("netzero_year",), parse=cells.target_year),
        Column(
            field="type", names=("target_type",), parse=cells.word({"absolute": "absolute", "intensity": "intensity"})
        ),
        Column(field="scope", names=("target_scope",), parse=_NAME),
        Column(field="base_year", names=("target_base_year",), parse=cells.target_year),
        Column(field="base_value", names=("target_base_year_qty",), parse=units.number),
        Column(field="base_unit", names=("target_base_year_unit",), parse=_NAME),
        Column(field="target_year", names=("target_year",), parse=cells.target_year),
        Column(field="ambition", names=("target_reduction_ambition",), parse=units.number),
        Column(field="document", names=("pdf",), parse=_NAME, needed=False),
        Column(field="page", names=("page",), parse=_NAME, needed=False),
    ),
    unused=("target_start_year",),
)

# The fullest first: a sheet is read by the first whose needed columns are all there.
PROFILES = (ESG, WIDE, TARGETS, COMPANIES)
