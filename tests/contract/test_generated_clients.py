"""Clients that others' tools generate from the document: they are typed without a fault, and read from a live server.

Seeded changes of the document (a field renamed, a type changed) have to turn the type checkers red, as they would a caller's.
"""

import copy
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.client import DOCUMENT, Client
from tests.contract import tools

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent / "generated"
CHECKED = {"typeCheckingMode": "standard", "pythonVersion": "3.11"}
STRICT = ("--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--target", "es2022", "--module", "nodenext",
          "--moduleResolution", "nodenext", "--lib", "es2022,dom,dom.iterable")  # fmt: skip


def generate_python(folder: Path, document: dict) -> None:
    """The client of the document as `almanac_client`, and `read.py` beside it."""
    (folder / "v1.json").write_text(json.dumps(document))
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", "v1.json", "--meta", "none"]
    # Its own hooks would have this venv's ruff mend what it wrote.
    (folder / "config.yml").write_text("post_hooks: []\n")
    run = _run([*command, "--output-path", "almanac_client", "--config", "config.yml"], folder)
    assert run.returncode == 0, run.stdout[-3000:]
    # What a browser or a person reads, and the batch format, have no place in it; everything else has.
    unread = re.findall(r"WARNING parsing \w+ (\S+) within", run.stdout)
    assert {path for path in unread if path.startswith("/v1/")} <= {"/v1/submissions", "/v1/exports"}, unread
    shutil.copy(HERE / "read.py", folder)


def generate_types(folder: Path, document: dict) -> None:
    """The types of the document as `v1.ts`, and `read.ts` beside it."""
    (folder / "v1.json").write_text(json.dumps(document))
    run = tools.run("openapi-typescript", folder / "v1.json", "--output", folder / "v1.ts")
    assert run.returncode == 0, run.stderr[-3000:]
    shutil.copy(HERE / "read.ts", folder)
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "process.d.ts").write_text("declare const process: { argv: string[] };\n")


def check_python(folder: Path, *what: str) -> str:
    """What basedpyright finds wrong in these; empty if nothing."""
    (folder / "pyrightconfig.json").write_text(json.dumps(CHECKED | {"include": what}))
    command = [
        sys.executable,
        "-m",
        "basedpyright",
        "--pythonpath",
        sys.executable,
        "--level",
        "error",
        "-p",
        str(folder),
    ]
    run = _run(command, folder)
    return "" if run.returncode == 0 else run.stdout


def check_types(folder: Path) -> str:
    """What tsc finds wrong, and `read.js` if nothing."""
    return tools.run("tsc", *STRICT, "--typeRoots", folder, folder / "process.d.ts", folder / "read.ts").stdout


def seeded() -> dict:
    """The document as if `id` of a company and of emissions were called otherwise, and `limit` took words."""
    document = copy.deepcopy(DOCUMENT)
    for name in ("CompanyProfile", "Emission"):
        schema = document["components"]["schemas"][name]
        schema["properties"]["identity"] = schema["properties"].pop("id")
        schema["required"] = ["identity" if one == "id" else one for one in schema["required"]]
    for one in document["paths"]["/v1/emissions"]["get"]["parameters"]:
        if one["name"] == "limit":
            one["schema"] = {"type": "string"}
    return document


def test_the_python_client_is_typed_and_reads(api: Client, tmp_path: Path):
    generate_python(tmp_path, DOCUMENT)
    assert check_python(tmp_path, "almanac_client", "read.py") == ""
    run = _run([sys.executable, "-W", "error", "read.py", api.base], tmp_path)
    assert (run.returncode, run.stdout[-5:]) == (0, "rows\n"), run.stdout[-3000:]


def test_seeded_changes_turn_the_checks_of_the_python_client_red(tmp_path: Path):
    generate_python(tmp_path, seeded())
    found = check_python(tmp_path, "read.py")
    for what in ('"id" for class "CompanyProfile"', '"id" for class "Emission"', 'to parameter "limit" of type "str'):
        assert re.search(rf"read\.py:\d+:\d+ - error: .*{re.escape(what)}", found), what


def test_the_typescript_types_hold_and_read(api: Client, tmp_path: Path):
    generate_types(tmp_path, DOCUMENT)
    assert check_types(tmp_path) == ""
    run = _run([str(tools.NODE), "read.js", api.base], tmp_path)
    assert (run.returncode, run.stdout[-5:]) == (0, "rows\n"), run.stdout[-3000:]


def test_seeded_changes_turn_the_checks_of_the_typescript_types_red(tmp_path: Path):
    generate_types(tmp_path, seeded())
    found = check_types(tmp_path)
    for what in ("Property 'id' does not exist", "Type 'number' is not assignable to type 'string'"):
        assert re.search(rf"read\.ts\(\d+,\d+\): error .*{what}", found), what


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "NO_COLOR": "1",
    }
    return subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
