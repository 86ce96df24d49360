"""One record of GLEIF's API as a table of one row: LEI, legal name, country and the other names. Source: JSON:API v1."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from almanac.importers.records import Table, json_value

_TYPES = {
    "TRADING_OR_OPERATING_NAME": "trading",
    "PREVIOUS_LEGAL_NAME": "former",
    "ALTERNATIVE_LANGUAGE_LEGAL_NAME": "alias",
}


class _Said(Struct):
    name: str
    language: str | None = None
    type: str | None = None


class _Address(Struct):
    country: str


class _Entity(Struct, rename="camel"):
    legal_name: _Said
    legal_address: _Address
    other_names: list[_Said] = field(default_factory=list[_Said])
    transliterated_other_names: list[_Said] = field(default_factory=list[_Said])


class _Attributes(Struct):
    lei: str
    entity: _Entity


class _Data(Struct):
    attributes: _Attributes


class _Record(Struct):
    data: _Data
    meta: dict[str, Any]


def gleif_table(path: Path) -> Table | None:
    """The record in a file; None for any other file."""
    record = _record(path)
    if record is None:
        return None
    said = record.data.attributes
    others = [_name(one, _TYPES.get(one.type or "", "alias")) for one in said.entity.other_names]
    others += [_name(one, "transliterated") for one in said.entity.transliterated_other_names]
    row: dict[str, Any] = {
        "lei": said.lei,
        "legalName": said.entity.legal_name.name,
        "country": said.entity.legal_address.country,
        "otherNames": json.dumps(others, ensure_ascii=False) if others else "",
        "record": json.dumps(json_value(path), ensure_ascii=False),
    }
    names = tuple(row)
    return Table(name=path.stem, names=names, places=names, header_row=None, rows=[(1, row)])


def published(path: Path) -> dt.date | None:
    """The day of the golden copy that the record is of."""
    record = _record(path)
    copy = record.meta.get("goldenCopy") if record else None
    day = copy.get("publishDate") if isinstance(copy, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return dt.date.fromisoformat(str(day)[:10]) if day else None  # pyright: ignore[reportUnknownArgumentType]


def _record(path: Path) -> _Record | None:
    try:
        return msgspec.convert(json_value(path), _Record)
    except msgspec.ValidationError:
        return None


def _name(said: _Said, sort: str) -> dict[str, str]:
    return {"name": said.name, "lang": (said.language or "en").casefold(), "type": sort}
