"""The servers that are measured: the product in three settings, the floors, the peers; each has one worker, on one core."""

import http.client
import os
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from bench.machine import Cores, on
from bench.peers import sqlite
from msgspec import Struct

from almanac.settings import Settings
from almanac.store.process import Child

ROOT = Path(__file__).resolve().parents[1]
# What keeps one caller from asking as fast as a generator does. It stays on, at a rate that nobody reaches.
_LIMITS = {"ALMANAC_RATE_ANONYMOUS": "1000000/1s"}


def limits() -> dict[str, str]:
    """Settings of quotas that this product knows."""
    known = Settings.__struct_fields__
    return {name: value for name, value in _LIMITS.items() if name.removeprefix("ALMANAC_").lower() in known}


class Server(Struct, frozen=True):
    """A server that answers on a port of the loopback."""

    name: str
    port: int
    process: Child


class Starter:
    """Starts servers on one core, with their output in files of `folder`, and stops what it started."""

    def __init__(self, folder: Path, cores: Cores) -> None:
        self._folder, self._cores = folder, cores
        self.servers: list[Server] = []

    def start(self, name: str, command: list[str | Path], environ: Mapping[str, str], path: str, port: int) -> Server:
        """Start a server and wait until `path` is answered with 200. Errors: RuntimeError with its last words."""
        inherited = {n: v for n, v in os.environ.items() if not n.startswith(("ALMANAC_", "PGRST_", "BENCH_"))}
        with on(self._cores):
            child = Child(name, command, log=self._folder / f"{name}.log", env=inherited | dict(environ))
        self.servers.append(Server(name, port, child))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and child.exit_code is None:
            if _answers(port, path):
                return self.servers[-1]
            time.sleep(0.05)
        raise RuntimeError(f"{name} does not answer {path}:\n{child.last_words(12)}")

    def port(self, name: str) -> int:
        """Port of a server by its name."""
        return next(server.port for server in self.servers if server.name == name)

    def stop(self) -> None:
        """Stop every server."""
        for server in reversed(self.servers):
            server.process.stop()
        self.servers.clear()

    def product(self, name: str, database: str, redis: str | None, given: Mapping[str, str]) -> Server:
        """The product as `almanac serve` runs it, with its access log in a file."""
        port = free_port()
        environ = {"ALMANAC_DATABASE_URL": database, "ALMANAC_HOST": "127.0.0.1", "ALMANAC_PORT": str(port)}
        environ |= limits()
        environ |= {"ALMANAC_REDIS_URL": redis} if redis else {}
        return self.start(name, [sys.executable, "-m", "almanac", "serve"], environ | dict(given), "/readyz", port)

    def floor(self, name: str, answer: Path, database: str, path: str) -> Server:
        """`bench/floors.py` under granian, as the product runs under it."""
        port = free_port()
        command = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws", "--workers", "1", "--host",
                   "127.0.0.1", "--port", str(port), "--log-level", "warning", f"bench.floors:{name}"]  # fmt: skip
        environ = {"BENCH_ANSWER": str(answer), "BENCH_DATABASE": database, "PYTHONPATH": str(ROOT)}
        return self.start(name, command, environ, path, port)

    def postgrest(self, program: Path, database: str) -> Server:
        """PostgREST over stored documents, with as many connections as the product has."""
        port = free_port()
        environ = {"PGRST_DB_URI": database, "PGRST_DB_SCHEMAS": "peers", "PGRST_DB_ANON_ROLE": "almanac_reader",
                   "PGRST_DB_POOL": "8", "PGRST_SERVER_HOST": "127.0.0.1", "PGRST_SERVER_PORT": str(port),
                   "PGRST_OPENAPI_MODE": "disabled", "PGRST_LOG_LEVEL": "crit", "PGRST_DB_CHANNEL_ENABLED": "false"}  # fmt: skip
        return self.start("postgrest", [program], environ, "/profile?limit=1&select=id", port)

    def datasette(self, python: Path, file: Path) -> Server:
        """Datasette over the same documents in an immutable SQLite file."""
        port = free_port()
        command = [python, "-m", "datasette", "serve", "-i", file, "--metadata", sqlite.metadata(file), "--host",
                   "127.0.0.1", "--port", str(port)]  # fmt: skip
        return self.start("datasette", command, {}, "/corpus/profile.json?id=synthetic-000001&_shape=array", port)

    def fastapi(self, python: Path, database: str) -> Server:
        """FastAPI on uvicorn with uvloop and httptools, without an access log."""
        port = free_port()
        command = [python, "-m", "uvicorn", "bench.peers.fastapi_app:app", "--host", "127.0.0.1", "--port", str(port),
                   "--no-access-log", "--log-level", "warning", "--loop", "uvloop", "--http", "httptools"]  # fmt: skip
        return self.start("fastapi", command, {"BENCH_DATABASE": database, "PYTHONPATH": str(ROOT)},
                          "/companies/synthetic-000001", port)  # fmt: skip


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path, headers={"Accept": "application/json"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
