"""What each sort of problem means, for people (HTML) and programs: what to do, a request that fires it, and its answer."""

import functools
import html
import json
import re
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from almanac.web import problems
from almanac.web.problems import Problem

REMEDIES = {
    "bad-parameter": "Correct what `errors` names; `allowed` and `suggestion` say what is right.",
    "unauthorized": (
        "Ask whoever runs the service for a key and send it as `Authorization: Bearer <token>`. Reading needs none: leave it "
        "out. Of exports, small ones need none: narrow the list."
    ),
    "forbidden": "Use a key with the role that is needed; publishing needs `publisher`.",
    "not-found": (
        "Follow `suggestion` if there is one. Names are found with `/v1/companies?q=`, metrics in `/v1/metrics`, paths in "
        "`/openapi.json`. What is not there at an early edition or date may be there later: leave `edition` and `known_on` out."
    ),
    "method-not-allowed": "Use a method of the `Allow` header. Everything but publishing is read with GET.",
    "not-acceptable": "Ask for a media type that `errors` lists, or leave `Accept` out.",
    "answer-too-large": (
        "Narrow the list, for example by `company` or `year`, or take pages with `limit`; for a company, pages of "
        "`/v1/companies/{company}/disclosures`. The files of `/v1/bulk/latest.json` hold the whole corpus."
    ),
    "body-too-slow": "Send the batch again, smaller or packed with gzip, under the same `Idempotency-Key`.",
    "ambiguous-identifier": "Take the slug of the company that you mean; `errors` lists them.",
    "conflicting-parameters": "Leave out one of the parameters that `errors` names.",
    "in-flight": "Wait as long as `Retry-After` says and send the same again: it gives the answer of the first.",
    "payload-too-large": "Cut the batch into parts, each under an `Idempotency-Key` of its own. An export takes a few words.",
    "idempotency-conflict": "Take a new `Idempotency-Key`, or send the first body again to find its export.",
    "uri-too-long": "Ask for less at once. No URL that this service gives is that long.",
    "unsupported-media-type": (
        "Send what `errors` lists: a batch is `application/x-ndjson`, packed with gzip or not; an export is ordered with "
        "`application/json`."
    ),
    "range-not-satisfiable": "Begin before the size in `Content-Range`; if you asked from there on, you have the file.",
    "bad-batch": "Correct the rows that `errors` names and send the batch under a new `Idempotency-Key`.",
    "idempotency-key-reused": "Take a new `Idempotency-Key`, or send the first batch again to read its answer.",
    "headers-too-large": "Send fewer or shorter headers: old cookies and long lists in `If-None-Match` are the usual reason.",
    "too-many-requests": (
        "Wait as long as `Retry-After` says, or for an export of yours to end. A key has a quota of its own. Answers that did "
        "not change (`If-None-Match`) cost nothing, nor do the files of `/v1/bulk/latest.json`, which hold the whole corpus."
    ),
    "internal-error": "Nothing that you sent is at fault. Report the `request_id`; the same request may work later.",
    "unavailable": "Wait as long as `Retry-After` says and ask again. Answers that are cached come all the same.",
    "edition-not-here": (
        "Ask again after `Retry-After`: what was just published may take a moment to reach every server. If it stays so, no "
        "such edition or change was published here; `/v1/editions` lists them. A copy that follows another Almanac begins anew."
    ),
    "too-slow": "Narrow the request, for example by `company` or `year`, or ask again after `Retry-After`.",
}

_EXAMPLES = Path(__file__).parent / "site/problems"
_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/almanac.css">
<link rel="icon" type="image/svg+xml" href="/docs/favicon.svg">
</head>
<body>
<nav aria-label="Pages"><a href="/">Almanac</a> <a href="/docs">Docs</a> <a href="/problems">Problems</a></nav>
<main>
{main}
</main>
</body>
</html>
"""


class Example(Struct, frozen=True):
    """A request that fires a problem, and its answer: written by the test that fires it."""

    request: str
    answer: Problem


class ProblemSort(Struct, frozen=True, kw_only=True):
    """A sort of problem."""

    type: Annotated[str, Meta(description="What a problem of this sort has as its `type`.")]
    code: Annotated[str, Meta(description="Last part of the `type`.")]
    status: Annotated[int, Meta(ge=400, le=599, description="HTTP status.")]
    title: Annotated[str, Meta(description="The sort of problem in words.")]
    meaning: Annotated[str, Meta(description="What it means.")]


class ProblemExplained(ProblemSort, frozen=True, kw_only=True):
    """A sort of problem, what to do, and an example."""

    remedy: Annotated[str, Meta(description="What to do.")]
    request: Annotated[str, Meta(description="A request that is answered with this problem, cut where it is long.")]
    answer: Annotated[Problem, Meta(description="The answer to that request.")]


class ProblemSorts(Struct, frozen=True, kw_only=True):
    """Every sort of problem."""

    problems: Annotated[list[ProblemSort], Meta(description="Each sort, by status.")]


def listed() -> ProblemSorts:
    """Every sort of problem."""
    return ProblemSorts(problems=[ProblemSort(**_told(code)) for code in problems.SORTS])


def explained(code: str) -> ProblemExplained:
    """One sort of problem."""
    example = _example(code)
    remedy = REMEDIES[code]
    return ProblemExplained(**_told(code), remedy=remedy, request=example.request, answer=example.answer)


def list_page() -> bytes:
    """Every sort of problem for people."""
    rows = [
        f'<li><a href="{sort.type}">{sort.status} {_prose(sort.title)}</a><br>{_prose(sort.meaning)}</li>'
        for sort in listed().problems
    ]
    lead = '<p class="lead">Every error is <code>application/problem+json</code> (RFC 9457) and leads here.</p>'
    return _page("Problems", [lead, "<ul>", *rows, "</ul>"])


def page(code: str) -> bytes:
    """One sort of problem for people."""
    one = explained(code)
    answer = json.dumps(msgspec.to_builtins(one.answer), indent=2, ensure_ascii=False)
    return _page(
        one.title,
        [
            f'<p class="lead">{_prose(one.meaning)}</p>',
            f"<p><code>{one.code}</code>, HTTP status {one.status}</p>",
            f"<h2>What to do</h2>\n<p>{_prose(one.remedy)}</p>",
            f'<h2>Example</h2>\n<pre tabindex="0"><code>{html.escape(one.request)}</code></pre>',
            f'<p>is answered</p>\n<pre tabindex="0"><code>{html.escape(answer)}</code></pre>',
            '<p><a href="/problems">All problems</a></p>',
        ],
    )


def _told(code: str) -> dict[str, Any]:
    sort = problems.SORTS[code]
    told = {"status": sort.status, "title": sort.title, "meaning": sort.meaning}
    return told | {"type": problems.TYPE + code, "code": code}


@functools.cache
def _example(code: str) -> Example:
    return msgspec.json.decode((_EXAMPLES / f"{code}.json").read_bytes(), type=Example)


def _page(title: str, parts: list[str]) -> bytes:
    main = "\n".join([f"<h1>{html.escape(title)}</h1>", *parts])
    return _FRAME.format(title=f"{html.escape(title)} - Almanac", main=main).encode()


def _prose(text: str) -> str:
    """Text with its `code` marked."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
