"""The document against the last released one. Catches: a change that breaks callers, however innocent it looks in Python."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.client import DOCUMENT
from tests.conftest import ROOT
from tests.contract.compatibility import GROWING, breaks

Json = dict[str, Any]

BASELINE = json.loads((ROOT / "openapi/baseline/v1.json").read_bytes())
# Keywords that the comparison looks at, and those that only say more about a schema.
COMPARED = {"type", "enum", "pattern", "format", "default", "minimum", "maximum", "minLength", "maxLength", "minItems"}
COMPARED |= {"maxItems", "required", "properties", "items", "additionalProperties", "anyOf", "oneOf", "$ref", GROWING}
COMPARED |= {"contentSchema"}
TELLING = {"description", "examples", "discriminator", "title", "deprecated", "x-suffix", "contentMediaType"}

LIST = "/v1/emissions"
ONE = "/v1/companies/{company}"


def test_nothing_breaks_a_caller_of_the_released_document():
    assert breaks(BASELINE, DOCUMENT) == [], "openapi/README.md says what may change"


def _list(document: Json) -> Json:
    return document["paths"][LIST]["get"]


def _sent(document: Json, name: str) -> Json:
    return next(p["schema"] for p in _list(document)["parameters"] if p["name"] == name)


def _got(document: Json, component: str, name: str) -> Json:
    return document["components"]["schemas"][component]["properties"][name]


def _snapshots_limit(document: Json) -> Json:
    parameters = document["paths"]["/v1/bulk/snapshots"]["get"]["parameters"]
    return next(p["schema"] for p in parameters if p["name"] == "limit")


def _require(document: Json) -> None:
    next(p for p in _list(document)["parameters"] if p["name"] == "metric")["required"] = True


def _rename_parameter(document: Json) -> None:
    next(p for p in _list(document)["parameters"] if p["name"] == "metric")["name"] = "measure"


def _new_required(document: Json) -> None:
    schema = {"type": "string"}
    _list(document)["parameters"].append({"name": "tenant", "in": "query", "required": True, "schema": schema})


SEEDED: dict[str, tuple[str, Callable[[Json], object]]] = {
    "path removed": (f"{LIST}: removed", lambda d: d["paths"].pop(LIST)),
    "operation removed": ("/v1/submissions post: removed", lambda d: d["paths"]["/v1/submissions"].pop("post")),
    "operation renamed": ("operationId was", lambda d: _list(d).update(operationId="emissions")),
    "operation under another tag": ("tags was", lambda d: _list(d).update(tags=["Other"])),
    "key needed": ("newly needs a key", lambda d: _list(d).update(security=[{"key": []}])),
    "parameter renamed": ("metric in query: removed", _rename_parameter),
    "parameter required": ("metric in query: newly required", _require),
    "required parameter added": ("tenant in query: newly required", _new_required),
    "parameter of another type": ("limit in query: no longer taken", lambda d: _sent(d, "limit").update(type="string")),
    "value no longer taken": ("no longer taken: 'restated'", lambda d: _sent(d, "basis")["enum"].remove("restated")),
    "free text made a choice": ("no longer taken", lambda d: _sent(d, "company").update(enum=["zte"])),
    "maximum lowered": ("maximum was 500, is 200", lambda d: _sent(d, "limit").update(maximum=200)),
    "minimum raised": ("minimum was 1, is 2", lambda d: _sent(d, "limit").update(minimum=2)),
    "length bounded": ("maxLength was", lambda d: _sent(d, "metric").update(maxLength=3)),
    "pattern changed": ("pattern was", lambda d: _sent(d, "metric").update(pattern="^ghg")),
    "format changed": ("format was", lambda d: _sent(d, "known_on").update(format="date-time")),
    "default changed": ("default was 50, is 20", lambda d: _snapshots_limit(d).update(default=20)),
    "media type of a body removed": (
        "application/x-ndjson: removed",
        lambda d: d["paths"]["/v1/submissions"]["post"]["requestBody"]["content"].clear(),
    ),
    "body required": (
        "body newly required",
        lambda d: _list(d).update(requestBody={"required": True, "content": {}}),
    ),
    "status removed": ("304: removed", lambda d: _list(d)["responses"].pop("304")),
    "media type removed": ("json: removed", lambda d: _list(d)["responses"]["200"]["content"].clear()),
    "header removed": ("ETag: removed", lambda d: _list(d)["responses"]["200"]["headers"].pop("ETag")),
    "header of another type": (
        "may now be 'string'",
        lambda d: d["components"]["headers"]["Retry-After"]["schema"].update(type="string"),
    ),
    "answer of another shape": (
        "no longer 'EmissionPage'",
        lambda d: _list(d)["responses"]["200"]["content"]["application/json"].update(schema={"type": "object"}),
    ),
    "link removed": (
        "link to",
        lambda d: _list(d)["responses"]["200"]["links"].pop(next(iter(_list(d)["responses"]["200"]["links"]))),
    ),
    "component renamed": (
        "Emission: removed",
        lambda d: d["components"]["schemas"].update(Gas=d["components"]["schemas"].pop("Emission")),
    ),
    "field removed": (
        "Emission value: removed",
        lambda d: d["components"]["schemas"]["Emission"]["properties"].pop("value"),
    ),
    "field that may be missing": (
        "may now be missing: 'value'",
        lambda d: d["components"]["schemas"]["Emission"]["required"].remove("value"),
    ),
    "field of another type": ("may now be 'string'", lambda d: _got(d, "Emission", "value").update(type="string")),
    "field that may be null": (
        "may now be 'null'",
        lambda d: _got(d, "Emission", "metric").update(type=["string", "null"]),
    ),
    "shape that may be null": (
        "may now be 'null'",
        lambda d: d["components"]["schemas"]["EmissionPage"]["properties"].update(
            meta={"anyOf": [_got(d, "EmissionPage", "meta"), {"type": "null"}]}
        ),
    ),
    "items of another type": (
        "Emission changed items: may now be 'integer'",
        lambda d: _got(d, "Emission", "changed")["items"].update(type="integer"),
    ),
    "value of an answer removed": (
        "no longer 'reported'",
        lambda d: _got(d, "Emission", "basis")["enum"].remove("reported"),
    ),
    "choice made free text": ("no longer 'reported'", lambda d: _got(d, "Emission", "basis").pop("enum")),
    "kind removed": ("no longer 'Award'", lambda d: d["components"]["schemas"]["AnyVersion"]["oneOf"].pop(-3)),
    "pattern of an answer dropped": ("pattern was", lambda d: _got(d, "Emission", "company").pop("pattern")),
    "format of an answer dropped": ("format was", lambda d: _got(d, "Emission", "known_from").pop("format")),
}


@pytest.mark.parametrize("name", SEEDED)
def test_a_seeded_break_is_found(name: str):
    found, seed = SEEDED[name]
    seeded = copy.deepcopy(DOCUMENT)
    seed(seeded)
    assert any(found in one for one in breaks(DOCUMENT, seeded)), breaks(DOCUMENT, seeded)[:5]


@pytest.mark.parametrize("value", [True, False], ids=["growing", "closed"])
def test_an_answer_may_get_values_where_the_released_document_said_so(value: bool):
    old, new = copy.deepcopy(DOCUMENT), copy.deepcopy(DOCUMENT)
    if not value:
        del _got(old, "Emission", "basis")[GROWING]
    _got(new, "Emission", "basis")["enum"].append("modelled")
    assert breaks(old, new) == ([] if value else ["Emission basis: may now be 'modelled'"])


def test_items_of_a_parameter_are_compared():
    old = copy.deepcopy(DOCUMENT)
    _sent(old, "metric").update(type="array", items={"type": "string"})
    new = copy.deepcopy(old)
    _sent(new, "metric")["items"].update(maxLength=3)
    assert breaks(old, new) == [f"{LIST} get metric in query items: maxLength was None, is 3"]


def test_what_only_adds_breaks_nobody():
    new = copy.deepcopy(DOCUMENT)
    operation = _list(new)
    operation["parameters"].append({"name": "unit", "in": "query", "required": False, "schema": {"type": "string"}})
    operation["responses"]["200"]["content"]["application/x-new"] = {"schema": {"type": "string"}}
    operation["responses"]["418"] = {"description": "New."}
    _sent(new, "limit").update(maximum=1000)
    _sent(new, "basis")["enum"].append("modelled")
    _got(new, "Emission", "value").update(type="number")
    new["paths"]["/v1/new"] = new["paths"][LIST]
    new["components"]["schemas"]["New"] = {"type": "object"}
    new["components"]["schemas"]["Emission"]["properties"]["new"] = {"type": "string"}
    new["components"]["schemas"]["AnyVersion"]["oneOf"].append({"$ref": "#/components/schemas/New"})
    assert breaks(DOCUMENT, new) == []


def test_what_a_text_holds_is_compared_too():
    """Of events, whose data is JSON in a text; the released document has none yet."""
    changed = copy.deepcopy(DOCUMENT)
    del _got(changed, "StreamReconnect", "data")["contentSchema"]["required"]
    assert breaks(DOCUMENT, changed) == ["StreamReconnect data contentSchema: may now be missing: 'after'"]


def test_the_comparison_knows_every_keyword_of_the_document():
    """A bound by a keyword that it does not know could be narrowed unseen."""
    schemas = [*DOCUMENT["components"]["schemas"].values()]
    schemas += [p["schema"] for at in DOCUMENT["paths"].values() for said in at.values() for p in said["parameters"]]
    assert {keyword for schema in schemas for keyword in _keywords(schema)} <= COMPARED | TELLING


def _keywords(schema: Json) -> set[str]:
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", []), *schema.get("oneOf", [])]
    inner += [
        schema[name]
        for name in ("items", "additionalProperties", "contentSchema")
        if isinstance(schema.get(name), dict)
    ]
    return set(schema).union(*map(_keywords, inner))
