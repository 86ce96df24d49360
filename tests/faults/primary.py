"""A PostgreSQL of one test's own, to be killed, restarted and followed by a standby; and the way to it, which can be spoilt."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Self

from almanac.store import embedded, embedded_postgres
from almanac.store.process import command
from tests.api.batches import execute
from tests.faults.proxy import Proxy

_SOCKET = ".s.PGSQL.5432"


def socket_of(url: str) -> Path:
    """The socket that a URL of an embedded server names."""
    (folder,) = (part.removeprefix("host=") for part in url.partition("?")[2].split("&") if part.startswith("host="))
    return Path(folder) / _SOCKET


class Way(Proxy):
    """A proxy before a database; `url` is the database's through it."""

    def __init__(self, database_url: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        behind = socket_of(database_url)
        self.url = database_url.replace(str(behind.parent), str(folder))
        super().__init__(behind, folder / _SOCKET)


class Primary:
    """A server in a folder, at the same URL over its lives."""

    def __init__(self, folder: Path, profile: embedded_postgres.Profile = "test") -> None:
        self.folder, self._profile = folder, profile
        self.start()

    def start(self) -> None:
        """Start it; it answers when this returns."""
        self.server = embedded.postgres(self.folder, profile=self._profile)
        self.url = self.server.url

    def end(self, number: signal.Signals) -> None:
        """Send its first process a signal and wait for its end: SIGINT is a fast end, SIGQUIT an immediate one."""
        assert self.server.process is not None
        os.kill(self.server.process.pid, number)
        while self.server.process.exit_code is None:
            os.sched_yield()

    def standby(self, folder: Path) -> "Primary":
        """A copy that follows it."""
        folder.mkdir(parents=True)
        (data,) = self.folder.glob("pgdata-*")
        binaries = embedded_postgres._binaries_for(self.folder)
        program = [binaries.folder / "pg_basebackup", "-h", str(socket_of(self.url).parent), "-p", "5432"]
        program += ["-U", embedded_postgres.USER, "-D", folder / data.name, "-R", "-X", "stream", "-c", "fast"]
        done = subprocess.run(
            command(program, signal.SIGKILL, binaries.identity), check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        # The primary's socket is in its data, and so is the lock of that.
        (folder / data.name / f"{_SOCKET}.lock").unlink(missing_ok=True)
        return Primary(folder, self._profile)

    def set(self, name: str, value: str) -> None:
        """Change a setting while it runs."""
        execute(self.url, f"alter system set {name} = '{value}'")
        execute(self.url, "select pg_reload_conf()")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()
