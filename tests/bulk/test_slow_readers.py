"""Two hundred readers that take a file as slowly as they please, beside those who ask the API."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from almanac.store.bulk_folder import MANIFEST, BulkFolder
from tests.bulk.test_prune import adopted, at
from tests.client import Client

READERS = 200
ROUNDS = 3
ASKED = 300
MOST = 1.5

# Each takes 4 kB ten times a second, through a small window: the server has most of the file still to send. Half ask for a part.
SLOW = """
import asyncio, socket, sys
port, path, many = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
async def read(number, begun):
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    held.setblocking(False)
    await asyncio.get_running_loop().sock_connect(held, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=held, limit=4096)
    part = f"X-Forwarded-For: 10.0.{number}.1\\r\\nRange: bytes=1000-\\r\\n" if number % 2 else ""
    writer.write(f"GET {path} HTTP/1.1\\r\\nHost: almanac\\r\\n{part}\\r\\n".encode())
    assert (await reader.readline()).split()[1] == (b"206" if number % 2 else b"200")
    begun.release()
    while await reader.read(4096):
        await asyncio.sleep(0.1)
    print("ended", flush=True)
async def main():
    begun = asyncio.Semaphore(0)
    reading = [asyncio.create_task(read(number, begun)) for number in range(many)]
    for _ in reading:
        await begun.acquire()
    print("begun", flush=True)
    await asyncio.wait(reading)
asyncio.run(main())
"""


@contextmanager
def slow_readers(client: Client, path: str) -> Iterator[None]:
    """So many readers in a process of their own, all in the middle of the file."""
    port = client.base.rpartition(":")[2]
    line = [sys.executable, "-c", SLOW, port, path, str(READERS)]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "begun\n"
        yield
        assert process.poll() is None
    finally:
        process.kill()
        said, _ = process.communicate()
    assert said == "", "nobody came to the end"


def asked(client: Client, path: str) -> list[float]:
    """Seconds that each of so many reads took, one after the other."""
    took: list[float] = []
    with httpx.Client(base_url=client.base, verify=False) as session:
        for number in range(ASKED + 20):
            began = time.perf_counter()
            assert session.get(path).status_code == 200
            if number >= 20:
                took.append(time.perf_counter() - began)
    return took


@pytest.mark.alone
@pytest.mark.slow
def test_slow_readers_of_files_do_not_slow_reads(corpus_database: str, serve: Callable[..., Client], tmp_path: Path):
    folder = BulkFolder(tmp_path / "bulk")
    folder.root.mkdir()
    file = adopted(folder, "emissions-current-0001.parquet", os.urandom(64 << 20))
    manifest = {"edition": 1, "published_at": at(1).isoformat(), "resources": [file], "deltas": []}
    folder.publish(
        "snapshots",
        "1",
        [(file["hash"].removeprefix("sha256:"), file["path"])],
        {MANIFEST: json.dumps(manifest).encode()},
    )
    client = serve(corpus_database, bulk_dir=str(folder.root), trusted_proxies="127.0.0.1")
    company = client.data("/v1/companies?limit=1")[0]["id"]
    reads = ("/v1/emissions?limit=50", f"/v1/companies/{company}")
    took: dict[tuple[str, str], list[float]] = {}
    for _ in range(ROUNDS):
        for path in reads:
            took.setdefault(("idle", path), []).append(statistics.median(asked(client, path)))
        with slow_readers(client, f"/v1/bulk/snapshots/1/{file['path']}"):
            for path in reads:
                took.setdefault(("beside", path), []).append(statistics.median(asked(client, path)))
        # The best of the rounds, because the machine does other things in some of them; one that is good is enough.
        found = {path: round(min(took["beside", path]) / min(took["idle", path]), 2) for path in reads}
        if max(found.values()) <= MOST:
            break
    sys.stderr.write(f"beside {READERS} slow readers, reads take x idle: {found}\n")
    assert max(found.values()) <= MOST, found
