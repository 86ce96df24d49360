"""`/v1/changes/stream`: who asks for it, from where on, and what the contract says of it."""

import re
from typing import Any

import litestar
from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from msgspec import UNSET, Struct, UnsetType

from almanac.errors import BadParameter, Fault, NotAcceptable
from almanac.model import CompanyRef, KindName, Op
from almanac.web import growth, schema
from almanac.web.feed import Place
from almanac.web.operation import given
from almanac.web.params import parse_query
from almanac.web.reading import Service
from almanac.web.represent import quality
from almanac.web.stream import MEDIA_TYPE, Chosen, Stream

Json = dict[str, Any]

PATH = "/v1/changes/stream"
_NAME = "stream_changes"
_ID = "Last-Event-ID"
_SEQ = re.compile("0|[1-9][0-9]{0,14}", re.ASCII)
_REFUSALS = (400, 401, 404, 406, 414, 429, 431, 500, 503)


class StreamQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to begin, and what to leave out."""

    after: Place = 0
    kind: KindName | UnsetType = UNSET
    company: CompanyRef | UnsetType = UNSET
    op: Op | UnsetType = UNSET


def handler() -> HTTPRouteHandler:
    """The Litestar handler."""

    async def stream(request: Request[Any, Any, Any]) -> litestar.Response[bytes]:
        state = request.scope["state"]
        state["operation_id"] = _NAME
        query = parse_query(StreamQuery, request.scope["query_string"])
        accept = request.headers.get("accept")
        if accept and quality(MEDIA_TYPE, accept) <= 0:
            fault = Fault(parameter="Accept", value=accept[:200], detail="fits nothing on offer", allowed=[MEDIA_TYPE])
            raise NotAcceptable("A stream comes as Server-Sent Events.", [fault])
        chosen = Chosen(
            after=_begin(query.after, request.headers.getall(_ID, [])),
            kind=given(query.kind),
            company=given(query.company),
            op=given(query.op),
        )
        service: Service = request.app.state.service
        return _Streamed(Stream(service, chosen, only_head=state.get("head", False)))

    return HTTPRouteHandler(PATH, http_method=["GET"], name=_NAME, status_code=200)(stream)


def _begin(after: int, ids: list[str]) -> int:
    """Where a stream begins: a client that lost its connection sends the URL that it had and the last id beside it."""
    if not ids:
        return after
    if len(ids) == 1 and _SEQ.fullmatch(ids[0]):
        return int(ids[0])
    fault = Fault(parameter=_ID, value=", ".join(ids)[:200], detail="is no `seq` such as 1000")
    raise BadParameter(f"Wrong: `{_ID}`.", [fault])


class _Streamed(litestar.Response[bytes]):
    def __init__(self, stream: Stream) -> None:
        super().__init__(b"")
        self._stream = stream

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIResponse:
        return self._stream


def shapes() -> Json:
    """Schemas of events."""
    after = {"type": "integer", "minimum": 0, "description": "The place to go on from."}
    on = {"type": "object", "description": "Where to go on.", "properties": {"after": after}, "required": ["after"]}
    found: Json = {
        "StreamEvent": {
            "description": "An event of the stream of changes (Server-Sent Events: WHATWG HTML, 9.2). Others may be added.",
            "oneOf": [{"$ref": f"#/components/schemas/Stream{name}"} for name in ("Change", "Reconnect")],
        },
        "StreamChange": _event(
            "change",
            "Something was published.",
            "The version, byte for byte as the feed has it.",
            {"$ref": "#/components/schemas/AnyVersion"},
        ),
        "StreamReconnect": _event("reconnect", "The stream ends here; ask again.", "Where to go on.", on),
    }
    return growth.mark(found)


def _event(event: str, told: str, data: str, content: Json) -> Json:
    text: Json = {"type": "string", "pattern": "^\\{.*\\}$", "maxLength": 1_048_576, "description": data}
    place: Json = {"type": "string", "pattern": f"^({_SEQ.pattern})$", "maxLength": 15}
    retry: Json = {"type": "integer", "maximum": 60_000}
    properties: Json = {
        "id": {**place, "description": "`seq` up to which the stream has got."},
        "event": {"type": "string", "enum": [event], "description": f"`{event}`."},
        "data": {**text, "contentMediaType": "application/json", "contentSchema": content},
        "retry": {**retry, "description": "Milliseconds to wait before connecting again; often left out."},
    }
    return {"type": "object", "description": told, "properties": properties, "required": ["id", "event", "data"]}


def described() -> dict[str, Json]:
    """OpenAPI description by path."""
    begin: Json = {
        "name": _ID,
        "in": "header",
        "required": False,
        "description": "`id` of the last event that was received: the stream goes on after it. It goes before `after`.",
        "schema": {"type": "string", "pattern": f"^({_SEQ.pattern})$", "maxLength": 15, "examples": ["1000"]},
    }
    ok: Json = {
        "description": "Events, until the connection ends.",
        "headers": schema.refs("Cache-Control", "X-Request-Id", *schema.QUOTA_HEADERS),
        # Before OpenAPI 3.2 the schema of a stream of events is that of each event.
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/StreamEvent"}}},
    }
    return {
        PATH: {
            "operationId": _NAME,
            "tags": ["Changes"],
            "summary": "Everything that is published, as it comes",
            "description": (
                "The feed as Server-Sent Events: `id` is the `seq`, `event` is `change`, `data` the bytes of the feed's row. "
                "A line with `id` and no event says how far the stream has got. An event `reconnect` ends the stream: when the "
                "server is to end, or after an hour. Clients connect again by themselves and go on by `Last-Event-ID`. "
                "One that reads too slowly is dropped."
            ),
            "parameters": [*schema.parameters(StreamQuery, "query", {}), begin],
            "responses": {"200": ok}
            | {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in _REFUSALS},
        }
    }
