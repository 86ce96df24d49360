"""One block of a mapping and one row into one answer, converted exactly to the unit that its metric is given in."""

import functools
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from almanac.importers import units
from almanac.importers.cells import Unreadable, fold_space
from almanac.importers.lines import Line
from almanac.importers.mapped_shapes import Unplaceable, shape, value, words_of
from almanac.importers.mapped_terms import Answer, Table
from almanac.kind import Kind, submission
from almanac.kinds import KINDS
from almanac.model import plain

_KINDS = {kind.name: kind for kind in KINDS}


def takes(answer: Answer, line: Line) -> bool:
    """Whether a block is for this row."""
    return all(fold_space(str(line.entry.cells[one.column])) in one.words for one in answer.where)


def answer(block: Answer, line: Line, table: Table, same: dict[str, Any]) -> Any | None:
    """The answer; None where the row states nothing for it. Errors: Unplaceable, with the column."""
    if not _stated(block, line, table):
        return None
    found = same | {"record": block.kind, "sheet": line.sheet, "row": line.row}
    fields = _fields(block.kind)
    for name, given in block.fields.items():
        wanted, required = fields[name]
        read = value(line, given, wanted, table.layout)
        if read is not None:
            found[name] = read
        elif required:
            raise Unplaceable(given.column or name, f"is blank, and {block.kind} need `{name}`")
    _state_missing(block, line, table, found)
    _convert(block, line, table, found)
    try:
        made = msgspec.convert(found, submission(_KINDS[block.kind]), strict=False)
        _check(made, _KINDS[block.kind])
    except ValueError as error:  # msgspec's errors too
        raise Unplaceable(block.kind, f"the row makes no such answer: {error}") from error
    return made


@functools.cache
def _fields(kind: str) -> dict[str, tuple[str, bool]]:
    """What each field of a kind is read as, and whether it must be given."""
    fields = msgspec.structs.fields(submission(_KINDS[kind]))
    return {one.name: ("period" if one.name.endswith("period") else shape(one.type), one.required) for one in fields}


def _check(made: msgspec.Struct, kind: Kind) -> None:
    """Refuse what the kind itself refuses (ValueError), so that one bad row does not cost the whole file."""
    own = {name: getattr(made, name) for name in kind.fields if name not in kind.derived}
    given = {name: plain(one) if isinstance(one, Decimal) else one for name, one in own.items()}
    msgspec.convert(kind.complete(given), kind.content)


def _stated(block: Answer, line: Line, table: Table) -> bool:
    """Whether the row says anything in the columns that answer, as against those that say what is asked."""
    kind = _KINDS[block.kind]
    given = {name: one.column for name, one in block.fields.items() if one.column is not None}
    telling = {"value"} & given.keys() or (given.keys() & set(kind.fields)) - {*kind.key, "unit"}
    if not telling:
        return True
    for name in telling:
        try:
            if words_of(line.entry.cells[given[name]], table.layout) is not None:
                return True
        except Unreadable:
            return True
    return False


def _state_missing(block: Answer, line: Line, table: Table, found: dict[str, Any]) -> None:
    given = block.fields.get("value")
    if given is None or given.column is None or "value" in found:
        return
    text = words_of(line.entry.cells[given.column], table.layout)
    if text in given.missing:
        found["missing_reason"] = given.missing[text]


def _convert(block: Answer, line: Line, table: Table, found: dict[str, Any]) -> None:
    """The value in the base unit of its quantity, with the original in `as_reported`."""
    if "unit" not in found:
        return
    given, place = found.get("value"), block.fields["unit"].column or block.fields["value"].column or "unit"
    spelled = str(found["unit"])
    try:
        one, times = _unit(block.kind, spelled, table)
        if one.gas == "CO2" and ".biogenic." in str(found.get("metric")):
            one = units.Unit(base="tCO2", factor=one.factor)
        found["unit"] = one.base
        if one.gas is not None and block.kind == "emissions":
            found.setdefault("gas", one.gas)
        if given is None:
            return
        exact = units.Unit(base=one.base, factor=one.factor * times)
        found["value"] = units.to_base(Decimal(str(given)), exact)
    except Unreadable as error:
        raise Unplaceable(place, str(error), spelled) from error
    if found["value"] != given or one.gas is not None:
        column = block.fields["value"].column
        cell = given if column is None else line.entry.cells[column]
        found.setdefault("as_reported", f"{fold_space(str(cell))} {spelled}")


def _unit(kind: str, spelled: str, table: Table) -> tuple[units.Unit, Fraction]:
    own = table.units.get(spelled)
    known, times = (spelled, Fraction(1)) if own is None else (own.unit, Fraction(own.times))
    try:
        return units.unit(known), times
    except Unreadable:
        # What is no gas and no energy is taken as it stands; the publish refuses what is not the metric's unit.
        if kind == "emissions":
            raise
        return units.Unit(base=known, factor=Fraction(1)), times
