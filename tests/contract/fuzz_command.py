"""The command of schemathesis with what it lacks: checks of our own, and a serializer of NDJSON.

Run with one worker: CPython 3.11 counts the depth of all threads' `ast.parse` in one place, and hypothesis parses source, so that
two workers end now and then in "AST constructor recursion depth mismatch" (python/cpython#106905). It also makes a seed repeat.
"""

import gc
import re
import sys

import schemathesis
from schemathesis.cli import schemathesis as command

_INSIDE = re.compile(rb"Traceback|asyncpg|litestar|/src/almanac|site-packages|\bselect .* from ", re.IGNORECASE)


@schemathesis.serializer("application/x-ndjson")
def lines(_: object, value: object) -> bytes:
    """A batch is text, good or bad."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@schemathesis.check
def a_problem_is_one_and_tells_nothing_of_our_insides(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """Refusals are problem+json and say no more than the contract does. The empty 414 is granian's own."""
    if response.status_code < 400 or not response.content:
        return
    assert response.headers["content-type"] == ["application/problem+json"], response.headers["content-type"]
    assert not _INSIDE.search(response.content), response.content[:500]


@schemathesis.check
def a_service_in_no_trouble_says_503_only_of_an_edition_that_is_not_here(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """`not_a_server_error` lets 503 pass, for `min_edition`; no other reason is one."""
    assert response.status_code != 503 or b"/problems/edition-not-here" in response.content, response.content[:500]


@schemathesis.check
def an_answer_has_a_request_id(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """By which its line in the log is found."""
    assert response.headers.get("x-request-id"), "no X-Request-Id"


if __name__ == "__main__":
    # What was imported is no garbage, and a generated case leaves few rings: looking for them took a part of the time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    sys.exit(command())
