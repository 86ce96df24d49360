"""One request's answer on its way out: headers that every answer has, HEAD, the log line, the counters."""

import functools
import time

from almanac.web.answered import answered
from almanac.web.limits import Admission
from almanac.web.respond import Response
from almanac.web.wire import ALWAYS, Head, Message, Send

# Headers that a page of another site may send.
_TAKEN = (b"Accept", b"Authorization", b"Content-Type", b"Idempotency-Key", b"If-None-Match", b"If-Range",
          b"Last-Event-ID", b"Prefer", b"Range", b"X-Request-Id")  # fmt: skip
PREFLIGHT: Head = (
    (b"access-control-allow-headers", b", ".join(_TAKEN)),
    (b"access-control-max-age", b"86400"),
)


class Exchange:
    """Sends one answer, whoever made it."""

    __slots__ = ("_length", "_method", "_send", "_sent_bytes", "_started", "_status", "admitted", "request_id")

    def __init__(self, method: str, request_id: bytes, admitted: Admission, started: float, send: Send) -> None:
        self._started = started
        self.admitted = admitted
        self._method = method
        self._send = send
        self.request_id = request_id
        self._status = self._sent_bytes = self._length = 0

    async def answer(self, response: Response, allow: bytes = b"") -> None:
        """Send an answer of our own."""
        status = self._status = response.status
        own = response.head
        if response.place is None:
            names = {name for name, _ in own}
            own = [*own, *(one for one in ALWAYS if one[0] not in names)]
        if allow:
            own = [*own, (b"allow", allow)]
        hundredths = round((time.perf_counter() - self._started) * 100_000)
        headers = [
            *own,
            *response.found,
            *self.admitted.headers(status),
            _timing(response.cache, hundredths),
            (b"x-request-id", self.request_id),
        ]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        body = b"" if self._method == "HEAD" else response.body
        self._sent_bytes = len(body)
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def send(self, message: Message) -> None:
        """Pass on what Litestar sends; a HEAD answer keeps its headers and loses its body."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            own = {name.lower() for name, _ in message["headers"]}
            self._length = next((int(value) for name, value in message["headers"] if name == b"content-length"), 0)
            extra = [(name, value) for name, value in ALWAYS if name not in own]
            extra += [*self.admitted.headers(self._status), (b"x-request-id", self.request_id)]
            message["headers"] = [*message["headers"], *extra]
        elif message["type"] == "http.response.body":
            if self._method == "HEAD":
                message = {"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)}
            self._sent_bytes += len(message.get("body", b""))
        elif message["type"] == "http.response.pathsend":
            if self._method == "HEAD":
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            else:
                self._sent_bytes += self._length
        await self._send(message)

    def done(self, operation_id: str, cache: str) -> None:
        """One line and one count for this request, by operation, never by raw path."""
        now = time.perf_counter()
        seconds = now - self._started
        answered.add((now, operation_id, self._method, self._status, seconds, cache, self._sent_bytes, self.request_id))


@functools.lru_cache(maxsize=4096)
def _timing(cache: str, hundredths: int) -> tuple[bytes, bytes]:
    return b"server-timing", b'cache;desc="%s", total;dur=%.2f' % (cache.encode(), hundredths / 100)
