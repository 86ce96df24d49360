"""The load generator: wrk, on a core of its own, over a list of requests."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec
from bench.machine import Cores, on
from msgspec import Struct

_SCRIPT = Path(__file__).with_suffix(".lua")
INSTALL = "make bench needs wrk: apt install wrk (Debian, Ubuntu), brew install wrk (macOS)"


class Run(Struct, frozen=True):
    """What one run of the generator saw. `refused` are answers of 400 or more, `failed` requests without an answer."""

    requests: int
    seconds: float
    bytes: int
    failed: int
    refused: int
    p50_ms: float
    p99_ms: float
    worst_ms: float

    @property
    def rps(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


class Asked(Struct, frozen=True):
    """How long, over how many connections, and for which media type."""

    seconds: float
    connections: int
    accept: str


def program() -> str:
    """Path of wrk. Errors: SystemExit says what to install."""
    return shutil.which("wrk") or _absent()


def _absent() -> str:
    raise SystemExit(INSTALL)


def version() -> str:
    """The version as wrk tells it."""
    told = subprocess.run([program(), "-v"], capture_output=True, text=True, check=False).stdout
    return told.split(" Copyright")[0].removeprefix("wrk ").strip()


def save(path: Path, requests: Sequence[str]) -> Path:
    """Write requests for `run`: a path each, or a path, a tab and an entity tag."""
    path.write_text("\n".join(requests) + "\n", "utf-8")
    return path


def run(port: int, requests: Path, cores: Cores, asked: Asked) -> Run:
    """Ask for the requests in turn, over and over. Errors: RuntimeError if wrk does not tell what it saw."""
    command = [program(), "-t1", f"-c{asked.connections}", f"-d{max(1, round(asked.seconds))}s", "--timeout", "10s",
               "-s", str(_SCRIPT), f"http://127.0.0.1:{port}", "--", str(requests), asked.accept]  # fmt: skip
    with on(cores):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not lines:
        raise RuntimeError(f"wrk ended with {done.returncode}: {done.stdout}{done.stderr}")
    return msgspec.json.decode(lines[-1], type=Run)
