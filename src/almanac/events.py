"""Every line this service can log, one Struct each; `emit` writes it as JSON and counts it by class.

Lines are not sorted: those of requests wait for each other a little (`web.answered`), and `ts` says when each happened.
There is no other logging: what cannot be said with these Structs needs a new one, not a sentence.
"""

import collections
import contextlib
import datetime as dt
import functools
import logging
import os
import re
import select
import time
from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

_STDERR = 2
# A pipe takes 4096 whole, with a word on lost lines before.
_TOGETHER_BYTES = 3840
_counts: collections.Counter[str] = collections.Counter()
_encode = msgspec.json.Encoder().encode


def _name(class_name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", class_name).lower()


class Event(Struct, frozen=True, kw_only=True, tag_field="event", tag=_name):
    """One thing that happened. The log line carries `event`, the fields, and `ts` in UTC."""


class Started(Event, frozen=True, kw_only=True):
    """A server process listens."""

    host: str
    port: int
    workers: int


class Stopped(Event, frozen=True, kw_only=True):
    """A server process ended on request."""


class RequestDone(Event, frozen=True, kw_only=True):
    """A request was answered. `cache` is near, far, miss, condition (a 304) or none."""

    operation_id: str
    method: str
    status: int
    duration_ms: float
    cache: str
    bytes: int
    request_id: str


class Unhandled(Event, frozen=True, kw_only=True):
    """A bug: a request ended in an exception nobody expected. `error` is for us; the caller sees `request_id`."""

    request_id: str
    error: str


class CacheUnavailable(Event, frozen=True, kw_only=True):
    """Redis failed repeatedly and is left alone for a while."""

    error: str


class BulkStoreUnavailable(Event, frozen=True, kw_only=True):
    """The store of bulk files cannot be reached, did not answer in time or refused."""

    error: str


class PoolExhausted(Event, frozen=True, kw_only=True):
    """No database connection came free in time, or too many queries waited for one."""


class DatabaseUnavailable(Event, frozen=True, kw_only=True):
    """PostgreSQL could not be reached, or dropped a connection."""

    error: str


class EditionChanged(Event, frozen=True, kw_only=True):
    """This process now serves a newer edition."""

    edition: int


class ExportEnded(Event, frozen=True, kw_only=True):
    """A worker has done with an export: its `status` is done, failed, or left (to others, or to nobody)."""

    job: str
    format: str
    status: str
    duration_ms: int


class ServerNote(Event, frozen=True, kw_only=True):
    """What the HTTP server said of itself, from `warning` up."""

    level: str
    message: str


class LinesLost(Event, frozen=True, kw_only=True):
    """Nobody read the log for a while, and this many lines were dropped."""

    count: int


class _Log:
    """Standard error, written to only while it takes lines at once: a log that nobody reads must not stop answers."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self._poll.register(_STDERR, select.POLLOUT)
        self._lost = 0

    def write(self, lines: Sequence[bytes]) -> None:
        """Write lines, as many at once as fit, after a word on those lost before them; or lose them too."""
        first = size = 0
        for number, line in enumerate(lines):
            if size + len(line) > _TOGETHER_BYTES and size:
                self._put(lines[first:number])
                first, size = number, 0
            size += len(line)
        self._put(lines[first:])

    def _put(self, lines: Sequence[bytes]) -> None:
        # A pipe that polls as writable takes 4 kB without blocking. Whole lines in a write: workers share the pipe.
        with contextlib.suppress(OSError):
            if not any(state & select.POLLOUT for _, state in self._poll.poll(0)):
                self._lost += len(lines)
                return
            if self._lost:
                lost, self._lost = LinesLost(count=self._lost), 0
                _counts[LinesLost.__name__] += lost.count
                os.write(_STDERR, _line(lost, time.time()))
            os.write(_STDERR, b"".join(lines))


_log = _Log()


def emit(event: Event) -> None:
    """Log one event and count it. Neither raises nor waits: a closed or full log does not fail a request."""
    emit_all([(event, time.time())])


def emit_all(told: Sequence[tuple[Event, float]]) -> None:
    """Log events, each with the second of the epoch in which it happened, and count them, as `emit` does."""
    for event, _ in told:
        _counts[type(event).__name__] += 1
    _log.write([_line(event, happened_s) for event, happened_s in told])


def _line(event: Event, happened_s: float) -> bytes:
    """The event, with its time in UTC to the millisecond."""
    ms = int(happened_s * 1000)
    return b'{"ts":"%b.%03dZ",%b\n' % (_second(ms // 1000), ms % 1000, _encode(event)[1:])


@functools.lru_cache(maxsize=2)  # lines that are told together may lie on both sides of a second
def _second(second: int) -> bytes:
    return dt.datetime.fromtimestamp(second, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()


def counters() -> Mapping[str, int]:
    """How often each event happened in this process, by class name; 0 for those that never did."""
    return {kind.__name__: _counts[kind.__name__] for kind in Event.__subclasses__()}


class Bridge(logging.Handler):
    """Turns the log records of a library into events."""

    def emit(self, record: logging.LogRecord) -> None:
        """Emit the record as a ServerNote, with the exception's own words if it has one."""
        cause = record.exc_info[1] if record.exc_info else None
        message = record.getMessage() + (f": {cause!r}" if cause else "")
        emit(ServerNote(level=record.levelname.lower(), message=message))
