"""Content codings: which one a request wants (RFC 9110 12.5.3), and bytes in it. The same bytes always give the same."""

import functools
import zlib

import brotli  # pyright: ignore[reportMissingTypeStubs]
import zstandard

from almanac.web.accept import ranges

CODINGS = ("zstd", "br", "gzip")
"""Those on offer; the first is taken where several are wanted alike: it is made and read fastest."""


@functools.lru_cache(maxsize=256)
def wanted(accept_encoding: str) -> str:
    """The coding that an `Accept-Encoding` header wants most; empty for none."""
    asked = ranges(accept_encoding)
    best = max(CODINGS, key=lambda coding: asked.get(coding, asked.get("*", 0.0)))
    quality = asked.get(best, asked.get("*", 0.0))
    return best if quality > 0 and quality >= asked.get("identity", 0.0) else ""


def packed(body: bytes, coding: str) -> bytes:
    """The bytes in a coding."""
    match coding:
        case "zstd":
            return zstandard.ZstdCompressor(level=3).compress(body)
        case "br":
            return brotli.compress(body, quality=4)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        case "gzip":
            packer = zlib.compressobj(6, zlib.DEFLATED, 31)
            return packer.compress(body) + packer.flush()
        case _:
            raise AssertionError(f"{coding} is no coding on offer")
