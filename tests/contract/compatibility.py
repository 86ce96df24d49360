"""What breaks callers of one OpenAPI document if another takes its place. Pure; `openapi/README.md` has the promise.

What callers send may only be taken more widely, and what they get may only be told more narrowly or in more detail.
Two things are no breaks: wider bounds of answers (a page may hold more), and values and shapes added where the old
document marks them with `x-growing`.
"""

from collections.abc import Callable, Iterable, Iterator
from operator import gt, lt
from typing import Any

Json = dict[str, Any]

GROWING = "x-growing"
_SCHEMAS = "#/components/schemas/"
_BOUNDS = [("minimum", gt), ("minLength", gt), ("minItems", gt), ("maximum", lt), ("maxLength", lt), ("maxItems", lt)]


def breaks(old: Json, new: Json) -> list[str]:
    """Each break as `where: what`, in the order of the old document."""
    was, now = _inlined(old, old), _inlined(new, new)
    found = _kept("", was["paths"], now["paths"], _path)
    # Components are the answers' shapes. Their names count: generated clients name classes by them.
    return [*found, *_kept("", was["components"]["schemas"], now["components"]["schemas"], _got)]


def _inlined(part: Any, document: Json) -> Any:
    """The document with its shared responses and headers where they are used; schemas stay, and are compared by name."""
    if isinstance(part, list):
        return [_inlined(one, document) for one in part]
    if not isinstance(part, dict):
        return part
    target = part.get("$ref")
    if isinstance(target, str) and not target.startswith(_SCHEMAS):
        _, _, sort, name = target.split("/")
        return _inlined(document["components"][sort][name], document)
    return {name: _inlined(value, document) for name, value in part.items()}


def _kept(where: str, old: Json, new: Json, compare: Callable[[str, Json, Json], Iterator[str]]) -> Iterator[str]:
    for name, was in old.items():
        place = f"{where} {name}".strip()
        if name in new:
            yield from compare(place, was, new[name])
        else:
            yield f"{place}: removed"


def _path(where: str, old: Json, new: Json) -> Iterator[str]:
    yield from _kept(where, old, new, _operation)


def _operation(where: str, old: Json, new: Json) -> Iterator[str]:
    # Generated clients name functions by ids, and modules by tags.
    for name in ("operationId", "tags"):
        yield from _same(where, name, old, new)
    # An empty choice among those of `security` is: without a key.
    if {} not in (new.get("security") or [{}]) and {} in (old.get("security") or [{}]):
        yield f"{where}: newly needs a key"
    was, now = ({f"{p['name']} in {p['in']}": p for p in one.get("parameters", [])} for one in (old, new))
    yield from _kept(where, was, now, _parameter)
    for name, parameter in now.items():
        if parameter.get("required") and not was.get(name, {}).get("required"):
            yield f"{where} {name}: newly required"
    was, now = (one.get("requestBody", {}) for one in (old, new))
    if now.get("required") and not was.get("required"):
        yield f"{where}: body newly required"
    yield from _kept(where, was.get("content", {}), now.get("content", {}), _parameter)
    yield from _kept(where, old["responses"], new["responses"], _response)


def _parameter(where: str, old: Json, new: Json) -> Iterator[str]:
    yield from _sent(where, old["schema"], new["schema"])


def _response(where: str, old: Json, new: Json) -> Iterator[str]:
    for name in ("headers", "content"):
        yield from _kept(where, old.get(name, {}), new.get(name, {}), _answer)
    # Not by name: names number the links, and a new one may stand between.
    links = [(link["operationId"], link["parameters"]) for link in new.get("links", {}).values()]
    for link in old.get("links", {}).values():
        if (link["operationId"], link["parameters"]) not in links:
            yield f"{where}: link to {link['operationId']} removed"


def _answer(where: str, old: Json, new: Json) -> Iterator[str]:
    yield from _got(where, old.get("schema", {}), new.get("schema", {}))


def _sent(where: str, old: Json, new: Json) -> Iterator[str]:
    """What callers could send and no longer can."""
    if "type" in new:
        yield from _gone(where, "no longer taken:", _types(old), _types(new))
    if "enum" in new:
        yield from _gone(where, "no longer taken:", old.get("enum", ["any other value"]), new["enum"])
    for name, tighter in _BOUNDS:
        if name in new and (name not in old or tighter(new[name], old[name])):
            yield f"{where}: {name} was {old.get(name)}, is {new[name]}"
    for name in ("pattern", "format"):
        if name in new:
            yield from _same(where, name, old, new)
    yield from _same(where, "default", old, new)
    if "items" in new:
        yield from _sent(f"{where} items", old.get("items", {}), new["items"])


def _got(where: str, old: Json, new: Json) -> Iterator[str]:
    """What callers could rely on in an answer and no longer can."""
    was, now = _shapes(old), _shapes(new)
    yield from _gone(where, "no longer", was.keys() - {"null"}, now)
    if not old.get(GROWING):
        yield from _gone(where, "may now be", now, was)
    for shape in was.keys() & now.keys() - {"null"}:
        yield from _value(where, was[shape], now[shape])


def _value(where: str, old: Json, new: Json) -> Iterator[str]:
    if "type" in old:
        yield from _gone(where, "may now be", _types(new), _types(old))
    if "enum" in old:
        now = new.get("enum", ["any other value"])
        yield from _gone(where, "no longer", old["enum"], [*now, None])
        if not old.get(GROWING):
            yield from _gone(where, "may now be", now, old["enum"])
    for name in ("pattern", "format"):
        if name in old:
            yield from _same(where, name, old, new)
    yield from _gone(where, "may now be missing:", old.get("required", []), new.get("required", []))
    yield from _kept(where, old.get("properties", {}), new.get("properties", {}), _got)
    for name in ("items", "additionalProperties", "contentSchema"):
        if isinstance(old.get(name), dict):
            yield from _got(f"{where} {name}", old[name], new.get(name, {}))


def _shapes(schema: Json) -> Json:
    """What a value may be: components by name, null, or what stands here."""
    options = schema.get("anyOf", schema.get("oneOf", [schema]))
    return {
        one["$ref"].removeprefix(_SCHEMAS) if "$ref" in one else "null" if one.get("type") == "null" else "itself": one
        for one in options
    }


def _types(schema: Json) -> list[str]:
    types = schema.get("type", ["anything"])
    types = [types] if isinstance(types, str) else types
    return [*types, "integer"] if "number" in types else types


def _gone(where: str, what: str, those: Iterable[Any], among: Iterable[Any]) -> Iterator[str]:
    among = list(among)
    yield from (f"{where}: {what} {one!r}" for one in those if one not in among)


def _same(where: str, name: str, old: Json, new: Json) -> Iterator[str]:
    if old.get(name) != new.get(name):
        yield f"{where}: {name} was {old.get(name)}, is {new.get(name)}"
