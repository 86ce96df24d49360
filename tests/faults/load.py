"""A bounded load on loopback that checks every answer, and by that every byte of the caches behind it.

An answer is what its ETag was before, byte for byte; its body is whole, and of the edition that its header names; no client
is told of an edition and then of an older one.
"""

import asyncio
import hashlib
import itertools
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Self

import msgspec
from msgspec import Struct

_PATIENCE_S = 30
_LONGEST_S = 8
_SHOWN = 5


class Answer(Struct, frozen=True, kw_only=True):
    """One request's end. `status` 0: there was none, and `wrong` says why. `seconds` counts from when it was due."""

    phase: str
    path: str
    status: int
    seconds: float
    at: float
    edition: int = 0
    wrong: str | None = None


class Book:
    """What was answered before: shared by loads that are held against each other."""

    def __init__(self) -> None:
        self.said: dict[tuple[str, str], bytes] = {}


class Load:
    """`clients` clients that ask `paths` in turn, `rate` times a second in all (None: as fast as answers come).

    It runs from the beginning of a with block to its end. A client goes to another of `ports` if its own is no longer among
    them, or refuses it; `refused` counts those.
    """

    def __init__(
        self,
        ports: Sequence[int],
        paths: Sequence[str],
        *,
        rate: float | None = None,
        clients: int = 16,
        book: Book | None = None,
        keep: bool = True,
        conditional: bool = False,
        holds: Callable[[int, bytes], bool] = lambda _edition, _body: True,
    ) -> None:
        self.ports = list(ports)
        self.refused = 0
        self.phase = "before"
        self.answers: list[Answer] = []
        self.newest = 0
        self._paths, self._rate, self._clients = paths, rate, clients
        self._keep, self._conditional, self.holds = keep, conditional, holds
        self._book = book or Book()
        self._ending = False
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending = True
        self._thread.join(_PATIENCE_S + 10)
        assert not self._thread.is_alive(), "a client never came back"

    def during(self, phase: str, seconds: float, answers: int = 0) -> None:
        """Name what is going on, and let it go on for so long, and on a slow machine for so many answers (8 s at most)."""
        self.phase = phase
        began = time.monotonic()
        time.sleep(seconds)
        while len(self.of(phase)) < answers and time.monotonic() < began + _LONGEST_S:
            time.sleep(0.1)

    def of(self, phase: str) -> list[Answer]:
        """Answers to what was due in a phase."""
        return [answer for answer in self.answers if answer.phase == phase]

    def statuses(self, phase: str) -> Counter[int]:
        """How often each status was answered in a phase."""
        return Counter(answer.status for answer in self.of(phase))

    def wrong(self) -> list[str]:
        """What was wrong with answers, the first few."""
        return [f"{one.phase}: {one.path} {one.status} {one.wrong}" for one in self.answers if one.wrong][:_SHOWN]

    def p99_ms(self, phase: str, share: float = 0.99) -> float:
        """Milliseconds that this share of the answers of a phase took at most."""
        times = sorted(one.seconds for one in self.of(phase))
        return times[math.ceil(len(times) * share) - 1] * 1000

    def rate(self, phase: str) -> float:
        """Good answers a second in a phase."""
        good = [one for one in self.of(phase) if one.status in (200, 304)]
        ends = [one.at + one.seconds for one in good]
        return len(good) / (max(ends) - min(one.at for one in good)) if good else 0

    async def _run(self) -> None:
        self.start = time.perf_counter()
        await asyncio.gather(*(self._client(number, self.start) for number in range(self._clients)))

    async def _client(self, number: int, start: float) -> None:
        client = _Client(self, self.ports[number % len(self.ports)])
        for count in itertools.count(number, self._clients):
            now = time.perf_counter()
            due = start + count / self._rate if self._rate else now
            while due > now and not self._ending:
                await asyncio.sleep(min(due - now, 0.1))
                now = time.perf_counter()
            if self._ending:
                break
            phase, path = self.phase, self._paths[count % len(self._paths)]
            status, edition, wrong = await client.ask(path)
            self.answers.append(
                Answer(
                    phase=phase,
                    path=path,
                    status=status,
                    seconds=time.perf_counter() - due,
                    at=due - start,
                    edition=edition,
                    wrong=wrong,
                )
            )
        client.leave()

    def held(self, path: str, etag: str, body: bytes) -> bool:
        """Whether this is what the ETag stood for before."""
        digest = hashlib.blake2b(body, digest_size=16).digest()
        return self._book.said.setdefault((path, etag), digest) == digest


class _Client:
    """One caller with one connection, who remembers the newest edition that it was told of."""

    def __init__(self, load: Load, port: int) -> None:
        self._load, self._port = load, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._edition = 0
        self._etags: dict[str, str] = {}

    def leave(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def ask(self, path: str) -> tuple[int, int, str | None]:
        """The status, the edition, and what is wrong with the answer."""
        try:
            return await asyncio.wait_for(self._ask(path), _PATIENCE_S)
        except (OSError, EOFError, TimeoutError) as error:
            self.leave()
            return 0, 0, repr(error)

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection; a refusal is no loss, because nothing was asked yet: the next server is tried."""
        for attempt in itertools.count():
            if self._port not in self._load.ports:
                self.leave()
                self._port = self._load.ports[attempt % len(self._load.ports)]
            if self._reader is not None and self._writer is not None and not self._reader.at_eof():
                break
            try:
                self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
            except ConnectionRefusedError:
                self._load.refused += 1
                await asyncio.sleep(0.05)
                self._port = self._load.ports[attempt % len(self._load.ports)]
        return self._reader, self._writer

    async def _ask(self, path: str) -> tuple[int, int, str | None]:
        reader, writer = await self._connected()
        condition = self._etags.get(path) if self._load._conditional else None
        asked = f"GET {path} HTTP/1.1\r\nHost: almanac\r\n"
        asked += f"If-None-Match: {condition}\r\n" if condition else ""
        writer.write((asked + "\r\n").encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        status = int(head[0].split()[1])
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection") == "close" or not self._load._keep:
            self.leave()
        edition = int(headers.get("almanac-edition", "0"))
        return status, edition, self._fault(path, status, headers, body, condition)

    def _fault(self, path: str, status: int, headers: dict[str, str], body: bytes, condition: str | None) -> str | None:
        if status == 503:
            return None if "retry-after" in headers else "does not say when to try again"
        if status not in (200, 304):
            return f"is neither an answer nor 503: {body[:200]!r}"
        edition, etag = int(headers["almanac-edition"]), headers["etag"]
        before, self._edition = self._edition, max(self._edition, edition)
        self._load.newest = max(self._load.newest, edition)
        if edition < before and "edition=" not in path:
            return f"is of edition {edition} after one of {before}"
        if status == 304:
            return None if etag == condition else f"is about {etag}, not {condition}"
        self._etags[path] = etag
        return self._mixed(path, edition, etag, body)

    def _mixed(self, path: str, edition: int, etag: str, body: bytes) -> str | None:
        if not self._load.held(path, etag, body):
            return f"has other bytes than {etag} had before"
        said = msgspec.json.decode(body, type=_Body).meta.edition
        if said != edition:
            return f"says {said} in its body and {edition} above it"
        return None if self._load.holds(edition, body) else f"has in it what is not of edition {edition}"


class _Meta(Struct):
    edition: int


class _Body(Struct):
    meta: _Meta
