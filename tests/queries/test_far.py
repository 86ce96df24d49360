"""Reads of Redis go together, and nobody is left waiting for a reader that is none."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from almanac.settings import Secret, Settings
from almanac.store.far import Far
from almanac.store.redis_link import RedisLink
from tests.conftest import Servers

pytestmark = pytest.mark.anyio


@pytest.fixture
async def far(servers: Servers) -> AsyncIterator[Far]:
    link = RedisLink(Settings(redis_url=Secret(servers.redis), redis_timeout_ms=2000))
    yield Far(link)
    await link.close()


async def test_who_asks_as_the_last_reader_ends_is_read_for(far: Far):
    """In the moment between a task's last step and the word of its end, which another task may well hit."""
    late = far.get("late")
    outer: list[asyncio.Future[bytes | None]] = []
    first = asyncio.create_task(far.get("first"))
    await asyncio.sleep(0)
    # What waits for the answer is told before the reader's end is, and asks at once.
    far._waiting["first"].add_done_callback(lambda _: outer.append(late.send(None)))
    assert await first is None
    done, _ = await asyncio.wait(outer, timeout=5)
    assert done, "it waits for ever"
    with contextlib.suppress(StopIteration):
        late.send(None)


async def test_a_fault_of_ours_is_a_miss_and_not_a_wait(far: Far, monkeypatch: pytest.MonkeyPatch):
    """What nobody expected of the client must not hold callers up for ever."""

    async def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(far._link, "ask", broken)
    found = await asyncio.wait_for(asyncio.gather(*(far.get(str(n)) for n in range(40))), 5)
    assert found == [None] * 40
    monkeypatch.undo()
    await asyncio.sleep(0)
    assert not far._tasks
    far.put("kept", b"bytes")
    await asyncio.gather(*far._tasks)
    assert await far.get("kept") == b"bytes"


async def test_what_was_refused_is_not_tried_again_at_once(far: Far):
    """A full Redis, or a replica, refuses the next write too; refusals cost more than answers."""

    async def room(limit: str, policy: str) -> None:
        said = ("maxmemory", limit, "maxmemory-policy", policy)
        await far._link.ask(lambda client: client.config_set(*said))

    before = await far._link.ask(lambda client: client.config_get("maxmemory*"))
    # With a policy it would make room first, and take what comes meanwhile.
    await room("1", "noeviction")
    try:
        far.put("refused", b"bytes")
        await asyncio.gather(*far._tasks)
        far.put("after", b"bytes")
        assert not far._tasks
    finally:
        await room(before["maxmemory"], before["maxmemory-policy"])
    far._full_until -= 1
    far.put("after", b"bytes")
    await asyncio.gather(*far._tasks)
    assert [await far.get("refused"), await far.get("after")] == [None, b"bytes"]
