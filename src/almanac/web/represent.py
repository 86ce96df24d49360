"""Representations of an answer: JSON now. Another one is a function and a line in `REPRESENTATIONS`."""

from collections.abc import Callable

from msgspec import Struct

from almanac.errors import Fault, NotAcceptable
from almanac.model import encode
from almanac.web.operation import Answer, ReadMeta


class Representation(Struct, frozen=True):
    """How an answer becomes bytes of a media type."""

    media_type: str
    write: Callable[[Answer, ReadMeta], bytes]


def _json(answer: Answer, meta: ReadMeta) -> bytes:
    data = b"[" + b",".join(answer.rows) + b"]" if answer.rows is not None else answer.one
    assert data is not None, "an answer has rows or one object"
    return b'{"data":' + data + b',"meta":' + encode(meta) + b"}"


REPRESENTATIONS = (Representation("application/json", _json),)


def choose(accept: str | None) -> Representation:
    """The representation that an `Accept` header prefers (RFC 9110 12.5.1); NotAcceptable if none fits."""
    if not accept:
        return REPRESENTATIONS[0]
    ranges = [_range(part) for part in accept.split(",")]
    best = max(REPRESENTATIONS, key=lambda one: _quality(one.media_type, ranges))
    if _quality(best.media_type, ranges) <= 0:
        offered = [one.media_type for one in REPRESENTATIONS]
        fault = Fault(parameter="Accept", value=accept[:200], detail="fits nothing on offer", allowed=offered)
        raise NotAcceptable("No representation on offer is acceptable.", [fault])
    return best


def _range(part: str) -> tuple[str, float]:
    name, *params = (piece.strip().lower() for piece in part.split(";"))
    quality = next((param[2:] for param in params if param.startswith("q=")), "1")
    try:
        return name, min(max(float(quality), 0.0), 1.0)
    except ValueError:
        return name, 0.0


def _quality(media_type: str, ranges: list[tuple[str, float]]) -> float:
    for wanted in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
        found = [quality for name, quality in ranges if name == wanted]
        if found:
            return max(found)
    return 0.0


def quality(media_type: str, accept: str) -> float:
    """How much an `Accept` header wants a media type, from 0 to 1; 0 without one."""
    return _quality(media_type, [_range(part) for part in accept.split(",")])
