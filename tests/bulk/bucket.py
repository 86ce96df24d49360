"""A bucket of moto, which speaks S3 and believes every signature, in a process of its own."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import msgspec
import obstore
import pytest
from msgspec import Struct

from almanac.bulk.snapshot import snapshot
from almanac.kinds import KINDS
from almanac.settings import Settings
from almanac.store.bulk_store import BulkStore

KEY_ID, SECRET = "AKIAINVENTED", "invented-secret-of-tests"


class Bucket(Struct, frozen=True):
    """A bucket, and where its server writes a line for each request."""

    endpoint: str
    log: Path

    def settings(self, folder: str, root: Path, **more: object) -> Settings:
        """Settings of who publishes into a folder of the bucket."""
        told = {"bulk_store": f"s3://tests/{folder}", "bulk_store_endpoint": self.endpoint, "bulk_dir": str(root)}
        return Settings(**told | more)

    def place(self, folder: str, root: Path) -> BulkStore:
        """A folder of the bucket."""
        return BulkStore(self.settings(folder, root))

    def told(self, settings: Settings) -> dict[str, str]:
        """The settings that say something, as `_Serving` takes them."""
        given = msgspec.structs.asdict(settings)
        return {name: str(value) for name, value in given.items() if value != getattr(Settings(), name)}

    def environment(self, settings: Settings) -> dict[str, str]:
        """What a process is told that publishes so."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ALMANAC_")}
        return inherited | {f"ALMANAC_{name.upper()}": value for name, value in self.told(settings).items()}

    def contents(self, folder: str) -> dict[str, bytes]:
        """Every object below, by its place."""
        store = self.place(folder, Path())._store
        paths = [one["path"] for some in obstore.list(store) for one in some]
        return {path: bytes(obstore.get(store, path).bytes()) for path in sorted(paths)}

    def asked(self) -> int:
        """Requests so far."""
        return self.log.read_text().count(" HTTP/1.1")


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Bucket]:
    """A server of its own, empty but for the bucket; keys for it are in the environment meanwhile."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    bucket = Bucket(f"http://127.0.0.1:{port}", folder / "moto.log")
    line = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    given = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "us-east-1"}
    with bucket.log.open("w") as log, pytest.MonkeyPatch.context() as environment:
        for name, value in given.items():
            environment.setenv(name, value)
        process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=log, env=dict(os.environ))
        try:
            _made(bucket, process)
            yield bucket
        finally:
            process.kill()
            process.wait()


def _made(bucket: Bucket, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None, bucket.log.read_text()
        with contextlib.suppress(httpx.TransportError):
            httpx.put(f"{bucket.endpoint}/tests").raise_for_status()
            return
        assert time.monotonic() < deadline, bucket.log.read_text()
        time.sleep(0.05)


def exporting(environment: Mapping[str, str], edition: int) -> None:
    """`almanac bulk snapshot` in a process that was forked."""
    os.environ.clear()
    os.environ.update(environment)
    settings = Settings.read(os.environ)
    asyncio.run(snapshot(str(settings.database_url), BulkStore(settings), KINDS, edition=edition))
