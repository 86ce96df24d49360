"""Headers that say what is wanted, and how much (RFC 9110 12.4.2)."""

import functools
from collections.abc import Mapping


@functools.lru_cache(maxsize=256)
def ranges(header: str) -> Mapping[str, float]:
    """What the header names, in lower case, with the most that each is wanted, from 0 to 1. Kept: forms ask many times."""
    found: dict[str, float] = {}
    for part in header.split(","):
        name, *params = (piece.strip().lower() for piece in part.split(";")) if part else ("",)
        quality = next((param[2:] for param in params if param.startswith("q=")), "1")
        try:
            found[name] = max(found.get(name, 0.0), min(max(float(quality), 0.0), 1.0))
        except ValueError:
            found.setdefault(name, 0.0)
    return found
