"""A kind's table and its Struct say the same: columns, types, what may be null, and which values there are."""

import re
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from almanac.kind import Kind
from almanac.kinds import KINDS
from almanac.model import Op
from almanac.store.db import Connection

pytestmark = pytest.mark.anyio

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.stem)

COLUMNS = """
select attname as name, format_type(atttypid, atttypmod) as type, attnotnull as not_null
  from pg_attribute
 where attrelid = $1::text::regclass and attnum > 0 and not attisdropped
 order by attnum
"""
CHECKS = """
select pg_get_constraintdef(oid) as def from pg_constraint where conrelid = $1::text::regclass and contype = 'c'
"""
TYPES = {
    inspect.StrType: "text",
    inspect.LiteralType: "text",
    inspect.IntType: "integer",
    inspect.DecimalType: "numeric",
    inspect.DateType: "date",
    inspect.BoolType: "boolean",
    inspect.ListType: "text[]",
}


def parts(annotation: Any) -> list[inspect.Type]:
    found = annotation if isinstance(annotation, inspect.Type) else inspect.type_info(annotation)
    if isinstance(found, inspect.Metadata):
        return parts(found.type)
    return [part for one in found.types for part in parts(one)] if isinstance(found, inspect.UnionType) else [found]


def declared(kind: Kind) -> list[tuple[str, str, bool]]:
    """Name, type and whether it is never null, of every own field."""
    columns = []
    for field in msgspec.structs.fields(kind.content):
        kinds = parts(field.type)
        nullable = any(isinstance(one, inspect.NoneType) for one in kinds)
        (kind_of,) = {TYPES[type(one)] for one in kinds if not isinstance(one, inspect.NoneType)}
        columns.append((field.name, kind_of, not nullable))
    return columns


@each_kind
async def test_the_columns_are_the_header_and_the_fields(owner: Connection, kind: Kind):
    header = await owner.fetch(COLUMNS, "version_header")
    columns = [tuple(row) for row in await owner.fetch(COLUMNS, kind.table)]
    assert columns[: len(header)] == [tuple(row) for row in header]
    assert columns[len(header) :] == declared(kind)


@each_kind
async def test_the_values_of_a_field_are_those_of_its_check(owner: Connection, kind: Kind):
    checked = listed([row["def"] for row in await owner.fetch(CHECKS, kind.table)])
    for field in msgspec.structs.fields(kind.content):
        values = literals(field.type)
        if values:
            assert checked.get(field.name) == values, field.name


@each_kind
async def test_no_check_knows_values_that_the_field_does_not(owner: Connection, kind: Kind):
    names = {field.name: literals(field.type) for field in msgspec.structs.fields(kind.content)}
    checked = listed([row["def"] for row in await owner.fetch(CHECKS, kind.table)])
    # `grade` is free text in the Struct: its list holds for one scheme, and the Struct checks it in code.
    assert {name for name in checked if name in names and not names[name]} <= {"grade"}


@pytest.mark.parametrize("table", ["change", "version_header"])
async def test_the_ops_are_those_of_the_vocabulary(owner: Connection, table: str):
    assert listed([row["def"] for row in await owner.fetch(CHECKS, table)])["op"] == literals(Op)


async def test_the_grades_of_cdp_are_those_of_the_kind(owner: Connection):
    from almanac.kinds.ratings import _CDP

    assert listed([row["def"] for row in await owner.fetch(CHECKS, "rating")])["grade"] == {*_CDP, "E"}


@each_kind
async def test_years_have_the_bounds_of_the_vocabulary(owner: Connection, kind: Kind):
    checks = " ".join(row["def"] for row in await owner.fetch(CHECKS, kind.table))
    for field in msgspec.structs.fields(kind.content):
        if field.name.endswith("year"):
            assert f"(({field.name} >= 1900) AND ({field.name} <= 2200))" in checks, field.name


@each_kind
async def test_every_kind_is_registered_and_guarded(owner: Connection, kind: Kind):
    assert await owner.fetchval("select title from kind where kind = $1", kind.name) == kind.title
    guards = await owner.fetchval(
        "select count(*) from pg_trigger where tgrelid = $1::text::regclass and tgname = 'refuse_rewrite'", kind.table
    )
    assert guards == 1


async def test_no_kind_is_registered_that_is_not_declared(owner: Connection):
    rows = await owner.fetch("select kind from kind")
    assert {row["kind"] for row in rows} == {kind.name for kind in KINDS}


async def test_a_difference_would_be_seen(owner: Connection):
    """Control: columns of another type, order or nullness differ from what is declared."""
    await owner.execute("alter table award alter column category set not null")
    await owner.execute("alter table award drop constraint award_year_check, alter column year type bigint")
    header = await owner.fetch(COLUMNS, "version_header")
    columns = [tuple(row) for row in await owner.fetch(COLUMNS, "award")][len(header) :]
    (award,) = [kind for kind in KINDS if kind.table == "award"]
    assert [one[0] for one, other in zip(columns, declared(award), strict=True) if one != other] == ["year", "category"]
    assert listed(["CHECK ((op = ANY (ARRAY['add'::text, 'b'::text])))"]) == {"op": {"add", "b"}}


def literals(annotation: Any) -> set[str]:
    """Values of a Literal, also inside a list or beside null."""
    found: set[str] = set()
    for one in parts(annotation):
        if isinstance(one, inspect.LiteralType):
            found |= {str(value) for value in one.values}
        if isinstance(one, inspect.ListType):
            found |= literals(one.item_type)
    return found


def listed(checks: list[str]) -> dict[str, set[str]]:
    """Column and values of every check that lists values."""
    pattern = re.compile(r"\((\w+) (?:= ANY \(|<@ )ARRAY\[([^]]*)\]")
    found = (match for check in checks for match in pattern.finditer(check))
    return {match[1]: set(re.findall(r"'([^']*)'::text", match[2])) for match in found}
