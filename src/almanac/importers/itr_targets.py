"""Targets of the ITR workbooks: what companies aim at by themselves, as the workbook has it."""

from decimal import Decimal
from typing import Any

from almanac.importers.lines import Line
from almanac.kind import submission
from almanac.kinds import targets

_TARGET = submission(targets.KIND)
_LONG_TERM = 2050


def answers(line: Line, company: str, segment: str | None, source: str) -> dict[str, Any]:
    """The target of a row and its net-zero year, each by the field it stands in."""
    values = line.entry.values
    whose = f" ({segment})" if segment else ""
    place = f'Read in sheet "{line.sheet}", row {line.row}'
    same = {
        "company": company,
        "source": source,
        "sheet": line.sheet,
        "row": line.row,
        "scheme": "company",
        "status": "announced",
    }
    found: dict[str, Any] = {}
    year, base = (values[name].year if name in values else None for name in ("target_year", "base_year"))
    if year is not None and "type" in values:
        document = (
            f"the workbook names {values['document']}"
            if "document" in values
            else "the workbook names no document for it"
        )
        page = f", page {values['page']}" if "document" in values and "page" in values else ""
        of = f" from {base}" if base else ""
        found["target_year"] = _TARGET(
            **same,
            term="long_term" if year >= _LONG_TERM else "interim",
            reference=f"{values['type']} {values.get('scope', 'scope not said')} {year}{of}{whose}",
            target_kind=values["type"],
            scopes=[one for one in "123" if f"S{one}" in values.get("scope", "")],
            value_pct=_per_cent(values["ambition"]) if "ambition" in values else None,
            base_year=base,
            target_year=year,
            intensity_metric=values.get("base_unit", "").partition("/")[2] or None
            if values["type"] == "intensity"
            else None,
            as_reported=str(values["ambition"]) if "ambition" in values else None,
            note=f"{place}; {document}{page}.",
        )
    if "netzero" in values and values["netzero"].year is not None:
        found["netzero"] = _TARGET(
            **same,
            term="net_zero",
            reference=f"net-zero year{whose}",
            target_kind="net_zero",
            target_year=values["netzero"].year,
            note=f"{place}.",
        )
    return found


def _per_cent(share: Decimal) -> Decimal:
    return Decimal(format(share.scaleb(2), "f"))
