"""What the stack can do at most: the bytes of a real answer, or stored documents, sent by an application that does nothing else.

BENCH_ANSWER names a JSON file with the headers and the body of an answer, BENCH_DATABASE the documents that peers are given.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
from litestar import Litestar, MediaType, Response, get

_ANSWER = json.loads(Path(os.environ["BENCH_ANSWER"]).read_text("utf-8"))
_BODY: bytes = _ANSWER["body"].encode()
_HEADERS = [(name.encode(), value.encode()) for name, value in _ANSWER["headers"]]
_OTHERS = {name: value for name, value in _ANSWER["headers"] if name not in ("content-type", "content-length")}
_START = {"type": "http.response.start", "status": 200, "headers": _HEADERS}
_REST = {"type": "http.response.body", "body": _BODY}


Scope = dict[str, Any]
Receive = Callable[[], Any]
Send = Callable[[Any], Awaitable[None]]


async def raw(scope: Scope, receive: Receive, send: Send) -> None:
    """A bare ASGI application."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    await send(_START)
    await send(_REST)


async def _lifespan(receive: Receive, send: Send) -> None:
    message = {"type": ""}
    while message["type"] != "lifespan.shutdown":
        message = await receive()
        await send({"type": f"{message['type']}.complete"})


_OWN_HEADERS = [one for one in _HEADERS if one[0] != b"content-length"]
_CONNECTIONS = 8
_PROFILE = "select doc from peers.profile where id = $1"
_LIST = """
select doc from peers.emission_doc where metric = $1 and year = $2 and company_id > $3 order by company_id limit 100
"""
_connections: asyncio.Queue[asyncpg.Connection] = asyncio.Queue()


async def stored(scope: Scope, receive: Receive, send: Send) -> None:
    """Stored documents, one by id or a hundred of a list, read by asyncpg: the least that a read without a cache can cost."""
    if scope["type"] == "lifespan":
        for _ in range(_CONNECTIONS):
            _connections.put_nowait(await asyncpg.connect(os.environ["BENCH_DATABASE"]))
        await _lifespan(receive, send)
        return
    connection = await _connections.get()
    try:
        if scope["query_string"]:
            metric, year, after = (part.partition("=")[2] for part in scope["query_string"].decode().split("&"))
            rows = await connection.fetch(_LIST, metric, int(year), after)
            body = "[" + ",".join([row[0] for row in rows]) + "]"
        else:
            body = await connection.fetchval(_PROFILE, scope["path"].rpartition("/")[2])
    finally:
        _connections.put_nowait(connection)
    content = body.encode()
    headers = [*_OWN_HEADERS, (b"content-length", b"%d" % len(content))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})


@get("/v1/companies/{company:str}")
async def _company(company: str) -> Response[bytes]:  # noqa: ARG001 - as a handler of one company has it
    return Response(_BODY, media_type=MediaType.JSON, headers=_OTHERS)


litestar = Litestar([_company], openapi_config=None, logging_config=None, debug=False)
