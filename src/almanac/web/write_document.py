"""OpenAPI descriptions of the writes, from the table that also answers them."""

from typing import Any

from almanac.web import schema
from almanac.web.operation import Body, Write

Json = dict[str, Any]

SECURITY: Json = {
    "ApiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": (
            "A key of `almanac key create`: `Authorization: Bearer <token>`. Reading needs none; with one it has a larger quota."
        ),
    }
}

NO_CONTENT = 204
_NO_SCOPES: list[str] = []  # which a bearer token has none of
KEY: Json = dict.fromkeys(SECURITY, _NO_SCOPES)


def described(write: Write) -> Json:
    """The operation as the contract has it."""
    shapes = (("path", write.params), ("query", write.query), ("header", write.headers))
    reference = {"$ref": f"#/components/schemas/{schema.written(write).__name__}"}
    answers: Json = {
        str(status): {
            "description": f"{what}.",
            "headers": schema.refs(
                "Cache-Control",
                "X-Request-Id",
                *schema.QUOTA_HEADERS,
                *(["Location"] if write.method == "POST" else []),
                *write.headers_of.get(status, ()),
            ),
        }
        | ({} if status == NO_CONTENT else {"content": {"application/json": {"schema": reference}}})
        for status, what in write.answers.items()
    }
    refused = {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in write.refusals}
    said: Json = {
        "operationId": write.id,
        "tags": [write.tag],
        "summary": write.summary,
        "description": write.description,
        "parameters": [one for where, shape in shapes for one in schema.parameters(shape, where, {})],
        "security": [KEY] if write.role else [{}, KEY],
        "responses": answers | refused,
    }
    return said if write.body is None else said | {"requestBody": _body(write)}


def _body(write: Write) -> Json:
    assert write.body is not None
    if write.body.shapes:
        return {"required": True, "description": write.body.description, "content": _shaped(write.body)}
    text = {"type": "string", "minLength": 1, "description": write.body.description}
    content: Json = {write.body.media_type: {"schema": text, "examples": {"batch": {"value": write.body.example}}}}
    return {"required": True, "description": write.body.description, "content": content}


def _shaped(body: Body) -> Json:
    """A JSON body of one of several shapes, told apart by a member."""
    tags = {tag: f"#/components/schemas/{shape.__name__}" for tag, shape in body.shapes.items()}
    one_of: Json = {
        "oneOf": [{"$ref": reference} for reference in tags.values()],
        "discriminator": {"propertyName": body.tag, "mapping": tags},
    }
    return {body.media_type: {"schema": one_of, "examples": {"narrowed": {"value": body.example}}}}
