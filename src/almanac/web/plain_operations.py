"""What the service answers beside reads: health, counters and the contract itself; described for the contract here."""

from typing import Any

Json = dict[str, Any]


def described() -> dict[str, Json]:
    """OpenAPI descriptions by path."""
    status = {
        "type": "object",
        "description": "State of this process.",
        "properties": {
            "status": {"type": "string", "description": "`ok`, or what is missing."},
            "edition": {"type": "integer", "minimum": 0, "description": "Newest edition that this process knows."},
        },
        "required": ["status", "edition"],
    }
    return {
        "/livez": _get("livez", "Whether the process runs", "application/json", status),
        "/readyz": _get("readyz", "Whether the process can answer", "application/json", status),
        "/metrics": _get("metrics", "Counters for Prometheus", "text/plain", {"type": "string"}),
        "/openapi.json": _get("openapi_json", "This document", "application/json", {"type": "object"}),
        "/openapi.yaml": _get("openapi_yaml", "This document as YAML", "application/yaml", {"type": "string"}),
    }


def _get(name: str, summary: str, media_type: str, schema: Json) -> Json:
    ok = {
        "description": f"{summary}.",
        "headers": {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}},
        "content": {media_type: {"schema": schema}},
    }
    responses: Json = {
        "200": ok,
        "400": {"$ref": "#/components/responses/Problem400"},
        "500": {"$ref": "#/components/responses/Problem500"},
        "503": {"$ref": "#/components/responses/Problem503"},
    }
    return {
        "operationId": name,
        "tags": ["Service"],
        "summary": summary,
        "description": f"{summary}. Takes no parameters.",
        "parameters": [],
        "responses": responses,
    }
