"""The end of a worker: it says that it is not ready, goes on answering for a while, and then stops.

Meanwhile a balancer learns from `/readyz` to send no more, and clients learn from `Connection: close` to open their next
connection elsewhere: one that is closed while a request is on its way loses the request.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable

from almanac.web.wire import App, Message, Receive, Scope, Send


class Stopping:
    """Whether this worker was asked to stop; it stops `grace_s` seconds later."""

    def __init__(self, grace_s: float) -> None:
        self._grace_s = grace_s
        self.asked = False

    def listen(self) -> None:
        """Take SIGTERM over from Granian, which ends at once; its SIGINT stays, and ends the grace."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._ask)

    def _ask(self) -> None:
        if not self.asked:
            self.asked = True
            asyncio.get_running_loop().call_later(self._grace_s, os.kill, os.getpid(), signal.SIGINT)


class Closing:
    """Has every answer of a worker that was asked to stop close its connection."""

    def __init__(self, app: App, stopping: Stopping) -> None:
        self._app, self._stopping = app, stopping

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request. HTTP/2 has its own way to say so, which is Granian's."""
        if scope["type"] == "lifespan":
            self._stopping.listen()
        if self._stopping.asked and scope["type"] == "http" and scope["http_version"] != "2":

            async def closing(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], (b"connection", b"close")]
                await send(message)

            return self._app(scope, receive, closing)
        return self._app(scope, receive, send)
