"""What may be exported: the list of each kind, asked for in the words of its URL, and read by the parser of that URL."""

import functools
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, cast, get_args

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from almanac.errors import BadParameter, Fault
from almanac.kind import Kind
from almanac.store.exports import Format, Wanted
from almanac.web import kinds as lists
from almanac.web.address import given
from almanac.web.nearest import near
from almanac.web.operation import Operation
from almanac.web.params import parse_path, unknown, wrong

MOST_SHEET_ROWS = 100_000
"""Most rows of a spreadsheet: more than people page through, and each row costs some 2 kB of temporary file."""

# The page and the form of an answer; an export has neither. `edition` stands beside the filters.
_NO_FILTERS = frozenset(("cursor", "limit", "bom", "min_edition", "edition"))
_MEMBERS = ("kind", "filters", "format", "edition")
_FORMATS: tuple[str, ...] = get_args(Format)
_DEEPEST = "The body nests deeper than anything that means something."

FileFormat = Annotated[
    Format,
    Meta(
        description=(
            "`csv.gz` and `ndjson.gz` hold the lines that `.csv` and `.ndjson` of the list have; `parquet` the columns of the "
            f"CSV, typed; `xlsx` a workbook, of {MOST_SHEET_ROWS} rows at most."
        )
    ),
]


class Request(Struct, frozen=True, kw_only=True):
    """A body, understood: which list, how it is narrowed, in which format; and what it says, however it was spelt."""

    kind: Kind
    format: Format
    query: Any
    said: bytes


@functools.cache
def listing(kind: Kind) -> Operation:
    """The list of a kind across companies."""
    return lists.operations([kind])[0]


@functools.cache
def query_of(kind: Kind) -> type[Struct]:
    """What a list is narrowed by, with the edition: parameters of its URL but for the page and the form."""
    return _parameters(kind, f"{kind.content.__name__}ExportQuery", _NO_FILTERS - {"edition"})


@functools.cache
def filters_of(kind: Kind) -> type[Struct]:
    """What a list is narrowed by."""
    return _parameters(kind, f"{kind.content.__name__}ExportFilters", _NO_FILTERS)


def _parameters(kind: Kind, name: str, without: frozenset[str]) -> type[Struct]:
    fields = [
        (one.encode_name, one.type, one.default)
        for one in msgspec.structs.fields(listing(kind).query)
        if one.encode_name not in without
    ]
    namespace = {"__doc__": f"What the list `/v1/{kind.name}` can be narrowed by."}
    return msgspec.defstruct(name, fields, namespace=namespace, kw_only=True, frozen=True, forbid_unknown_fields=True)


@functools.cache
def body_of(kind: Kind) -> type[Struct]:
    """The body that asks for an export of a list."""
    edition = next(one for one in msgspec.structs.fields(listing(kind).query) if one.encode_name == "edition")
    narrowed = Annotated[
        filters_of(kind) | UnsetType,
        Meta(description="Parameters of the list, as in its URL; without them it is the whole list."),
    ]
    named = Annotated[Literal[kind.name], Meta(description="Kind whose list it is, as in `/v1/kinds`.")]
    return msgspec.defstruct(
        f"{kind.content.__name__}Export",
        [("kind", named), ("format", FileFormat), ("filters", narrowed, UNSET), ("edition", edition.type, UNSET)],
        namespace={"__doc__": f"An export of the list `/v1/{kind.name}`."},
        kw_only=True,
        frozen=True,
        forbid_unknown_fields=True,
    )


def understood(data: bytes, kinds: Sequence[Kind]) -> Request:
    """The body as a request. Errors: BadParameter with a fault for each member that is wrong."""
    told = _object(data)
    faults = [
        unknown(name, _text(value), dict.fromkeys(_MEMBERS)) for name, value in told.items() if name not in _MEMBERS
    ]
    kind = _one_of(told, "kind", {kind.name: kind for kind in kinds}, faults)
    form = _one_of(told, "format", {name: name for name in _FORMATS}, faults)
    if kind is None:
        raise wrong(faults)
    given_filters = told.get("filters", {})
    if not isinstance(given_filters, dict):
        faults.append(Fault(parameter="filters", value=_text(given_filters), detail="is no object of parameters"))
        raise wrong(faults)
    filters = cast("dict[str, Any]", given_filters)
    names = filters_of(kind).__struct_encode_fields__
    faults += [
        unknown(name, _text(value), dict.fromkeys(names)) for name, value in filters.items() if name not in names
    ]
    asked = {name: value for name, value in filters.items() if name in names}
    query = _query(kind, asked | ({"edition": told["edition"]} if "edition" in told else {}), faults)
    if faults:
        raise wrong(faults)
    return Request(kind=kind, format=form, query=query, said=json.dumps(told, sort_keys=True).encode())


def wanted(request: Request, edition: int, known_on: Any) -> Wanted:
    """What decides the file of a request, at its time."""
    filters = {
        name: value for name, value in given(request.query).items() if name not in ("edition", "as_of", "known_on")
    }
    return Wanted(kind=request.kind.name, filters=filters, edition=edition, known_on=known_on, format=request.format)


def _object(data: bytes) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise wrong([Fault(parameter=name[:100], detail="is given twice; give it once") for name in twice])
        return dict(pairs)

    try:
        msgspec.json.decode(data)  # the stricter of the two: no NaN, no half of a character
        told = json.loads(data, object_pairs_hook=once)
    except RecursionError:
        raise BadParameter(_DEEPEST) from None
    except ValueError as error:
        raise BadParameter(f"The body is no JSON: {str(error)[:200]}.") from None
    if not isinstance(told, dict):
        raise BadParameter("The body is no JSON object.")
    return cast("dict[str, Any]", told)


def _one_of(told: Mapping[str, Any], name: str, known: Mapping[str, Any], faults: list[Fault]) -> Any:
    if name not in told:
        faults.append(Fault(parameter=name, detail="is needed", allowed=list(known)))
        return None
    value = told[name]
    if not isinstance(value, str) or value not in known:
        text = _text(value)
        faults.append(
            Fault(
                parameter=name,
                value=text,
                detail="is none of the allowed values",
                allowed=list(known),
                suggestion=near(text, known),
            )
        )
        return None
    return known[value]


def _query(kind: Kind, asked: Mapping[str, Any], faults: list[Fault]) -> Any:
    """The parameters, read as in a URL; a number has to be a number here, and a text a text."""
    texts: dict[str, str] = {}
    for name, told in asked.items():
        # JSON has one sort of number, and some write 2022 as 2022.0.
        value = int(told) if isinstance(told, float) and told.is_integer() else told
        if isinstance(value, bool) or not isinstance(value, str | int):
            faults.append(Fault(parameter=name, value=_text(value), detail="is neither a text nor a whole number"))
        elif value == "":
            faults.append(Fault(parameter=name, value="", detail="has no value; leave it out or give one"))
        else:
            texts[name] = str(value)
    try:
        query: Any = parse_path(query_of(kind), texts)
    except BadParameter as error:
        faults += error.faults
        return None
    for name, text in texts.items():
        is_number = isinstance(getattr(query, name), int)
        if is_number == isinstance(asked[name], str):
            told = "is written as a number, without quotes" if is_number else "is written as a text, in quotes"
            faults.append(Fault(parameter=name, value=text[:200], detail=told))
    return query


def _text(value: Any) -> str:
    return (value if isinstance(value, str) else json.dumps(value))[:200]
