"""The document as tools judge it that nobody here wrote. Catches: what its own tests, written by its authors, overlook."""

import json
from pathlib import Path

from tests.client import DOCUMENT
from tests.conftest import ROOT
from tests.contract import tools

V1 = ROOT / "openapi/v1.json"


def test_redocly_finds_nothing_by_its_strictest_rules():
    assert _redocly(V1) == []


def test_redocly_finds_a_seeded_fault(tmp_path: Path):
    """Else the test before would hold with a linter that reads nothing."""
    seeded = tmp_path / "seeded.json"
    path, operation = next((path, at["get"]) for path, at in DOCUMENT["paths"].items() if "get" in at)
    without = {name: value for name, value in operation.items() if name != "operationId"}
    seeded.write_text(json.dumps(DOCUMENT | {"paths": DOCUMENT["paths"] | {path: {"get": without}}}))
    assert _redocly(seeded) == ["operation-operationId"]


def _redocly(document: Path) -> list[str]:
    said = tools.run("redocly", "lint", "--extends", "recommended-strict", "--format", "json", document)
    return [problem["ruleId"] for problem in json.loads(said.stdout)["problems"]]
