"""Headers of the SBTi's files, as data: column to field, parser and vocabulary.

Read from eleven company-level releases of 2020-06 to 2026-03 in five shapes, two target-level releases of 2023 and an
extract of one. Of several classifications in one cell (`1.5°C/Well-below 2°C`: targets of one company that differ) the
weakest counts, because all of them reach it. Before 2025-03 a date means only its month.
"""

from almanac.importers import cells
from almanac.importers.profiles import Column, Parse, Profile

_STATUS = cells.word(
    {
        "Targets set": "targets_set",
        "Committed": "committed",
        "Commitment removed": "removed",
        "Removed": "removed",
        "Extended": "extended",
    }
)
_BA15 = cells.word({"BA1.5 member": "active", "Committed": "active", "Yes": "active", "Removed": "removed", "No": None})
_YES = cells.word({"Yes": "yes", "No": None})
_AMBITION = cells.weakest(
    (
        ("1.5°C", "1.5C"),
        ("1.5", "1.5C"),
        ("Well-below 2°C", "well_below_2C"),
        ("WB2C", "well_below_2C"),
        ("2°C", "2C"),
    )
)
_ORGANISATION = cells.word(
    {
        "Corporate": "Corporate",
        "Company": "Corporate",
        "SME": "SME",
        "Small or Medium Enterprise": "SME",
        "Financial Institution": "Financial Institution",
    }
)
_NAME = cells.text(400)
_WORDING = cells.text(8000)


def _column(field: str, *names: str, parse: Parse, needed: bool = True, keep: bool = False) -> Column:
    return Column(field=field, names=names, parse=parse, needed=needed, keep=keep)


_COMPANY = (
    _column("name", "Company Name", parse=_NAME),
    _column("isin", "ISIN", parse=cells.identifier, keep=True),
)
_PLACE = _column("location", "Location", "Country", parse=_NAME)
_SECTOR = _column("sector", "Sector", parse=_NAME)
_TYPE = _column("organisation_type", "Organization Type", parse=_ORGANISATION)
_LEI = _column("lei", "LEI", parse=cells.identifier, keep=True)

COMPANY_2025 = Profile(
    id="sbti-2025-company",
    columns=(
        _column("number", "sbti_id", parse=cells.register_number),
        _column("name", "company_name", parse=_NAME),
        _column("isin", "isin", parse=cells.identifier, keep=True),
        _column("lei", "lei", parse=cells.identifier, keep=True),
        _column("organisation_type", "organization_type", parse=_ORGANISATION),
        _column("location", "location", parse=_NAME),
        _column("sector", "sector", parse=_NAME),
        _column("near_term_status", "near_term_status", parse=_STATUS),
        _column("near_term_ambition", "near_term_target_classification", parse=_AMBITION, keep=True),
        _column("near_term_year", "near_term_target_year", parse=cells.target_year, keep=True),
        _column("long_term_status", "long_term_status", parse=_STATUS),
        _column("long_term_ambition", "long_term_target_classification", parse=_AMBITION, keep=True),
        _column("long_term_year", "long_term_target_year", parse=cells.target_year, keep=True),
        _column("net_zero_status", "net_zero_status", parse=_STATUS),
        _column("net_zero_year", "net_zero_year", parse=cells.target_year, keep=True),
        _column("wording", "full_target_language", parse=_WORDING),
        _column("ba15_status", "ba15_status", parse=_BA15),
        _column("ba15_date", "ba15_date", parse=cells.day, keep=True),
        _column("reason", "reason_for_extension_or_removal", parse=_WORDING),
        _column("updated", "date_updated", parse=cells.day, keep=True),
    ),
    unused=("region", "target_classification_long"),
)

_TERMS_2022 = (
    _column("near_term_status", "Near term - Target Status", parse=_STATUS),
    _column("near_term_ambition", "Near term - Target Classification", parse=_AMBITION, keep=True),
    _column("near_term_year", "Near term - Target Year", parse=cells.target_year, keep=True),
    _column("long_term_status", "Long term - Target Status", parse=_STATUS),
    _column("long_term_ambition", "Long term - Target Classification", parse=_AMBITION, keep=True),
    _column("long_term_year", "Long term - Target Year", parse=cells.target_year, keep=True),
    _column("net_zero_committed", "Net-Zero Committed", parse=_YES),
    _column("net_zero_year", "Net-Zero Year", parse=cells.target_year, keep=True),
    _TYPE,
    _column("ba15_status", "BA1.5", "BA1.5?", parse=_BA15),
    _column("ba15_date", "BA1.5 Date", parse=cells.month, keep=True),
    _PLACE,
    _SECTOR,
    _column("updated", "Date", parse=cells.month, keep=True),
    _column("wording", "Target", parse=_WORDING),
    _column("reason", "Extension", parse=_WORDING),
)
_UNUSED_2022 = ("Region", "Target Classification")

COMPANY_2022B = Profile(id="sbti-2022b-company", columns=(*_COMPANY, _LEI, *_TERMS_2022), unused=_UNUSED_2022)
COMPANY_2022 = Profile(id="sbti-2022-company", columns=(*_COMPANY, *_TERMS_2022), unused=_UNUSED_2022)

# One status for all targets; what a company is "about" is the wording of its target where it has one.
COMPANY_2020 = Profile(
    id="sbti-2020-company",
    columns=(
        *_COMPANY,
        _PLACE,
        _SECTOR,
        _column("near_term_status", "Status", parse=_STATUS),
        _column("near_term_ambition", "Target Qualification", parse=_AMBITION, keep=True),
        _column("updated", "Date Committed / Target published", parse=cells.month, keep=True),
        _column("wording", "About", parse=_WORDING),
    ),
    unused=("Region",),
)

_TERM = cells.word(
    {"Near-term": "near_term", "Long-term": "long_term", "Long-term pre-CNZS": "long_term", "Net-zero": "net_zero"}
)
_SCOPES = {"1": "1", "2": "2", "3": "3", "1+2": "1+2", "1+3": "1+3", "2+3": "2+3", "1+2+3": "1+2+3"}

TARGETS_2023 = Profile(
    id="sbti-2023-targets",
    columns=(
        *_COMPANY,
        _LEI,
        _PLACE,
        _SECTOR,
        _TYPE,
        _column("action", "Action", parse=cells.word({"Target": "target", "Commitment": "commitment"})),
        _column(
            "commitment_type",
            "Commitment Type",
            parse=cells.word(
                {
                    "Standard": "near_term",
                    "Net-zero": "net_zero",
                    "BA1.5 Option 1": "ba15",
                    "BA1.5 Option 2": "ba15",
                    "BA1.5 Options 1 and 2": "ba15",
                }
            ),
            keep=True,
        ),
        _column("deadline", "Commitment Deadline", parse=cells.day, keep=True),
        _column(
            "status",
            "Status",
            parse=cells.word(
                {"Active": "active", "Extended": "extended", "Removed": "removed", "Target set": "targets_set"}
            ),
        ),
        _column("reason", "Reason for commitment extension or removal", parse=_WORDING),
        _column("term", "Target", parse=_TERM, keep=True),
        _column("wording", "Target Wording", parse=_WORDING),
        _column("scopes", "Scope", parse=cells.word(_SCOPES)),
        _column("value_pct", "Target Value", parse=cells.share, keep=True),
        _column(
            "target_kind",
            "Type",
            parse=cells.word(
                {
                    "Absolute": "absolute",
                    "Intensity": "intensity",
                    "Engagement": "engagement",
                    "Net-zero": "net_zero",
                    "Renewable electricity": "renewable_electricity",
                    "No-deforestation": "no_deforestation",
                    "Other": "other",
                }
            ),
        ),
        _column("subtype", "Sub-type", parse=_NAME),
        _column("ambition", "Target Classification", parse=_AMBITION, keep=True),
        _column("base_year", "Base Year", parse=cells.target_year, keep=True),
        _column("target_year", "Target Year", parse=cells.target_year, keep=True),
        _column("year_type", "Year Type", parse=cells.word({"CY": "calendar", "FY": "financial"})),
        _column("updated", "Date Published", parse=cells.day, keep=True),
    ),
    unused=("Region", "Full target language", "Company Temperature Alignment"),
)

TARGETS_EXTRACT = Profile(
    id="sbti-2023-targets-extract",
    columns=(
        *_COMPANY,
        _SECTOR,
        _TYPE,
        _column("term", "Target", parse=_TERM, keep=True),
        _column("value_pct", "Target value", parse=cells.share, keep=True),
        _column("target_year", "Target year", parse=cells.target_year, keep=True),
        _column("updated", "Date published", parse=cells.day, keep=True),
    ),
    unused=("Region",),
)

# A fuller header contains a leaner one, so it is tried first.
COMPANIES = (COMPANY_2025, COMPANY_2022B, COMPANY_2022, COMPANY_2020)
TARGETS = (TARGETS_2023, TARGETS_EXTRACT)
PROFILES = COMPANIES + TARGETS
