"""Headers of the SBTi's "companies taking action" files, as data: column to field, parser and vocabulary.

Read from five releases of 2025-03 to 2026-03. Of several classifications in one cell (`1.5°C/Well-below 2°C`: targets of
one company that differ) the weakest counts, because all of them reach it.
"""

from almanac.importers import cells
from almanac.importers.profiles import Column, Profile

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
_AMBITION = cells.weakest((("1.5°C", "1.5C"), ("Well-below 2°C", "well_below_2C"), ("2°C", "2C")))
_NAME = cells.text(400)
_WORDING = cells.text(8000)

COMPANY_2025 = Profile(
    id="sbti-2025-company",
    columns=(
        Column(field="number", names=("sbti_id",), parse=cells.register_number),
        Column(field="name", names=("company_name",), parse=_NAME),
        Column(field="isin", names=("isin",), parse=cells.identifier, keep=True),
        Column(field="lei", names=("lei",), parse=cells.identifier, keep=True),
        Column(field="organisation_type", names=("organization_type",), parse=_NAME),
        Column(field="location", names=("location",), parse=_NAME),
        Column(field="sector", names=("sector",), parse=_NAME),
        Column(field="near_term_status", names=("near_term_status",), parse=_STATUS),
        Column(field="near_term_ambition", names=("near_term_target_classification",), parse=_AMBITION, keep=True),
        Column(field="near_term_year", names=("near_term_target_year",), parse=cells.target_year, keep=True),
        Column(field="long_term_status", names=("long_term_status",), parse=_STATUS),
        Column(field="long_term_ambition", names=("long_term_target_classification",), parse=_AMBITION, keep=True),
        Column(field="long_term_year", names=("long_term_target_year",), parse=cells.target_year, keep=True),
        Column(field="net_zero_status", names=("net_zero_status",), parse=_STATUS),
        Column(field="net_zero_year", names=("net_zero_year",), parse=cells.target_year, keep=True),
        Column(field="wording", names=("full_target_language",), parse=_WORDING),
        Column(field="ba15_status", names=("ba15_status",), parse=_BA15),
        Column(field="ba15_date", names=("ba15_date",), parse=cells.day, keep=True),
        Column(field="reason", names=("reason_for_extension_or_removal",), parse=_WORDING),
        Column(field="updated", names=("date_updated",), parse=cells.day, keep=True),
    ),
    unused=("region", "target_classification_long"),
)

PROFILES = (COMPANY_2025,)
