"""What the stack can do at most: the bytes of a real answer, sent by an application that does nothing else.

BENCH_ANSWER names a JSON file with the headers and the body of the answer.
"""

import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from litestar import Litestar, MediaType, Response, get

_ANSWER = json.loads(Path(os.environ["BENCH_ANSWER"]).read_text("utf-8"))
_BODY: bytes = _ANSWER["body"].encode()
_HEADERS = [(name.encode(), value.encode()) for name, value in _ANSWER["headers"]]
_OTHERS = {name: value for name, value in _ANSWER["headers"] if name not in ("content-type", "content-length")}
_START = {"type": "http.response.start", "status": 200, "headers": _HEADERS}
_REST = {"type": "http.response.body", "body": _BODY}


async def raw(scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Awaitable[None]]) -> None:
    """A bare ASGI application."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await send(_START)
    await send(_REST)


@get("/v1/companies/{company:str}")
async def _company(company: str) -> Response[bytes]:  # noqa: ARG001 - as a handler of one company has it
    return Response(_BODY, media_type=MediaType.JSON, headers=_OTHERS)


litestar = Litestar([_company], openapi_config=None, logging_config=None, debug=False)
