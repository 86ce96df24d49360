"""Who runs where, and what it costs in processor time."""

import os
import subprocess
import sys

import pytest
from bench import machine

pytestmark = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system keeps no process on a core")


def test_what_is_started_meanwhile_stays_on_its_cores_and_we_do_not():
    before = os.sched_getaffinity(0)
    core = frozenset([min(before)])
    with machine.on(core):
        told = subprocess.check_output([sys.executable, "-c", "import os; print(os.sched_getaffinity(0))"], text=True)
    assert told.strip() == str(set(core))
    assert os.sched_getaffinity(0) == before


def test_processor_time_is_that_of_a_process_and_those_below_it():
    code = "import os, sys; [i * i for i in range(3_000_000)]; print(sum(os.times()[:2]), flush=True); sys.stdin.read()"
    shell = ["/bin/sh", "-c", f"{sys.executable} -c '{code}'; true"]
    with subprocess.Popen(shell, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        used = float(parent.stdout.readline())
        found = machine.cpu_seconds(parent.pid)
        parent.stdin.close()
    assert used > 0.05
    assert found == pytest.approx(used, abs=0.05)
    assert machine.cpu_seconds(parent.pid) is None, "it has ended"
