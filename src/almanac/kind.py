"""What a kind of disclosure declares: data only. Everything that kinds share is written once, elsewhere, over this."""

import datetime as dt
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from types import MappingProxyType
from typing import Annotated, Any, Literal

import msgspec
from msgspec import NODEFAULT, Meta, Struct

from almanac.model import CompanyId, Content, Disclosure, Evidence, Filter, LongText, Text, uuid8

Values = Mapping[str, Any]

LINES = "lines"
"""The sheet that stands for a batch of lines."""


class Kind(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """One class of disclosure.

    `stem` names the whole slice: module, SQL folder, migration, operation ids and, with hyphens, the URL.
    `key` lists the own fields that say which question is asked; with company and kind they make the disclosure id.
    `derived` fields are computed when a version is published and are not accepted in a submission.
    `example` is one submitted answer's own fields.
    `topics` are those of the metrics that the kind takes; None for a kind without metrics, or for any.
    """

    stem: str
    table: str
    title: str
    about: str
    content: type[Content]
    key: tuple[str, ...]
    filter: type[Filter]
    example: Values
    topics: tuple[str, ...] | None = None
    derived: Mapping[str, Callable[[Values], Any]] = MappingProxyType({})

    @cached_property
    def name(self) -> str:
        """The public name: the stem with hyphens, as in the URL."""
        return self.stem.replace("_", "-")

    @property
    def fields(self) -> tuple[str, ...]:
        """Own field names in order, derived ones included."""
        return self.content.__struct_fields__

    def complete(self, values: Values) -> dict[str, Any]:
        """Own fields of a submitted answer with what was left out and what is derived."""
        given = {name: values[name] if name in values else field.left_out() for name, field in _given(self).items()}
        derived = {name: derive(given) for name, derive in self.derived.items()}
        return {name: derived[name] if name in derived else given[name] for name in self.fields}


class Row(Struct, frozen=True, kw_only=True):
    """What every submitted answer says beside its kind's own fields."""

    company: CompanyId
    source: Annotated[str, Meta(max_length=200, description="Key of a source line of the same batch, or a source id.")]
    known_from: Annotated[dt.date | None, Meta(description="Date; the source's date of publication where absent.")] = (
        None
    )
    withdrawn: Annotated[bool, Meta(description="The source says that this answer holds no more.")] = False
    page: Annotated[Text | None, Meta(description="Page or pages as printed.")] = None
    quote: Annotated[LongText | None, Meta(description="The source's words that give the answer.")] = None
    as_reported: Annotated[LongText | None, Meta(description="Spelling or unit of the source.")] = None
    note: Annotated[LongText | None, Meta(description="Editor's note.")] = None
    sheet: Annotated[Text | None, Meta(description="Sheet of the source's file.")] = None
    row: Annotated[
        Annotated[int, Meta(ge=1, le=100_000_000)] | None,
        Meta(description="Row of that sheet, as a spreadsheet numbers it."),
    ] = None


def disclosure_id(company: str, kind: Kind, values: Values) -> str:
    """Id of the question that these own fields ask about a company."""
    return uuid8([company, kind.name, *(values.get(name) for name in kind.key)])


@cache
def record(kind: Kind) -> type[Struct]:
    """Wire shape of one version: header, own fields, evidence; no field has a default, so every key is always there."""
    parts = (Disclosure, kind.content, Evidence)
    named = Annotated[Literal[kind.name], Meta(description="Kind of disclosure, as in `/v1/kinds`.")]
    fields = [(f.name, named if f.name == "kind" else f.type) for part in parts for f in msgspec.structs.fields(part)]
    namespace = {"__doc__": kind.content.__doc__}
    return msgspec.defstruct(kind.content.__name__, fields, namespace=namespace, kw_only=True, frozen=True)


@cache
def submission(kind: Kind) -> type[Struct]:
    """Shape of one submitted answer: own fields without the derived ones; a field with a default may be left out."""
    own = [f for f in msgspec.structs.fields(kind.content) if f.name not in kind.derived]
    return msgspec.defstruct(
        f"{kind.content.__name__}Submission",
        [(f.name, f.type, _default(f)) for f in own],
        bases=(Row,),
        namespace={"__doc__": f"One submitted answer of the kind `{kind.name}`."},
        kw_only=True,
        frozen=True,
        tag_field="record",
        tag=kind.name,
        forbid_unknown_fields=True,
    )


class _Given(Struct, frozen=True):
    """A field that a submission gives or leaves out."""

    default: Any
    factory: Any

    def left_out(self) -> Any:
        """What it is when left out."""
        return self.default if self.factory is NODEFAULT else self.factory()


@cache
def _given(kind: Kind) -> dict[str, _Given]:
    """Fields that are not derived; made once, because reading a Struct's annotations costs more than a row."""
    fields = msgspec.structs.fields(kind.content)
    return {f.name: _Given(f.default, f.default_factory) for f in fields if f.name not in kind.derived}


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default_factory is NODEFAULT else msgspec.field(default_factory=field.default_factory)
