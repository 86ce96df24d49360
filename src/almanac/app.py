"""The application: composes everything; the only module that knows every other."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncGenerator, Callable
from types import FrameType
from typing import cast

from litestar import Litestar
from litestar.datastructures import State

from almanac.errors import Misconfigured
from almanac.kinds import KINDS
from almanac.settings import Settings
from almanac.store.board import Board
from almanac.store.cache import Cache
from almanac.store.db import Database
from almanac.store.editions import Editions
from almanac.store.exports import Desk
from almanac.store.keys import KnownKeys
from almanac.store.placed import shelf
from almanac.store.rate import Rates
from almanac.store.redis_link import RedisLink
from almanac.store.told import Told
from almanac.web import bulk, metrics, pages, plain, routes, table
from almanac.web.answered import answered
from almanac.web.crowd import Crowd
from almanac.web.document import load
from almanac.web.edge import Edge
from almanac.web.follow import PATH as STREAM
from almanac.web.follow import handler as stream_handler
from almanac.web.held import Waiting
from almanac.web.limits import Limits
from almanac.web.reading import Service
from almanac.web.reads import Reads
from almanac.web.stopping import Stopping
from almanac.web.wire import App
from almanac.web.write import Means


def create_app(
    settings: Settings, stopping: Stopping | None = None, told: Told | None = None, board: Board | None = None
) -> Edge:
    """The ASGI application. Errors: Misconfigured without a database URL, or with a store of files that cannot be used."""
    if settings.database_url is None:
        raise Misconfigured("ALMANAC_DATABASE_URL is not set; `almanac up` brings its own PostgreSQL")
    document = load()
    database, link, board = Database(settings), RedisLink(settings), board or Board()
    crowd = Crowd(settings.max_under_way)
    service = Service(
        database=database,
        cache=Cache(settings, link),
        editions=Editions(str(settings.database_url), told or Told()),
        kinds=KINDS,
        revision=document.revision,
        whole_lists=asyncio.Semaphore(2),
        waiting=Waiting(settings, crowd),
        list_max_rows=settings.list_max_rows,
        origin=settings.public_url or "",
    )
    operations = table.operations(KINDS)
    writes = table.writes(KINDS)
    desk = Desk(settings)
    means = Means(database=database, editions=service.editions, desk=desk, settings=settings, kinds=KINDS)
    paths = {
        path: ["GET"]
        for path in [operation.path for operation in operations] + [*bulk.PATHS, STREAM, *pages.PATHS, *plain.PATHS]
    }
    for write in writes:
        paths.setdefault(write.path, []).append(write.method)
    litestar = Litestar(
        route_handlers=[
            *routes.write_handlers(writes),
            *bulk.handlers(),
            stream_handler(),
            *pages.handlers(),
            *plain.handlers(document),
        ],
        lifespan=[lambda _: _running(service, link, crowd, desk, board)],
        exception_handlers={Exception: routes.on_error},
        state=State(
            {
                "service": service,
                "settings": settings,
                "paths": tuple(paths),
                "stopping": stopping or Stopping(0),
                "means": means,
                "shelf": shelf(settings),
                "board": board,
            }
        ),
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    free = [path.partition("{")[0] for path in ("/v1/bulk/", *pages.PATHS, *plain.PATHS)]
    limits = Limits(settings, Rates(link, settings.workers), KnownKeys(database), free)
    keeps = settings.cache_bytes > 0 or settings.redis_url is not None
    reads = Reads(service, operations, remember=keeps)
    return Edge(cast("App", litestar), reads, limits, crowd, paths)


@contextlib.asynccontextmanager
async def _running(service: Service, link: RedisLink, crowd: Crowd, desk: Desk, board: Board) -> AsyncGenerator[None]:
    await service.database.open()
    await service.editions.open()
    watching = [asyncio.create_task(crowd.watch())]
    if board.shared:
        watching.append(asyncio.create_task(metrics.tell(service, board)))
    _when_told_to_stop(service.waiting.stop)
    try:
        yield
    finally:
        for one in watching:
            one.cancel()
        await service.editions.close()
        await desk.close()
        await service.database.close()
        await link.close()
        answered.settle()


def _when_told_to_stop(act: Callable[[], None]) -> None:
    """Act as soon as the process is told to end: the server itself first waits for the requests under way."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)

        def told(got: int, frame: FrameType | None, before: object = before) -> None:
            loop.call_soon_threadsafe(act)
            if callable(before):
                before(got, frame)

        signal.signal(number, told)
