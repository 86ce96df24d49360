"""What Litestar routes: writes, files and pages. Reads are answered before it (`reads`); both say what goes wrong alike."""

from collections.abc import Sequence
from typing import Any

import litestar
from litestar.exceptions import HTTPException, NotFoundException
from litestar.handlers import HTTPRouteHandler

from almanac.errors import BadParameter
from almanac.web import trouble
from almanac.web.nearest import no_such_path
from almanac.web.operation import Write
from almanac.web.respond import Response
from almanac.web.write import READ_HEADERS, write
from almanac.web.write import Incoming as Handed

Incoming = litestar.Request[Any, Any, Any]


def write_handlers(writes: Sequence[Write]) -> list[HTTPRouteHandler]:
    """One Litestar handler for each write."""
    return [_write_handler(operation) for operation in writes]


def _write_handler(operation: Write) -> HTTPRouteHandler:
    async def handle(request: Incoming) -> litestar.Response[bytes]:
        state, own = request.app.state, request.scope["state"]
        own["operation_id"] = operation.id
        given = Handed(
            path=dict(request.path_params),
            network=own["network"],
            query=request.scope["query_string"],
            headers={n: ", ".join(request.headers.getall(n, [])) for n in READ_HEADERS if n in request.headers},
            chunks=request.stream(),
            place=state.service.waiting.arriving(own["caller"]),
        )
        return _sent(await write(operation, state.means, given))

    template = operation.path.replace("}", ":str}")
    # The body is counted as it is read, against the service's own setting.
    return HTTPRouteHandler(
        template, http_method=[operation.method], name=operation.id, status_code=200, request_max_body_size=None
    )(handle)


def _sent(response: Response) -> litestar.Response[bytes]:
    headers = {name.decode(): value.decode("latin-1") for name, value in response.head}
    media_type = headers.pop("content-type", None)
    return litestar.Response(response.body, status_code=response.status, media_type=media_type, headers=headers)


def on_error(request: Incoming, error: Exception) -> litestar.Response[bytes]:
    """The problem that an exception means."""
    state = request.scope["state"]
    request_id: str = state.get("request_id", "none")
    match error:
        case NotFoundException():
            told = no_such_path(state["asked"], request.app.state.paths)
        case HTTPException() if error.status_code < 500:
            told = BadParameter(f"The request cannot be understood: {error.detail[:200]}.")
        case _:
            told = trouble.told(error, request_id)
    return _sent(trouble.answer(told, state["asked"], request_id))
