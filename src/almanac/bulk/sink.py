"""A gzip file that is packed in a thread while the next rows are fetched: one block in each, so memory is bounded."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from almanac.bulk.rows import Block
from almanac.bulk.written import File, Gzip

Count = Callable[[int], None]


class Sink:
    """Takes blocks for a file; for none it takes nothing."""

    def __init__(self, path: Path | None, count: Count | None = None) -> None:
        self._gzip = Gzip(path) if path else None
        self._count = count
        self._packing: asyncio.Task[None] | None = None

    @property
    def wanted(self) -> bool:
        """Whether anything that is put here goes anywhere."""
        return self._gzip is not None

    async def put(self, block: Block) -> None:
        """Add whole lines; waits while the block before is being packed."""
        if self._gzip is None:
            return
        await self._packed()
        self._packing = asyncio.create_task(asyncio.to_thread(self._gzip.write, block.data, block.rows))
        if self._count is not None:
            self._count(block.rows)

    async def close(self) -> File:
        """End the file. Errors: OSError where the disk is full."""
        assert self._gzip is not None
        await self._packed()
        return await asyncio.to_thread(self._gzip.close)

    async def _packed(self) -> None:
        if self._packing is not None:
            packing, self._packing = self._packing, None
            await packing

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._packing is not None:
            await asyncio.gather(self._packing, return_exceptions=True)  # the first error is the one that is told
        if self._gzip is not None:
            self._gzip.abandon()
