"""What commands share: reading settings, reaching the database, talking to people or to machines."""

import contextlib
import os
import sys
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

import click
import msgspec

from almanac.environment import BadSetting
from almanac.errors import AlmanacError, BadFile, BadParameter
from almanac.settings import Settings

USAGE = 2
STOPPED = 130
_SHOWN = 20
FAILED = 1

T = TypeVar("T")
Progress = Callable[[str, int, int], None]

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for a machine.")


def settings() -> Settings:
    """The settings of this process."""
    return Settings.read(os.environ)


def say(text: str) -> None:
    """Print for people, at once."""
    click.echo(text)


def warn(text: str) -> None:
    """Tell people on stderr, where it does not mix with what a machine reads."""
    click.echo(f"almanac: {text}", err=True)


def say_json(value: Any) -> None:
    """Print one JSON document."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))


def refused(error: AlmanacError, code: int | None = None) -> int:
    """Print an error and the first faults it names to stderr, with their values and what is allowed; the exit code."""
    click.echo(f"almanac: {_line(error.detail)}", err=True)
    for fault in error.faults[:_SHOWN]:
        where = f"{fault.parameter}: " if fault.parameter else ""
        value = f" (given: {fault.value})" if fault.value else ""
        allowed = f"; allowed: {', '.join(fault.allowed)}" if fault.allowed else ""
        click.echo(_line(f"  {where}{fault.detail}{value}{allowed}"), err=True)
    if len(error.faults) > _SHOWN:
        click.echo(f"  and {len(error.faults) - _SHOWN} more; --json lists every one", err=True)
    if code is not None:
        return code
    return USAGE if isinstance(error, BadSetting | BadFile | BadParameter) else FAILED


def stopped(what: str) -> int:
    """Say on one line that Ctrl-C stopped the work, and what stands; the exit code of a shell for it."""
    click.echo(f"almanac: stopped: {what}", err=True)
    return STOPPED


def _line(text: str) -> str:
    """Text on one line: a file's name, or a cell, may hold what moves a terminal's cursor."""
    return "".join(one if one.isprintable() else "?" for one in text)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end what talks to PostgreSQL: on uvloop, which takes in what is copied out in half the processor time."""
    import asyncio

    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return asyncio.run(work)
    return uvloop.run(work)


@contextlib.contextmanager
def database(found: Settings, *, only_read: bool = False) -> Generator[str]:
    """URL to write to or only to read from: the one set, or the PostgreSQL of the state folder, migrated and started."""
    if (url := found.database_url if only_read else found.write_url) is not None:
        yield str(url)
        return
    import asyncio

    from almanac.store import embedded
    from almanac.store.migrate import migrate

    if not found.state_path.exists():
        where = f"a new database is made in {_line(str(found.state_path))}"
        warn(f"{where}; set ALMANAC_DATABASE_URL, or go where `almanac up` runs, for another")
    with embedded.postgres(found.state_path, reuse=True) as server:
        asyncio.run(migrate(server.url))
        yield server.url


@contextlib.contextmanager
def progress() -> Generator[Progress | None]:
    """Show progress bars on stderr; None where nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    with Bars(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step)
            bars.update(tasks[step], completed=done, total=total)

        yield show
