"""Servers and commands that start in a tenth of the time: forked from a process that has imported the program already.

What runs in them is `almanac serve`, or another command, after its imports; `tests/up` starts the command itself.
"""

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import process

from almanac.__main__ import main
from almanac.serve import serve
from almanac.settings import Settings

# A process has one server to fork from, and that takes its imports once: those of the publisher that is killed are among them.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload([__name__, "tests.publish.victim", "tests.warmed"])


def _become(environment: Mapping[str, str], log: str) -> None:
    # As the command has it on Linux; whoever comes from such a process would import everything anew for its workers.
    multiprocessing.set_start_method("fork", force=True)
    os.environ.clear()
    os.environ.update(environment)
    for path, place in ((os.devnull, 1), (log, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_APPEND), place)


def _served(environment: Mapping[str, str], log: str) -> None:
    _become(environment, log)
    serve(Settings.read(os.environ))


def _commanded(environment: Mapping[str, str], log: str, *args: str) -> None:
    _become(environment, log)
    sys.argv = ["almanac", *args]
    try:
        main()
    finally:
        # Such a process waits for its children before it ends their pool, which an ordinary one does first.
        process._python_exit()


class Forked:
    """A server of this environment, which logs into a file; as much of `subprocess.Popen` as tests use."""

    def __init__(self, environment: Mapping[str, str], log: str) -> None:
        self._start(_served, environment, log)

    def _start(self, what: Callable[..., None], environment: Mapping[str, str], *more: str) -> None:
        self._process = CONTEXT.Process(target=what, args=(dict(environment), *more))
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):  # it may have ended by now
            if self.poll() is None:
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code. Errors: TimeoutError."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutError
        return self._process.exitcode


class Command(Forked):
    """`almanac` with these arguments in this environment, to be killed; its errors go into a file, if one is given."""

    def __init__(self, args: Sequence[object], environment: Mapping[str, str], log: str = os.devnull) -> None:
        self._start(_commanded, environment, log, *map(str, args))
