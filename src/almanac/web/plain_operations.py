"""What the service answers beside reads: health, counters, the contract and its page; described for the contract here."""

from typing import Any

from almanac.web import problems, schema

Json = dict[str, Any]


def described() -> dict[str, Json]:
    """OpenAPI descriptions by path."""
    json, text, page = "application/json", {"type": "string"}, "text/html"
    files = dict.fromkeys((page, "text/css", "text/javascript", "text/plain"), text) | {
        "image/svg+xml": text,
    }
    return {
        "/livez": get("livez", "Whether the process runs", {json: _STATUS}),
        "/readyz": get("readyz", "Whether the process can answer", {json: _STATUS}),
        "/metrics": get("metrics", "Counters for Prometheus", {"text/plain": text}),
        "/openapi.json": get("openapi_json", "This document", {json: {"type": "object"}}),
        "/openapi.yaml": get("openapi_yaml", "This document as YAML", {"application/yaml": {"type": "object"}}),
        "/docs": get("docs", "This document as a page", {page: text}),
        "/docs/{name}": get("docs_file", "A file of that page", files, _NAME),
    }


_STATUS: Json = {
    "type": "object",
    "description": "State of this process.",
    "properties": {
        "status": {"type": "string", "enum": ["ok"], "description": "`ok`."},
        "edition": {"type": "integer", "minimum": 0, "description": "Newest edition that this process knows."},
    },
    "required": ["status", "edition"],
}
_NAME: Json = {
    "name": "name",
    "in": "path",
    "required": True,
    "description": "Name of the file.",
    "schema": {"type": "string", "pattern": "^[A-Za-z.-]+$", "maxLength": 60},
    "example": "index.html",
}
CODE: Json = {
    "name": "code",
    "in": "path",
    "required": True,
    "description": "Last part of a problem's `type`.",
    "schema": {"type": "string", "enum": list(problems.SORTS)},
    "example": "bad-parameter",
}


def get(name: str, summary: str, content: Json, parameter: Json | None = None) -> Json:
    """One GET without query parameters."""
    ok = {
        "description": f"{summary}.",
        "headers": schema.refs("X-Request-Id"),
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
