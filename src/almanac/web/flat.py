"""Rows as cells: the columns of a table, read off the Struct of its rows, and where in a row each cell stands.

An object inside a row becomes columns with its name in front, and so does each item of a list whose items are told apart by an
enumeration, with the value in front. Any other list of objects stays JSON within its cell.
"""

import functools
import operator
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct, inspect

from almanac.columns import Column, column, described, held_by
from almanac.kind import Kind
from almanac.model import Disclosure, Evidence, encode
from almanac.web.operation import AnyVersion

decode = msgspec.json.Decoder(float_hook=Decimal).decode
"""A row as served: numbers keep their digits."""

Get = Callable[[Any], Any]

# Fields that hold a level, or a difference of levels, in the unit that stands beside them.
_LEVELS = frozenset(("value", "change_abs"))


class Cells(Struct, frozen=True):
    """One column, and how a decoded row gives its cell; None where there is nothing."""

    column: Column
    get: Get


def cells(row: Any, kinds: Sequence[Kind]) -> tuple[Cells, ...]:
    """Columns of a table of rows of this type, in order."""
    return _cells(row, tuple(kinds))


@functools.cache
def _cells(row: Any, kinds: tuple[Kind, ...]) -> tuple[Cells, ...]:
    found = tuple(_of_any(kinds) if row is AnyVersion else _of(row, "", _same, may_lack=False))
    names = [one.column.name for one in found]
    assert len(set(names)) == len(names), f"columns of one name in {row}: {sorted(names)}"
    return found


def _of(shape: type[Struct], prefix: str, reach: Get, *, may_lack: bool, unit: str | None = None) -> Iterator[Cells]:
    """`unit` is the column that says what levels are counted in, if the object has none of its own."""
    own = next((name for name in ("unit", "level_unit") if name in shape.__struct_fields__), None)
    unit = prefix + own if own else unit
    for field in msgspec.structs.fields(shape):
        held, nullable = held_by(field.type)
        name = prefix + field.encode_name
        get = _member(reach, field.encode_name)
        if isinstance(held, inspect.StructType) and held.cls is not AnyVersion:
            yield from _of(held.cls, f"{name}_", get, may_lack=may_lack or nullable, unit=unit)
        elif isinstance(held, inspect.ListType) and isinstance(held.item_type, inspect.StructType):
            yield from _of_list(held.item_type.cls, field, name, get, unit)
        elif isinstance(held, inspect.StructType):
            yield Cells(Column(name=name, type="object", description=described(field.type), required=False), get)
        else:
            told = column(field)
            counted = f"as in the column `{unit}`" if field.name in _LEVELS and unit else told.unit
            required = told.required and not may_lack
            yield Cells(msgspec.structs.replace(told, name=name, required=required, unit=counted), get)


def _of_list(
    item: type[Struct], field: msgspec.structs.FieldInfo, name: str, reach: Get, unit: str | None
) -> Iterator[Cells]:
    """A list of objects: columns for each value of the enumeration that comes first in them, or one cell of JSON."""
    told = msgspec.structs.fields(item)[0]
    first, _ = held_by(told.type)
    if not isinstance(first, inspect.LiteralType):
        yield Cells(Column(name=name, type="array", description=described(field.type), required=False), _json(reach))
        return
    for value in first.values:
        picked = _picked(reach, told.encode_name, value)
        inside = _of(item, f"{name}_{value}_", picked, may_lack=True, unit=unit)
        yield from (cell for cell in inside if cell.column.name != f"{name}_{value}_{told.encode_name}")


def _of_any(kinds: Sequence[Kind]) -> list[Cells]:
    """Versions of any kind: the header, the fields of every kind in turn, the evidence. Fields of one name share a column."""
    own: dict[str, Cells] = {}
    for one in (one for kind in kinds for one in _of(kind.content, "", _same, may_lack=True)):
        held = own.get(one.column.name)
        own[one.column.name] = Cells(_shared(held.column, one.column), held.get) if held else one
    header, evidence = (_of(part, "", _same, may_lack=False) for part in (Disclosure, Evidence))
    return [*header, *own.values(), *evidence]


def _shared(one: Column, other: Column) -> Column:
    """The column of two fields of one name: a text where they are of two types."""
    told = one.description if other.description in one.description else f"{one.description} Or: {other.description}"
    return Column(
        name=one.name,
        type=one.type if one.type == other.type else "string",
        description=told,
        required=False,
        values=one.values if one.values == other.values else (),
        unit=one.unit if one.unit == other.unit else None,
    )


def _same(row: Any) -> Any:
    return row


def _member(reach: Get, name: str) -> Get:
    if reach is _same:
        return operator.methodcaller("get", name)

    def get(row: Any) -> Any:
        held = reach(row)
        return None if held is None else held.get(name)

    return get


def _json(reach: Get) -> Get:
    def get(row: Any) -> Any:
        held = reach(row)
        return None if held is None else encode(held).decode()

    return get


def _picked(reach: Get, name: str, value: Any) -> Get:
    def get(row: Any) -> Any:
        items = [item for item in reach(row) or () if item[name] == value]
        assert len(items) <= 1, f"two items with {name} {value}"
        return items[0] if items else None

    return get
