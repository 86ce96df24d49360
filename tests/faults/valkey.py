"""A Valkey of one test's own, to be killed, stopped, filled and started again at the same socket."""

import os
import signal
import time
from pathlib import Path
from typing import Any, Self

import redis

from almanac.store.embedded_redis import find
from almanac.store.process import Child


class Valkey:
    """One server in a folder; `url` stays the same over its lives."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.path = folder / "v.sock"
        self.url = f"unix://{self.path}"
        self.start()

    def start(self, *more: str, wait: bool = True) -> None:
        """Start it, and wait until it answers, be it with an error."""
        program = [find(), "--port", "0", "--unixsocket", self.path, "--dir", self._folder, "--save", ""]
        program += ["--enable-debug-command", "local", *more]
        self.process = Child("Valkey", program, log=self._folder / "log", stop_signal=signal.SIGTERM)
        deadline = time.monotonic() + 10
        while wait and time.monotonic() < deadline:
            try:
                self.say("PING")
            except redis.BusyLoadingError:
                return
            except redis.ConnectionError:
                time.sleep(0.02)
            else:
                return

    def say(self, *words: Any) -> Any:
        """What it answers to one command."""
        with self.talk() as client:
            return client.execute_command(*words)

    def talk(self) -> redis.Redis:
        """A connection for many commands: opening one for each would take the time that answers are measured in."""
        return redis.Redis.from_url(self.url, socket_timeout=2, single_connection_client=True)

    def kill(self) -> None:
        """End it, now."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.stop()

    def hold(self) -> None:
        """Stop it where it is: it keeps its connections, takes new ones, and says nothing."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on."""
        os.kill(self.process.pid, signal.SIGCONT)

    def hits(self) -> int:
        """How many reads found what they asked for, since it started."""
        return self.say("INFO", "stats")["keyspace_hits"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.exit_code is None:
            self.go_on()
            self.process.stop()
