"""Where the product says that its answers came from: read off its access log, so that a hit is known to be one."""

import re
from collections import Counter
from pathlib import Path

_CACHE = re.compile(rb'"cache":"(\w+)"')


class Layers:
    """The log of one server, from where it was read last."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._read = log.stat().st_size

    def since(self) -> dict[str, float]:
        """Share of the answers by layer since the last call; empty if the log tells nothing."""
        with self._log.open("rb") as file:
            file.seek(self._read)
            data = file.read()
        self._read += len(data)
        found = Counter(name.decode() for name in _CACHE.findall(data))
        total = sum(found.values())
        return {name: count / total for name, count in found.items()}
