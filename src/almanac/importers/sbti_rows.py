"""From the rows of one release to answers: of several rows about one question one is kept, the others are accounted for."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from msgspec import Struct

from almanac.importers.identity import Index, Question
from almanac.importers.registers import Kept
from almanac.importers.sbti_answers import Statement, answers, statements
from almanac.importers.sbti_profiles import PROFILES
from almanac.importers.sbti_targets import answer, states
from almanac.importers.table import Entry, reread
from almanac.kinds import commitments, targets


class Stated(Struct, frozen=True, kw_only=True):
    """A row that is of use: which company it is about, and what it states."""

    company: str
    entry: Entry
    statements: tuple[Statement, ...]

    @property
    def rank(self) -> tuple[str, int, str]:
        """Of two rows about one question the later dated counts, then the fuller; never the order in the file."""
        return (self.entry.values.get("updated", ""), len(self.entry.values), repr(sorted(self.entry.values.items())))


def read_again(rows: Iterable[Kept], index: Index, released: dt.date) -> tuple[list[Any], set[str]]:
    """Answers of kept rows as they are read today, and companies of which a row cannot be read any more."""
    by_company: dict[str, list[Stated]] = {}
    targets_of: list[Stated] = []
    lost: set[str] = set()
    for one in rows:
        entry = reread(one.sheet, one.row, msgspec.json.decode(one.cells), PROFILES)
        if entry is None:
            lost.add(one.company)
        elif "term" in entry.columns:
            if states(entry) is None:
                targets_of.append(Stated(company=one.company, entry=entry, statements=()))
        elif found := tuple(statements(entry)):
            stated = Stated(company=one.company, entry=entry, statements=found)
            by_company.setdefault(one.company, []).append(stated)
    made = [row for group in by_company.values() for row in company_answers(group, index, released)]
    return [*made, *target_answers(targets_of)], lost


def company_answers(group: list[Stated], index: Index, released: dt.date) -> Iterable[Any]:
    """Answers of one company: each term from the best row that states it; other rows repeat it or contradict it."""
    kept: dict[str, tuple[Statement, Entry]] = {}
    for stated in sorted(group, key=lambda one: one.rank, reverse=True):
        _keep(stated, kept)
    for said, entry in kept.values():
        yield from answers(group[0].company, said, entry, _knows(index, group[0].company, released))


def target_answers(rows: Iterable[Stated]) -> Iterable[Any]:
    """Answers of target-level rows, one a question; the publisher repeats some rows, and contradicts some."""
    groups: dict[Question, list[tuple[Stated, Any]]] = defaultdict(list)
    for stated in rows:
        made = answer(stated.company, stated.entry)
        groups[question(made)].append((stated, made))
    for group in groups.values():
        group.sort(key=lambda one: one[0].rank, reverse=True)
        (best, made), *others = group
        best.entry.notes.imported(best.entry.row)
        for stated, other in others:
            entry = stated.entry
            if _same(made, other):
                entry.notes.reject("duplicate", entry.row, f"repeats row {best.entry.row}")
            else:
                why = f"{stated.company}: differs from row {best.entry.row}, which is dated later or says more and is kept"
                entry.notes.reject("conflict", entry.row, why, shown(entry.values))
        yield made


def question(row: Any) -> Question:
    """What a submission answers: company, kind and natural key."""
    kind = kind_of(row)
    if kind == targets.KIND.name:
        return (row.company, kind, f"{row.scheme}|{row.term}|{row.reference}")
    assert kind == commitments.KIND.name, kind
    return (row.company, kind, f"{row.scheme}|{row.type}")


def kind_of(row: Struct) -> str:
    """Name of the kind that a submission is of."""
    tag = row.__struct_config__.tag
    assert isinstance(tag, str), row
    return tag


def shown(values: dict[str, Any]) -> str:
    """Values of a row as the report shows them."""
    return "; ".join(f"{name}: {value}" for name, value in values.items())


def _same(one: Any, other: Any) -> bool:
    place = {"row": None, "sheet": None, "as_reported": None}
    return msgspec.structs.replace(one, **place) == msgspec.structs.replace(other, **place)


def _keep(stated: Stated, kept: dict[str, tuple[Statement, Entry]]) -> None:
    entry = stated.entry
    rivals = {one: kept[one.term] for one in stated.statements if one.term in kept}
    new = [one for one in stated.statements if one.term not in kept]
    contradicted = ", ".join(
        f"{one.term} differs from row {other.row}" for one, (said, other) in rivals.items() if said != one
    )
    kept.update({one.term: (one, entry) for one in new})
    reason = f"{stated.company}: {contradicted}, which is dated later or says more and is kept"
    if new:
        entry.notes.imported(entry.row)
        if contradicted:
            entry.notes.add("conflict", entry.row, reason, value=shown(entry.values))
    elif contradicted:
        entry.notes.reject("conflict", entry.row, reason, shown(entry.values))
    else:
        entry.notes.reject("duplicate", entry.row, f"repeats row {next(iter(rivals.values()))[1].row}")


def _knows(index: Index, company: str, released: dt.date) -> Callable[[str, str], bool]:
    return lambda kind, natural_key: index.knows((company, kind, natural_key), released)
