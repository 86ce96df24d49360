"""An HTTP client that holds every answer against the checked-in contract: ordinary tests are contract tests."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import httpx
import jsonschema_rs

from tests import exercised

DOCUMENT = json.loads((Path(__file__).resolve().parents[1] / "openapi/v1.json").read_bytes())

_TEMPLATES = [
    (re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path)
    for path in sorted(DOCUMENT["paths"], key=lambda path: (path.count("{"), path))
]
_SUFFIXES = sorted(
    [".json", *(shape["x-suffix"] for shape in DOCUMENT["components"]["schemas"].values() if "x-suffix" in shape)],
    key=len,
    reverse=True,
)
# Headers that an answer has in some forms, or where there is something to say.
_SOMETIMES = {
    "Almanac-Known-On",
    "Content-Disposition",
    "Content-Encoding",
    "Preference-Applied",
    "RateLimit",
    "RateLimit-Policy",
    "X-Total-Count",
}
# Headers that say something else each time.
MOVING = {"date", "server-timing", "x-request-id"}
_validators: dict[str, jsonschema_rs.Validator] = {}


class Client:
    """GET, HEAD and POST against one live server.

    `twice`: each read is asked a second time, which is answered from memory in front of all else, and must say the same.
    """

    def __init__(self, base: str, stderr: BinaryIO | None = None, *, twice: bool = False) -> None:
        self.base = base
        self.twice = twice
        self._asked: set[tuple[object, ...]] = set()
        self._stderr = stderr
        # Nobody speaks TLS here, and to read the certificates for it takes as long as twenty answers.
        self._http = httpx.Client(base_url=base, timeout=30, verify=False)

    def get(self, url: str, **headers: str) -> httpx.Response:
        """One GET, its answer checked; header names with underscores for hyphens."""
        response = self.request("GET", url, **headers)
        check(response)
        if self._is_asked_again(response, url, headers):
            same_again(response, self.request("GET", url, **headers))
        return response

    def _is_asked_again(self, response: httpx.Response, url: str, headers: dict[str, str]) -> bool:
        """Whether it is a read that is remembered, and the first of its kind: tests ask for many things often."""
        kind = url, *sorted(headers.items())
        if not self.twice or kind in self._asked or response.status_code not in (200, 304):
            return False
        self._asked.add(kind)
        return "server-timing" in response.headers

    def post(self, url: str, content: bytes | Iterator[bytes], **headers: str) -> httpx.Response:
        """One POST, its answer checked."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = self._http.post(url, content=content, headers=named)
        check(response)
        return response

    def delete(self, url: str, **headers: str) -> httpx.Response:
        """One DELETE, its answer checked."""
        response = self.request("DELETE", url, **headers)
        check(response)
        return response

    def data(self, url: str, **headers: str) -> object:
        """The `data` of an answer that must be 200."""
        response = self.get(url, **headers)
        assert response.status_code == 200, response.text
        return response.json()["data"]

    def request(self, method: str, url: str, **headers: str) -> httpx.Response:
        """One request as given, unchecked."""
        return self._http.request(
            method, url, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    def log(self) -> str:
        """What the server has logged so far."""
        if self._stderr is None:
            return ""
        size = os.fstat(self._stderr.fileno()).st_size
        return os.pread(self._stderr.fileno(), size, 0).decode()


def same_again(response: httpx.Response, again: httpx.Response) -> None:
    """Fail if a second answer is not the first one, or was made anew."""
    assert 'desc="miss"' not in again.headers["server-timing"], f"{again.url} was forgotten"
    assert (again.status_code, again.content) == (response.status_code, response.content), f"{again.url} differs"
    stable = [sorted((n, v) for n, v in one.headers.multi_items() if n not in MOVING) for one in (response, again)]
    assert stable[0] == stable[1], f"headers of {again.url} differ"


def check(response: httpx.Response) -> None:
    """Fail if the contract does not allow this answer to this path: status, media type, headers, body."""
    path = response.request.url.path
    template = template_of(path)
    if template is None:
        assert response.status_code == 404, f"{path} is not in the contract and answers {response.status_code}"
        return
    method = response.request.method.lower().replace("head", "get")
    operation = DOCUMENT["paths"][template][method]
    responses = operation["responses"]
    status = str(response.status_code)
    assert status in responses, f"{path} answers {status}, which the contract does not know"
    described = _resolve(responses[status])
    sometimes = _SOMETIMES | ({"Retry-After"} if status == "200" else set())  # where there is something to wait for
    missing = [name for name in described.get("headers", {}) if name not in sometimes and name not in response.headers]
    assert not missing, f"{path} {status} lacks {missing}"
    for name, said in described.get("headers", {}).items():
        if name in response.headers:
            _check_header(name, _resolve(said)["schema"], response.headers[name])
    exercised.note(operation["operationId"], status, _given(operation, response.request))
    if "content" not in described:
        assert not response.content, f"{path} {status} has a body"
        return
    media_type = response.headers["content-type"].split(";")[0]
    assert media_type in described["content"], f"{path} {status} has the media type {media_type}"
    # A part of a JSON file (206) is no JSON, and has no schema.
    if media_type.endswith(("/json", "+json")) and "schema" in described["content"][media_type]:
        validator(described["content"][media_type]["schema"]).validate(response.json())


def _check_header(name: str, schema: dict, value: str) -> None:
    typed = int(value) if schema["type"] == "integer" else value
    assert validator(schema).is_valid(typed), f"{name} is {value}, which the contract does not allow"


def _given(operation: dict, request: httpx.Request) -> set[str]:
    places = {"query": request.url.params, "header": request.headers}
    return {
        one["name"] for one in operation.get("parameters", []) if one["name"] in places.get(one["in"], [one["name"]])
    }


def template_of(path: str) -> str | None:
    """The path of the contract that a path is of, with the suffix of a form or without."""
    for suffix in _SUFFIXES:
        bare = path.removesuffix(suffix)
        if bare != path and (found := _template(bare)) and _is_read(found):
            return found
    return _template(path)


def _template(path: str) -> str | None:
    return next((template for pattern, template in _TEMPLATES if pattern.fullmatch(path)), None)


def _is_read(template: str) -> bool:
    """Whether the answer of a path comes in more forms than one."""
    ok = DOCUMENT["paths"][template]["get"]["responses"].get("200", {})
    return len(ok.get("content", {})) > 2


def _resolve(part: dict) -> dict:
    while "$ref" in part:
        found = DOCUMENT
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def validator(schema: dict) -> jsonschema_rs.Validator:
    key = json.dumps(schema, sort_keys=True)
    if key not in _validators:
        whole = {**schema, "components": DOCUMENT["components"]}
        _validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    return _validators[key]
