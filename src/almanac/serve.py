"""The HTTP server: Granian, with workers that never outlive it."""

import contextlib
import gc
import logging
import math
import multiprocessing
import os
import resource
import signal
from functools import partial
from pathlib import Path

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from almanac import events
from almanac.app import create_app
from almanac.errors import Misconfigured
from almanac.settings import Settings
from almanac.store import told
from almanac.store.board import SHEET_BYTES, Board
from almanac.store.child import end_with_parent
from almanac.store.placed import shelf
from almanac.web.stopping import Closing, Stopping
from almanac.web.traces import traced
from almanac.web.wire import App

# A request may run this long after it was asked to stop; the longest query ends well before.
_STOP_PATIENCE_S = 15
# Connections of a worker, idle ones and those that never finish a request included; further ones wait to be accepted.
# Half-open ones cost 18 KB each and end after 10 s: so 9,000 of them take some 160 MB and nobody's place.
_CONNECTIONS = 16_384
_BACKLOG = 4_096
_HEADERS_WITHIN_MS = 10_000
# Room for a request line and headers that are answered 414 and 431; what is longer, Granian refuses itself.
_HEADERS_BYTES = 131_072
# Files of a worker that are no connections of callers: the stores, the log, bulk files being sent.
_OTHER_FILES = 1_024
_LOGGING = {
    "handlers": {"events": {"class": "almanac.events.Bridge"}},
    "formatters": {},
    "loggers": {
        name: {"handlers": ["events"], "level": "WARNING", "propagate": False} for name in ("_granian", "opentelemetry")
    },
}


def serve(settings: Settings) -> None:
    """Serve until told to stop, then say so for a while, and finish the requests under way.

    Errors: Misconfigured without a database URL, or with a store of files that cannot be used.
    """
    if settings.database_url is None:
        raise Misconfigured("ALMANAC_DATABASE_URL is not set; `almanac up` brings its own PostgreSQL")
    shelf(settings)
    server = Server(
        f"{__name__}:application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        workers_kill_timeout=_STOP_PATIENCE_S + math.ceil(settings.stop_grace_ms / 1000),
        respawn_failed_workers=True,
        # HTTP/2 has no timeout for headers, and while Granian waits to tell the two apart, HTTP/1 has none either.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADERS_WITHIN_MS, max_buffer_size=_HEADERS_BYTES),
        backlog=_BACKLOG,
        backpressure=max(128, min(_CONNECTIONS, _files() - _OTHER_FILES)),
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=_LOGGING,
    )
    server.on_startup(
        lambda: events.emit(events.Started(host=settings.host, port=settings.port, workers=settings.workers))
    )
    server.on_shutdown(lambda: events.emit(events.Stopped()))
    shared = sheets = None
    if settings.workers > 1:
        shared, sheets = told.place(), told.place(_sheets(settings) * SHEET_BYTES)
    server.serve(target_loader=partial(application, shared, sheets), wrap_loader=False)


def _sheets(settings: Settings) -> int:
    # A worker that ends may still be there when the next one begins.
    return 2 * settings.workers


def _files() -> int:
    """Files that a process may hold open, after asking for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _CONNECTIONS + _OTHER_FILES
    if soft >= wanted or soft == resource.RLIM_INFINITY:
        return wanted
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        return most
    return soft


def application(shared: Path | None, sheets: Path | None = None) -> App:
    """The application of one worker, which ends with the process that started it. Granian calls this in the worker."""
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        end_with_parent(signal.SIGKILL, parent.pid)
    logging.captureWarnings(capture=True)
    settings = Settings.read(os.environ)
    stopping = Stopping(settings.stop_grace_ms / 1000)
    board = Board(sheets, 1 if sheets is None else _sheets(settings))
    edge = create_app(settings, stopping, told.Told(shared), board)
    # What was made up to here stays: a look for rings among all of it, again and again, would hold every caller up.
    gc.freeze()
    return Closing(traced(edge, edge.template) if settings.traces else edge, stopping)
