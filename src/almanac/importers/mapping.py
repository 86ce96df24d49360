"""The mapping of a table that no importer knows: a TOML file that says which column holds what, checked before a row is read.

README.md beside this module has the format, with a worked example.
"""

import datetime as dt
import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
from msgspec import Struct

from almanac.errors import BadFile
from almanac.importers.guard import check_file
from almanac.importers.mapped_shapes import SHAPES, shape
from almanac.importers.mapped_terms import Alias, Answer, Class, Company, Given, Layout, Spelled, Table, Where
from almanac.kind import submission
from almanac.kinds import KINDS
from almanac.publish.batch import SourceLine

_KINDS = {kind.name: kind for kind in KINDS}
_SOURCE = [one for one in SourceLine.__struct_fields__ if one not in ("key", "sha256")]
_COMPANY = ("name", "number", "country", "lei", "isin")
_OURS = ("company", "source", "sheet", "row")
_S = TypeVar("_S", bound=Struct)


def read(path: Path) -> Table:
    """The mapping in a file. Errors: BadFile naming the key, what is wrong with it and the nearest that is known."""
    check_file(path)
    try:
        told = tomllib.loads(path.read_text("utf-8-sig"), parse_float=Decimal)
        return _table(told)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadFile(f"{path}: is no mapping: {error}") from error
    except ValueError as error:  # msgspec's errors too
        raise BadFile(f"{path}: {error}") from error


def released(table: Table) -> dt.date | None:
    """The day of publication that a mapping gives for the whole file; None if it gives none."""
    given = table.source.get("published_on")
    day = None if given is None else given.constant or given.default
    return None if day is None else dt.date.fromisoformat(str(day))


def nearest(name: str, known: Iterable[str]) -> str:
    """Words for a name that is not known: the nearest one, or all of them."""
    names = list(known)
    close = difflib.get_close_matches(name.casefold(), names, 1, 0.5)
    return f"the nearest is {close[0]!r}" if close else f"there are {', '.join(names)}"


def _table(told: dict[str, Any]) -> Table:
    _keys(told, ("file", "source", "company", "units", "answer"), "the mapping")
    for name in ("source", "company", "answer"):
        if name not in told:
            raise ValueError(f"[{name}] must be given")
    names = ("file", "source", "company", "units")
    tables = {name: msgspec.convert(told.get(name, {}), dict[str, Any]) for name in names}
    answers = msgspec.convert(told["answer"], list[dict[str, Any]])
    return Table(
        layout=_layout(tables["file"]),
        source=_source(tables["source"]),
        company=_company(tables["company"]),
        units={
            name: _struct({"unit": one} if isinstance(one, str) else one, Spelled, f"units.{name}")
            for name, one in tables["units"].items()
        },
        answers=tuple(one for n, block in enumerate(answers, 1) for one in _answers(block, f"answer {n}")),
    )


def _layout(told: dict[str, Any]) -> Layout:
    found = _struct(told, Layout, "file")
    if found.decimal not in (".", ",") or found.header_row < 1 or len(found.delimiter or ",") != 1:
        raise ValueError('file: `decimal` is "." or ",", `header_row` counts from 1, `delimiter` is one character')
    return found


def _source(told: dict[str, Any]) -> dict[str, Given]:
    found = _fields(told, _SOURCE, "source")
    for name in ("title", "publisher", "licence"):
        given = found.get(name)
        if given is None or (given.column is not None and given.default is None):
            raise ValueError(f"source: `{name}` must be given, with a `default` where it is a column")
    found.setdefault("type", Given(constant="data_set"))
    _constants(found, {one.name: one.type for one in msgspec.structs.fields(SourceLine)}, "source")
    return found


def _company(told: dict[str, Any]) -> Company:
    _keys(told, (*_COMPANY, "register", "names", "classes"), "company")
    found = _fields({name: told[name] for name in _COMPANY if name in told}, _COMPANY, "company")
    register = str(told.get("register", "table"))
    if (
        "name" not in found
        or not re.fullmatch(r"[a-z0-9_]{1,40}", register)
        or ("number" in found) != ("register" in told)
    ):
        raise ValueError("company: give `name`, and with a `number` its `register` in small letters, digits and _")
    return Company(
        fields=found,
        register=register,
        names=[_struct(one, Alias, "company.names") for one in _list(told.get("names", []))],
        classes=[_struct(one, Class, "company.classes") for one in _list(told.get("classes", []))],
    )


def _answers(told: dict[str, Any], where: str) -> list[Answer]:
    """The answers of one block: one, or with `periods` one a column."""
    kind = _KINDS.get(str(told.pop("kind", "")))
    if kind is None:
        raise ValueError(f"{where}: `kind` is one of {', '.join(_KINDS)}")
    own = {one.name: one for one in msgspec.structs.fields(submission(kind)) if one.name not in _OURS}
    filters, periods = told.pop("where", []), told.pop("periods", None)
    wheres = [_struct(one, Where, f"{where}.where") for one in _list(filters)]
    blocks = [told]
    if periods is not None:
        if not {"period", "value"} <= own.keys() or "period" in told or not isinstance(told.get("value", {}), dict):
            raise ValueError(f"{where}: `periods` stands instead of `period`, and names a column of values for each")
        columns = msgspec.convert(periods, dict[str, str])
        value = told.get("value", {})
        blocks = [told | {"period": name, "value": {**value, "column": one}} for name, one in columns.items()]
    found = [_fields(block, own, where) for block in blocks]
    for block in found:
        lacking = [name for name, one in own.items() if one.required and name not in block]
        if lacking:
            raise ValueError(f"{where}: {kind.name} need {', '.join(f'`{name}`' for name in lacking)}")
        _constants(block, {name: one.type for name, one in own.items()}, where)
    return [Answer(kind=kind.name, where=wheres, fields=block) for block in found]


def _list(told: Any) -> list[Any]:
    return cast("list[Any]", told) if isinstance(told, list) else [told]


def _fields(told: Mapping[str, Any], known: Iterable[str], where: str) -> dict[str, Given]:
    _keys(told, known, where)
    return {name: _given(one, f"{where}.{name}") for name, one in told.items()}


def _given(told: Any, where: str) -> Given:
    if not isinstance(told, dict):
        return Given(constant=str(told) if isinstance(told, int) and not isinstance(told, bool) else told)
    found = _struct(told, Given, where)
    if isinstance(found.default, int) and not isinstance(found.default, bool):
        found = msgspec.structs.replace(found, default=str(found.default))
    if found.column is None or "constant" in told:
        raise ValueError(f"{where}: a table names its `column`; a constant is written as it is")
    if found.pattern is not None and _groups(found.pattern) != 1:
        raise ValueError(f"{where}: `pattern` is a regular expression with one group, which is what counts")
    if found.template is not None and found.template.count("{}") != 1:
        raise ValueError(f"{where}: `template` has one {{}}, for what the cell says")
    return found


def _groups(pattern: str) -> int:
    try:
        return re.compile(pattern).groups
    except re.error:
        return 0


def _struct(told: Any, wanted: type[_S], where: str) -> _S:
    if not isinstance(told, dict):
        raise ValueError(f"{where}: is a table of {', '.join(wanted.__struct_encode_fields__)}")  # noqa: TRY004
    _keys(msgspec.convert(told, dict[str, Any]), wanted.__struct_encode_fields__, where)
    try:
        return msgspec.convert(told, wanted)
    except msgspec.ValidationError as error:
        raise ValueError(f"{where}: {error}") from error


def _keys(told: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    names = list(known)
    for name in told:
        if name not in names:
            raise ValueError(f"{where}: there is no key {name!r}; {nearest(name, names)}")


def _constants(found: Mapping[str, Given], types: Mapping[str, Any], where: str) -> None:
    """Refuse constants that their field does not take, before a row is read."""
    for name, given in found.items():
        for value in (given.constant, given.default):
            if value is None:
                continue
            try:
                told = value.isoformat() if isinstance(value, dt.date) else value
                msgspec.convert(told, types[name], strict=shape(types[name]) not in SHAPES)
            except msgspec.ValidationError as error:
                raise ValueError(f"{where}: `{name}`: {error}") from error
