"""Columns of the flat files: their names, types and descriptions, read off the Structs that also make the contract."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, cast

import msgspec
from msgspec import Meta, Struct, inspect

from almanac.kind import Kind, record
from almanac.model import SourceId, encode

Type = Literal["string", "integer", "number", "boolean", "date", "datetime", "list", "array", "object"]

_LEFT_OUT = frozenset(("kind", "company_name", "changed", "source"))
_TYPES: dict[type, Type] = {
    inspect.StrType: "string",
    inspect.LiteralType: "string",
    inspect.IntType: "integer",
    inspect.DecimalType: "number",
    inspect.BoolType: "boolean",
    inspect.DateType: "date",
    inspect.DateTimeType: "datetime",
    inspect.ListType: "list",
    inspect.StructType: "object",
}


class Column(Struct, frozen=True, kw_only=True):
    """One column. `values` are those of an enumeration, `unit` what a number is counted in where its name says so."""

    name: str
    type: Type
    description: str
    required: bool
    values: tuple[str, ...] = ()
    unit: str | None = None


class Cited(Struct, frozen=True):
    """What stands for the document in the flat files."""

    source_id: Annotated[SourceId, Meta(description="Document that the answer comes from; see the table `sources`.")]


class Identifier(Struct, frozen=True, kw_only=True):
    """An identifier of a company."""

    company: Annotated[str, Meta(description="Company id; see the table `companies`.")]
    scheme: Annotated[str, Meta(description="Scheme: lei (ISO 17442), isin (ISO 6166), sbti_id or another register's.")]
    value: Annotated[str, Meta(description="The identifier as a source gives it.")]
    check_ok: Annotated[bool | None, Meta(description="Whether the check digits hold; null if the scheme has none.")]


class Withheld(Struct, frozen=True, kw_only=True):
    """An answer that holds and whose source may not be given on in bulk."""

    id: Annotated[str, Meta(description="Disclosure id; `/v1/disclosures/{id}` answers it.")]
    kind: Annotated[str, Meta(description="Kind of disclosure.")]
    company: Annotated[str, Meta(description="Company id.")]
    sha256: Annotated[
        str, Meta(description="SHA-256 of the version as served, in hex: what it adds to `state_digest`.")
    ]


class Deleted(Struct, frozen=True, kw_only=True):
    """What a copy no longer holds."""

    id: Annotated[str, Meta(description="Id of what is to be deleted; a copy that does not hold it stays as it is.")]


class Replaced(Struct, frozen=True, kw_only=True):
    """Whose rows a copy takes out before it puts in those that hold now."""

    company: Annotated[str, Meta(description="Company id; every row of it is to be taken out.")]


def of_kind(kind: Kind) -> tuple[Column, ...]:
    """Columns of a kind: header, own fields, evidence, and the id of the source in place of the source."""
    return of(record(kind), without=_LEFT_OUT) + of(Cited)


def of(shape: type[Struct], *, without: Iterable[str] = ()) -> tuple[Column, ...]:
    """Columns of a Struct, in order."""
    skipped = frozenset(without)
    return tuple(column(field) for field in msgspec.structs.fields(shape) if field.name not in skipped)


def column(field: msgspec.structs.FieldInfo) -> Column:
    """The column of one field."""
    held, nullable = held_by(field.type)
    values = held.values if isinstance(held, inspect.LiteralType) else ()
    return Column(
        name=field.name,
        type=_TYPES[type(held)],
        description=described(field.type),
        required=not nullable,
        values=tuple(str(value) for value in values),
        unit=_unit(field.name),
    )


def held_by(annotation: Any) -> tuple[inspect.Type, bool]:
    """What a field holds, without its constraints, and whether it may be null."""
    parts = _parts(inspect.type_info(annotation))
    (held,) = [part for part in parts if not isinstance(part, inspect.NoneType)]
    return held, len(parts) > 1


def _parts(info: inspect.Type) -> list[inspect.Type]:
    if isinstance(info, inspect.Metadata):
        return _parts(info.type)
    return [part for one in info.types for part in _parts(one)] if isinstance(info, inspect.UnionType) else [info]


def described(annotation: Any) -> str:
    """The description of a type; of one that is wrapped in `| None`, that of the type inside; of a Struct its own."""
    schema: dict[str, Any] = msgspec.json.schema(annotation)
    inside = [one["description"] for one in schema.get("anyOf", []) if "description" in one]
    held, _ = held_by(annotation)
    own = [held.cls.__doc__ or ""] if isinstance(held, inspect.StructType) else []
    return next(text for text in [schema.get("description", ""), *inside, *own] if text)


def field(column: Column) -> dict[str, Any]:
    """The column as Table Schema 2.0 describes it in a CSV file."""
    said: dict[str, Any] = {"name": column.name, "type": column.type, "description": column.description}
    if column.type == "list":
        said |= {"itemType": "string", "delimiter": ","}
    if column.unit:
        said["unit"] = column.unit
    constraints: dict[str, Any] = {"required": True} if column.required and column.type != "list" else {}
    if column.values:
        constraints["enum"] = list(column.values)
    return said | ({"constraints": constraints} if constraints else {})


def _unit(name: str) -> str | None:
    """What a number is counted in: said by its name, or by the column `unit` beside a `value`."""
    if name.endswith("_pct"):
        return "percent"
    return "as in the column `unit`" if name == "value" else None


def cell(value: object) -> str:
    """A value as text in a flat file, as PostgreSQL writes it: lists of words with commas, an object as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return ("false", "true")[value]
    if isinstance(value, list):
        return ",".join(map(str, cast("list[object]", value)))
    return encode(value).decode() if isinstance(value, dict) else str(value)
