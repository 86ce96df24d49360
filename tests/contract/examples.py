"""The example on each problem's page: the request that a test fired, and its answer. `UPDATE_GOLDEN=1` writes them anew."""

import json
import os
import re

import httpx

from tests.conftest import ROOT

FOLDER = ROOT / "src/almanac/web/site/problems"
_TOLD = ("accept", "range", "x-padding", "authorization", "idempotency-key", "content-type")
_LONGEST = 100


def assert_example(code: str, answer: httpx.Response, sent: str = "") -> None:
    """The page shows this request and this answer, however it was asked."""
    shown = (
        json.dumps({"request": _request(answer.request, sent), "answer": json.loads(_steady(answer))}, indent=2) + "\n"
    )
    file = FOLDER / f"{code}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(shown)
    assert file.read_text() == shown, "UPDATE_GOLDEN=1 writes the examples of the problems' pages anew"


def _steady(answer: httpx.Response) -> str:
    """The answer with ids and sizes that differ from run to run made the same."""
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "2f1c7a52-8c0e-4b7e-9d55-0e6f3c1b9a10", answer.text)
    size = answer.headers.get("content-range", "").rpartition("/")[2]
    return text.replace(size, "20000").replace(f"0 to {int(size) - 1}", "0 to 19999") if size else text


def _request(request: httpx.Request, sent: str) -> str:
    lines = [_cut(f"{request.method} {request.url.raw_path.decode()}")]
    for name, value in request.headers.items():
        if name in _TOLD and value != "*/*":
            known = value if "almanac" not in value else "Bearer <token>"
            lines.append(_cut(f"{name.title()}: {known}"))
    return "\n".join(lines + (["", sent] if sent else []))


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}... ({len(line)} characters)"
