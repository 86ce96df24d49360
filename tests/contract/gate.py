"""A gate before PostgreSQL: closed, the server behind it is away; nothing else of the test's servers notices."""

import contextlib
import re
import shutil
import socket
import tempfile
import threading
from pathlib import Path


class Gate:
    """Passes connections on to a PostgreSQL on a socket. `url` is the database's URL through the gate."""

    def __init__(self, database_url: str) -> None:
        (folder,) = re.findall(r"host=([^&]+)", database_url)
        self._folder = Path(tempfile.mkdtemp(prefix="gate-"))
        self._behind = f"{folder}/.s.PGSQL.5432"
        self.url = database_url.replace(folder, str(self._folder))
        self._passing: list[socket.socket] = []
        self.open()

    def open(self) -> None:
        """Let connections through."""
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(f"{self._folder}/.s.PGSQL.5432")
        self._listener.listen()
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def close(self) -> None:
        """Cut every connection and refuse new ones."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        (self._folder / ".s.PGSQL.5432").unlink()
        for one in self._passing:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._passing.clear()

    def remove(self) -> None:
        """Leave nothing behind."""
        if (self._folder / ".s.PGSQL.5432").exists():
            self.close()
        shutil.rmtree(self._folder)

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self._behind)
                self._passing += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=pair, daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)
