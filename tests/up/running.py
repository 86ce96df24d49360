"""`almanac up` as a real process, and everything that it started."""

import os
import re
import select
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Self

PATIENCE_S = 60


class Up:
    """A supervisor in a folder of its own, on a free port."""

    def __init__(
        self, folder: Path, wrapper: Sequence[str] = (), program: Sequence[str] = ("-m", "almanac"), **env: str
    ):
        folder.mkdir(parents=True, exist_ok=True)
        self.output = ""
        self.process = subprocess.Popen(
            [*wrapper, sys.executable, *program, "up", "--port", "0"],
            cwd=folder,
            env=environment(folder, **env),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def ready(self) -> str:
        """Address of the API, once it is announced."""
        deadline = time.monotonic() + PATIENCE_S
        while not (found := re.search(r"(http://127\.0\.0\.1:\d+)/v1/changes", self.output)):
            readable, _, _ = select.select([self.process.stdout], [], [], 0.2)
            chunk = os.read(self.process.stdout.fileno(), 65536).decode() if readable else ""
            self.output += chunk
            assert chunk or not readable, f"ended with {self.process.wait()}:\n{self.output}"
            assert time.monotonic() < deadline, self.output
        return found[1]

    def tree(self) -> dict[str, int]:
        """Every process below the supervisor: pid by command line."""
        return {command(pid): pid for pid in descendants(self.process.pid)}

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Signal it; its exit code."""
        self.process.send_signal(number)
        return self.end()

    def end(self) -> int:
        """Exit code, once it has ended by itself."""
        rest, _ = self.process.communicate(timeout=PATIENCE_S)
        self.output += rest.decode()
        return self.process.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        left = descendants(self.process.pid) if self.process.poll() is None else []
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        assert gone(left), left


def environment(folder: Path, **more: str) -> dict[str, str]:
    """An environment without settings of this machine, over the sources under test."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ALMANAC_")}
    source = str(Path(__file__).resolve().parents[2] / "src")
    return inherited | {"PYTHONPATH": source, "ALMANAC_STATE_DIR": str(folder / ".almanac")} | more


def get(address: str, path: str) -> bytes:
    with urllib.request.urlopen(address + path, timeout=10) as response:
        return response.read()


def descendants(pid: int) -> list[int]:
    """Processes below one, from /proc."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        if (fields := stat(int(entry.name))) is not None:
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    todo = [pid]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def gone(pids: Sequence[int], patience_s: float = 15) -> bool:
    """Whether all of them end in time; a zombie has ended."""
    deadline = time.monotonic() + patience_s
    while any(alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def alive(pid: int) -> bool:
    fields = stat(pid)
    return fields is not None and fields[0] != "Z"


def stat(pid: int) -> list[str] | None:
    """State, parent and the rest of /proc/PID/stat; None if there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace") + f"[{pid}]"
    except OSError:
        return f"[{pid}]"


def one(tree: dict[str, int], name: str) -> int:
    """The pid of the one process whose command line holds `name`; the parent first where there are several."""
    return min(pid for line, pid in tree.items() if name in line)
