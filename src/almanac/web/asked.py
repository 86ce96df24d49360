"""One request as its headers put it, read in one pass: every answer pays for this."""

from msgspec import Struct

from almanac.web.wire import Scope

# The headers that are looked at before a request is routed, by name.
_NAMES = {
    b"accept": 0,
    b"accept-encoding": 1,
    b"if-none-match": 2,
    b"x-request-id": 3,
    b"authorization": 4,
    b"x-forwarded-for": 5,
}


class Asked(Struct, gc=False):
    """What the headers say. Those given twice are joined by commas, as RFC 9110 (5.3) has it; `size` is in bytes."""

    accept: bytes
    accept_encoding: bytes
    if_none_match: bytes
    request_id: bytes
    authorization: bytes
    forwarded_for: bytes
    size: int


def asked(scope: Scope) -> Asked:
    """The headers of a request."""
    found = [b""] * 6
    size = 0
    for name, value in scope["headers"]:
        size += len(name) + len(value)
        place = _NAMES.get(name)
        if place is not None:
            found[place] = found[place] + b", " + value if found[place] else value
    return Asked(found[0], found[1], found[2], found[3], found[4], found[5], size)
