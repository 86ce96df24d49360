"""ASGI as this service speaks it: the shapes of its messages, and headers that every answer has."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Head = Sequence[tuple[bytes, bytes]]

_EXPOSED = (
    b"Accept-Ranges, Almanac-Edition, Almanac-Known-On, Content-Disposition, Content-Range, Deprecation, ETag, Link, "
    b"Location, Preference-Applied, RateLimit, RateLimit-Policy, Repr-Digest, Retry-After, Server-Timing, Sunset, "
    b"X-Request-Id, X-Total-Count"
)
ALWAYS: Head = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", _EXPOSED),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


def closing_unread(receive: Receive, send: Send) -> tuple[Receive, Send]:
    """Both as they are, and an answer to a body that was not read to its end says that the connection closes.

    The server closes it anyway, as what follows is no request; who is not told sends the next one into nothing.
    """
    is_left = True

    async def receiving() -> Message:
        nonlocal is_left
        message = await receive()
        is_left = message.get("more_body", False)
        return message

    async def sending(message: Message) -> None:
        if is_left and message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"connection", b"close")]
        await send(message)

    return receiving, sending


def head(headers: Iterable[tuple[str, str]]) -> Head:
    """Headers as they are sent; those without a value are left out."""
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers if value]
