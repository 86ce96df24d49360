"""Traces: a span for each request, each query and each command to Redis, sent by OTLP. Needs the extra `traces`.

Where they go, and which are kept, is said by the variables of the OpenTelemetry SDK (`OTEL_EXPORTER_OTLP_ENDPOINT`,
`OTEL_TRACES_SAMPLER`). Spans carry no parameter of a query, no key and no body.
"""

import threading
from collections.abc import Callable
from typing import Any

from almanac.errors import Misconfigured
from almanac.web.wire import App, Receive, Scope, Send

# Who stops waits so long for a collector to take what is left.
_LAST_S = 2.0


def traced(app: App, template: Callable[[str], str | None]) -> App:
    """The application with spans named by the template of the path. Errors: Misconfigured without the extra."""
    try:
        from opentelemetry import trace  # noqa: PLC0415 - an extra
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]
        from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]
        from opentelemetry.instrumentation.redis import RedisInstrumentor  # noqa: PLC0415
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise Misconfigured(
            f"ALMANAC_TRACES needs the extra: pip install 'climate-almanac[traces]' ({error})"
        ) from error

    def named(scope: Scope) -> tuple[str, dict[str, Any]]:
        path = template(scope["path"])
        return f"{scope['method']} {path or ''}".strip(), {"http.route": path} if path else {}

    resource = Resource({"service.name": "almanac"}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    AsyncPGInstrumentor().instrument()
    RedisInstrumentor().instrument()  # pyright: ignore[reportUnknownMemberType]
    spanned = OpenTelemetryMiddleware(app, default_span_details=named, exclude_spans=["receive", "send"])

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await spanned(scope, receive, send)
        if scope["type"] == "lifespan":
            # A collector that hangs is waited for no longer, whatever the exporter would do.
            last = threading.Thread(target=provider.shutdown, daemon=True)
            last.start()
            last.join(_LAST_S)

    return application
