"""The published document: up to date, made the same way everywhere, and whole. Catches: a change that nobody reviewed."""

import json
import os
import re
import subprocess
import sys

import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31

from almanac.kinds import KINDS
from almanac.web import document, table
from tests.client import DOCUMENT
from tests.conftest import ROOT

BUILT = document.build(table.operations(KINDS), table.writes(KINDS), KINDS)
OPERATIONS = [(path, method, said) for path, at in DOCUMENT["paths"].items() for method, said in at.items()]
PARAMETERS = [(said["operationId"], p) for _, _, said in OPERATIONS for p in said["parameters"]]
PROPERTIES = [
    (f"{name}.{field}", shape)
    for name, component in DOCUMENT["components"]["schemas"].items()
    for field, shape in component.get("properties", {}).items()
]
# What a number without a unit in its name counts or is: said in its description.
_MEASURE = re.compile(
    r"`(level_)?unit`|per cent|\bnumber\b|\byears?\b|points|digits|\bplace\b|status|edition|version|position|category"
    r"|most items|most changes|\bseq\b|`after`|seconds|editions",
    re.IGNORECASE,
)
_BANNED = re.compile(
    r"\b(entity|entities|filings?|simply|easily|please|powerful|seamless|robust|null if null)\b", re.IGNORECASE
)

REVERSED = """
import hashlib, importlib, sys
for name in sorted({names!r}, reverse=True):
    importlib.import_module("almanac.kinds." + name)
from almanac.kinds import KINDS
from almanac.web import document, table
document.build(table.operations(KINDS), table.writes(KINDS), KINDS)
sys.stdout.buffer.write(document.build(table.operations(KINDS), table.writes(KINDS), KINDS))
"""


def test_the_checked_in_document_is_what_the_code_says():
    assert (ROOT / "openapi/v1.json").read_bytes() == BUILT, "run `almanac openapi` and review the difference"
    assert (ROOT / "openapi/v1.txt").read_text() == document.inventory(BUILT)


@pytest.mark.parametrize("seed", ["1", "2"])
def test_neither_import_order_nor_hash_seed_changes_a_byte(seed: str):
    script = REVERSED.format(names=[kind.stem for kind in KINDS])
    environment = os.environ | {"PYTHONHASHSEED": seed}
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, env=environment)
    assert run.stdout == BUILT


def test_it_is_valid_openapi_3_1_and_json_schema_2020_12():
    jsonschema_rs.Draft202012Validator(OPENAPI_31).validate(DOCUMENT)
    for component in DOCUMENT["components"]["schemas"].values():
        jsonschema_rs.meta.validate({**component, "$schema": "https://json-schema.org/draft/2020-12/schema"})


@pytest.mark.parametrize(("path", "method", "said"), OPERATIONS, ids=[said["operationId"] for *_, said in OPERATIONS])
def test_every_operation_says_what_it_does(path: str, method: str, said: dict):
    assert method in (["post"] if "requestBody" in said else ["get", "delete"])
    assert said["summary"]
    assert not said["summary"].endswith(".")
    assert len(said["description"]) > 15
    assert said["description"].endswith(".")
    assert [tag for tag in DOCUMENT["tags"] if tag["name"] in said["tags"]]
    assert {"204" if method == "delete" else "200", "400", "414", "431", "500", "503"} <= said["responses"].keys()
    assert {p["name"] for p in said["parameters"] if p["in"] == "path"} == set(re.findall(r"\{(\w+)\}", path))


def test_operation_ids_are_unique():
    ids = [said["operationId"] for *_, said in OPERATIONS]
    assert len(ids) == len(set(ids))


def test_every_parameter_and_every_field_has_a_description_that_is_a_sentence():
    told = [(f"{name} {p['name']}", p.get("description", "")) for name, p in PARAMETERS]
    told += [(name, _resolved(shape).get("description", "")) for name, shape in PROPERTIES]
    told += [(name, c.get("description", "")) for name, c in DOCUMENT["components"]["schemas"].items()]
    assert not [name for name, text in told if not re.fullmatch(r"[A-Z`0-9].{5,}\.", text, re.DOTALL)]


def test_every_field_that_may_be_null_says_what_null_means():
    unsaid = [name for name, shape in PROPERTIES if _may_be_null(shape) and "null" not in shape.get("description", "")]
    assert not unsaid


def test_every_number_says_its_unit_or_what_it_counts():
    shapes = [(f"{name} {p['name']}", p["schema"], p["description"]) for name, p in PARAMETERS]
    shapes += [(name, shape, shape.get("description", "")) for name, shape in PROPERTIES]
    bare = [name for name, shape, text in shapes if _is_number(shape) and not _MEASURE.search(text)]
    assert not bare


def test_every_field_that_is_always_there_is_described():
    for name, component in DOCUMENT["components"]["schemas"].items():
        undescribed = set(component.get("required", [])) - set(component.get("properties", {}))
        assert not undescribed, f"{name} needs {undescribed} and does not say what they are"


def test_no_component_name_shows_where_its_code_lives():
    assert not [name for name in DOCUMENT["components"]["schemas"] if not re.fullmatch(r"[A-Z][A-Za-z0-9]+", name)]
    assert b"__main__" not in BUILT
    assert b"almanac.web" not in BUILT
    assert b"almanac.kinds" not in BUILT


def test_no_banned_word():
    texts = [value for value in _strings(DOCUMENT) if _BANNED.search(value)]
    assert not texts


def test_every_reference_leads_somewhere():
    for target in _values(DOCUMENT, "$ref"):
        found = DOCUMENT
        for step in target.removeprefix("#/").split("/"):
            assert step in found, target
            found = found[step]


def test_every_link_names_an_operation_and_parameters_that_it_has():
    taken = {said["operationId"]: {p["name"] for p in said["parameters"]} for *_, said in OPERATIONS}
    needed = {said["operationId"]: {p["name"] for p in said["parameters"] if p["required"]} for *_, said in OPERATIONS}
    for *_, said in OPERATIONS:
        for link in said["responses"].get("200", {}).get("links", {}).values():
            assert needed[link["operationId"]] <= set(link["parameters"]) <= taken[link["operationId"]]


def test_every_parameter_shows_a_value_and_only_those_that_are_needed_are_filled_in():
    for name, parameter in PARAMETERS:
        values = {"enum", "default", "examples"} & parameter["schema"].keys()
        assert "example" in parameter if parameter["required"] else values, f"{name} {parameter['name']}"
        assert parameter["required"] or "example" not in parameter or "from" in parameter["name"], name


def test_every_example_is_one():
    for name, parameter in PARAMETERS:
        examples = [parameter["example"]] if "example" in parameter else parameter["schema"].get("examples", [])
        assert all(_valid(parameter["schema"], one) for one in examples), f"{name} {parameter['name']}"
    for name, component in DOCUMENT["components"]["schemas"].items():
        for example in component.get("examples", []):
            assert _valid(component, example), name


def _valid(schema: dict, value: object) -> bool:
    whole = {**schema, "components": DOCUMENT["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True).is_valid(value)


def _is_number(shape: dict) -> bool:
    types = shape.get("type", [])
    return bool({"number", "integer"} & set([types] if isinstance(types, str) else types))


def _may_be_null(shape: dict) -> bool:
    return "null" in shape.get("type", []) or {"type": "null"} in shape.get("anyOf", [])


def _resolved(shape: dict) -> dict:
    if "description" in shape or "$ref" not in shape:
        return shape
    return DOCUMENT["components"]["schemas"][shape["$ref"].rpartition("/")[2]]


def _strings(part: object) -> list[str]:
    if isinstance(part, dict):
        return [text for name, value in part.items() if name in ("description", "summary") or not isinstance(value, str)
                for text in _strings(value)]  # fmt: skip
    if isinstance(part, list):
        return [text for value in part for text in _strings(value)]
    return [part] if isinstance(part, str) else []


def _values(part: object, key: str) -> list[str]:
    own = [part[key]] if isinstance(part, dict) and isinstance(part.get(key), str) else []
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else []
    return own + [found for value in inner for found in _values(value, key)]


def test_openapi_check_passes_on_the_checked_in_document():
    command = [sys.executable, "-m", "almanac", "openapi", "--check"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert json.loads(BUILT)["openapi"] == "3.1.1"
