"""How the contract is fuzzed: schemathesis with every check on against a live server, and what its report has to say."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from tests.client import DOCUMENT, Client
from tests.conftest import ROOT

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))

INSTANTS = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2024-02-29T00:00:00Z"]
DAYS = ["0001-01-01", "9999-12-31", "2023-09-01", "2024-02-29"]
OTHER_FORMS = ("text/csv", "application/x-ndjson")
ALL_PHASES = "examples,coverage,fuzzing,stateful"


class Fuzz(Struct, frozen=True, kw_only=True):
    """One run. `said` binds a parameter (`path.id`) to values and the share of cases that use them."""

    examples: int = EXAMPLES
    seed: int = SEED
    phases: str = ALL_PHASES
    options: Sequence[str] = ()
    headers: Mapping[str, str] = {}
    said: Mapping[str, tuple[Sequence[Any], float]] = {}
    settings: str = ""
    """More of schemathesis.toml."""
    bare: bool = False
    """Without the document's examples, which leave little room beside them, nor values of earlier answers."""


class Found(Struct, frozen=True):
    """What a run did. `said` is its text, shortened."""

    code: int
    cases: int
    seconds: float
    tested: int
    selected: int
    said: str


def fuzz(api: Client, folder: Path, run: Fuzz) -> Found:
    """One run to its end."""
    (folder / "schemathesis.toml").write_text(_config(run))
    document = folder / "v1.json"
    document.write_text(json.dumps(without_examples(DOCUMENT) if run.bare else DOCUMENT))
    report = folder / "report.json"
    command = [
        sys.executable,
        str(ROOT / "tests/contract/fuzz_command.py"),
        "--config-file",
        str(folder / "schemathesis.toml"),
    ]
    command += ["run", str(document), "--url", api.base, "--checks", "all", "--phases", run.phases, *run.options]
    command += ["--max-examples", str(run.examples), "--workers", "1", "--seed", str(run.seed), "--no-shrink"]
    # Without a store of cases: a run begins anew, and the comparing of each case with the best ones took a third of its time.
    command += ["--generation-database", "none", "--report-json-path", str(report)]
    for name, value in run.headers.items():
        command += ["-H", f"{name}: {value}"]
    # Said once that there is no proxy, which it would look for in all of the environment with each question.
    env = os.environ | {"no_proxy": "127.0.0.1"}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=env, timeout=3000)
    if not report.exists() or not report.stat().st_size:
        return Found(ended.returncode or 1, 0, 0, 0, 0, told(ended.stdout + ended.stderr))
    told_of = json.loads(report.read_bytes())
    operations = told_of["operations"] or {"tested": 0, "selected": 0}
    return Found(
        ended.returncode,
        told_of["test_cases"]["generated"],
        told_of["running_time"],
        operations["tested"],
        operations["selected"],
        told(ended.stdout + ended.stderr),
    )


def holds(api: Client, folder: Path, run: Fuzz) -> Found:
    """One run to its end. Fails on any failed check or error, if an operation went untested, and if the server logged a bug."""
    found = fuzz(api, folder, run)
    assert found.code == 0, found.said
    assert found.cases > 0
    # A chain goes where links lead, and not each time everywhere.
    assert found.tested == found.selected or run.phases == "stateful", found.said
    assert faultless(api.log())
    return found


def faultless(log: str) -> bool:
    """Whether a server's log tells of no fault of its own."""
    return not any(fault in log for fault in ('"event":"unhandled"', "Traceback", '"status":500'))


def told(output: str) -> str:
    """What went wrong and the summary. Errors come first and may hold whole source files, links without a row come late."""
    lines = [line[:300] for line in output.splitlines()]
    return "\n".join([*lines[:200], "...", *lines[-60:]] if len(lines) > 260 else lines)


def there_is(api: Client) -> dict[str, tuple[Sequence[Any], float]]:
    """Dictionaries of what the store and the newest snapshot hold: random ids find nothing."""
    changes: Any = api.data("/v1/changes?limit=1000")
    restated = [change["id"] for change in changes if change["version"] > 1]
    cursors = [api.get(f"/v1/{kind}?limit=3").json()["meta"]["next_cursor"] for kind in ("emissions", "targets")]
    newest = api.get("/v1/bulk/latest.json").json()["edition"]
    file = api.get(f"/v1/bulk/snapshots/{newest}/datapackage.json").json()["resources"][0]
    return {
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


def of_form(api: Client, form: str) -> Fuzz:
    """A run over the operations that answer in this media type, asked for it: left to itself the fuzzer takes JSON."""
    offering = [
        said["operationId"]
        for at in DOCUMENT["paths"].values()
        for said in at.values()
        if form in said["responses"].get("200", {}).get("content", {})
    ]
    chosen = [option for name in offering for option in ("--include-operation-id", name)]
    return Fuzz(phases="examples,fuzzing", said=there_is(api), headers={"Accept": form}, options=chosen)


def without_examples(part: Any, *, names: bool = False) -> Any:
    """The document without its examples; `names` says that the keys here are names of properties."""
    if isinstance(part, list):
        return [without_examples(one) for one in part]
    if not isinstance(part, dict):
        return part
    kept = part if names else {key: one for key, one in part.items() if key not in ("example", "examples")}
    return {key: without_examples(one, names=key == "properties" and not names) for key, one in kept.items()}


# What is asked of every read: at random it would mostly name an edition that is not here.
_ALWAYS: Mapping[str, tuple[Sequence[Any], float]] = {
    "query.min_edition": ([0, 1], 0.9),
    "query.after": ([0, 7], 0.9),
}


def _config(run: Fuzz) -> str:
    said = {**_ALWAYS, **run.said}
    lines = ["continue-on-failure = true", "[phases.coverage]", "generate-duplicate-query-parameters = true"]
    lines += ["[checks.not_a_server_error]", 'expected-statuses = ["2xx", "3xx", "4xx", 503]']
    lines += ["[phases.stateful]", "max-steps = 12"]
    if run.bare:
        lines += ["[phases.fuzzing.extra-data-sources]", "responses = false"]
    for name, (values, _) in said.items():
        lines += [f"[dictionaries.{name.replace('.', '_')}]", f"values = {json.dumps(values)}"]
    lines += ["[parameters]"]
    for name, (_, share) in said.items():
        lines += [f'"{name}" = {{ dictionary = "{name.replace(".", "_")}", probability = {share} }}']
    return "\n".join([*lines, run.settings, ""])
