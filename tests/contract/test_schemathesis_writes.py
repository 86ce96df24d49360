"""Fuzzing of what needs a key, with one. Without one, the other runs do it.

Every check is on. Only 422 is expected beside the statuses that a well-formed request may have: no schema says which text is
a batch that this store can take.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.handed import make_key
from tests.client import Client
from tests.conftest import ROOT
from tests.contract.test_schemathesis import COMMAND, EXAMPLES, PHASES, SEED, told

pytestmark = pytest.mark.slow

CONFIG = """
continue-on-failure = true
[phases.coverage]
generate-duplicate-query-parameters = true
[checks.positive_data_acceptance]
expected-statuses = [200, 202, 401, 404, 409, 422]
"""


def test_writes_hold_with_a_key(serve: Callable[..., Client], empty_database: str, tmp_path: Path):
    api = serve(empty_database, redis_url=None)
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG)
    command = [sys.executable, "-c", COMMAND, "--config-file", str(config), "run", str(ROOT / "openapi/v1.json")]
    command += ["--url", api.base, "--checks", "all", *PHASES, "--include-path-regex", "/submissions"]
    command += ["--max-examples", str(EXAMPLES), "--workers", "1", "--seed", SEED, "--no-shrink"]
    command += ["-H", f"Authorization: Bearer {make_key(empty_database)}"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=900)
    assert run.returncode == 0, told(run.stdout) + run.stderr[-2000:]
    assert " passed" in run.stdout
    log = api.log()
    assert '"event":"unhandled"' not in log
    assert '"status":500' not in log
    assert '"operation_id":"create_submission","method":"POST","status":422' in log, "bodies got as far as the batch"
