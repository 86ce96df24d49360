"""Traces, received by a collector of our own."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from almanac.app import create_app
from almanac.errors import Misconfigured
from almanac.settings import Secret, Settings
from almanac.web.traces import traced
from tests.api.handed import make_key
from tests.conftest import Servers
from tests.conftest import _Serving as Serving

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Collector:
    """Takes OTLP over HTTP; one that hangs takes a connection and says nothing."""

    def __init__(self, hang: threading.Event | None) -> None:
        self.spans: list[Span] = []
        self.services: set[str] = set()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
                if hang is not None:
                    hang.wait(60)
                for one in said.resource_spans:
                    named = {one.key: one.value.string_value for one in one.resource.attributes}
                    collector.services.add(named["service.name"])
                    for scope in one.scope_spans:
                        collector.spans.extend(scope.spans)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def named(self, name: str) -> list[Span]:
        return [span for span in self.spans if span.name == name]


@contextmanager
def collecting(monkeypatch: pytest.MonkeyPatch, hang: threading.Event | None = None) -> Iterator[Collector]:
    collector = Collector(hang)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    thread = threading.Thread(target=collector.server.serve_forever)
    thread.start()
    try:
        yield collector
    finally:
        if hang is not None:
            hang.set()
        collector.server.shutdown()
        thread.join()
        collector.server.server_close()


def said(span: Span) -> dict[str, str | int]:
    return {one.key: one.value.string_value or one.value.int_value for one in span.attributes}


def test_a_request_is_a_span_with_its_queries_in_the_trace_that_it_came_with(
    servers: Servers, corpus_database: str, monkeypatch: pytest.MonkeyPatch
):
    key = make_key(corpus_database, "reader")
    with collecting(monkeypatch) as collector:
        with Serving(corpus_database, servers.redis, traces="true") as api:
            for url in ("/v1/companies/zte", "/v1/companies/zte", "/v1/emissions.csv?company=zte", "/v1/nowhere"):
                api.get(url, traceparent=f"00-{TRACE}-{PARENT}-01", authorization=f"Bearer {key}")
        assert collector.services == {"almanac"}
        first, again = sorted(
            collector.named("GET /v1/companies/{company}"), key=lambda span: span.start_time_unix_nano
        )
        (flat,) = collector.named("GET /v1/emissions")
        assert said(first)["http.route"] == "/v1/companies/{company}"
        assert (first.trace_id.hex(), first.parent_span_id.hex()) == (TRACE, PARENT)
        within = {
            one.span_id: [span for span in collector.spans if span.parent_span_id == one.span_id]
            for one in (first, again, flat)
        }
        queries = [span for span in within[first.span_id] if said(span).get("db.system") == "postgresql"]
        assert queries, "a profile that nobody asked for before is read"
        assert {span.trace_id.hex() for span in queries} == {TRACE}
        assert not within[again.span_id], "from memory"
        assert "from" in str(said(queries[0])["db.statement"])
        everything = b"".join(span.SerializeToString() for span in collector.spans)
        assert key.encode() not in everything
        assert {said(span)["http.status_code"] for span in collector.named("GET")} >= {404}


def test_without_the_setting_nothing_is_sent(servers: Servers, corpus_database: str, monkeypatch: pytest.MonkeyPatch):
    with collecting(monkeypatch) as collector:
        with Serving(corpus_database, servers.redis) as api:
            api.get("/v1/companies/zte")
        assert not collector.spans


@pytest.mark.parametrize("absent", [False, True])
def test_a_collector_that_hangs_or_is_absent_holds_nobody_up(
    servers: Servers, corpus_database: str, monkeypatch: pytest.MonkeyPatch, absent: bool
):
    with collecting(monkeypatch, threading.Event()) as collector:
        if absent:
            monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
        with Serving(corpus_database, servers.redis, traces="true") as api:
            began = time.monotonic()
            for n in range(50):
                assert api.get(f"/v1/companies?limit={n + 1}").status_code == 200
            assert time.monotonic() - began < 10
            began = time.monotonic()
            log = api.log()
        assert time.monotonic() - began < 10
        assert not collector.spans
        assert all(msgspec.json.decode(line)["event"] for line in log.splitlines())


def test_without_the_extra_it_is_said_what_is_needed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.instrumentation.asgi", None)
    with pytest.raises(Misconfigured, match=r"climate-almanac\[traces\]"):
        traced(create_app(Settings(database_url=Secret("postgresql://"))), lambda _: None)
