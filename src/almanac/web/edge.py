"""The outermost ASGI layer: request ids, strict paths, HEAD and OPTIONS, headers that every answer has, one log line each.

Reads are answered here, by `Reads`; all else by Litestar behind it.
"""

import itertools
import re
import secrets
import time
from collections.abc import Mapping, Sequence

from almanac.errors import AlmanacError, HeadersTooLarge, MethodNotAllowed, TooLong
from almanac.web import trouble
from almanac.web.asked import Asked, asked
from almanac.web.crowd import Crowd
from almanac.web.exchange import PREFLIGHT, Exchange
from almanac.web.held import Asker
from almanac.web.limits import Admission, Limits
from almanac.web.nearest import no_such_path
from almanac.web.reading import Request
from almanac.web.reads import Letter, Reads
from almanac.web.respond import Response
from almanac.web.wire import App, Receive, Scope, Send, closing_unread

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_LOOSE = re.compile(rb"%2f|%5c|//|/\.\.?(/|$)|\\|%(?![0-9a-f]{2})", re.IGNORECASE)
# Room for every parameter at its longest in percent-encoded UTF-8; Granian itself ends what is beyond 64 KiB.
_MAX_TARGET_BYTES = 16_384
# Room for every header that means something here; Granian itself ends what has more than 100 lines.
_MAX_HEADER_BYTES = 32_768


class Edge:
    """Wraps the routing application, which sees paths without suffix.

    `paths` are the templates that exist, with their methods, for OPTIONS and 405.
    """

    def __init__(
        self, app: App, reads: Reads, limits: Limits, crowd: Crowd, paths: Mapping[str, Sequence[str]]
    ) -> None:
        self._app = app
        self._reads = reads
        self._limits = limits
        self._crowd = crowd
        self._templates = tuple(paths)
        self._of_reads = _allow(["GET"])
        self._others = [
            (path, re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), _allow(methods))
            for path, methods in paths.items()
            if path not in reads.paths
        ]
        prefix = secrets.token_hex(4)
        self._ids = (b"%s%08x" % (prefix.encode(), number) for number in itertools.count())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass lifespan on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        if scope["method"] not in ("GET", "HEAD"):
            receive, send = closing_unread(receive, send)
        said = asked(scope)
        own_id = said.request_id and _REQUEST_ID.fullmatch(said.request_id)
        request_id = said.request_id if own_id else next(self._ids)
        try:
            admitted = self._limits.admit(scope, said)
            if not isinstance(admitted, Admission):
                admitted = await admitted
        except Exception as error:  # noqa: BLE001 - the last place where it can become an answer
            admitted = Admission(refusal=trouble.told(error, request_id.decode()))
        exchange = Exchange(scope["method"], request_id, admitted, started, send)
        refusal = admitted.refusal
        letter = None
        if refusal is None and said.size <= _MAX_HEADER_BYTES and scope["method"] in ("GET", "HEAD"):
            letter = self._reads.letter(scope, said)
            place = self._reads.place(letter)
            if place is not None:
                held = self._reads.near(place, said.if_none_match)
                if held is None and self._crowd.refusal() is None:
                    held = await self._reads.far(place, said.if_none_match)
                if held is not None:
                    await exchange.answer(held)
                    exchange.done(place.operation_id, held.cache)
                    return
        refusal = refusal or self._crowded(scope["path"])
        if refusal is None:
            await self._answer(scope, receive, exchange, said, letter)
        else:
            # Before anything is found out about what was asked: who is refused in numbers is to cost little.
            await exchange.answer(trouble.answer(refusal, scope["path"], request_id.decode()))
            exchange.done("none", "none")

    def template(self, path: str) -> str | None:
        """The path as the contract writes it, without suffix; None if there is no such path."""
        bare, _ = self._reads.split(path)
        read = self._reads.find(bare)
        return (
            read[0].path if read else next((one for one, pattern, _ in self._others if pattern.fullmatch(bare)), None)
        )

    async def _answer(
        self, scope: Scope, receive: Receive, exchange: Exchange, said: Asked, letter: Letter | None
    ) -> None:
        """Answer what was not asked before."""
        path: str = scope["path"]
        bare, suffix = self._reads.split(path)
        state = scope.setdefault("state", {})
        state.update(request_id=exchange.request_id.decode(), asked=path, suffix=suffix, head=scope["method"] == "HEAD")
        read = self._reads.find(bare)
        allowed = self._of_reads if read else self._allowed(bare)
        layer = "none"
        refusal = self._refusal(scope, allowed, said)
        if refusal is not None:
            told = trouble.answer(refusal, path, state["request_id"])
            await exchange.answer(told, allow=allowed if refusal.code == "method-not-allowed" else b"")
        elif scope["method"] == "OPTIONS":
            head = [(b"allow", allowed), (b"access-control-allow-methods", allowed), *PREFLIGHT]
            await exchange.answer(Response(status=204, head=head, body=b""))
        elif read is None or letter is None:
            state["network"] = self._limits.network(scope, said)
            state["caller"] = exchange.admitted.caller or state["network"]
            if scope["method"] == "HEAD":
                scope["method"] = "GET"
                # A range is for GET alone (RFC 9110, 14.2).
                scope["headers"] = [one for one in scope["headers"] if one[0] != b"range"]
            with self._crowd:
                await self._app(scope, receive, exchange.send)
        else:
            operation, params = read
            state["operation_id"] = operation.id
            headers = {
                "accept": said.accept.decode("latin-1"),
                "accept-encoding": said.accept_encoding.decode("latin-1"),
                "if-none-match": said.if_none_match.decode("latin-1"),
            }
            asker = Asker(exchange.admitted.caller or self._limits.network(scope, said), receive)
            request = Request(path=params, suffix=suffix, query=scope["query_string"], headers=headers, asker=asker)
            try:
                with self._crowd:
                    response = await self._reads.answer(operation, request, letter)
            except Exception as error:  # noqa: BLE001 - the last place where it can become an answer
                response = trouble.answer(trouble.told(error, state["request_id"]), path, state["request_id"])
            layer = response.cache
            await exchange.answer(response)
        exchange.done(state.get("operation_id", "none"), layer)

    def _crowded(self, path: str) -> AlmanacError | None:
        # Files and pages take no work, and who asks for health is to learn it.
        return None if self._limits.is_free(path) else self._crowd.refusal()

    def _refusal(self, scope: Scope, allowed: bytes, said: Asked) -> AlmanacError | None:
        raw: bytes = scope["raw_path"]
        path: str = scope["path"]
        size = len(raw) + len(scope["query_string"])
        if size > _MAX_TARGET_BYTES:
            return TooLong(f"The URL has {size} bytes; at most {_MAX_TARGET_BYTES} are taken.")
        if said.size > _MAX_HEADER_BYTES:
            return HeadersTooLarge(f"The headers have {said.size} bytes; at most {_MAX_HEADER_BYTES} are taken.")
        if _LOOSE.search(raw) or (raw.endswith(b"/") and raw != b"/") or not allowed:
            return no_such_path(path, self._templates)
        if scope["method"].encode() not in allowed.split(b", "):
            return MethodNotAllowed(f"{scope['method'][:20]} is not taken here.")
        return None

    def _allowed(self, path: str) -> bytes:
        """Methods of a path that is of no read, as `Allow` lists them; empty if there is no such path."""
        return next((allow for _, pattern, allow in self._others if pattern.fullmatch(path)), b"")


def _allow(methods: Sequence[str]) -> bytes:
    reads = ["HEAD"] if "GET" in methods else []
    return ", ".join(sorted({*methods, *reads, "OPTIONS"})).encode()
