"""Runs of pytest of their own, in a folder, with the plugins of this project and no others: those take seconds to import."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """What a run in the folder said, and how it ended."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "xdist", *options],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
