"""What a run asked of the contract: each operation, each status and each parameter, over all workers, held against the whole.

A plugin of pytest. `tests.client.check` notes what it has checked; workers hand that to the controller when they end.
A whole run, or one without slow tests (and no other selection), fails if something documented was asked for by no test.
`UNPROVOKED` says what no test can bring about. An entry that some test does bring about fails the run too: the list only shrinks.
"""

from collections.abc import Mapping
from typing import Any

import pytest

_seen: set[str] = set()
_KEY = "exercised"
QUICK = ("", "not slow")

# `operation status` or `operation ?parameter`, and why nothing outside can bring it about.
_FROM_MEMORY = "answered from what the process holds; documented in case that fails too"
_FROM_FILES = "answered from files alone; documented in case the folder cannot be read"
UNPROVOKED: dict[str, str] = {
    **{
        f"{operation} {status}": why
        for why, operations in (
            (
                _FROM_MEMORY,
                "api_catalog docs docs_file favicon home list_problems livez llms metrics openapi_json",
            ),
            (_FROM_MEMORY, "openapi_yaml read_problem robots"),
        )
        for operation in operations.split()
        for status in ("500", "503")
    },
    **{
        f"{operation} 500": _FROM_FILES
        for operation in (
            "list_snapshots",
            "read_bulk_file",
            "read_delta_file",
            "read_latest_snapshot",
            "read_snapshot_file",
        )
    },
    "list_kinds 500": _FROM_MEMORY,
    "readyz 500": _FROM_MEMORY,
    "list_snapshots 404": "before the first snapshot the list is empty",
}


def note(operation: str, status: str, given: set[str]) -> None:
    """An answer with this status to this operation was held against the contract, asked for with these parameters."""
    _seen.add(f"{operation} {status}")
    # A parameter is exercised where it was understood: a refused one may have gone unread.
    if status in {"200", "202", "204", "206", "304"}:
        _seen.update(f"{operation} ?{name}" for name in given)


def documented(document: Mapping[str, Any]) -> set[str]:
    """Everything that a document promises, in the words of `note`."""
    promised: set[str] = set()
    for at in document["paths"].values():
        for said in at.values():
            promised.update(f"{said['operationId']} {status}" for status in said["responses"])
            promised.update(f"{said['operationId']} ?{one['name']}" for one in said.get("parameters", []))
    return promised


def complaints(document: Mapping[str, Any], seen: set[str], unprovoked: Mapping[str, str]) -> list[str]:
    """A line for all that is promised and was not asked for, for excuses not needed, and for excuses of nothing."""
    promised = documented(document)
    return [
        f"{title}: {', '.join(sorted(found))}"
        for title, found in (
            ("documented, and asked for by no test", promised - seen - unprovoked.keys()),
            ("excused in tests/exercised.py, and asked for by a test", seen & unprovoked.keys()),
            ("excused in tests/exercised.py, and not documented", unprovoked.keys() - promised),
        )
        if found
    ]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker ended: take over what it saw."""
    _seen.update(getattr(node, "workeroutput", {}).get(_KEY, ()))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over what was seen, or judge it."""
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput[_KEY] = sorted(_seen)
        return
    if not _whole(session):
        return
    from tests.client import DOCUMENT  # that one imports this module

    found = complaints(DOCUMENT, _seen, UNPROVOKED)
    if found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        reporter.ensure_newline()
        reporter.section("the contract is not exercised as a whole", red=True)
        for line in found:
            reporter.line(line)


def _whole(session: pytest.Session) -> bool:
    config, option = session.config, session.config.option
    chosen = (
        option.keyword,
        option.markexpr not in QUICK,
        option.deselect,
        option.ignore,
        option.ignore_glob,
        option.collectonly,
        getattr(option, "cases", None),
    )
    ended = session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    cut = option.maxfail or option.collectonly or getattr(option, "lf", False)
    return config.args_source is config.ArgsSource.TESTPATHS and not any(chosen) and not cut and ended
