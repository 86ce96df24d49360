"""What goes wrong, as an answer: the one place where exceptions become problems."""

from almanac import events
from almanac.errors import AlmanacError
from almanac.web import problems
from almanac.web.respond import Response
from almanac.web.wire import head


def told(error: Exception, request_id: str) -> AlmanacError:
    """The error that the caller is told. What nobody expected is logged and says nothing of its inside."""
    if isinstance(error, AlmanacError):
        return error
    events.emit(events.Unhandled(request_id=request_id, error=_place(error)))
    return AlmanacError("A fault of ours; quote the request id.")


def answer(error: AlmanacError, instance: str, request_id: str) -> Response:
    """The problem that an error means, about a path."""
    body, sort = problems.problem(error, instance, request_id)
    content = problems.body(body)
    own = [("Content-Type", problems.MEDIA_TYPE), ("Content-Length", str(len(content)))]
    return Response(status=sort.status, head=head([*own, *problems.headers(error, sort)]), body=content)


def _place(error: Exception) -> str:
    """Where an exception arose, for the log: its type, file and line."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "nowhere"
    return f"{type(error).__name__} at {where}: {str(error)[:200]}"
