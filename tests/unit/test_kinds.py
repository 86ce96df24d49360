"""What every kind declares about itself; a new kind is held to it without a line here."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from almanac.kind import Kind, disclosure_id, record, submission
from almanac.kinds import KINDS
from almanac.model import Content

UNIT = re.compile(r"`unit`|per cent|percentage|points|digits|place of|in a row|year", re.IGNORECASE)

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.stem)


@each_kind
def test_every_field_is_described(kind: Kind):
    for shape in (record(kind), submission(kind)):
        assert [f.name for f in msgspec.structs.fields(shape) if not _described(f.type)] == [], shape
    bare = {f.name for f in msgspec.structs.fields(kind.filter) if not _described(f.type)}
    assert bare == set()


@each_kind
def test_every_number_has_a_unit_in_name_or_description(kind: Kind):
    silent = [
        f.name
        for f in msgspec.structs.fields(kind.content)
        if _is_number(f.type) and not UNIT.search(f"{f.name} {_described(f.type)}") and not f.name.endswith("_pct")
    ]
    assert silent == []


@each_kind
def test_the_example_can_be_submitted_and_served(kind: Kind):
    values = kind.complete(kind.example)
    content = msgspec.convert(values, kind.content)
    assert content == msgspec.convert(msgspec.to_builtins(content, builtin_types=(Decimal, dt.date)), kind.content)
    line = {"record": kind.name, "company": "acme", "source": "report", **kind.example}
    assert msgspec.convert(line, submission(kind))
    assert list(values) == list(kind.fields)


@each_kind
def test_key_and_filter_name_own_fields(kind: Kind):
    assert set(kind.key) <= set(kind.fields)
    assert set(kind.filter.__struct_fields__) <= set(kind.fields)
    assert set(kind.derived) <= set(kind.fields)


@each_kind
def test_the_key_needs_nothing_derived(kind: Kind):
    assert not set(kind.key) & set(kind.derived)


@each_kind
def test_derived_fields_are_not_accepted(kind: Kind):
    assert not set(kind.derived) & set(submission(kind).__struct_fields__)
    for name in kind.derived:
        line = {"record": kind.name, "company": "acme", "source": "report", **kind.example, name: 1}
        with pytest.raises(msgspec.ValidationError, match=name):
            msgspec.convert(line, submission(kind))


@each_kind
def test_no_field_on_the_wire_has_a_default(kind: Kind):
    assert [f.name for f in msgspec.structs.fields(record(kind)) if not f.required] == []


@each_kind
def test_a_filter_takes_what_the_field_holds(kind: Kind):
    """A filter of another type than its field would be a parameter that never matches."""
    own = {f.name: _kinds_of(f.type) for f in msgspec.structs.fields(kind.content)}
    for f in msgspec.structs.fields(kind.filter):
        assert _kinds_of(f.type) - {"UnsetType"} == own[f.name] - {"NoneType"}, f.name


def test_names_do_not_collide():
    for names in ([k.stem for k in KINDS], [k.table for k in KINDS], [k.content.__name__ for k in KINDS]):
        assert len(set(names)) == len(names)


@each_kind
def test_another_key_is_another_disclosure(kind: Kind):
    example = kind.complete(kind.example)
    ids = {disclosure_id("acme", kind, example), disclosure_id("other", kind, example)}
    ids |= {disclosure_id("acme", kind, {**example, name: "otherwise"}) for name in kind.key}
    assert len(ids) == 2 + len(kind.key)


def test_a_field_without_description_would_be_found():
    class Bare(Content, frozen=True, kw_only=True):
        volume: Decimal

    (field,) = msgspec.structs.fields(Bare)
    assert not _described(field.type)
    assert _is_number(field.type)
    assert not UNIT.search(field.name)


def _described(annotation: Any) -> str:
    """The description of a type, also of one part of a union."""
    found = annotation if isinstance(annotation, msgspec.inspect.Type) else msgspec.inspect.type_info(annotation)
    if isinstance(found, msgspec.inspect.Metadata):
        return (found.extra_json_schema or {}).get("description", "") or _described(found.type)
    if isinstance(found, msgspec.inspect.UnionType):
        return next((text for one in found.types if (text := _described(one))), "")
    return found.cls.__doc__ or "" if isinstance(found, msgspec.inspect.StructType) else ""


def _parts(annotation: Any) -> list[Any]:
    found = annotation if isinstance(annotation, msgspec.inspect.Type) else msgspec.inspect.type_info(annotation)
    if isinstance(found, msgspec.inspect.Metadata):
        return _parts(found.type)
    if isinstance(found, msgspec.inspect.UnionType):
        return [part for one in found.types for part in _parts(one)]
    return [found]


def _is_number(annotation: Any) -> bool:
    numbers = (msgspec.inspect.IntType, msgspec.inspect.DecimalType, msgspec.inspect.FloatType)
    return any(isinstance(part, numbers) for part in _parts(annotation))


def _kinds_of(annotation: Any) -> set[str]:
    return {type(part).__name__ for part in _parts(annotation)}
