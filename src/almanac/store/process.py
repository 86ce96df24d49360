"""Child processes: started so that they end with this one, stopped politely first, quoted when they fail."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from almanac.errors import Misconfigured
from almanac.store import child

Identity = Literal["same", "namespace", "nobody"]

ends_with_parent = True  # Tests switch it off, to see that their look at what is left running finds something.


def command(program: Sequence[str | Path], stop_signal: signal.Signals, identity: Identity = "same") -> list[str]:
    """Command line of a program that gets `stop_signal` when this thread or process dies."""
    sent = int(stop_signal) if ends_with_parent else 0
    wrapper = [sys.executable, "-I", "-S", child.__file__, str(os.getpid()), str(sent), identity]
    return wrapper + [str(part) for part in program]


class Child:
    """A running child process. Its output goes to `log`; it has a session of its own, so Ctrl-C does not reach it."""

    def __init__(  # noqa: PLR0913 - what a process is made of
        self,
        name: str,
        program: Sequence[str | Path],
        *,
        log: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        identity: Identity = "same",
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._stop_signal = stop_signal
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - no shell, and the program is ours
                command(program, stop_signal, identity),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=env,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Process id; that of the program, because the wrapper becomes it."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def stop(self, patience_s: float = 20) -> None:
        """Ask it to end, wait, then kill. Does nothing if it has ended."""
        if self.exit_code is not None:
            return
        self._process.send_signal(self._stop_signal)
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def last_words(self, lines: int = 5) -> str:
        """End of its output."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])


class Server:
    """A server to talk to at `url`. Whoever started it stops it: by `stop()`, or by leaving the `with` block."""

    def __init__(self, url: str, process: Child | None) -> None:
        self.url = url
        self.process = process

    def stop(self) -> None:
        """Stop the server, unless it was found running."""
        if self.process is not None:
            self.process.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def wait_until_up(process: Child, is_up: Callable[[], bool], patience_s: float) -> bool:
    """True once it answers; False if it ended first. On Ctrl-C it is stopped.

    Errors: Misconfigured if it does neither in time; then it is stopped as well.
    """
    deadline = time.monotonic() + patience_s
    try:
        while process.exit_code is None and time.monotonic() < deadline:
            if is_up():
                return True
            time.sleep(0.02)
    except BaseException:
        process.stop()
        raise
    if process.exit_code is not None:
        return False
    process.stop()
    raise Misconfigured(f"{process.name} did not answer within {patience_s:.0f} s; see {process.log}")
