"""Domain errors: each a code, what was wrong with which value, what is allowed. No HTTP in here."""

from collections.abc import Sequence

from msgspec import Struct


class Fault(Struct, frozen=True, kw_only=True):
    """One thing that was wrong: where, with which value, why, and what is allowed."""

    detail: str
    parameter: str | None = None
    value: str | None = None
    allowed: list[str] | None = None
    suggestion: str | None = None


class AlmanacError(Exception):
    """An error that a caller can act on; `code` is stable and documented."""

    code = "internal-error"

    def __init__(self, detail: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = tuple(faults)


class BadParameter(AlmanacError):
    """A parameter is unknown, repeated, empty, malformed or out of bounds."""

    code = "bad-parameter"


class NotFound(AlmanacError):
    """Nothing of that name at this edition and date."""

    code = "not-found"


class Moved(Exception):
    """A company was merged into another, which it is found under."""

    def __init__(self, company: str, into: str) -> None:
        super().__init__(f"{company} was merged into {into}")
        self.company = company
        self.into = into


class Ambiguous(AlmanacError):
    """An identifier stands on several companies."""

    code = "ambiguous-identifier"


class TooLong(AlmanacError):
    """The URL is longer than any that means something."""

    code = "uri-too-long"


class HeadersTooLarge(AlmanacError):
    """The headers are larger than any that mean something."""

    code = "headers-too-large"


class Unavailable(AlmanacError):
    """PostgreSQL or the store of files cannot be reached, or has no connection free; trying again later helps."""

    code = "unavailable"


class StoreAway(Unavailable):
    """The store of bulk files cannot be reached, did not answer in time or refused; trying again later helps."""


class EditionNotHere(AlmanacError):
    """An edition or a change that the caller knows of has not arrived at this process; it will, or it does not exist."""

    code = "edition-not-here"


class TooSlow(AlmanacError):
    """The query ran into its time limit; a narrower one helps."""

    code = "too-slow"


class BadBatch(AlmanacError):
    """A batch was refused whole; `faults` names each row."""

    code = "bad-batch"


class BadFile(AlmanacError):
    """A file cannot be read as what it should be."""

    code = "bad-file"


class Misconfigured(AlmanacError):
    """A setting or the machine does not allow to start."""

    code = "misconfigured"


class Conflicting(AlmanacError):
    """Two parameters contradict each other."""

    code = "conflicting-parameters"


class MethodNotAllowed(AlmanacError):
    """The URL exists and does not take this method."""

    code = "method-not-allowed"


class NotAcceptable(AlmanacError):
    """No representation on offer is acceptable to the caller."""

    code = "not-acceptable"


class AnswerTooLarge(AlmanacError):
    """The whole list, or a cell of it, is more than one answer of this form holds."""

    code = "answer-too-large"


class Unauthorized(AlmanacError):
    """No key, or none that is valid."""

    code = "unauthorized"


class Forbidden(AlmanacError):
    """The key is valid and its role does not allow this."""

    code = "forbidden"


class TooManyRequests(AlmanacError):
    """The caller has used up its quota for now."""

    code = "too-many-requests"

    def __init__(self, detail: str, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class BodyTooSlow(AlmanacError):
    """The body did not arrive in time."""

    code = "body-too-slow"


class InFlight(AlmanacError):
    """The same batch is being worked on under the same idempotency key."""

    code = "in-flight"


class PayloadTooLarge(AlmanacError):
    """The body is larger than what is taken, compressed or not."""

    code = "payload-too-large"


class UnsupportedMediaType(AlmanacError):
    """The body is of another media type or encoding than those taken."""

    code = "unsupported-media-type"


class IdempotencyKeyReused(AlmanacError):
    """The idempotency key stands for another batch."""

    code = "idempotency-key-reused"


class IdempotencyConflict(AlmanacError):
    """The idempotency key of this caller stands for an export with another body."""

    code = "idempotency-conflict"


class RangeNotSatisfiable(AlmanacError):
    """The range that was asked for begins beyond the end of the file."""

    code = "range-not-satisfiable"

    def __init__(self, detail: str, size: int) -> None:
        super().__init__(
            detail, [Fault(parameter="Range", detail="begins beyond the end", allowed=[f"0 to {size - 1}"])]
        )
        self.size = size
