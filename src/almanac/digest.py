"""A digest of a set of lines that does not depend on their order and changes with each line that comes or goes.

Each line counts as SHAKE128(SHA-256(line)), 512 bytes read as a big-endian number; the numbers are added modulo 2^4096, and
the digest is the SHA-256 of that sum. So a copy can be proved right without sorting it, and a publish updates the digest by
what it changed. The construction is AdHash (Bellare and Micciancio 1997) with a modulus wide enough for Wagner's generalised
birthday attack (2002): about 2^128 steps to make two sets with one digest. Limits: it proves equality, it does not say which
line differs; it is not signed; and a line counts as often as it is added, so a set is only proved by adding each line once.
"""

import hashlib
from collections.abc import Iterable

SUM_BYTES = 512
_MODULUS = 1 << (8 * SUM_BYTES)

EMPTY = bytes(SUM_BYTES)
"""Sum of no lines."""


def updated(total: bytes, *, gone: Iterable[bytes] = (), come: Iterable[bytes] = ()) -> bytes:
    """The sum after lines, given by their SHA-256, have gone and come."""
    number = int.from_bytes(total, "big")
    number += sum(map(_number, come)) - sum(map(_number, gone))
    return (number % _MODULUS).to_bytes(SUM_BYTES, "big")


def text(total: bytes) -> str:
    """The digest of a sum, in hex."""
    return hashlib.sha256(total).hexdigest()


def _number(line_sha256: bytes) -> int:
    return int.from_bytes(hashlib.shake_128(line_sha256).digest(SUM_BYTES), "big")
