"""Problems (RFC 9457): the only place that knows which domain error is which HTTP status."""

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta, Struct

from almanac.errors import AlmanacError, Fault, RangeNotSatisfiable, TooManyRequests
from almanac.model import encode

MEDIA_TYPE = "application/problem+json"
TYPE = "/problems/"


class ProblemItem(Struct, frozen=True, kw_only=True):
    """One thing that was wrong."""

    detail: Annotated[str, Meta(description="What was wrong.")]
    parameter: Annotated[str | None, Meta(description="Parameter that was wrong; null if none.")]
    value: Annotated[str | None, Meta(description="Value that was given, cut to 200 characters; null if none.")]
    allowed: Annotated[list[str] | None, Meta(description="What is allowed, where it can be listed; otherwise null.")]
    suggestion: Annotated[str | None, Meta(description="Nearest name that exists; null if none is near.")]


class Problem(Struct, frozen=True, kw_only=True):
    """An error, in the form of RFC 9457."""

    type: Annotated[str, Meta(description="Identifies the sort of problem; its last part is the code.")]
    title: Annotated[str, Meta(description="The sort of problem in words.")]
    status: Annotated[int, Meta(ge=400, le=599, description="HTTP status.")]
    detail: Annotated[str, Meta(description="What happened here.")]
    instance: Annotated[str, Meta(description="Path that was asked for.")]
    request_id: Annotated[str, Meta(description="Names this request in the service's log.")]
    errors: Annotated[list[ProblemItem], Meta(description="Each thing that was wrong; empty if the detail says all.")]


class Sort(Struct, frozen=True):
    """Status and title of a code; `retry_after_s`, at least, where trying again helps."""

    status: int
    title: str
    meaning: str
    retry_after_s: int | None = None


SORTS = {
    "bad-parameter": Sort(400, "Bad parameter", "A parameter is unknown, repeated, empty, malformed or out of bounds."),
    "answer-too-large": Sort(
        400,
        "Answer too large",
        "The whole list is more than one answer holds; narrow it, take pages, or the bulk files.",
    ),
    "unauthorized": Sort(
        401, "Unauthorized", "The request needs a key that is valid: `Authorization: Bearer <token>`."
    ),
    "forbidden": Sort(403, "Forbidden", "The role of the key does not allow this."),
    "not-found": Sort(404, "Not found", "Nothing of that name at this edition and date."),
    "method-not-allowed": Sort(405, "Method not allowed", "This URL takes the methods in the `Allow` header."),
    "not-acceptable": Sort(406, "Not acceptable", "No representation on offer fits the `Accept` header."),
    "body-too-slow": Sort(408, "Body too slow", "The body did not arrive in time."),
    "ambiguous-identifier": Sort(409, "Ambiguous identifier", "Several companies carry the identifier; use a slug."),
    "conflicting-parameters": Sort(409, "Conflicting parameters", "Two parameters contradict each other."),
    "in-flight": Sort(409, "In flight", "The same batch is being worked on; ask again later for its answer.", 2),
    "idempotency-conflict": Sort(
        409, "Idempotency conflict", "The idempotency key stands for an export with another body; take a new one."
    ),
    "payload-too-large": Sort(413, "Payload too large", "The body is larger than what is taken; send parts."),
    "uri-too-long": Sort(414, "URI too long", "The URL is longer than any that this service understands."),
    "unsupported-media-type": Sort(
        415, "Unsupported media type", "The body is of another media type or encoding than those taken."
    ),
    "range-not-satisfiable": Sort(
        416, "Range not satisfiable", "The range begins beyond the end of the file; `Content-Range` says its size."
    ),
    "bad-batch": Sort(422, "Bad batch", "Rows of the batch are wrong; nothing was published."),
    "idempotency-key-reused": Sort(
        422, "Idempotency key reused", "The idempotency key stands for another batch; take a new one."
    ),
    "headers-too-large": Sort(
        431, "Headers too large", "The headers are larger than any that this service understands."
    ),
    "too-many-requests": Sort(
        429, "Too many requests", "The quota of this caller is used up for now; `Retry-After` says for how long.", 1
    ),
    "internal-error": Sort(500, "Internal error", "A fault of ours; the request id names it in our log."),
    "unavailable": Sort(
        503, "Unavailable", "The database, or the store of the files, cannot be reached or is busy; try again later.", 2
    ),
    "edition-not-here": Sort(
        503,
        "Edition not here",
        "What `min_edition` or `after` names has not arrived at this server; ask again in a moment.",
        1,
    ),
    "too-slow": Sort(503, "Too slow", "The query ran into its time limit; a narrower one helps.", 5),
}


def problem(error: AlmanacError, instance: str, request_id: str) -> tuple[Problem, Sort]:
    """The problem that says what an error means to the caller."""
    sort = SORTS[error.code]
    body = Problem(
        type=TYPE + error.code,
        title=sort.title,
        status=sort.status,
        detail=error.detail,
        instance=instance[:500],
        request_id=request_id,
        errors=items(error.faults),
    )
    return body, sort


def headers(error: AlmanacError, sort: Sort) -> list[tuple[str, str]]:
    """What a problem says in headers, beside its media type."""
    found = [("Cache-Control", "no-store")]
    if isinstance(error, RangeNotSatisfiable):
        found.append(("Content-Range", f"bytes */{error.size}"))
    if sort.status == 401:
        found.append(("WWW-Authenticate", 'Bearer realm="almanac"'))
    wait_s = error.retry_after_s if isinstance(error, TooManyRequests) else sort.retry_after_s
    if wait_s is not None:
        found.append(("Retry-After", str(wait_s)))
    return found


def items(faults: Iterable[Fault]) -> list[ProblemItem]:
    """Each fault as told to the caller."""
    return [_item(fault) for fault in faults]


def _item(fault: Fault) -> ProblemItem:
    return ProblemItem(
        detail=fault.detail,
        parameter=fault.parameter,
        value=fault.value,
        allowed=fault.allowed,
        suggestion=fault.suggestion,
    )


def body(problem: Problem) -> bytes:
    """The problem as sent."""
    return encode(problem)
