"""What the contract has gained since the released one is told to callers. Catches: a parameter or field that nobody heard of."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

from tests.client import DOCUMENT
from tests.conftest import ROOT

BASELINE = json.loads((ROOT / "openapi/baseline/v1.json").read_bytes())
UNRELEASED = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text("utf-8"), flags=re.MULTILINE)[1]


def test_the_changelog_names_what_is_new():
    assert _untold(DOCUMENT) == set()


def test_what_nobody_told_of_is_found():
    seeded = copy.deepcopy(DOCUMENT)
    operation = copy.deepcopy(seeded["paths"]["/v1/emissions"]["get"])
    operation["parameters"].append({"name": "unheard", "in": "query", "schema": {}})
    operation["responses"]["200"]["headers"] = {"Unheard-Of": {}}
    seeded["paths"]["/v1/untold-emissions"] = {"get": operation}
    seeded["components"]["schemas"]["Emission"]["properties"]["unmentioned"] = {}
    assert _untold(seeded) == {"unheard", "Unheard-Of", "untold", "unmentioned"}


def _untold(document: dict[str, Any]) -> set[str]:
    return {word for word in set(_words(document)) - set(_words(BASELINE)) if not re.search(rf"\b{word}\b", UNRELEASED)}


def _words(document: dict[str, Any]) -> Iterator[str]:
    """Words of paths, names of parameters, headers and fields."""
    for path, at in document["paths"].items():
        yield from re.findall(r"\w+", re.sub(r"\{\w+\}", "", path))
        for said in at.values():
            yield from (parameter["name"] for parameter in said["parameters"])
            for answer in said["responses"].values():
                yield from answer.get("headers", {})
    for component in document["components"]["schemas"].values():
        yield from component.get("properties", {})
