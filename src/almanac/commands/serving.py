"""`almanac up` and `almanac serve`."""

import signal
import sys

import click
import msgspec
from rich_click import RichCommand

from almanac.commands import terminal


@click.command(cls=RichCommand)
@click.option("--host", help="Address to listen on, instead of ALMANAC_HOST.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port, instead of ALMANAC_PORT; 0 picks a free one.")
@click.option("--stop-with-parent", is_flag=True, hidden=True, help="Stop when the process that started this one dies.")
def up(host: str | None, port: int | None, *, stop_with_parent: bool) -> None:
    """Start PostgreSQL, Valkey and the API, and keep them running.

    On the first start it also publishes the bundled records. Everything is kept in .almanac; remove that folder to
    start anew. A server given by ALMANAC_DATABASE_URL or ALMANAC_REDIS_URL is used instead, and is neither migrated
    nor filled.

    Ctrl-C and SIGTERM stop everything (exit code 0). Exit code 1: the port is taken, or a server ended by itself.

    \b
    Examples:
      almanac up
      almanac up --port 8001
    """
    import os

    from almanac.store.child import end_with_parent
    from almanac.up import up as run

    if stop_with_parent:
        end_with_parent(signal.SIGTERM, os.getppid())
    settings = terminal.settings()
    settings = msgspec.structs.replace(
        settings,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
    )
    sys.exit(run(settings, terminal.say))


@click.command(cls=RichCommand)
def serve() -> None:
    """Serve the API from the PostgreSQL in ALMANAC_DATABASE_URL.

    Starts nothing else, and logs one JSON line per event to stderr. SIGTERM: `/readyz` fails, and
    after ALMANAC_STOP_GRACE_MS the requests under way are finished and the process ends (exit code 0).

    \b
    Example:
      ALMANAC_DATABASE_URL=postgresql://almanac@db/almanac ALMANAC_WORKERS=4 almanac serve
    """
    from almanac.serve import serve as run

    run(terminal.settings())
