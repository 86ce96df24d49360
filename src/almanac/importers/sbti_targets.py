"""Rows of the SBTi's target-level files: each is one target, or one commitment with its deadline.

A target has no number of its own that the publisher keeps, so its reference is made of what tells it from the others of its
company: term, scopes, kind, year and wording.
"""

import datetime as dt
import hashlib
import re
from typing import Any

from almanac.importers.sbti_answers import SCHEME, SOURCE
from almanac.importers.table import Entry
from almanac.kind import submission
from almanac.kinds import commitments, targets

_TARGET = submission(targets.KIND)
_COMMITMENT = submission(commitments.KIND)
_SPELLED = ("ambition", "value_pct", "base_year", "target_year", "updated")


def states(entry: Entry) -> str | None:
    """What is missing for a row to be an answer; None if nothing is."""
    if entry.values.get("action", "target") == "target":
        return None if "term" in entry.values else "names no term of a target"
    missing = [name for name in ("commitment_type", "status") if name not in entry.values]
    return f"is a commitment without {' and '.join(missing).replace('_', ' ')}" if missing else None


def answer(company: str, entry: Entry) -> Any:
    """The submission of a row that states something."""
    if entry.values.get("action", "target") == "target":
        return _target(company, entry)
    return _commitment(company, entry)


def _target(company: str, entry: Entry) -> Any:
    values = entry.values
    maintained = str(values.get("subtype", "")).casefold() == "maintenance"
    kind = "net_zero" if values["term"] == "net_zero" else values.get("target_kind")
    year = values.get("target_year")
    return _TARGET(
        company=company,
        source=SOURCE,
        as_reported=_reported(entry, _SPELLED),
        scheme=SCHEME,
        term=values["term"],
        reference=reference(values),
        target_kind="maintenance" if maintained and kind == "absolute" else kind,
        status="targets_set",
        value_pct=values.get("value_pct"),
        base_year=values["base_year"].year if "base_year" in values else None,
        target_year=year.year if year else None,
        year_type=(year.type or _fiscal(values)) if year else None,
        scopes=values["scopes"].split("+") if "scopes" in values else [],
        ambition=values.get("ambition"),
        wording=values.get("wording"),
        published_on=values.get("updated"),
        sheet=entry.sheet,
        row=entry.row,
    )


def _fiscal(values: dict[str, Any]) -> str | None:
    # "CY" stands in every row, also where there is no year; the company-level register leaves it out.
    return "financial" if values.get("year_type") == "financial" else None


def _commitment(company: str, entry: Entry) -> Any:
    values = entry.values
    deadline = values.get("deadline")
    return _COMMITMENT(
        company=company,
        source=SOURCE,
        as_reported=_reported(entry, ("commitment_type", "deadline")),
        scheme=SCHEME,
        type=values["commitment_type"],
        status=values["status"],
        published_on=values.get("updated"),
        deadline=dt.date.fromisoformat(deadline) if deadline and len(deadline) == len("2024-05-02") else None,
        reason=values.get("reason"),
        sheet=entry.sheet,
        row=entry.row,
    )


def reference(values: dict[str, Any]) -> str:
    """A short form of a target that the same words give again: `scope-1-2-absolute-2030-5f0c2a9d`."""
    year = values.get("target_year")
    scopes = f"scope-{values['scopes'].replace('+', '-')}" if "scopes" in values else ""
    kind = str(values.get("target_kind", "")).replace("_", "-")
    digest = ""
    if "wording" in values:
        words = re.findall(r"\w+", values["wording"].casefold())
        said = [values["term"], scopes, kind, str(year), *words]
        digest = hashlib.sha256(" ".join(said).encode()).hexdigest()[:8]
    elif "value_pct" in values:
        digest = f"{format(values['value_pct'].normalize(), 'f')}pct"
    return "-".join(part for part in (scopes, kind, str(year.year or "") if year else "", digest) if part) or "target"


def _reported(entry: Entry, names: tuple[str, ...]) -> str | None:
    return "; ".join(entry.spelled[name] for name in names if name in entry.spelled) or None
