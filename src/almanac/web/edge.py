"""The outermost ASGI layer: request ids, strict paths, HEAD and OPTIONS, headers that every answer has, one log line each."""

import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any

from almanac import events
from almanac.errors import AlmanacError, HeadersTooLarge, TooLong
from almanac.web import problems
from almanac.web.crowd import Crowd
from almanac.web.limits import Admission, Limits
from almanac.web.nearest import no_such_path
from almanac.web.suffix import Suffixes

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_LOOSE = re.compile(rb"%2f|%5c|//|/\.\.?(/|$)|\\|%(?![0-9a-f]{2})", re.IGNORECASE)
_EXPOSED = (
    b"Accept-Ranges, Almanac-Edition, Almanac-Known-On, Content-Disposition, Content-Range, Deprecation, ETag, Link, "
    b"Location, RateLimit, RateLimit-Policy, Repr-Digest, Retry-After, Sunset, X-Request-Id, X-Total-Count"
)
_ALWAYS = [
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        _EXPOSED,
    ),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
]
_PREFLIGHT = [
    (b"access-control-allow-methods", b"GET, HEAD, OPTIONS"),
    (b"access-control-allow-headers", b"Accept, Authorization, If-None-Match, If-Range, Range, X-Request-Id"),
    (b"access-control-max-age", b"86400"),
]
# Room for every parameter at its longest in percent-encoded UTF-8; Granian itself ends what is beyond 64 KiB.
_MAX_TARGET_BYTES = 16_384
# Room for every header that means something here; Granian itself ends what has more than 100 lines.
_MAX_HEADER_BYTES = 32_768


class Edge:
    """Wraps the routing application, which sees paths without suffix.

    `paths` are the templates that exist, with their methods, for OPTIONS and 405.
    """

    def __init__(
        self, app: App, paths: Mapping[str, Sequence[str]], suffixes: Suffixes, limits: Limits, crowd: Crowd
    ) -> None:
        self._app = app
        self._crowd = crowd
        self._limits = limits
        self._suffixes = suffixes
        self._templates = tuple(paths)
        self._paths = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), _allow(methods)) for path, methods in paths.items()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass lifespan on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        asked: str = scope["path"]
        bare, suffix = self._suffixes.split(asked)
        scope.setdefault("state", {}).update(request_id=request_id, asked=asked, suffix=suffix)
        admitted = self._limits.admit(scope)
        if not isinstance(admitted, Admission):
            admitted = await admitted
        exchange = _Exchange(scope, send, request_id, self._allowed, admitted)
        refusal = admitted.refusal or self._crowded(scope) or self._refusal(scope, bare)
        if suffix:
            scope["path"], scope["raw_path"] = bare, bare.encode()
        if refusal is not None:
            await exchange.problem(refusal)
        elif scope["method"] == "OPTIONS":
            await exchange.options()
        else:
            if scope["method"] == "HEAD":
                scope["method"] = "GET"
            with self._crowd:
                await self._app(scope, receive, exchange.send)
        exchange.log()

    def _crowded(self, scope: Scope) -> AlmanacError | None:
        # Files and pages take no work, and who asks for health is to learn it.
        return None if self._limits.is_free(scope["path"]) else self._crowd.refusal()

    def _refusal(self, scope: Scope, bare: str) -> AlmanacError | None:
        raw: bytes = (scope.get("raw_path") or scope["path"].encode()).split(b"?")[0]
        path: str = scope["path"]
        size = len(raw) + len(scope["query_string"])
        if size > _MAX_TARGET_BYTES:
            return TooLong(f"The URL has {size} bytes; at most {_MAX_TARGET_BYTES} are taken.")
        size = sum(len(name) + len(value) for name, value in scope["headers"])
        if size > _MAX_HEADER_BYTES:
            return HeadersTooLarge(f"The headers have {size} bytes; at most {_MAX_HEADER_BYTES} are taken.")
        if _LOOSE.search(raw) or (raw.endswith(b"/") and raw != b"/"):
            return no_such_path(path, self._templates)
        if scope["method"] == "OPTIONS" and not self._allowed(bare):
            return no_such_path(path, self._templates)
        return None

    def _allowed(self, path: str) -> bytes:
        """Methods of a path as `Allow` lists them; empty if there is no such path."""
        return next((allow for template, allow in self._paths if template.fullmatch(path)), b"")


class _Exchange:
    """One request's answer on its way out."""

    def __init__(
        self, scope: Scope, send: Send, request_id: str, allowed: Callable[[str], bytes], admitted: Admission
    ) -> None:
        self._admitted = admitted
        self._scope, self._send, self._request_id, self._allowed = scope, send, request_id, allowed
        self._started = time.perf_counter()
        self._method: str = scope["method"]
        self._status = 0
        self._sent_bytes = self._length = 0

    async def send(self, message: Message) -> None:
        """Add what every answer has; a HEAD answer keeps its headers and loses its body."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            own = {name.lower() for name, _ in message["headers"]}
            self._length = next((int(value) for name, value in message["headers"] if name == b"content-length"), 0)
            extra = [(name, value) for name, value in _ALWAYS if name not in own]
            if self._status == 405:
                extra.append((b"allow", self._allowed(self._scope["path"])))
            extra += self._admitted.headers(self._status)
            message["headers"] = [*message["headers"], *extra, (b"x-request-id", self._request_id.encode())]
        elif message["type"] == "http.response.body":
            self._sent_bytes += len(message.get("body", b""))
            if self._method == "HEAD":
                message = {"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)}
        elif message["type"] == "http.response.pathsend":
            if self._method == "HEAD":
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            else:
                self._sent_bytes += self._length
        await self._send(message)

    async def options(self) -> None:
        """Say which methods a path takes; to a browser's preflight only those that read."""
        allow = (b"allow", self._allowed(self._scope["path"]))
        await self.send({"type": "http.response.start", "status": 204, "headers": [allow, *_PREFLIGHT]})
        await self.send({"type": "http.response.body", "body": b""})

    async def problem(self, error: AlmanacError) -> None:
        """Answer with a problem."""
        body, sort = problems.problem(error, self._scope["state"]["asked"], self._request_id)
        content = problems.body(body)
        headers = [
            (b"content-type", problems.MEDIA_TYPE.encode()),
            (b"content-length", str(len(content)).encode()),
            *((name.lower().encode(), value.encode()) for name, value in problems.headers(error, sort)),
        ]
        await self.send({"type": "http.response.start", "status": sort.status, "headers": headers})
        await self.send({"type": "http.response.body", "body": content})

    def log(self) -> None:
        """One line for this request, by operation, never by raw path."""
        state: dict[str, Any] = self._scope["state"]
        events.emit(
            events.RequestDone(
                operation_id=state.get("operation_id", "none"),
                method=self._method,
                status=self._status,
                duration_ms=round((time.perf_counter() - self._started) * 1000, 3),
                cache=state.get("cache", "none"),
                bytes=self._sent_bytes,
                request_id=self._request_id,
            )
        )


def _allow(methods: Sequence[str]) -> bytes:
    reads = ["HEAD"] if "GET" in methods else []
    return ", ".join(sorted({*methods, *reads, "OPTIONS"})).encode()


def _request_id(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return given.decode() if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
