"""From a path to the read that it asks for: one regular expression over all templates."""

import re
from collections.abc import Mapping, Sequence

from almanac.web.operation import Operation


class Router:
    """Templates of reads; where two fit, the one with fewer parameters is meant."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        ordered = sorted(operations, key=lambda operation: operation.path.count("{"))
        patterns: list[str] = []
        self._places: dict[int, tuple[Operation, list[str], slice]] = {}
        group = 1
        for operation in ordered:
            names = re.findall(r"\{(\w+)\}", operation.path)
            patterns.append("(" + re.sub(r"\{\w+\}", "([^/]+)", operation.path) + ")")
            self._places[group] = operation, names, slice(group, group + len(names))
            group += 1 + len(names)
        self._pattern = re.compile("|".join(patterns))

    @property
    def paths(self) -> set[str]:
        """Every template."""
        return {operation.path for operation, _, _ in self._places.values()}

    def find(self, path: str) -> tuple[Operation, Mapping[str, str]] | None:
        """The read, and its path parameters as text; None if the path is of none."""
        found = self._pattern.fullmatch(path)
        if found is None:
            return None
        assert found.lastindex is not None, "every template is a group"
        operation, names, place = self._places[found.lastindex]
        return operation, dict(zip(names, found.groups()[place], strict=True))
