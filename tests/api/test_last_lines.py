"""A server that is told to stop has told of every request that it answered: nobody else knows of the last ones."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from almanac.app import create_app
from almanac.settings import Secret, Settings
from almanac.store.told import Told
from almanac.web import answered

pytestmark = pytest.mark.anyio

SCOPE = {"type": "http", "method": "GET", "path": "/livez", "raw_path": b"/livez", "query_string": b"",
         "client": ("127.0.0.1", 1), "http_version": "1.1", "state": {}}  # fmt: skip


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """An application listens to signals, which are of the whole process."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


async def test_what_waits_to_be_told_is_told_before_the_end(
    empty_database: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(answered, "_WITHIN_S", 3600)
    settings = Settings(database_url=Secret(empty_database))
    app, steps = create_app(settings, told=Told()), asyncio.Queue[str]()
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": await steps.get()}

    async def send(message: Any) -> None:
        sent.append(message)

    steps.put_nowait("lifespan.startup")
    life = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send))
    while not sent:  # noqa: ASYNC110 - nobody tells when
        await asyncio.sleep(0.01)
    asked = [f"last-{os.getpid()}-{number}".encode() for number in range(3)]
    for name in asked:
        await app({**SCOPE, "headers": [(b"x-request-id", name)]}, receive, send)
    assert "request_done" not in capfd.readouterr().err
    steps.put_nowait("lifespan.shutdown")
    await life
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [line["request_id"].encode() for line in lines if line["event"] == "request_done"] == asked
