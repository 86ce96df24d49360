"""The plugin tests/alone.py, in runs of its own with two workers."""

from pathlib import Path

import pytest

from tests.unit.runs import run

CONFTEST = """
from tests import alone

def pytest_configure(config):
    {how}
"""
# Each test notes when it began and ended.
TESTS = """
import time
import pytest

@pytest.fixture(autouse=True)
def told(request):
    begun = time.monotonic()
    yield
    with open("log", "a") as log:
        log.write(f"{'alone' if request.node.get_closest_marker('alone') else 'beside'} {begun} {time.monotonic()}\\n")

@pytest.mark.parametrize("n", range(12))
def test_beside(n):
    time.sleep(0.1)

@pytest.mark.alone
@pytest.mark.parametrize("n", range(6))
def test_alone(n):
    time.sleep(0.1)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("how", "alone"), [("config.pluginmanager.register(alone)", True), ("pass", False)])
def test_who_is_alone_has_nobody_beside(tmp_path: Path, how: str, alone: bool):
    """The second case is the control: without the plugin they overlap."""
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = .\nmarkers = alone\n")
    (tmp_path / "conftest.py").write_text(CONFTEST.format(how=how))
    (tmp_path / "test_times.py").write_text(TESTS)
    done = run(tmp_path, "-n", "2")
    assert done.returncode == 0, done.stdout
    times = [line.split() for line in (tmp_path / "log").read_text().splitlines()]
    spans = [(sort, float(begun), float(ended)) for sort, begun, ended in times]
    assert len(spans) == 18
    overlaps = [
        1
        for place, (sort, begun, ended) in enumerate(spans)
        for other, (_, starts, stops) in enumerate(spans)
        if place != other and sort == "alone" and begun < stops and starts < ended
    ]
    assert (not overlaps) == alone
