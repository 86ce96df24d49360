"""Operations onto Litestar, which keeps routing and lifespan; what goes wrong becomes a problem in one place."""

from collections.abc import Sequence
from typing import Any

import litestar
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException
from litestar.handlers import HTTPRouteHandler

from almanac import events
from almanac.errors import AlmanacError, BadParameter, MethodNotAllowed
from almanac.web import problems
from almanac.web.nearest import no_such_path
from almanac.web.operation import Operation, Write
from almanac.web.reading import Request, Service
from almanac.web.respond import Response, respond
from almanac.web.write import READ_HEADERS, write
from almanac.web.write import Incoming as Handed

Incoming = litestar.Request[Any, Any, Any]

_READ = ("accept", "if-none-match")


def handlers(operations: Sequence[Operation]) -> list[HTTPRouteHandler]:
    """One Litestar handler for each operation."""
    return [_handler(operation) for operation in operations]


def _handler(operation: Operation) -> HTTPRouteHandler:
    async def read(request: Incoming) -> litestar.Response[bytes]:
        service: Service = request.app.state.service
        request.scope["state"]["operation_id"] = operation.id
        asked = Request(
            path=dict(request.path_params),
            suffix=request.scope["state"]["suffix"],
            query=request.scope["query_string"],
            headers={name: ", ".join(request.headers.getall(name, [])) for name in _READ if name in request.headers},
        )
        response = await respond(operation, service, asked)
        request.scope["state"]["cache"] = response.cache
        return _sent(response)

    template = operation.path.replace("}", ":str}")
    return HTTPRouteHandler(template, http_method=["GET"], name=operation.id, status_code=200)(read)


def write_handlers(writes: Sequence[Write]) -> list[HTTPRouteHandler]:
    """One Litestar handler for each write."""
    return [_write_handler(operation) for operation in writes]


def _write_handler(operation: Write) -> HTTPRouteHandler:
    async def handle(request: Incoming) -> litestar.Response[bytes]:
        state = request.app.state
        service: Service = state.service
        request.scope["state"]["operation_id"] = operation.id
        given = Handed(
            path=dict(request.path_params),
            query=request.scope["query_string"],
            headers={n: ", ".join(request.headers.getall(n, [])) for n in READ_HEADERS if n in request.headers},
            chunks=request.stream(),
        )
        return _sent(await write(operation, service.database, state.settings, service.kinds, given))

    template = operation.path.replace("}", ":str}")
    # The body is counted as it is read, against the service's own setting.
    return HTTPRouteHandler(
        template, http_method=[operation.method], name=operation.id, status_code=200, request_max_body_size=None
    )(handle)


def _sent(response: Response) -> litestar.Response[bytes]:
    media_type = next((value for name, value in response.headers if name == "Content-Type"), None)
    sent = litestar.Response(response.body, status_code=response.status, media_type=media_type)
    for name, value in response.headers:
        if name != "Content-Type" and value:
            _append(sent, name, value)
    return sent


def _append(sent: litestar.Response[bytes], name: str, value: str) -> None:
    # Links go on one line: Litestar keeps one header of a name.
    held = sent.headers.get(name)
    sent.headers[name] = f"{held}, {value}" if held else value


def on_error(request: Incoming, error: Exception) -> litestar.Response[bytes]:
    """The problem that an exception means. What nobody expected is logged and says nothing of its inside."""
    request_id: str = request.scope["state"].get("request_id", "none")
    match error:
        case AlmanacError():
            told = error
        case NotFoundException():
            told = no_such_path(request.scope["state"]["asked"], request.app.state.paths)
        case MethodNotAllowedException():
            told = MethodNotAllowed(f"{request.method[:20]} is not taken here.")
        case HTTPException() if error.status_code < 500:
            told = BadParameter(f"The request cannot be understood: {error.detail[:200]}.")
        case _:
            events.emit(events.Unhandled(request_id=request_id, error=_place(error)))
            told = AlmanacError("A fault of ours; quote the request id.")
    body, sort = problems.problem(told, request.scope["state"]["asked"], request_id)
    return litestar.Response(
        problems.body(body),
        status_code=sort.status,
        media_type=problems.MEDIA_TYPE,
        headers=dict(problems.headers(told, sort)),
    )


def _place(error: Exception) -> str:
    """Where an exception arose, for the log: its type, file and line."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "nowhere"
    return f"{type(error).__name__} at {where}: {str(error)[:200]}"
