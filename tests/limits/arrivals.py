"""Requests that arrive at a rate, whether or not the ones before were answered: what a server meets that is asked too much."""

import asyncio
import collections
import time
from urllib.parse import urlsplit

from msgspec import Struct


class Answered(Struct, frozen=True):
    """When a request was due, how long after that its answer came, in seconds, and the answer's status."""

    at_s: float
    took_s: float
    status: int


class _Line(asyncio.Protocol):
    """One connection; `ask` sends, `on_answer` is called with the status when the whole answer is there."""

    def __init__(self) -> None:
        self.received = b""
        self.on_answer = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, mark, rest = self.received.partition(b"\r\n\r\n")
        if not mark:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(rest) >= length:
            self.received = b""
            self.on_answer(self, int(head[9:12]))

    def connection_lost(self, error: Exception | None) -> None:
        if self.on_answer is not None:
            self.on_answer(self, 0)


def arrive(
    base: str, urls: list[str], rate: float, lasts_s: float, lines: int = 800, *, patience_s: float = 5
) -> list[Answered]:
    """Ask for each URL in turn, so many a second, and wait at most so long for the last answers."""
    return asyncio.run(_arrive(base, urls, rate, lasts_s, lines, patience_s=patience_s))


async def _arrive(
    base: str, urls: list[str], rate: float, lasts_s: float, lines: int, *, patience_s: float
) -> list[Answered]:
    parts = urlsplit(base)
    loop = asyncio.get_running_loop()
    every = [(await loop.create_connection(_Line, parts.hostname, parts.port))[1] for _ in range(lines)]
    idle = collections.deque(every)
    requests = [f"GET {url} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for url in urls]
    answered: list[Answered] = []
    due: collections.deque[tuple[float, bytes]] = collections.deque()
    begun, sent, back = time.monotonic(), 0, 0

    def send() -> None:
        while due and idle:
            at, request = due.popleft()
            line = idle.popleft()

            def done(line: _Line, status: int, at: float = at) -> None:
                nonlocal back
                back += 1
                line.on_answer = None
                answered.append(Answered(at - begun, time.monotonic() - at, status))
                if status:
                    idle.append(line)
                    send()

            line.on_answer = done
            line.transport.write(request)

    while (now := time.monotonic()) < begun + lasts_s:
        while sent < (now - begun) * rate:
            due.append((begun + sent / rate, requests[sent % len(requests)]))
            sent += 1
        send()
        await asyncio.sleep(0.002)
    deadline = time.monotonic() + patience_s
    while back < sent and time.monotonic() < deadline:  # noqa: ASYNC110 - what ends it is a count
        await asyncio.sleep(0.01)
    for line in every:
        line.on_answer = None
        line.transport.abort()
    await asyncio.sleep(0.1)  # the transports end in the next turn of the loop
    return answered
