"""Counters and gauges of all workers, as Prometheus reads them."""

import asyncio
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from almanac import events
from almanac.store.board import Board
from almanac.web.answered import BOUNDS, answered
from almanac.web.reading import Service

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_LABELS = ("operation", "status", "cache", "worker")
_GAUGES = {
    "almanac_edition": "Newest edition that this worker serves.",
    "almanac_edition_checked_seconds": "Time since PostgreSQL last said which editions there are.",
    "almanac_cache_near_bytes": "Bytes of answers in this worker's memory.",
    "almanac_pool_connections": "Database connections that are open.",
    "almanac_pool_idle": "Database connections that nobody uses.",
    "almanac_waiting": "Requests that are held until something is published.",
    "almanac_streams": "Streams of changes that are open.",
    "almanac_queries": "Queries asked so far.",
}
_TELL_S = 1.0
_encode = msgspec.msgpack.Encoder().encode


async def tell(service: Service, board: Board) -> None:
    """Tell the other workers again and again what this one has counted, until cancelled."""
    while True:
        board.write(_encode(_counted(service, board)))
        await asyncio.sleep(_TELL_S)


def exposition(service: Service, board: Board) -> bytes:
    """Everything that is counted, in the text format of Prometheus 0.0.4: of this worker now, of others a second ago.

    What this one says it tells the others first: none of them ever says less.
    """
    own = _counted(service, board)
    board.write(_encode(own))
    registry = CollectorRegistry()
    registry.register(_Workers([own, *(msgspec.msgpack.decode(one, type=_Counted) for one in board.others())]))
    return generate_latest(registry)


class _Counted(Struct, frozen=True, array_like=True):
    """What one worker has counted: events by name; requests with buckets and seconds; gauges by name."""

    worker: str
    events: dict[str, int]
    requests: list[tuple[str, int, str, list[float]]]
    gauges: dict[str, float]


def _counted(service: Service, board: Board) -> _Counted:
    counted = answered.counted()
    return _Counted(
        worker=str(board.number),
        events=dict(events.counters()),
        requests=[(*key, held) for key, held in counted.items()],
        gauges={
            "almanac_edition": service.editions.newest,
            "almanac_edition_checked_seconds": service.editions.checked_s_ago,
            "almanac_cache_near_bytes": service.cache.near_bytes,
            "almanac_pool_connections": service.database.connections,
            "almanac_pool_idle": service.database.idle,
            "almanac_waiting": service.waiting.held,
            "almanac_streams": service.waiting.streams.taken,
            "almanac_queries": service.database.query_count,
        },
    )


class _Workers(Collector):
    """Each worker has series of its own, by its number."""

    def __init__(self, workers: Sequence[_Counted]) -> None:
        self._workers = sorted(workers, key=lambda one: one.worker)

    def collect(self) -> Iterator[Metric]:
        """Each family once."""
        seen = CounterMetricFamily("almanac_events", "Log lines by event.", labels=("event", "worker"))
        for one in self._workers:
            for name, count in sorted(one.events.items()):
                seen.add_metric((name, one.worker), count)
        yield seen
        yield self._answered()
        for name, about in _GAUGES.items():
            gauge = GaugeMetricFamily(name, about, labels=("worker",))
            for one in self._workers:
                gauge.add_metric((one.worker,), one.gauges[name])
            yield gauge

    def _answered(self) -> Metric:
        family = HistogramMetricFamily(
            "almanac_request_seconds", "Answered requests, and how long each took.", labels=_LABELS
        )
        for one in self._workers:
            for operation, status, cache, held in sorted(one.requests):
                counts, total, buckets = held[:-1], 0.0, list[tuple[str, float]]()
                for bound, count in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
                    total += count
                    buckets.append((bound, total))
                family.add_metric((operation, str(status), cache, one.worker), buckets, held[-1])
        return family
