"""Fuzzing: every operation of the checked-in document against a live server, every check on, none suppressed.

A green run is weak evidence by itself: it sees no paging, no conditions and no negotiation. The other tests of this folder do.
FUZZ_EXAMPLES (50) sets the cases an operation and phase, FUZZ_SEED (1) which ones.

One worker: CPython 3.11 counts the depth of all threads' `ast.parse` in one place, and hypothesis parses source, so that
two workers end now and then in "AST constructor recursion depth mismatch" (python/cpython#106905). It also makes a seed repeat.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.client import Client
from tests.conftest import ROOT

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "50"))
SEED = os.environ.get("FUZZ_SEED", "1")
COMMAND = """
import sys
from schemathesis import serializer
from schemathesis.cli import schemathesis

@serializer("application/x-ndjson")
def lines(_, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")

sys.exit(schemathesis())
"""

pytestmark = pytest.mark.slow

PHASES = ("--phases", "examples,coverage,fuzzing,stateful")
INSTANTS = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2024-02-29T00:00:00Z"]
DAYS = ["0001-01-01", "9999-12-31", "2023-09-01", "2024-02-29"]


def fuzz(
    api: Client, folder: Path, examples: int, dictionaries: dict[str, tuple[list[str], float]], *more: str
) -> None:
    """Run schemathesis to its end. Fails on any failed check, and if the server logged a bug."""
    lines = ["continue-on-failure = true", "[phases.coverage]", "generate-duplicate-query-parameters = true"]
    lines += ["[phases.stateful]", "max-steps = 12"]
    for name, (values, _) in dictionaries.items():
        lines += [f"[dictionaries.{name.replace('.', '_')}]", f"values = {json.dumps(values)}"]
    if dictionaries:
        lines += ["[parameters]"]
    for name, (_, probability) in dictionaries.items():
        told = f'{{ dictionary = "{name.replace(".", "_")}", probability = {probability} }}'
        lines += [f'"{name}" = {told}']
    config = folder / "schemathesis.toml"
    config.write_text("\n".join(lines) + "\n")
    command = [sys.executable, "-c", COMMAND, "--config-file", str(config), "run", str(ROOT / "openapi/v1.json")]
    command += ["--url", api.base, "--checks", "all", *(more or PHASES)]
    command += ["--max-examples", str(examples), "--workers", "1", "--seed", SEED, "--no-shrink"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, timeout=900)
    assert run.returncode == 0, told(run.stdout) + run.stderr[-2000:]
    assert " passed" in run.stdout
    log = api.log()
    assert '"event":"unhandled"' not in log
    assert "Traceback" not in log
    assert '"status":500' not in log


def told(output: str) -> str:
    """What went wrong and the summary. Errors come first and may hold whole source files, links without a row come late."""
    lines = [line[:300] for line in output.splitlines()]
    return "\n".join([*lines[:200], "...", *lines[-60:]] if len(lines) > 260 else lines)


def test_the_contract_as_published_holds(api: Client, tmp_path: Path):
    fuzz(api, tmp_path, EXAMPLES, {})


def test_the_contract_holds_where_there_is_data(api: Client, tmp_path: Path):
    """Random ids find nothing: this run asks about what there is."""
    changes = api.data("/v1/changes?limit=1000")
    restated = [change["id"] for change in changes if change["version"] > 1]
    cursors = [api.get(f"/v1/{kind}?limit=3").json()["meta"]["next_cursor"] for kind in ("emissions", "targets")]
    newest = api.get("/v1/bulk/latest.json").json()["edition"]
    file = api.get(f"/v1/bulk/snapshots/{newest}/datapackage.json").json()["resources"][0]
    said = {
        "path.company": (["zte", "invented-restater", "isin:XSTWINS00009", "lei:3003004FBGVVG1CW5U45"], 0.9),
        "path.id": (restated[:20] + [change["source"]["id"] for change in changes[:20]], 0.9),
        "path.metric": (["ghg.scope1", "ghg.total", "energy.electricity"], 0.8),
        "path.period": (["2022", "FY2022", "2021-04-01--2022-03-31"], 0.7),
        "query.company": (["zte", "invented-claims", "isin:XSTWINS00009"], 0.7),
        "query.cursor": ([cursor for cursor in cursors if cursor] + ["0.0.0", "999999999.9999999.0"], 0.5),
        "query.as_of": (INSTANTS, 0.5),
        "path.edition": ([2, newest], 0.8),
        "path.span": ([f"2-{newest}"], 0.8),
        "path.name": (["datapackage.json", "croissant.json", file["path"]], 0.8),
        "path.sha256": ([file["hash"].removeprefix("sha256:")], 0.8),
        "query.known_on": (DAYS, 0.5),
    }
    fuzz(api, tmp_path, EXAMPLES, said)


def test_links_lead_where_they_say(api: Client, tmp_path: Path):
    """Long chains of valid requests: in the runs above most chains end at once, in an empty list."""
    fuzz(api, tmp_path, 2 * EXAMPLES, {}, "--phases", "stateful", "--mode", "positive")


def test_the_contract_holds_over_an_empty_store(serve: Callable[..., Client], empty_database: str, tmp_path: Path):
    fuzz(serve(empty_database), tmp_path, max(1, EXAMPLES // 5), {})
