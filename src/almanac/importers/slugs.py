"""Slugs: the public id of a company, from its name without legal form."""

import re

from almanac.names import fold

_LONGEST = 60


def slug(name: str, number: str | None = None) -> str:
    """Lower-case ASCII words joined by hyphens, at most 60 characters; a name without any gives `company-<number>`."""
    words = re.findall(r"[a-z0-9]+", fold(name))
    found = "-".join(words)
    if len(found) > _LONGEST:
        found = found[: _LONGEST + 1].rpartition("-")[0] or found[:_LONGEST]
    return found or f"company-{number or 'unnamed'}"
