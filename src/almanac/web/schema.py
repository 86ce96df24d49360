"""JSON Schema of the Structs, with what msgspec leaves out mended, and OpenAPI parameters and headers."""

import functools
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta, Struct

from almanac.diff import FieldDiff
from almanac.kind import Kind, disclosure_id, record
from almanac.model import Evidence, uuid8
from almanac.web import growth
from almanac.web.coding import CODINGS
from almanac.web.operation import Operation, ReadMeta, Write

Json = dict[str, Any]

_REF = "#/components/schemas/{name}"

HEADERS: Json = {
    name: {"description": told, "schema": {"type": "string"} | shape}
    for name, told, shape in (
        ("Access-Control-Allow-Origin", "`*`: pages of any site may read the answer.", {"enum": ["*"]}),
        (
            "ETag",
            "Names these very bytes; send it back in `If-None-Match`.",
            {"pattern": r'^"[\x21\x23-\x7e]+"$', "maxLength": 100},
        ),
        ("Cache-Control", "How long the answer may be kept.", {"pattern": "^[a-z0-9=, -]+$", "maxLength": 100}),
        ("Vary", "Request headers that choose the representation.", {"pattern": "^[A-Za-z, -]+$", "maxLength": 100}),
        (
            "Link",
            (
                "`permalink` gives this answer for ever, `next` the next page, `describedby` the columns of a CSV, "
                "`service-desc` the contract (RFC 8288)."
            ),
            {"pattern": "^<[^>]+>; ", "maxLength": 65536},
        ),
        ("Almanac-Edition", "Edition that the answer rests on.", {"pattern": "^[0-9]+$", "maxLength": 16}),
        ("Almanac-Known-On", "Date that the answer rests on.", {"format": "date"}),
        (
            "Location",
            "Where to read on: what became of a batch or an export, or the company that another was merged into.",
            {"pattern": "^/", "maxLength": 16384},
        ),
        (
            "Preference-Applied",
            "`respond-async`, where `Prefer` asked for it (RFC 7240).",
            {"enum": ["respond-async"]},
        ),
        ("WWW-Authenticate", "How to give a key, with 401.", {"pattern": "^Bearer", "maxLength": 200}),
        ("Accept-Ranges", "`bytes`: parts of the file can be had.", {"enum": ["bytes"]}),
        (
            "Content-Range",
            "Which part of the file this is, and its size.",
            {"pattern": r"^bytes ([0-9]+-[0-9]+|\*)/[0-9]+$", "maxLength": 60},
        ),
        (
            "Repr-Digest",
            "SHA-256 of the whole file (RFC 9530).",
            {"pattern": "^sha-256=:[A-Za-z0-9+/]{43}=:$", "maxLength": 54},
        ),
        (
            "X-Total-Count",
            "Number of rows, where the answer is a whole list as a table.",
            {"type": "integer", "minimum": 0, "maximum": 1_000_000},
        ),
        (
            "Content-Disposition",
            "Name for a file of the answer.",
            {"pattern": '^attachment; filename="[^"]+"$', "maxLength": 300},
        ),
        (
            "Content-Encoding",
            "The coding of the bytes, where `Accept-Encoding` asks for one of these; `ETag` is that of the coded bytes.",
            {"enum": list(CODINGS)},
        ),
        (
            "Server-Timing",
            "Where the answer came from (`cache`) and how long it took here, in milliseconds (`total`).",
            {"pattern": '^cache;desc="[a-z]+", total;dur=[0-9]+\\.[0-9]+$', "maxLength": 100},
        ),
        (
            "X-Request-Id",
            "Names this request in the service's log.",
            {"pattern": "^[A-Za-z0-9._-]+$", "maxLength": 64},
        ),
        (
            "RateLimit-Policy",
            "The quota that the request was charged to: `q` requests at once, and as many again over each `w` seconds.",
            {"pattern": '^"(anonymous|key)";q=[0-9]+;w=[0-9]+$', "maxLength": 60},
        ),
        (
            "RateLimit",
            "What is left of that quota: `r` requests, and all of it in `t` seconds.",
            {"pattern": '^"(anonymous|key)";r=[0-9]+;t=[0-9]+$', "maxLength": 60},
        ),
        ("Retry-After", "Seconds to wait before trying again.", {"type": "integer", "minimum": 0, "maximum": 99_999}),
    )
}
QUOTA_HEADERS = ("RateLimit-Policy", "RateLimit")
"""Where requests are charged."""
_ANSWER_HEADERS = ("ETag", "Cache-Control", "Vary", "Link", "Almanac-Edition", "X-Request-Id", *QUOTA_HEADERS)

MOVED_HEADERS = ("Cache-Control", "Vary", "Almanac-Edition", "Almanac-Known-On", "X-Request-Id", *QUOTA_HEADERS)


def header_refs() -> Json:
    """Headers of an answer."""
    return refs(*_ANSWER_HEADERS, "Almanac-Known-On", "Server-Timing")


def problem_header_refs(status: int) -> Json:
    """Headers of a problem."""
    own = {401: ["WWW-Authenticate"], 416: ["Content-Range"], 429: ["Retry-After"], 503: ["Retry-After"]}
    return refs("X-Request-Id", *QUOTA_HEADERS, *own.get(status, []))


def refs(*names: str) -> Json:
    """Headers by name, and the one that every answer has."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("Access-Control-Allow-Origin", *names)}


def envelope(operation: Operation) -> type[Struct]:
    """The `data` and `meta` of an operation's answer, named for what it holds."""
    return _envelope(operation.data, operation.meta, _most(operation.query))


def _most(query: type[Struct]) -> int | None:
    """Most items of a page: what `limit` may say; None if there is no such parameter."""
    limits = [msgspec.json.schema(field.type) for field in msgspec.structs.fields(query) if field.name == "limit"]
    return limits[0]["maximum"] if limits else None


@functools.cache
def _envelope(data: Any, meta: type[ReadMeta], most: int | None) -> type[Struct]:
    info: Any = msgspec.inspect.type_info(data)
    page = info.__class__ is msgspec.inspect.ListType
    name: str = (info.item_type.cls if page else info.cls).__name__
    suffix = {"PageMeta": "Page", "FeedMeta": "Feed", "ReadMeta": "List" if page else "Answer"}[meta.__name__]
    what = "Items in order." if page else "What was asked for."
    return msgspec.defstruct(
        f"{name}{suffix}",
        [("data", Annotated[data, Meta(description=what, max_length=most)]), ("meta", meta)],
        namespace={"__doc__": f"{'A page of items' if page else 'One item'} and what it rests on."},
    )


def written(operation: Write) -> type[Struct]:
    """The envelope of a write's answer."""
    return _written(operation.data)


@functools.cache
def _written(data: type[Struct]) -> type[Struct]:
    described = Annotated[data, Meta(description="What was asked for.")]
    return msgspec.defstruct(f"{data.__name__}Answer", [("data", described)], namespace={"__doc__": "One item."})


def components(types: Sequence[type[Struct]], kinds: Sequence[Kind]) -> Json:
    """Schemas of all types, by Struct name."""
    _, found = msgspec.json.schema_components(types, ref_template=_REF)
    found = {name: _mend(part) for name, part in found.items()}
    versions = [_REF.format(name=record(kind).__name__) for kind in kinds]
    found["AnyVersion"] = {
        "description": "A version of any kind; `kind` says which. Kinds may be added.",
        "oneOf": [{"$ref": ref} for ref in versions],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {kind.name: ref for kind, ref in zip(kinds, versions, strict=True)},
        },
    }
    for kind in kinds:
        found[record(kind).__name__]["examples"] = [example(kind)]
    for name in ("old", "new"):
        described = found[FieldDiff.__name__]["properties"][name].get("description", "")
        found[FieldDiff.__name__]["properties"][name] = {"description": described}
    return growth.mark(found)


def example(kind: Kind) -> Json:
    """The kind's example as a version, as it would be served."""
    own = kind.complete(kind.example)
    header = {
        "id": disclosure_id("zte", kind, own),
        "kind": kind.name,
        "company": "zte",
        "company_name": "ZTE Corporation",
    }
    numbers: Json = {"version": 1, "edition": 1, "seq": 1, "op": "add", "changed": [], "known_from": "2023-06-30"}
    evidence = dict.fromkeys(Evidence.__struct_fields__)
    source = {
        "id": uuid8(["source", "example"]),
        "title": "2022 Sustainability Report",
        "publisher": "ZTE Corporation",
        "published_on": "2023-06-30",
        "url": None,
        "licence": "Facts, cited",
    }
    values: Json = header | numbers | {name: own[name] for name in kind.fields} | evidence | {"source": source}
    encoded = msgspec.json.Encoder(decimal_format="number").encode(values)
    return msgspec.json.decode(encoded)


def parameters(shape: type[Struct], where: str, sample: Mapping[str, str]) -> list[Json]:
    """OpenAPI parameters of a Struct."""
    _, found = msgspec.json.schema_components([shape], ref_template=_REF)
    properties: Json = found[shape.__name__]["properties"]
    needed = set(found[shape.__name__].get("required", []))
    described: list[Json] = []
    for name, part in properties.items():
        mended = _mend(part)
        told = mended.pop("description", f"Only what has exactly this `{name}`.")
        examples = mended.pop("examples", [])
        parameter: Json = {"name": name, "in": where, "required": name in needed, "description": told, "schema": mended}
        if name in sample:
            integer = mended.get("type") == "integer"
            parameter["example"] = int(sample[name]) if integer else sample[name]
        elif examples and name in needed:
            parameter["example"] = examples[0]
        elif examples:
            # Not as the parameter's own: tools fill that in, and all filters at once leave nothing over.
            mended["examples"] = examples
        described.append(parameter)
    return described


def _mend(part: Any) -> Any:
    """What msgspec says, said as the wire has it: decimals are numbers, null is a type, enums have one."""
    if isinstance(part, list):
        return [_mend(one) for one in cast("list[Any]", part)]
    if not isinstance(part, dict):
        return part
    # msgspec's own title is a text and repeats the component's name; a field named `title` is a schema and stays.
    items = cast("Json", part).items()
    mended: Json = {name: _mend(value) for name, value in items if name != "title" or not isinstance(value, str)}
    if mended.get("format") == "decimal":
        mended = {name: value for name, value in mended.items() if name != "format"} | {"type": "number"}
    if mended.get("default", ...) is None:
        del mended["default"]
    if "enum" in mended and "type" not in mended:
        mended["type"] = "string" if all(isinstance(one, str) for one in mended["enum"]) else "integer"
    options = mended.get("anyOf")
    if options is not None and len(options) == 2 and options[1] == {"type": "null"}:
        mended = _nullable(mended, options[0])
    return mended


def _nullable(whole: Json, option: Json) -> Json:
    rest = {name: value for name, value in whole.items() if name != "anyOf"}
    if "type" not in option or isinstance(option["type"], list):
        return rest | {"anyOf": [option, {"type": "null"}]}
    flat = option | rest | {"type": [option["type"], "null"]}
    if "enum" in flat:
        flat["enum"] = [*flat["enum"], None]
    return flat
