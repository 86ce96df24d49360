"""The HTTP server: Granian, with workers that never outlive it."""

import logging
import multiprocessing
import os
import signal

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from almanac import events
from almanac.app import create_app
from almanac.errors import Misconfigured
from almanac.settings import Settings
from almanac.store.child import end_with_parent
from almanac.web.edge import App

# A request may run this long after it was asked to stop; the longest query ends well before.
_STOP_PATIENCE_S = 15
_LOGGING = {
    "handlers": {"events": {"class": "almanac.events.Bridge"}},
    "formatters": {},
    "loggers": {"_granian": {"handlers": ["events"], "level": "WARNING", "propagate": False}},
}


def serve(settings: Settings) -> None:
    """Serve until told to stop, then finish the requests under way. Errors: Misconfigured without a database URL."""
    if settings.database_url is None:
        raise Misconfigured("ALMANAC_DATABASE_URL is not set; `almanac up` brings its own PostgreSQL")
    server = Server(
        f"{__name__}:application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=settings.workers,
        workers_kill_timeout=_STOP_PATIENCE_S,
        respawn_failed_workers=True,
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=_LOGGING,
    )
    server.on_startup(
        lambda: events.emit(events.Started(host=settings.host, port=settings.port, workers=settings.workers))
    )
    server.on_shutdown(lambda: events.emit(events.Stopped()))
    server.serve()


def application() -> App:
    """The application of one worker, which ends with the process that started it. Granian calls this in the worker."""
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        end_with_parent(signal.SIGKILL, parent.pid)
    logging.captureWarnings(capture=True)
    return create_app(Settings.read(os.environ))
