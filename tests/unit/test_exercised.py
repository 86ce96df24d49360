"""The gate that a whole run goes through: tests/exercised.py, as a plugin of runs of its own."""

from pathlib import Path

import pytest

from tests.client import DOCUMENT
from tests.exercised import UNPROVOKED, complaints, documented
from tests.unit.runs import run

CONFTEST = """
from tests import exercised

def pytest_configure(config):
    config.pluginmanager.register(exercised)
"""
LAST = max(documented(DOCUMENT) - UNPROVOKED.keys())
NOTING = """
import pytest
from tests import exercised
from tests.client import DOCUMENT

WHOLE = sorted(exercised.documented(DOCUMENT) - exercised.UNPROVOKED.keys()){more}

@pytest.mark.parametrize("part", range(7))
def test_notes(part):
    for what in WHOLE[part::7]:
        operation, _, rest = what.partition(" ")
        if rest.startswith("?"):
            exercised.note(operation, "200", {{rest[1:]}})
        else:
            exercised.note(operation, rest, set())
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("more", "options", "status", "said"),
    [
        ("", [], 0, "7 passed"),
        ("", ["-n", "2"], 0, "7 passed"),
        ("[:-1]", [], 1, f"asked for by no test: {LAST}"),
        ("[:-1]", ["-n", "2"], 1, f"asked for by no test: {LAST}"),
        ("[:-1]", ["-m", "not slow"], 1, f"asked for by no test: {LAST}"),
        ("[:-1]", ["-k", "notes"], 0, "7 passed"),
        (" + ['readyz 500']", ["-n", "2"], 1, "asked for by a test: readyz 500"),
    ],
)
def test_a_whole_run_fails_for_what_was_not_asked_for(
    tmp_path: Path, more: str, options: list[str], status: int, said: str
):
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = .\nmarkers = slow\n")
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_notes.py").write_text(NOTING.format(more=more))
    done = run(tmp_path, *options)
    assert (done.returncode, said in done.stdout) == (status, True), done.stdout[-2000:]


def test_each_excuse_is_of_something_documented_and_needed():
    promised = documented(DOCUMENT)
    assert complaints(DOCUMENT, promised - UNPROVOKED.keys(), UNPROVOKED) == []
    assert complaints(DOCUMENT, promised, UNPROVOKED)[0].startswith("excused in tests/exercised.py, and asked for")
    (gone,) = complaints(DOCUMENT, promised - UNPROVOKED.keys(), UNPROVOKED | {"list_moons 200": "no moons"})
    assert gone == "excused in tests/exercised.py, and not documented: list_moons 200"
