"""Tests marked `alone` run while no other test of the same run does: what they measure is then of the program, not of the others.

A plugin of pytest. Each test holds a lock that all may share, one that runs alone holds it by itself; who comes while somebody
waits to be alone waits behind, so that nobody waits for ever.
"""

import fcntl
import os
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

_files: dict[str, int] = {}


def _lock(config: pytest.Config, name: str, how: int) -> None:
    """Take or give a lock of this run. Without other workers there is nobody to keep out."""
    run = getattr(config, "workerinput", {}).get("testrunuid")
    if run is None:
        return
    if name not in _files:
        place = Path(tempfile.gettempdir()) / f"almanac-{run}-{name}"
        _files[name] = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(_files[name], how)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run a test when its turn is."""
    is_alone = item.get_closest_marker("alone") is not None
    _lock(item.config, "gate", fcntl.LOCK_EX)
    if not is_alone:
        _lock(item.config, "gate", fcntl.LOCK_UN)
    _lock(item.config, "turn", fcntl.LOCK_EX if is_alone else fcntl.LOCK_SH)
    if is_alone:
        _lock(item.config, "gate", fcntl.LOCK_UN)
    try:
        return (yield)
    finally:
        _lock(item.config, "turn", fcntl.LOCK_UN)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave no file of the run behind; the others of it have theirs open."""
    run = getattr(config, "workerinput", {}).get("testrunuid")
    for name in _files:
        (Path(tempfile.gettempdir()) / f"almanac-{run}-{name}").unlink(missing_ok=True)
