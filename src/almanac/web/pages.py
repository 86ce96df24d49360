"""Pages for people and for those who look around first: the landing page, problems, `llms.txt`, the API catalogue.

A browser that prefers `text/html` gets HTML; everybody else gets the same as JSON.
"""

import functools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from litestar.handlers import HTTPRouteHandler

from almanac.errors import Fault, NotFound
from almanac.model import encode
from almanac.web import problem_pages, problems
from almanac.web.nearest import near
from almanac.web.pages_document import Home
from almanac.web.plain import Incoming, Sent, route, sent
from almanac.web.reading import Service
from almanac.web.represent import quality

PATHS = ["/", "/problems", "/problems/{code}", "/llms.txt", "/robots.txt", "/favicon.ico", "/.well-known/api-catalog"]

_SITE = Path(__file__).parent / "site"
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_LINK = '</openapi.json>; rel="service-desc", </docs>; rel="service-doc", </.well-known/api-catalog>; rel="api-catalog"'
_CATALOG = {
    "linkset": [
        {
            "anchor": "/v1",
            "service-desc": [
                {"href": "/openapi.json", "type": "application/json"},
                {"href": "/openapi.yaml", "type": "application/yaml"},
            ],
            "service-doc": [{"href": "/docs", "type": "text/html"}, {"href": "/llms.txt", "type": "text/plain"}],
            "status": [{"href": "/readyz", "type": "application/json"}],
        },
        {"anchor": "/v1/bulk", "item": [{"href": "/v1/bulk/latest.json", "type": "application/json"}]},
    ]
}


def handlers() -> list[HTTPRouteHandler]:
    """Litestar handlers of these pages."""
    return [
        route("/", "home", _home),
        route("/problems", "list_problems", _problems),
        route("/problems/{code:str}", "read_problem", _problem),
        route("/llms.txt", "llms", _file("llms.txt", "text/plain")),
        route("/robots.txt", "robots", _file("robots.txt", "text/plain")),
        route("/favicon.ico", "favicon", _file("favicon.ico", "image/x-icon")),
        route("/.well-known/api-catalog", "api_catalog", _catalog),
    ]


def _file(name: str, media_type: str) -> Callable[[Incoming], Awaitable[Sent]]:
    content = (_SITE / name).read_bytes()

    async def answer(_: Incoming) -> Sent:
        return sent(content, media_type, Link=_LINK)

    return answer


async def _catalog(_: Incoming) -> Sent:
    return sent(encode(_CATALOG), "application/linkset+json", Link=_LINK)


async def _home(request: Incoming) -> Sent:
    service: Service = request.app.state.service
    return _either(request, Home(edition=service.editions.newest), _landing_page)


@functools.cache
def _landing_page() -> bytes:
    return (_SITE / "home.html").read_bytes()


async def _problems(request: Incoming) -> Sent:
    return _either(request, problem_pages.listed(), problem_pages.list_page)


async def _problem(request: Incoming) -> Sent:
    code: str = request.path_params["code"]
    if code not in problems.SORTS:
        fault = Fault(
            parameter="code",
            value=code[:200],
            detail="is no problem; `/problems` lists them",
            suggestion=near(code, problems.SORTS),
        )
        raise NotFound(f"No problem of the sort {code[:200]!r}.", [fault])
    return _either(request, problem_pages.explained(code), functools.partial(problem_pages.page, code))


def _either(request: Incoming, described: Any, page: Callable[[], bytes]) -> Sent:
    accept = request.headers.get("accept", "")
    if quality("text/html", accept) > quality("application/json", accept):
        return sent(page(), "text/html", Content_Security_Policy=_POLICY, Link=_LINK, Vary="Accept")
    return sent(encode(described), "application/json", Link=_LINK, Vary="Accept")
