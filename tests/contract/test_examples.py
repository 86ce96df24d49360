"""The examples of the contract are what a live server answers. Catches: an example that was true once, or never.

`UPDATE_GOLDEN=1` writes them anew; `almanac openapi` puts them into the document.
"""

import os
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.api.handed import make_key
from tests.client import DOCUMENT, Client, validator
from tests.conftest import BUNDLED, ROOT, Servers, _copy, _make, _Serving
from tests.contract.urls import ALL, OWNED
from tests.exports.orders import Shop

FOLDER = ROOT / "openapi/examples"
# Operations that answer JSON and have no example yet, or whose answer is no record of the corpus. May only shrink.
WITHOUT = {
    "read_raw": "the bundled records were written by hand, and so no row of a file is kept of them",
    "read_latest_snapshot": "the bundled records come without a snapshot",
    "list_snapshots": "as before",
    "read_snapshot_file": "as before",
    "read_delta_file": "as before",
    "read_bulk_file": "as before",
    "openapi_json": "it is this document",
}
# Lists of which the bundled records hold nothing: only editors make identity events.
EMPTY = {"list_identity_events", "list_company_identity_events"}
JSON = {
    name
    for name, (_, _, said) in ALL.items()
    if any(media_type.endswith("json") for media_type in said["responses"].get("200", {}).get("content", {}))
}
TEMPLATE = "template_bundled"
INSTANTS = ("published_at", "received_at", "finished_at", "expires_at")
SHOWN = 2
"""Items of a list that the document shows: a page is asked for no more, another list is cut."""


@pytest.fixture(scope="module")
def bundled(servers: Servers) -> Iterator[Client]:
    """A live server over the bundled records and nothing else, as `make up` serves them."""
    for url in _copy(servers, _make(servers, TEMPLATE, BUNDLED)):
        with _Serving(url, servers.redis) as client:
            yield client


def test_every_operation_that_answers_json_has_an_example():
    assert JSON - {file.stem for file in FOLDER.glob("*.json")} == WITHOUT.keys()
    assert {file.stem for file in FOLDER.glob("*.json")} <= JSON


@pytest.mark.parametrize("name", sorted(JSON - WITHOUT.keys() - OWNED.keys()))
def test_the_example_is_what_is_answered(bundled: Client, name: str):
    url = _url(name, bundled.get("/livez").json()["edition"])
    answer = bundled.get(url, accept="application/json, application/linkset+json")
    _assert_example(name, f"GET {url}", answer)


def test_the_batch_that_is_shown_is_answered_as_shown(servers: Servers, bundled: Client):
    """Into a copy: `bundled` is read by others. It comes first, because it makes the template."""
    _, path, said = ALL["create_submission"]
    body = said["requestBody"]["content"]["application/x-ndjson"]["examples"]["batch"]["value"].encode()
    sent = {p["name"].replace("-", "_"): p["example"] for p in said["parameters"] if p["in"] == "header"}
    for url in _copy(servers, TEMPLATE):
        sent["Authorization"] = f"Bearer {make_key(url)}"
        with _Serving(url, None) as api:
            answer = api.post(path, body, Content_Type="application/x-ndjson", **sent)
            again = api.get(answer.headers["location"], Authorization=sent["Authorization"])
    _assert_example("create_submission", f"POST {path}", answer)
    _assert_example("read_submission", f"GET {_url('read_submission', 0)}", again)


def test_the_export_that_is_shown_is_answered_as_shown(bundled: Client, servers: Servers, tmp_path: Path):
    """Ordered, made, and ordered once more: by then it has ended."""
    said = ALL["create_export"][2]
    body = said["requestBody"]["content"]["application/json"]["examples"]["narrowed"]["value"]
    assert bundled.get("/livez").status_code == 200
    for url in _copy(servers, TEMPLATE):
        with _Serving(url, None, export_wait_ms="0", bulk_dir=str(tmp_path)) as api:
            shop = Shop(api, url, tmp_path)
            shop.order(body=body)
            shop.work()
            answer = shop.order(body=body)
            again = api.get(answer.headers["location"])
    _assert_example("create_export", "POST /v1/exports", answer)
    _assert_example("read_export", f"GET {_url('read_export', 0)}", again)


def _assert_example(name: str, request: str, answer: httpx.Response) -> None:
    assert answer.status_code == 200, answer.text
    shown = _text({"request": request, "answer": _shown(answer.content)})
    file = FOLDER / f"{name}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(shown, "utf-8")
    assert file.read_text("utf-8") == shown, "UPDATE_GOLDEN=1 writes the examples anew; then `almanac openapi`"


def test_the_example_of_a_list_shows_items():
    answers = {file.stem: msgspec.json.decode(file.read_bytes())["answer"] for file in FOLDER.glob("*.json")}
    assert {name for name, answer in answers.items() if answer.get("data") == []} == EMPTY


def test_every_example_of_an_answer_is_one():
    for place, content in _contents(DOCUMENT):
        for name, example in content.get("examples", {}).items():
            if "schema" in content and content["schema"].get("type") != "string":
                assert validator(content["schema"]).is_valid(example["value"]), f"{place} {name}"


def _url(name: str, edition: int) -> str:
    """The request that the contract's own examples make, at the edition that the bundled records end with."""
    _, path, said = ALL[name]
    query: dict[str, Any] = {}
    for parameter in said["parameters"]:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
        elif parameter["name"] == "limit":
            query["limit"] = SHOWN
        elif parameter["name"] == "edition":
            query["edition"] = edition
        elif parameter["required"]:
            query[parameter["name"]] = parameter["example"]
    return path + "?" * bool(query) + "&".join(f"{key}={value}" for key, value in sorted(query.items()))


def _example_of(name: str, parameter: str) -> Any:
    return next(p["example"] for p in ALL[name][2]["parameters"] if p["name"] == parameter)


def _shown(content: bytes) -> Any:
    answer = _steady(msgspec.json.Decoder(float_hook=Decimal).decode(content))
    data = answer.get("data")
    if isinstance(data, list):
        answer["data"] = data[:SHOWN]
    elif isinstance(data, dict) and "received_at" in data:
        data["id"] = _example_of("read_submission", "id")
        if data.get("file"):
            # Of what is packed, the bytes depend on the library that packs.
            file = data["file"]
            data["file"] = file | {"size_bytes": 1000, "sha256": "0" * 64}
            data["file"]["url"] = file["url"].replace(file["sha256"], "0" * 64)
    return answer


def _steady(part: Any) -> Any:
    """The answer with what each store has of its own made the same: when it published, and ids of submissions."""
    if isinstance(part, list):
        return [_steady(one) for one in part]
    if isinstance(part, str):
        return re.sub(r"(?<=, published )[0-9-]{10}(?=, known on )", "2026-01-31", part)
    if not isinstance(part, dict):
        return part
    return {
        name: "2026-01-31T12:00:00Z" if name in INSTANTS and value else _steady(value) for name, value in part.items()
    }


def _text(value: Any) -> str:
    encoded = msgspec.json.Encoder(decimal_format="number").encode(value)
    return msgspec.json.format(encoded, indent=2).decode() + "\n"


def _contents(part: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(part, list):
        for number, one in enumerate(part):
            yield from _contents(one, f"{place} {number}")
    elif isinstance(part, dict):
        for name, value in part.items():
            if name == "content" and isinstance(value, dict) and "schema" not in value and "type" not in value:
                for media_type, content in value.items():
                    yield f"{place} {media_type}", content
            elif not name.startswith("example"):
                yield from _contents(value, f"{place} {name}")
