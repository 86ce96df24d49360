"""Columns of lines with their types: exact numbers, dates, and JSON as it stands for lists and objects."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Raw, Struct

from almanac.partner.target import Json

DECIMAL = "DECIMAL(38,12)"
_FITS = re.compile(r"-?[0-9]{1,26}(\.[0-9]{1,12})?", re.ASCII)
_NULL = Raw(b"null")
_LINE = msgspec.json.Decoder(dict[str, Raw])
_TYPES: dict[str, tuple[str, Any]] = {
    "integer": ("BIGINT", int),
    "boolean": ("BOOLEAN", bool),
    "date": ("DATE", dt.date),
    "datetime": ("TIMESTAMP WITH TIME ZONE", dt.datetime),
}
_AS_IT_STANDS = ("list", "array", "object")


class Column(Struct, frozen=True):
    """A column, its type in SQL, and the field of the line that it comes from."""

    name: str
    type: str
    field: str


def columns(fields: Sequence[Json]) -> list[Column]:
    """Columns for the fields of a manifest; a number has a second one, for digits that the first cannot hold."""
    found: list[Column] = []
    for field in fields:
        name, kind = field["name"], field["type"]
        if kind == "number":
            found += [Column(name, DECIMAL, name), Column(f"{name}_exact", "VARCHAR", name)]
        elif kind in _AS_IT_STANDS:
            found.append(Column(name, "JSON", name))
        else:
            found.append(Column(name, _TYPES.get(kind, ("VARCHAR", str))[0], name))
    return found


def values(fields: Sequence[Json], lines: Sequence[str]) -> Iterator[list[Any]]:
    """Values of `columns`, one list a column; a number is given by its digits.

    Errors: DecodeError where a value is not of its type.
    """
    rows = [_LINE.decode(line) for line in lines]
    for field in fields:
        name, kind = field["name"], field["type"]
        found = [bytes(row.get(name, _NULL)) for row in rows]
        if kind == "number":
            texts = _texts(found)
            fits = [text is not None and bool(_FITS.fullmatch(text)) for text in texts]
            yield [text if fit else None for text, fit in zip(texts, fits, strict=True)]
            yield [None if fit else text for text, fit in zip(texts, fits, strict=True)]
        elif kind in _AS_IT_STANDS:
            yield _texts(found)
        else:
            held: Any = _TYPES.get(kind, ("VARCHAR", str))[1]
            yield msgspec.json.decode(b"[" + b",".join(found) + b"]", type=list[held | None])


def _texts(found: Sequence[bytes]) -> list[str | None]:
    return [None if one == b"null" else one.decode() for one in found]
