"""Counters and gauges of one worker, as Prometheus reads them. Requests are counted in plain lists: every answer pays for it."""

import os
from bisect import bisect_left
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from almanac import events
from almanac.web.reading import Service

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# Seconds: from what memory answers to what a query may take.
_BOUNDS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
_LABELS = ("operation", "status", "cache", "worker")
_requests: dict[tuple[str, int, str], list[float]] = {}


def observe(operation_id: str, status: int, cache: str, seconds: float) -> None:
    """Count one answered request."""
    key = operation_id, status, cache
    held = _requests.get(key)
    if held is None:
        held = _requests[key] = [0.0] * (len(_BOUNDS) + 2)
    held[bisect_left(_BOUNDS, seconds)] += 1
    held[-1] += seconds


def exposition(service: Service) -> bytes:
    """Everything that is counted, in the text format of Prometheus 0.0.4."""
    registry = CollectorRegistry()
    registry.register(_Worker(service))
    return generate_latest(registry)


class _Worker(Collector):
    """What the process that answers has counted: each worker has series of its own."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._worker = str(os.getpid())

    def collect(self) -> Iterator[Metric]:
        """Each family once."""
        seen = CounterMetricFamily("almanac_events", "Log lines by event.", labels=("event", "worker"))
        for name, count in sorted(events.counters().items()):
            seen.add_metric((name, self._worker), count)
        yield seen
        yield self._answered()
        yield from self._gauges()

    def _answered(self) -> Metric:
        family = HistogramMetricFamily(
            "almanac_request_seconds", "Answered requests, and how long each took.", labels=_LABELS
        )
        for (operation, status, cache), held in sorted(_requests.items()):
            counts, total, buckets = held[:-1], 0.0, list[tuple[str, float]]()
            for bound, count in zip((*map(str, _BOUNDS), "+Inf"), counts, strict=True):
                total += count
                buckets.append((bound, total))
            family.add_metric((operation, str(status), cache, self._worker), buckets, held[-1])
        return family

    def _gauges(self) -> Iterator[Metric]:
        service = self._service
        said = {
            "almanac_edition": ("Newest edition that this worker serves.", service.editions.newest),
            "almanac_edition_checked_seconds": (
                "Time since PostgreSQL last said which editions there are.",
                service.editions.checked_s_ago,
            ),
            "almanac_cache_near_bytes": ("Bytes of answers in this worker's memory.", service.cache.near_bytes),
            "almanac_pool_connections": ("Database connections that are open.", service.database.connections),
            "almanac_pool_idle": ("Database connections that nobody uses.", service.database.idle),
            "almanac_waiting": ("Requests that are held until something is published.", service.waiting.held),
            "almanac_streams": ("Streams of changes that are open.", service.waiting.streams.taken),
            "almanac_queries": ("Queries asked so far.", service.database.query_count),
        }
        for name, (about, value) in said.items():
            gauge = GaugeMetricFamily(name, about, labels=("worker",))
            gauge.add_metric((self._worker,), value)
            yield gauge
