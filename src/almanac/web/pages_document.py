"""How the contract describes the pages for people and for those who look around first."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from almanac.web import schema
from almanac.web.operation import LICENCE
from almanac.web.plain_operations import CODE, get
from almanac.web.problem_pages import ProblemExplained, ProblemSorts

Json = dict[str, Any]


class Home(Struct, frozen=True, kw_only=True):
    """What this service is, and where to go on."""

    title: Annotated[str, Meta(description="Name of the service.")] = "Almanac"
    about: Annotated[str, Meta(description="What it serves.")] = "Versioned corporate climate disclosures."
    edition: Annotated[int, Meta(ge=0, description="Newest edition that this process knows.")]
    contract: Annotated[str, Meta(description="Where the contract is (OpenAPI).")] = "/openapi.json"
    docs: Annotated[str, Meta(description="Where the contract is a page.")] = "/docs"
    bulk: Annotated[
        str, Meta(pattern=r"^/[a-z0-9./]+$", max_length=100, description="Where the whole corpus as files begins.")
    ] = "/v1/bulk/latest.json"
    problems: Annotated[str, Meta(description="Where errors are explained.")] = "/problems"
    licence: Annotated[str, Meta(description="Terms of re-use.")] = LICENCE


SHAPES: list[type[Struct]] = [Home, ProblemExplained, ProblemSorts]


def described() -> dict[str, Json]:
    """OpenAPI descriptions by path."""
    text: Json = {"type": "string"}
    found = {
        "/": get("home", "What this service is", _page_or(Home)),
        "/problems": get("list_problems", "Every sort of problem", _page_or(ProblemSorts)),
        "/problems/{code}": get("read_problem", "What a problem means", _page_or(ProblemExplained), CODE),
        "/llms.txt": get("llms", "This service for language models", {"text/plain": text}),
        "/robots.txt": get("robots", "What crawlers may read", {"text/plain": text}),
        "/favicon.ico": get("favicon", "The icon of this service", {"image/x-icon": {}}),
        "/.well-known/api-catalog": get(
            "api_catalog", "Where the contract is (RFC 9727)", {"application/linkset+json": _LINKSET}
        ),
    }
    for said in found.values():
        said["responses"]["200"]["headers"] |= schema.refs("Link")
    return found


def _page_or(shape: type[Struct]) -> Json:
    return {"application/json": {"$ref": f"#/components/schemas/{shape.__name__}"}, "text/html": {"type": "string"}}


_LINKSET: Json = {
    "type": "object",
    "description": "A set of links (RFC 9264).",
    "properties": {
        "linkset": {"type": "array", "description": "Links by what they are about.", "items": {"type": "object"}}
    },
    "required": ["linkset"],
}
