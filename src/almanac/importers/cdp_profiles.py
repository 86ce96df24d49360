"""Headers of CDP's open data files, as data: column to field, parser and vocabulary."""

from almanac.importers import cells, units
from almanac.importers.cells import Unreadable
from almanac.importers.profiles import Column, Parse, Profile
from almanac.importers.sheets import Cell

_NAME = cells.text(400)
_COMMENT = cells.text(4000)
_BANDS = ("A", "A-", "B", "C", "D", "E")
_STATUSES = ("AQ*", "AQ", "NR", "DP", "SA", "IN")


def _one_of(allowed: tuple[str, ...]) -> Parse:
    def parse(cell: Cell) -> str:
        found = cells.fold_space(str(cell)).upper()
        if found not in allowed:
            raise Unreadable(f"is none of: {', '.join(allowed)}")
        return found

    return parse


def _year(cell: Cell) -> int:
    found = str(cell).strip().removesuffix(".0")
    if not (found.isascii() and found.isdigit() and 1990 <= int(found) <= 2100):
        raise Unreadable("is no year between 1990 and 2100")
    return int(found)


GLOBAL_500 = Profile(
    id="cdp-global-500",
    columns=(
        Column(field="name", names=("company_name",), parse=_NAME),
        Column(field="country", names=("country",), parse=_NAME),
        Column(field="year", names=("reporting_year",), parse=_year),
        Column(field="isin", names=("isin",), parse=cells.identifier),
        Column(field="score", names=("disclosure_score",), parse=units.number),
        Column(field="band", names=("performance_band",), parse=_one_of(_BANDS)),
        Column(field="parent", names=("parent_account",), parse=_NAME, needed=False),
        Column(
            field="permission",
            names=("permission",),
            parse=cells.word({"Public": "Public", "Not public": "Not public"}),
        ),
        Column(field="status", names=("response_status",), parse=_one_of(_STATUSES)),
        Column(field="scope1", names=("scope_1_metric_tonnes_co2e",), parse=units.number),
        Column(field="scope2", names=("scope_2_metric_tonnes_co2e",), parse=units.number),
    ),
    unused=("account_number", "ticker_symbol", "country_location"),
)


def _scope(number: int) -> tuple[Column, ...]:
    field, end = f"scope{number}", f"scope_{number}"
    return (
        Column(field=f"reported_{field}", names=(f"reported_{end}_metric_tonnes_co2e",), parse=units.number),
        Column(field=f"reported_{field}_source", names=(f"reported_{end}_source",), parse=_NAME),
        Column(field=f"estimated_{field}", names=(f"estimated_{end}_metric_tonnes_co2e",), parse=units.number),
        Column(field=f"estimated_{field}_model", names=(f"estimated_{end}_model_type",), parse=_NAME),
        Column(field=f"estimated_{field}_quality", names=(f"estimated_{end}_model_quality",), parse=_NAME),
        Column(field=f"{field}_comment", names=(f"{end}_comments",), parse=_COMMENT, needed=False),
    )


CARBON_ACTION = Profile(
    id="cdp-carbon-action",
    columns=(
        Column(field="name", names=("company_name",), parse=_NAME),
        Column(field="country", names=("country",), parse=_NAME),
        Column(field="year", names=("accounting_year",), parse=_year),
        Column(field="ends", names=("reporting_period_to",), parse=cells.day, needed=False),
        Column(field="isin", names=("isin",), parse=cells.identifier),
        *_scope(1),
        *_scope(2),
    ),
    unused=("account_number", "ticker_symbol", "industry_activity_group"),
)

PROFILES = (GLOBAL_500, CARBON_ACTION)
