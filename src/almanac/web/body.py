"""Bodies of requests: counted as they arrive, unpacked with bounds, cut off when they are slow."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager

from msgspec import Struct

from almanac.errors import BadBatch, BodyTooSlow, Fault, PayloadTooLarge, UnsupportedMediaType

ENCODINGS = ("gzip", "identity")

_GZIP = 31
# NDJSON packs 10 to 50 times; deflate itself ends at 1032.
_MAX_RATIO = 200
_FREE_BYTES = 1024 * 1024


def check_type(given: str | None, wanted: str, encoding: str | None, encodings: Sequence[str] = ENCODINGS) -> None:
    """Refuse another media type than the one wanted, and encodings that are not unpacked."""
    media_type, _, parameter = (part.strip().lower() for part in (given or "").partition(";"))
    if media_type != wanted or parameter not in ("", "charset=utf-8"):
        fault = Fault(parameter="Content-Type", value=(given or "")[:200], detail="is not taken", allowed=[wanted])
        raise UnsupportedMediaType(f"The body has to be {wanted} in UTF-8.", [fault])
    if encoding is not None and encoding.strip().lower() not in encodings:
        detail = "is not taken"
        fault = Fault(parameter="Content-Encoding", value=encoding[:200], detail=detail, allowed=list(encodings))
        raise UnsupportedMediaType("The body has an encoding that is not taken.", [fault])


class Coming(Struct, frozen=True, kw_only=True):
    """A body on its way. `place` is entered for as long as it takes; Unavailable if as many come as may."""

    chunks: AsyncIterator[bytes]
    encoding: str | None
    place: AbstractContextManager[None]


async def read(coming: Coming, max_bytes: int, timeout_s: float) -> bytes:
    """The whole body, unpacked. Errors: PayloadTooLarge, BodyTooSlow, Unavailable; BadBatch if it is no gzip."""
    packed = coming.encoding is not None and coming.encoding.strip().lower() == "gzip"
    body = _Gunzip(max_bytes) if packed else _Plain(max_bytes)
    try:
        with coming.place:
            async with asyncio.timeout(timeout_s):
                async for chunk in coming.chunks:
                    body.add(chunk)
    except TimeoutError:
        raise BodyTooSlow(f"The body did not arrive within {timeout_s:g} s.") from None
    return body.end()


class _Plain:
    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._held = bytearray()
        self._received = 0

    def add(self, chunk: bytes) -> None:
        self._received += len(chunk)
        if self._received > self._max_bytes:
            raise PayloadTooLarge(f"The body has more than {self._max_bytes} bytes.")
        self._take(chunk)

    def _take(self, chunk: bytes) -> None:
        self._held += chunk

    def end(self) -> bytes:
        return bytes(self._held)


class _Gunzip(_Plain):
    def __init__(self, max_bytes: int) -> None:
        super().__init__(max_bytes)
        self._stream = zlib.decompressobj(_GZIP)

    def _take(self, chunk: bytes) -> None:
        try:
            # One byte more than there is room for tells a body that just fits from one that does not.
            self._held += self._stream.decompress(chunk, self._max_bytes + 1 - len(self._held))
        except zlib.error:
            raise BadBatch("The body says that it is gzip, and is not.") from None
        if len(self._held) > self._max_bytes:
            raise PayloadTooLarge(f"The body unpacks to more than {self._max_bytes} bytes.")
        if len(self._held) > max(_FREE_BYTES, _MAX_RATIO * self._received):
            raise PayloadTooLarge(f"The body unpacks to more than {_MAX_RATIO} times its size.")
        if self._stream.unused_data:
            raise BadBatch("The body goes on after the end of its gzip.")

    def end(self) -> bytes:
        if not self._stream.eof:
            raise BadBatch("The body ends before its gzip does.")
        return super().end()
