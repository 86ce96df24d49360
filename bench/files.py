"""Bulk files over HTTP beside nginx: bytes a second of whole files, what slow readers cost others, a transfer taken up.

python -m bench.files [--megabytes 256] [--rounds 5]      # needs nginx and wrk; 20 companies, made and thrown away
"""

import argparse
import hashlib
import http.client
import json
import os
import shutil
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import machine, place, wrk
from bench.contenders import Starter, free_port
from tests.faults.load import Load

from almanac.store import embedded

READERS = 200
RATE = 100
_NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; default_type application/octet-stream;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {folder}; rewrite ^/v1/bulk/(.*)$ /$1; }}
}}
"""


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None:
        raise SystemExit("bench.files needs nginx: apt install nginx-light")
    print(json.dumps(machine.described()))
    plan = machine.plan()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        path, digest = _file(folder, given.megabytes)
        with machine.on(plan.store):
            postgres = stack.enter_context(embedded.postgres(folder / "postgres"))
        corpus = place.corpus(postgres.url, 20)
        starter = Starter(folder, plan.server)
        stack.callback(starter.stop)
        port = starter.product("product", corpus.url, None, {"ALMANAC_BULK_DIR": str(folder)}).port
        other = free_port()
        config = folder / "nginx.conf"
        config.write_text(_NGINX.format(folder=folder, port=other), "utf-8")
        small = f"{path.rpartition('/')[0].replace(digest, _small(folder))}/one.txt"
        starter.start("nginx", [nginx, "-c", config, "-e", folder / "nginx.log"], {}, small, other)
        requests = wrk.save(folder / "file.requests", [path])
        for connections in (1, 8):
            _whole({"nginx": other, "product": port}, requests, plan.generator, connections, given.rounds)
        _taken_up(port, path, digest)
        _slow(port, path, [f"/v1/companies/{one}" for one in corpus.ids()])


def _file(folder: Path, megabytes: int) -> tuple[str, str]:
    """The path over HTTP of a file of bytes that do not repeat, and its digest."""
    block = b"".join(hashlib.sha256(n.to_bytes(4, "big")).digest() for n in range(1 << 15))
    content = hashlib.sha256(block * megabytes).hexdigest()
    target = folder / "files" / content / "many.csv.gz"
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        for _ in range(megabytes):
            file.write(block)
    return f"/v1/bulk/files/{content}/{target.name}", content


def _small(folder: Path) -> str:
    digest = hashlib.sha256(b"one").hexdigest()
    target = folder / "files" / digest / "one.txt"
    target.parent.mkdir()
    target.write_bytes(b"one")
    return digest


def _whole(ports: dict[str, int], requests: Path, cores: machine.Cores, connections: int, rounds: int) -> None:
    runs: dict[str, list[float]] = {name: [] for name in ports}
    for _ in range(rounds):
        for name, port in ports.items():
            run = wrk.run(port, requests, cores, wrk.Asked(3, connections, "*/*"))
            if run.refused or run.failed:
                raise RuntimeError(f"{name}: {run}")
            runs[name].append(run.bytes / run.seconds / 1e6)
    ratio = statistics.median(ours / theirs for ours, theirs in zip(runs["product"], runs["nginx"], strict=True))
    told = ", ".join(f"{name} {statistics.median(found):,.0f} MB/s" for name, found in runs.items())
    print(f"whole files, {connections} at a time: {told}; {ratio:.2f} x nginx", flush=True)


def _taken_up(port: int, path: str, digest: str) -> None:
    """A third, a broken connection, and the rest."""
    got = hashlib.sha256()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    size, etag = int(answer.headers["content-length"]), answer.headers["etag"]
    had = 0
    while had < size // 3:
        block = answer.read(1 << 16)
        got.update(block)
        had += len(block)
    connection.close()
    connection.request("GET", path, headers={"Range": f"bytes={had}-", "If-Range": etag})
    answer = connection.getresponse()
    assert answer.status == 206, answer.status
    while block := answer.read(1 << 20):
        got.update(block)
    connection.close()
    print(
        f"broken after {had / 1e6:.0f} of {size / 1e6:.0f} MB and taken up: the same digest: {got.hexdigest() == digest}"
    )


def _slow(port: int, path: str, asked: list[str]) -> None:
    """Reads at a steady rate, without and with clients that take 16 kB a second of a file each."""
    with Load([port], asked, rate=RATE) as load:
        load.during("begin", 3)
        load.during("idle", 15)
        with _readers(port, path) as taken:
            load.during("begin", 2)
            load.during("slow readers", 15)
        load.during("begin", 2)
        load.during("idle after", 15)
    idle = load.p99_ms("idle")
    for phase in ("idle", "slow readers", "idle after"):
        print(f"{phase:12} {len(load.of(phase))} reads {dict(load.statuses(phase))}, p50 {load.p99_ms(phase, 0.5):.2f} ms, "
              f"p99 {load.p99_ms(phase):.2f} ms, {load.p99_ms(phase) / idle:.2f} x idle")  # fmt: skip
    print(f"{READERS} slow readers took {taken() / 1e6:.1f} MB; {load.wrong() or 'nothing wrong with any answer'}")


@contextmanager
def _readers(port: int, path: str) -> Iterator[Callable[[], int]]:
    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(READERS)]
    taken, ending = [0], threading.Event()

    def read() -> None:
        while not ending.wait(0.25):
            for one in sockets:
                taken[0] += len(one.recv(4096))

    for one in sockets:
        one.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
    thread = threading.Thread(target=read)
    thread.start()
    began = time.monotonic()
    try:
        yield lambda: taken[0]
    finally:
        ending.set()
        thread.join()
        print(f"slow readers were there for {time.monotonic() - began:.0f} s")
        for one in sockets:
            one.close()


if __name__ == "__main__":
    sys.exit(main())
