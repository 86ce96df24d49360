"""Versions of levels and claims as the store hands them out, for the arithmetic of deltas."""

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from almanac.kind import Kind, disclosure_id, record
from almanac.kinds import KINDS
from almanac.model import SourceRef

BY_NAME = {kind.name: kind for kind in KINDS}
_seq = itertools.count(1)


def level(period: str, value: str | None, source: str = "r1", known_from: str = "2023-05-01", **fields: Any) -> Any:
    """One answer about scope 1."""
    number = {"missing_reason": "not_disclosed"} if value is None else {"value": Decimal(value)}
    own = {"metric": "ghg.scope1", "period": period, "unit": "tCO2e"} | number
    return version("emissions", own, source, known_from, **fields)


def indicator(period: str, value: str, **fields: Any) -> Any:
    """One answer about electricity."""
    own = {"metric": "energy.electricity", "period": period, "unit": "MWh", "value": Decimal(value)}
    return version("indicators", own, "r1", "2023-05-01", **fields)


def claim(
    value: str, measure: str = "change_pct", source: str = "r1", known_from: str = "2023-05-01", **fields: Any
) -> Any:
    """What the company says about scope 1 of 2022 against 2021."""
    unit = {"change_pct": "percent", "change_pp": "percentage_point", "change_abs": "tCO2e"}[measure]
    own = {"metric": "ghg.scope1", "period": "2022", "compared_period": "2021", "measure": measure, "unit": unit}
    return version("claimed-changes", own | {"value": Decimal(value)}, source, known_from, **fields)


def version(name: str, own: dict[str, Any], source: str, known_from: str, op: str = "add", **fields: Any) -> Any:
    """A version of a kind; each is published after the one made before."""
    kind: Kind = BY_NAME[name]
    values = kind.complete(own | fields)
    seq = next(_seq)
    day = dt.date.fromisoformat(known_from)
    return record(kind)(
        id=disclosure_id("acme", kind, values),
        kind=name,
        company="acme",
        company_name="Acme",
        version=1,
        edition=seq,
        seq=seq,
        op=op,
        changed=[],
        known_from=day,
        page=None,
        quote=None,
        as_reported=None,
        note=None,
        source=SourceRef(id=source, title=source, publisher="Acme", published_on=day, url=None, licence="CC0"),
        **values,
    )
