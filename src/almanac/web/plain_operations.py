"""What the service answers beside reads: health, counters, the contract and its page; described for the contract here."""

from typing import Any

from almanac.web import problems

Json = dict[str, Any]


def described() -> dict[str, Json]:
    """OpenAPI descriptions by path."""
    json, text, page = "application/json", {"type": "string"}, "text/html"
    files = dict.fromkeys((page, "text/css", "text/javascript", "text/plain"), text) | {"image/png": {}}
    return {
        "/livez": _get("livez", "Whether the process runs", {json: _STATUS}),
        "/readyz": _get("readyz", "Whether the process can answer", {json: _STATUS}),
        "/metrics": _get("metrics", "Counters for Prometheus", {"text/plain": text}),
        "/openapi.json": _get("openapi_json", "This document", {json: {"type": "object"}}),
        "/openapi.yaml": _get("openapi_yaml", "This document as YAML", {"application/yaml": {"type": "object"}}),
        "/docs": _get("docs", "This document as a page", {page: text}),
        "/docs/{name}": _get("docs_file", "A file of that page", files, _NAME),
        "/problems/{code}": _get("read_problem", "What a problem means", {json: _SORT}, _CODE),
    }


_STATUS: Json = {
    "type": "object",
    "description": "State of this process.",
    "properties": {
        "status": {"type": "string", "description": "`ok`."},
        "edition": {"type": "integer", "minimum": 0, "description": "Newest edition that this process knows."},
    },
    "required": ["status", "edition"],
}
_SORT: Json = {
    "type": "object",
    "description": "A sort of problem.",
    "properties": {
        "code": {"type": "string", "description": "Last part of a problem's `type`."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "HTTP status."},
        "title": {"type": "string", "description": "The sort of problem in words."},
        "meaning": {"type": "string", "description": "What it means, and what helps."},
    },
    "required": ["code", "status", "title", "meaning"],
}
_NAME: Json = {
    "name": "name",
    "in": "path",
    "required": True,
    "description": "Name of the file.",
    "schema": {"type": "string"},
    "example": "index.html",
}
_CODE: Json = {
    "name": "code",
    "in": "path",
    "required": True,
    "description": "Last part of a problem's `type`.",
    "schema": {"type": "string", "enum": list(problems.SORTS)},
    "example": "bad-parameter",
}


def _get(name: str, summary: str, content: Json, parameter: Json | None = None) -> Json:
    ok = {
        "description": f"{summary}.",
        "headers": {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}},
        "content": {media_type: {"schema": shape} for media_type, shape in content.items()},
    }
    refused = (400, 404, 414, 431, 500, 503) if parameter else (400, 414, 431, 500, 503)
    return {
        "operationId": name,
        "tags": ["Service"],
        "summary": summary,
        "description": f"{summary}. Takes no query parameters.",
        "parameters": [parameter] if parameter else [],
        "responses": {"200": ok}
        | {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in refused},
    }
