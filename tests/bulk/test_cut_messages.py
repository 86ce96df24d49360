"""Rows that PostgreSQL copies out are read whole, whatever messages they come in.

It sends a message a row today; its protocol promises no such thing ("these might or might not correspond to rows").
"""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from almanac.bulk import rows
from almanac.bulk.rows import Block, Span
from almanac.kinds import KINDS
from almanac.store.db import READER, connect
from tests.bulk.conftest import Published
from tests.bulk.published import lines

pytestmark = pytest.mark.anyio
AWARDS = next(kind for kind in KINDS if kind.name == "awards")
_MESSAGE = struct.Struct("!ci")


@contextlib.asynccontextmanager
async def cut(url: str, size: int) -> AsyncIterator[str]:
    """Address at which PostgreSQL says the same, and what it copies out comes in messages of so many bytes, one by one."""
    parts = urlsplit(url)
    where = parse_qs(parts.query)
    socket = f"{where['host'][0]}/.s.PGSQL.{where['port'][0]}"

    async def hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said, asked = await asyncio.open_unix_connection(socket)
        asking = asyncio.create_task(hand_on(reader, asked))
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                kind, length = _MESSAGE.unpack(await said.readexactly(_MESSAGE.size))
                body = await said.readexactly(length - 4)
                step = size if kind == b"d" else len(body) or 1
                for at in range(0, len(body) or 1, step):
                    piece = body[at : at + step]
                    writer.write(_MESSAGE.pack(kind, len(piece) + 4) + piece)
                    await asyncio.sleep(0)  # whoever reads finds this message alone
        asking.cancel()
        asked.close()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"postgresql://{parts.username}@127.0.0.1:{port}{parts.path}?sslmode=disable"


@pytest.mark.parametrize("size", [1, 5, 18, 19, 20, 700])
async def test_a_message_may_end_within_a_row(published: Published, size: int):
    span = Span(since=0, edition=published.newest, current=False)
    blocks: list[Block] = []
    pieces: list[bytes] = []

    async def put(block: Block) -> None:
        blocks.append(block)

    async def take(data: bytes) -> None:
        pieces.append(data)

    async with cut(published.url, size) as url:
        connection = await connect(url, READER)
        first = await rows.begin(connection, AWARDS, span)
        assert first is not None
        assert await rows.lines(connection, AWARDS, span, first, put) is None
        await connection.copy_from_query("select repeat('x', 2000) from generate_series(1, 9)", output=take)
        await connection.close()
    wanted = lines(published.folder.root / f"snapshots/{published.newest}", "awards-versions-0001")
    assert b"".join(block.data for block in blocks) == b"".join(wanted)
    assert sum(block.rows for block in blocks) == len(wanted)
    assert any(not piece.endswith(b"\n") for piece in pieces), "control: they do end within rows"
