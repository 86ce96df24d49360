"""What one row of the SBTi register says about each term, and the answers that this makes.

The register has one date and one reason a row. Before 2025 it said of net zero only whether there is a commitment, and the
year of a target where one was set. The date is that of the targets where there are any, so a commitment beside
targets has none. The reason belongs to what was removed, or else to what is still committed.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from almanac.importers.cells import TargetYear
from almanac.importers.table import Entry
from almanac.kind import submission
from almanac.kinds import commitments, targets

SOURCE = "release"
SCHEME = "sbti"
REFERENCE = "headline"
TERMS = ("near_term", "long_term", "net_zero")

_TARGET = submission(targets.KIND)
_COMMITMENT = submission(commitments.KIND)
_COMMITMENT_STATUS = {"targets_set": "targets_set", "committed": "active", "removed": "removed", "extended": "extended"}

Knows = Callable[[str, str], bool]
"""Whether the company had an answer of a kind and natural key before this release."""


class Statement(Struct, frozen=True, kw_only=True):
    """One term as one row states it. `lacking` are fields that are blank although the status calls for them."""

    term: str
    status: str
    year: TargetYear | None = None
    ambition: str | None = None
    wording: str | None = None
    published_on: str | None = None
    reason: str | None = None
    lacking: tuple[str, ...] = ()


def statements(entry: Entry) -> list[Statement]:
    """The terms that a row states; a reason that belongs to none of them goes into the report."""
    values = entry.values
    given = _given(entry)
    reasoned = [term for term, status in given.items() if status in ("removed", "extended")]
    reasoned = reasoned or [term for term, status in given.items() if status == "committed"]
    if "reason" in values and not reasoned:
        why = "no term of the row is committed, extended or removed"
        entry.notes.add("unplaced", entry.row, why, entry.columns["reason"], values["reason"])
    dated = "targets_set" not in given.values()
    found = [_statement(entry, term, status, dated=dated, reasoned=term in reasoned) for term, status in given.items()]
    if "ba15_status" in values:
        found.append(Statement(term="ba15", status=values["ba15_status"], published_on=values.get("ba15_date")))
    elif "ba15_date" in values:
        entry.notes.add(
            "unplaced", entry.row, "there is no status with it", entry.columns["ba15_date"], values["ba15_date"]
        )
    return found


def _given(entry: Entry) -> dict[str, str]:
    """The status of each term; a year or ambition of a term without one goes into the report."""
    values = entry.values
    given = {term: values[f"{term}_status"] for term in TERMS if f"{term}_status" in values}
    if "net_zero_committed" in values:
        given["net_zero"] = "targets_set" if "net_zero_year" in values else "committed"
    for term in TERMS:
        for name in (f"{term}_ambition", f"{term}_year"):
            if term not in given and name in values:
                why = f"there is no {term} status with it"
                entry.notes.add("unplaced", entry.row, why, entry.columns[name], values[name])
    return given


def _statement(entry: Entry, term: str, status: str, *, dated: bool, reasoned: bool) -> Statement:
    values = entry.values
    is_set = status == "targets_set"
    year = values.get(f"{term}_year")
    if year is not None and year.year is None:
        place = entry.columns[f"{term}_year"]
        entry.notes.add("several_values", entry.row, "no year is chosen", place, entry.spelled.get(f"{term}_year"))
    wanted = [f"{term}_year", "wording"] if term == "net_zero" else [f"{term}_year", f"{term}_ambition", "wording"]
    # What a shape has no column for, its rows cannot leave blank.
    lacking = tuple(name for name in wanted if name in entry.columns and name not in values) if is_set else ()
    return Statement(
        term=term,
        status=status,
        year=year,
        ambition=values.get(f"{term}_ambition") if is_set else None,
        wording=values.get("wording") if is_set else None,
        published_on=values.get("updated") if is_set or dated else None,
        reason=values.get("reason") if reasoned else None,
        lacking=lacking,
    )


def answers(company: str, said: Statement, entry: Entry, knows: Knows) -> list[Any]:
    """Submissions that a statement makes. A blank never takes back what is known, and where nothing is it is null."""
    if said.term == "ba15":
        return [_commitment(company, said, entry)]
    made: list[Any] = []
    if (target := _target(company, said, entry, knows)) is not None:
        made.append(target)
    if said.term in ("near_term", "net_zero") and (
        said.status != "targets_set" or knows(commitments.KIND.name, f"{SCHEME}|{said.term}")
    ):
        made.append(_commitment(company, said, entry))
    return made


def _target(company: str, said: Statement, entry: Entry, knows: Knows) -> Any | None:
    known = knows(targets.KIND.name, f"{SCHEME}|{said.term}|{REFERENCE}")
    if said.status == "targets_set":
        outcome = "what is known of it stands" if known else "it is null in the answer"
        for name in said.lacking:
            why = f"a {said.term} target is set, and this is blank: {outcome}"
            entry.notes.add("not_stated", entry.row, why, entry.columns[name])
        return None if said.lacking and known else _set(company, said, entry)
    committed = said.status != "removed"
    if not known and not (said.term == "long_term" and committed):
        if said.term == "long_term":
            place = entry.columns.get("long_term_status")
            entry.notes.add("unplaced", entry.row, "no long-term target was known that could be removed", place)
        return None
    held = "lists only a commitment" if committed else "lists none"
    return _TARGET(
        company=company,
        source=SOURCE,
        scheme=SCHEME,
        term=said.term,
        reference=REFERENCE,
        target_kind="net_zero" if said.term == "net_zero" else None,
        status="committed" if committed else "removed",
        published_on=said.published_on,
        status_reason=said.reason,
        note=f"The register listed a {said.term.replace('_', '-')} target before and {held} in this release."
        if known
        else None,
        sheet=entry.sheet,
        row=entry.row,
    )


def _set(company: str, said: Statement, entry: Entry) -> Any:
    blank = ", ".join(name.removeprefix(f"{said.term}_").replace("_", " ") for name in said.lacking)
    fields = (f"{said.term}_ambition", f"{said.term}_year", "updated")
    return _TARGET(
        company=company,
        source=SOURCE,
        as_reported="; ".join(entry.spelled[name] for name in fields if name in entry.spelled) or None,
        scheme=SCHEME,
        term=said.term,
        reference=REFERENCE,
        target_kind="net_zero" if said.term == "net_zero" else None,
        status="targets_set",
        target_year=said.year.year if said.year else None,
        year_type=said.year.type if said.year else None,
        ambition=said.ambition,
        wording=said.wording,
        published_on=said.published_on,
        note=f"The register says that a target is set and leaves blank: {blank}." if blank else None,
        sheet=entry.sheet,
        row=entry.row,
    )


def _commitment(company: str, said: Statement, entry: Entry) -> Any:
    is_set = said.status == "targets_set"
    status = said.status if said.term == "ba15" else _COMMITMENT_STATUS[said.status]
    field = "ba15_date" if said.term == "ba15" else f"{said.term}_year"
    return _COMMITMENT(
        company=company,
        source=SOURCE,
        as_reported=None if is_set else entry.spelled.get(field),
        scheme=SCHEME,
        type=said.term,
        status=status,
        published_on=None if is_set else said.published_on,
        horizon_year=said.year.year if said.year and not is_set else None,
        reason=said.reason,
        sheet=entry.sheet,
        row=entry.row,
    )
