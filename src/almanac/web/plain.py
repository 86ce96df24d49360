"""Answers that are no reads: health, counters, the contract and its page."""

import functools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import litestar
import msgspec
import yaml
from litestar import Request
from litestar.handlers import HTTPRouteHandler

from almanac.errors import NotFound, Unavailable
from almanac.model import encode
from almanac.web import metrics
from almanac.web.document import Document
from almanac.web.operation import NoParams
from almanac.web.params import parse_query
from almanac.web.reading import Service
from almanac.web.stopping import Stopping

Incoming = Request[Any, Any, Any]
Sent = litestar.Response[bytes]
T = TypeVar("T")

PATHS = ["/livez", "/readyz", "/metrics", "/openapi.json", "/openapi.yaml", "/docs", "/docs/{name}"]

_STATIC = Path(__file__).parent / "static"
_MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}
_DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'"
)


def handlers(document: Document) -> list[HTTPRouteHandler]:
    """Litestar handlers of these answers."""

    @functools.cache
    def as_yaml() -> bytes:
        value = msgspec.json.decode(document.content)
        return yaml.dump(value, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=True, width=120).encode()

    async def openapi_json(_: Incoming) -> Sent:
        return sent(document.content, "application/json")

    async def openapi_yaml(_: Incoming) -> Sent:
        return sent(as_yaml(), "application/yaml")

    return [
        route("/livez", "livez", _livez),
        route("/readyz", "readyz", _readyz),
        route("/metrics", "metrics", _metrics),
        route("/openapi.json", "openapi_json", openapi_json),
        route("/openapi.yaml", "openapi_yaml", openapi_yaml),
        route("/docs", "docs", _docs),
        route("/docs/{name:str}", "docs_file", _docs),
    ]


def route(path: str, name: str, answer: Callable[[Incoming], Awaitable[Sent]]) -> HTTPRouteHandler:
    """A handler that takes no query parameters."""

    async def handle(request: Incoming) -> Sent:
        request.scope["state"]["operation_id"] = name
        parse_query(NoParams, request.scope["query_string"])
        return await answer(request)

    return HTTPRouteHandler(path, http_method=["GET"], name=name, status_code=200)(handle)


def sent(content: bytes, media_type: str, **headers: str) -> Sent:
    """An answer with its media type; header names with underscores for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return litestar.Response(content, media_type=media_type, headers={"Cache-Control": "no-cache"} | named)


async def _livez(request: Incoming) -> Sent:
    service: Service = request.app.state.service
    return sent(encode({"status": "ok", "edition": service.editions.newest}), "application/json")


async def _readyz(request: Incoming) -> Sent:
    service: Service = request.app.state.service
    stopping: Stopping = request.app.state.stopping
    if stopping.asked:
        raise Unavailable("this process is about to stop")
    if not service.editions.fresh:
        raise Unavailable("PostgreSQL cannot be reached")
    return await _livez(request)


async def _metrics(request: Incoming) -> Sent:
    service: Service = request.app.state.service
    return sent(metrics.exposition(service, request.app.state.board), metrics.MEDIA_TYPE)


async def _docs(request: Incoming) -> Sent:
    name = request.path_params.get("name", "index.html")
    pages = _pages()
    if name not in pages:
        raise NotFound("No such page.")
    return sent(pages[name], _MEDIA_TYPES[Path(name).suffix], Content_Security_Policy=_DOCS_POLICY)


@functools.cache
def _pages() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in _STATIC.iterdir()}
