"""The OpenAPI document, made from the table of operations and the Structs that also parse the wire.

Not made by Litestar: its generator drops constraints, knows no headers and leaks module paths into component names.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from almanac.kind import Kind, record
from almanac.store.queries import QUERIES
from almanac.web import (
    bounds,
    bulk_document,
    examples,
    follow,
    forms,
    pages_document,
    plain_operations,
    problems,
    schema,
    tags,
    write_document,
)
from almanac.web.operation import MovedAnswer, Operation, Write
from almanac.web.problems import Problem

Json = dict[str, Any]

_encode = msgspec.json.Encoder(decimal_format="number", order="sorted").encode
_PACKAGE = Path(__file__).resolve().parents[1]
_ABOUT = (
    "Versioned corporate climate disclosures: what each company said about its emissions, targets, ratings and "
    "certificates, in which document, when it became known, and how the answer changed afterwards. Every read takes "
    "`edition` or `as_of` (what this service said then) and `known_on` (what the world could know then), defaults to the "
    "newest, and says in `meta` what it rests on. Unknown fields may be added to answers; ignore what you do not know."
)


class Document(Struct, frozen=True, kw_only=True):
    """The published contract: its bytes, and a revision that changes with them."""

    content: bytes
    revision: str


def folder() -> Path:
    """The `openapi` folder: inside the installed package, or at the top of a checkout."""
    installed = _PACKAGE / "openapi"
    return installed if installed.is_dir() else _PACKAGE.parents[1] / "openapi"


def load() -> Document:
    """The checked-in document: what is served is what was reviewed."""
    content = (folder() / "v1.json").read_bytes()
    return Document(content=content, revision=_revision(content))


def _revision(content: bytes) -> str:
    """Changes with anything that may change an answer: the contract, the program, its queries, its vocabulary."""
    digest = hashlib.sha256(content)
    parts = [*_PACKAGE.rglob("*.py"), *(_PACKAGE / "data").glob("*.csv")]
    for path in sorted(parts):
        digest.update(path.read_bytes())
    for name, text in sorted(QUERIES.items()):
        digest.update(f"{name}\n{text}".encode())
    return digest.hexdigest()[:12]


def build(operations: Sequence[Operation], writes: Sequence[Write], kinds: Sequence[Kind]) -> bytes:
    """The document as bytes: sorted keys, two spaces, final newline."""
    names = dict.fromkeys([one.tag for one in [*operations, *writes]] + ["Bulk", "Service"])
    envelopes = {operation.id: schema.envelope(operation) for operation in operations}
    written = dict.fromkeys(schema.written(write) for write in writes)
    components = schema.components(
        [
            *envelopes.values(),
            *written,
            *(shape for write in writes if write.body for shape in write.body.shapes.values()),
            *bulk_document.SHAPES,
            *pages_document.SHAPES,
            Problem,
            MovedAnswer,
            *(record(kind) for kind in kinds),
        ],
        kinds,
    )
    paths: dict[str, Json] = {}
    for operation in operations:
        paths[operation.path] = {"get": _operation(operation, envelopes[operation.id])}
    for write in writes:
        paths.setdefault(write.path, {})[write.method.lower()] = write_document.described(write)
    for path, described in (
        bulk_document.described() | follow.described() | pages_document.described() | plain_operations.described()
    ).items():
        paths[path] = {"get": described}
    document = {
        "openapi": "3.1.1",
        "info": {
            "title": "Almanac",
            "version": "1.0.0",
            "summary": "Versioned corporate climate disclosures",
            "description": _ABOUT,
            "contact": {"name": "The Almanac maintainers"},
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [
            {"url": "/", "description": "Production: the server that gave this document.", "x-internal": False}
        ],
        "security": [],
        "tags": tags.described(names, kinds),
        "paths": paths,
        "components": {
            "schemas": components | forms.components() | follow.shapes(),
            "headers": schema.HEADERS,
            "responses": _problem_responses(),
            "securitySchemes": write_document.SECURITY,
        },
    }
    told = bounds.add(document)
    examples.add(told, folder() / "examples")
    return msgspec.json.format(_encode(told), indent=2) + b"\n"


def inventory(content: bytes) -> str:
    """One line an operation: METHOD PATH operation_id, sorted."""
    paths: Mapping[str, Mapping[str, Any]] = json.loads(content)["paths"]
    lines = [
        f"{method.upper()} {path} {said['operationId']}" for path, at in paths.items() for method, said in at.items()
    ]
    return "\n".join(sorted(lines)) + "\n"


def _operation(operation: Operation, envelope: type[Struct]) -> Json:
    path = schema.parameters(operation.params, "path", operation.sample)
    query = schema.parameters(operation.query, "query", operation.sample)
    ok: Json = {
        "description": f"{operation.summary}.",
        "headers": schema.header_refs() | forms.headers(operation),
        "content": forms.contents(operation, f"#/components/schemas/{envelope.__name__}"),
    }
    if operation.links:
        ok["links"] = {
            f"{link.operation}_{number}": {
                "operationId": link.operation,
                "parameters": dict(link.parameters),
                "description": link.description,
            }
            for number, link in enumerate(operation.links, 1)
        }
    moved = {"308": {"$ref": "#/components/responses/Moved"}} if operation.names_company else {}
    refused = {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in _REFUSALS}
    return {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "parameters": path + query,
        "responses": {"200": ok, **moved, "304": {"$ref": "#/components/responses/NotModified"}, **refused},
    }


_REFUSALS = (400, 401, 404, 406, 409, 414, 429, 431, 500, 503)


def _problem_responses() -> Json:
    by_status: dict[int, list[str]] = {}
    for code, sort in problems.SORTS.items():
        by_status.setdefault(sort.status, []).append(f"`{code}`: {sort.meaning}")
    reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
    found: Json = {
        f"Problem{status}": {
            "description": " ".join(by_status[status]),
            "headers": schema.problem_header_refs(status),
            "content": {problems.MEDIA_TYPE: reference},
        }
        for status in sorted(by_status)
        if status != 405
    }
    moved: Json = {
        "description": "The company was merged into another one: the same URL about that one is in `Location`.",
        "headers": schema.refs("Location", *schema.MOVED_HEADERS),
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/MovedAnswer"}}},
    }
    return {
        "Moved": moved,
        "NotModified": {"description": "The answer that you hold is still right.", "headers": schema.header_refs()},
    } | found
