"""What is asked: the requests of every point, and who answers them.

Requests go round in a shuffled order that is the same every time, so that no two that are under way at once are the same: a
server that answers equal questions with one answer gains nothing by it here.
"""

import datetime as dt
import http.client
import itertools
import json
import random
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import asyncpg
from bench.place import Corpus, ask
from bench.synthetic import METRICS, YEARS
from msgspec import Struct

from almanac import cursor

WARM = 1_000
"""Companies that the in-process layer holds; all of them is the working set of Redis."""
_DEPTH = 1_000_000
_PAGES = 6
_SIZES = range(81, 101)
JSON = "application/json"


class Point(Struct, frozen=True, kw_only=True):
    """Requests to one server. `layer` is where the product says its answers came from; `connections` are open at once."""

    name: str
    title: str
    server: str
    requests: Sequence[str]
    connections: int = 32
    accept: str = JSON
    layer: str | None = None


class Lists(Struct, frozen=True):
    """The pages of one walk: the product's paths, and for the peers metric, year and the company before the page."""

    paths: list[str]
    places: list[tuple[str, int, str]]


def profiles(corpus: Corpus, tags: Sequence[str]) -> list[Point]:
    """Company profiles: every layer of the product, the floors, the peers."""
    ids = shuffled(corpus.ids())
    few, paths = ids[:WARM], [f"/v1/companies/{one}" for one in ids]
    tagged = [f"/v1/companies/{one}\t{tag}" for one, tag in zip(few, tags, strict=True)]
    return [
        Point(name="raw", title="granian, raw ASGI", server="raw", requests=paths[:WARM]),
        Point(name="hit", title="product, in-process hit", server="product", requests=paths[:WARM], layer="near"),
        Point(name="condition", title="product, 304", server="product", requests=tagged, layer="condition"),
        Point(name="litestar", title="Litestar, bare handler", server="litestar", requests=paths[:WARM]),
        Point(name="redis", title="product, Redis hit", server="product-redis", requests=paths, layer="far"),
        Point(
            name="postgrest",
            title="PostgREST, stored document",
            server="postgrest",
            requests=[f"/profile?select=doc&id=eq.{one}" for one in ids],
            accept="application/vnd.pgrst.object+json",
        ),
        Point(
            name="datasette",
            title="Datasette, stored document",
            server="datasette",
            requests=[f"/corpus/profile.json?id={one}&_shape=array" for one in ids],
        ),
        Point(
            name="fastapi",
            title="FastAPI + SQLAlchemy + pydantic",
            server="fastapi",
            requests=[f"/companies/{one}" for one in ids],
        ),
        Point(name="stored", title="granian, raw ASGI, asyncpg, stored document", server="stored", requests=paths),
        Point(name="cold", title="product, cold profile", server="product-cold", requests=paths, layer="miss"),
    ]


def walk(port: int) -> Lists:
    """First pages of the list of each metric and year, walked through the product."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    found = Lists([], [])
    for metric, year in itertools.product(METRICS, YEARS):
        path, before = f"/v1/emissions?metric={metric}&year={year}&limit=100", ""
        for _ in range(_PAGES):
            found.paths.append(path)
            found.places.append((metric, year, before))
            status, _, body = ask(connection, path)
            page = json.loads(body)
            if status != 200 or len(page["data"]) != 100:
                break
            before = page["data"][-1]["company"]
            path = f"/v1/emissions?metric={metric}&year={year}&limit=100&cursor={page['meta']['next_cursor']}"
    connection.close()
    return found


def lists(walked: Lists) -> list[Point]:
    """Filtered lists of 100: the product cold, and the peers."""
    places = shuffled(walked.places)
    postgrest = "/emission_doc?select=doc&metric=eq.{}&year=eq.{}&company_id=gt.{}&order=company_id&limit=100"
    datasette = "/corpus/emissions.json?metric={}&year={}&after={}&_shape=array"
    fastapi = "/emissions?metric={}&year={}&after={}"
    return [
        Point(
            name="list_stored",
            title="granian, raw ASGI, asyncpg, list of stored documents",
            server="stored",
            requests=[fastapi.format(*one) for one in places],
        ),
        Point(
            name="list",
            title="product, cold filtered list",
            server="product-cold",
            requests=shuffled(walked.paths),
            layer="miss",
        ),
        Point(
            name="list_postgrest",
            title="PostgREST, list of stored documents",
            server="postgrest",
            requests=[postgrest.format(*one) for one in places],
        ),
        Point(
            name="list_datasette",
            title="Datasette, list of stored documents",
            server="datasette",
            requests=[datasette.format(*one) for one in places],
        ),
        Point(
            name="list_fastapi",
            title="FastAPI + SQLAlchemy + pydantic, list",
            server="fastapi",
            requests=[fastapi.format(*one) for one in places],
        ),
    ]


def times(corpus: Corpus) -> list[Point]:
    """Reads of an earlier edition beside the same of the newest: cold, few at a time, so that time is not spent in a queue."""
    then = corpus.editions * 3 // 4
    some = [f"/v1/companies/{one}" for one in shuffled(corpus.ids())]
    filtered = [f"/v1/emissions?metric={metric}&year={year}&limit=100" for metric in METRICS for year in YEARS]
    return [
        _slow("profile_now", "cold profile, 4 at a time", some),
        _slow("profile_as_of", f"cold profile as of edition {then}", [f"{path}?edition={then}" for path in some]),
        _slow("list_now", "cold list, 4 at a time", filtered),
        _slow("list_as_of", f"cold list as of edition {then}", [f"{path}&edition={then}" for path in filtered]),
    ]


async def depths(corpus: Corpus) -> list[Point]:
    """Pages of the list of all emissions: the first, and one as deep as 1,000,000 where there are so many."""
    connection = await asyncpg.connect(corpus.url)
    depth = max(0, min(_DEPTH, corpus.emissions - 10_000))
    try:
        # Where a page begins is all that a cursor says; whether it is a current answer does not matter.
        rows = await connection.fetch(
            "select seq from emission where op = 'add' order by company_id, natural_key offset $1 limit $2",
            depth,
            len(_SIZES),
        )
    finally:
        await connection.close()
    return pages(corpus, depth, [row["seq"] for row in rows])


def pages(corpus: Corpus, depth: int, seqs: Sequence[int]) -> list[Point]:
    """First pages of all emissions, and pages that begin after those at some depth."""
    known_on = dt.date.fromisoformat(corpus.known_on)
    places = [quote(cursor.encode(corpus.editions, known_on, seq)) for seq in seqs]
    deep = [f"/v1/emissions?limit={n}&cursor={place}" for n, place in zip(_SIZES, places, strict=True)]
    return [
        _slow("page_first", "first page of all emissions", [f"/v1/emissions?limit={n}" for n in _SIZES]),
        _slow("page_deep", f"page at depth {depth:,}", deep),
    ]


def scale_names(few: Corpus, many: Corpus) -> tuple[str, str]:
    """Names of the points over two sizes: those of the promise only for the sizes that it names, to a tenth."""
    fit = few.versions <= 440_000 and many.versions >= 3_600_000
    return ("page_small", "page_large") if fit else ("page_few", "page_many")


def scaled(name: str, corpus: Corpus) -> Point:
    """First pages of the lists of each metric and year, of one size of corpus."""
    filtered = [f"/v1/emissions?metric={metric}&year={year}&limit=100" for metric in METRICS for year in YEARS]
    return Point(
        name=name,
        title=f"product, cold list over {corpus.versions:,} versions",
        server=name,
        requests=filtered,
        connections=4,
        layer="miss",
    )


def _slow(name: str, title: str, requests: list[str]) -> Point:
    return Point(
        name=name, title=f"product, {title}", server="product-cold", requests=requests, connections=4, layer="miss"
    )


def shuffled(things: Sequence[Any]) -> list[Any]:
    """The things in an order that is the same every time."""
    return random.Random(len(things)).sample(things, len(things))
