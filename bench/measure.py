"""One run: corpora, servers, rounds, report."""

import asyncio
import http.client
import json
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import redis
from bench import machine, pgbench, place, points, report, versions, wrk
from bench.contenders import Starter, limits
from bench.layers import Layers
from bench.once import Once
from bench.peers.install import install
from bench.points import Point
from msgspec import Struct

from almanac.store import embedded

_OFF = {"ALMANAC_CACHE_BYTES": "0"}
# Room for the working set of 20,000 profiles, so that what is called a Redis hit is one.
_VALKEY_BYTES = "512mb"
_ABOUT = (
    "Companies and numbers are synthetic (bench/synthetic.py). Every server has one worker, and its access log in a file where "
    "it has one. A ratio is the median over the rounds of the ratio within each."
)

Task = tuple[str, str, Callable[[], dict[str, float]]]
"""Name, title, and what measures it once."""


class Options(Struct, frozen=True, kw_only=True):
    """What was asked for."""

    companies: int
    rounds: int
    seconds: float
    only: frozenset[str] | None
    scale: tuple[int, int] | None
    settings: Mapping[str, str]


class Bench:
    """One run, in a folder that keeps the corpora for the next one."""

    def __init__(self, state: Path, options: Options) -> None:
        self._state, self._options = state, options
        self._work = state / "run"
        self._work.mkdir(parents=True, exist_ok=True)
        self._plan = machine.plan()
        self._starter = Starter(self._work, self._plan.server)
        self._notes: list[str] = []
        self._postgres: int | None = None

    def run(self) -> dict[str, Any]:
        """Everything, and the report. Errors: SystemExit, RuntimeError say what could not be installed, made or started."""
        about = machine.described()
        with embedded.postgres(self._state) as postgres:
            corpora = [place.corpus(postgres.url, size) for size in self._options.scale or (self._options.companies,)]
        with ExitStack() as stack:
            with machine.on(self._plan.store):
                postgres = stack.enter_context(embedded.postgres(self._state))
                valkey = stack.enter_context(embedded.redis(self._work))
            stack.callback(self._starter.stop)
            self._postgres = postgres.process.pid if postgres.process else None
            _make_room(valkey.url)
            about |= versions.of_stores(postgres.url, valkey.url) | versions.of_packages()
            if self._options.scale:
                tasks = self._scale(corpora)
            else:
                peers = install(self._state / "peers")
                about |= versions.of_peers(peers)
                tasks = self._tasks(corpora[0], valkey.url, peers)
            began = time.monotonic()
            runs = self._rounds(tasks)
            rounds = f"{self._options.rounds} rounds, {self._options.seconds:g} s a point"
            about["measured for"] = f"{time.monotonic() - began:.0f} s: {rounds}"
        about["cores"] = f"{about['cores']}: {self._plan.told()}"
        about["quotas"] = ", ".join("=".join(one) for one in limits().items()) or "this commit has none"
        about["corpus"] = "; ".join(one.told() for one in corpora)
        titles = {name: title for name, title, _ in tasks}
        return report.build(runs, titles, machine=about, notes=self._notes, about=_ABOUT)

    def _tasks(self, corpus: place.Corpus, valkey: str, peers: Any) -> list[Task]:
        start, given = self._starter, self._options.settings
        cold = start.product("product-cold", corpus.url, None, _OFF | given)
        if not asyncio.run(place.tables(corpus)):
            print("Filling the documents of the peers", flush=True)
            place.profiles(corpus, cold.port)
        product = start.product("product", corpus.url, valkey, given)
        start.product("product-redis", corpus.url, valkey, _OFF | given)
        tags = self._answer(corpus, product.port)
        path = f"/v1/companies/{corpus.ids()[0]}"
        for floor in ("raw", "litestar", "stored"):
            start.floor(floor, self._work / "answer.json", corpus.url, path)
        if peers.postgrest is None:
            self._notes.append("PostgREST has no binary for this system and was not measured.")
        else:
            start.postgrest(peers.postgrest, corpus.url)
        start.datasette(peers.python, place.sqlite_file(self._state, corpus))
        start.fastapi(peers.python, corpus.url)
        profiles = points.profiles(corpus, tags)
        self._warm(profiles)
        others = [
            *points.lists(points.walk(cold.port)),
            *points.times(corpus),
            *asyncio.run(points.depths(corpus)),
        ]
        # What is held against each other runs close to each other.
        return [*self._http(profiles), *self._pgbench(corpus), *self._http(others)]

    def _scale(self, corpora: list[place.Corpus]) -> list[Task]:
        """The first page of all emissions over two sizes of corpus."""
        asked: list[Point] = []
        for name, corpus in zip(points.scale_names(*corpora), corpora, strict=True):
            self._starter.product(name, corpus.url, None, _OFF | self._options.settings)
            asked.append(points.scaled(name, corpus))
        return list(self._http(asked))

    def _answer(self, corpus: place.Corpus, port: int) -> list[str]:
        """Keep a real answer for the floors, bring the warm set into the product's process, and return its entity tags."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        tags: list[str] = []
        for company in points.shuffled(corpus.ids())[: points.WARM]:
            status, headers, body = place.ask(connection, f"/v1/companies/{company}")
            assert status == 200, (status, body)
            tags.append(dict(headers)["etag"])
        own = [one for one in headers if one[0] not in ("date", "server", "transfer-encoding", "connection")]
        (self._work / "answer.json").write_text(json.dumps({"headers": own, "body": body.decode()}), "utf-8")
        connection.close()
        return tags

    def _warm(self, asked: list[Point]) -> None:
        """Bring the working set into Redis, through the process that keeps nothing itself."""
        (point,) = (one for one in asked if one.name == "redis")
        if self._wanted(point.name):
            print(f"Filling Valkey with {len(point.requests):,} profiles", flush=True)
            for _ in place.fetch(self._starter.port(point.server), list(point.requests)):
                pass

    def _wanted(self, name: str) -> bool:
        return self._options.only is None or name in self._options.only

    def _http(self, asked: list[Point]) -> list[Task]:
        servers = {server.name: server for server in self._starter.servers}
        tasks: list[Task] = []
        for point in asked:
            if point.server not in servers or not self._wanted(point.name):
                continue
            server = servers[point.server]
            file = wrk.save(self._work / f"{point.name}.requests", point.requests)
            once = Once(
                point,
                server,
                file,
                Layers(server.process.log),
                self._postgres,
                self._plan,
                self._options.seconds,
                self._notes,
            )
            tasks.append((point.name, point.title, once))
        return tasks

    def _pgbench(self, corpus: place.Corpus) -> list[Task]:
        if pgbench.program() is None:
            self._notes.append(
                "pgbench was not found: it comes with the embedded PostgreSQL and with PostgreSQL's client."
            )
            return []
        statements = (
            ("pgbench", "pgbench, SQL of the cold profile", pgbench.profile()),
            ("pgbench_document", "pgbench, stored document", pgbench.DOCUMENT),
        )
        return [
            (
                name,
                title,
                lambda sql=sql: pgbench.run(sql, corpus, self._work, self._plan.generator, self._options.seconds),
            )
            for name, title, sql in statements
            if self._wanted(name)
        ]

    def _rounds(self, tasks: list[Task]) -> dict[str, list[dict[str, float]]]:
        runs: dict[str, list[dict[str, float]]] = {name: [] for name, _, _ in tasks}
        for number in range(self._options.rounds):
            for name, _, measure in tasks:
                runs[name].append(measure())
                print(f"round {number + 1}  {name:16} {runs[name][-1]['rps']:10,.0f} a second", flush=True)
        return runs


def _make_room(valkey: str) -> None:
    with redis.Redis.from_url(valkey) as client:
        client.config_set("maxmemory", _VALKEY_BYTES)
