"""A proxy that spoils what passes: late, slow, swallowed, cut after some bytes, reset. Sockets only; both ends are real."""

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Self

from msgspec import Struct

_CHUNK_BYTES = 16_384
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: no waiting at close, which TCP says with a reset


class Fault(Struct, frozen=True, kw_only=True):
    """What happens to what passes: in both directions, but `cut_after` counts the bytes of answers, by connection."""

    delay_s: float = 0
    bytes_per_s: float | None = None
    black_hole: bool = False
    cut_after: int | None = None


NONE = Fault()


class Proxy:
    """Passes connections on to `target`, a socket's path or (host, port). Listens at `path` or, without one, at `port`."""

    def __init__(self, target: Path | tuple[str, int], path: Path | None = None) -> None:
        self.fault = NONE
        self.port = 0
        self.target, self._path = target, path
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._run(self._listen())

    def reset(self) -> None:
        """Break every connection."""
        self._run(self._reset())

    def close(self) -> None:
        """Stop listening, and break every connection."""
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, what: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _listen(self) -> None:
        if self._path is not None:
            self._server = await asyncio.start_unix_server(self._accepted, self._path)
        else:
            self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _accepted(self, near: asyncio.StreamReader, to_near: asyncio.StreamWriter) -> None:
        self._open.add(to_near)
        try:
            if isinstance(self.target, Path):
                far, to_far = await asyncio.open_unix_connection(self.target)
            else:
                far, to_far = await asyncio.open_connection(*self.target)
        except OSError:
            self._break(to_near)
            return
        self._open.add(to_far)
        pumps = [
            asyncio.create_task(self._pump(near, to_far)),
            asyncio.create_task(self._pump(far, to_near, answers=True)),
        ]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for writer in (to_near, to_far):
            writer.close()
            self._open.discard(writer)
        await asyncio.wait(pumps)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, answers: bool = False) -> None:
        """Pass on, with what the fault of the moment does to it, until an end closes."""
        count = 0
        try:
            while data := await source.read(_CHUNK_BYTES):
                fault = self.fault
                if fault.black_hole:
                    continue
                if fault.delay_s:
                    await asyncio.sleep(fault.delay_s)
                if fault.bytes_per_s:
                    await asyncio.sleep(len(data) / fault.bytes_per_s)
                if answers and fault.cut_after is not None and count + len(data) > fault.cut_after:
                    sink.write(data[: max(0, fault.cut_after - count)])
                    return
                count += len(data)
                sink.write(data)
                await sink.drain()
        except OSError:
            return

    def _break(self, writer: asyncio.StreamWriter) -> None:
        sock = writer.get_extra_info("socket")
        if sock.family == socket.AF_INET and sock.fileno() >= 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        writer.transport.abort()
        self._open.discard(writer)

    async def _reset(self) -> None:
        for writer in list(self._open):
            self._break(writer)

    async def _end(self) -> None:
        self._server.close()
        await self._reset()
        mine = asyncio.current_task()
        if left := {task for task in asyncio.all_tasks() if task is not mine}:
            await asyncio.wait(left, timeout=5)
