"""Suffixes of paths: `/v1/emissions.csv` is `/v1/emissions` as CSV."""

import re
from collections.abc import Sequence

from almanac.web.operation import Operation
from almanac.web.represent import SUFFIXES


class Suffixes:
    """Tells suffixes from paths that only look so: what is left must be the path of a read."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        paths = "|".join(re.sub(r"\{\w+\}", "[^/]+", operation.path) for operation in operations)
        self._reads = re.compile(paths)

    def split(self, path: str) -> tuple[str, str]:
        """The path without its suffix, and the suffix; empty if it has none."""
        for suffix in SUFFIXES:
            bare = path.removesuffix(suffix)
            if bare != path and self._reads.fullmatch(bare):
                return bare, suffix
        return path, ""
