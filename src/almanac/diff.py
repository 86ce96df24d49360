"""Field-by-field difference of two versions of one disclosure. Pure."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from almanac.kind import Kind
from almanac.model import Evidence

_EVIDENCE = tuple(name for name in Evidence.__struct_fields__ if name != "source")


class FieldDiff(Struct, frozen=True, kw_only=True):
    """One field that differs."""

    field: Annotated[str, Meta(description="Name of the field.")]
    old: Annotated[Raw, Meta(description="What the field was; null if it had no value.")]
    new: Annotated[Raw, Meta(description="What the field is; null if it has no value.")]


def diff(old: bytes, new: bytes, kinds: Mapping[str, Kind]) -> list[FieldDiff]:
    """Own fields and evidence that differ between two encoded versions, in the order of the kind; values keep their digits."""
    was, now = (msgspec.json.decode(body, type=dict[str, Raw]) for body in (old, new))
    kind = kinds[msgspec.json.decode(now["kind"], type=str)]
    names = ("known_from", *kind.fields, *_EVIDENCE)
    null = Raw(b"null")
    return [
        FieldDiff(field=name, old=was.get(name, null), new=now.get(name, null))
        for name in names
        if bytes(was.get(name, null)) != bytes(now.get(name, null))
    ]
