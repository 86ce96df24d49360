"""A gzip file that is packed in a thread of its own while the next rows are fetched; what waits for it is bounded."""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from almanac.bulk.rows import Block
from almanac.bulk.written import File, Gzip

Count = Callable[[int], None]

# Neither side is even: with one block ahead PostgreSQL stands still whenever packing takes longer than the last block did.
_AHEAD = 8


class Sink:
    """Takes blocks for a file; for none it takes nothing."""

    def __init__(self, path: Path | None, count: Count | None = None) -> None:
        self._gzip = Gzip(path) if path else None
        self._count = count
        # One thread: what is handed to it is done in its order.
        self._thread = ThreadPoolExecutor(1)
        self._packing: deque[asyncio.Future[None]] = deque()

    @property
    def wanted(self) -> bool:
        """Whether anything that is put here goes anywhere."""
        return self._gzip is not None

    async def put(self, block: Block) -> None:
        """Add what a block holds; waits while too many blocks wait to be packed. Errors: OSError where the disk is full."""
        if self._gzip is None:
            return
        if len(self._packing) == _AHEAD:
            await self._packing.popleft()
        loop = asyncio.get_running_loop()
        self._packing.append(loop.run_in_executor(self._thread, self._gzip.write, block.data, block.rows))
        if self._count is not None:
            self._count(block.rows)

    async def close(self) -> File:
        """End the file. Errors: OSError where the disk is full."""
        assert self._gzip is not None
        while self._packing:
            await self._packing.popleft()
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._gzip.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await asyncio.gather(*self._packing, return_exceptions=True)  # the first error is the one that is told
        finally:
            self._thread.shutdown(cancel_futures=True)
            if self._gzip is not None:
                self._gzip.abandon()
