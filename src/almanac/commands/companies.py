"""`almanac company`: what editors decide about who a company is."""

import asyncio
import datetime as dt
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import click
from rich_click import RichGroup

from almanac.commands import terminal
from almanac.errors import AlmanacError

if TYPE_CHECKING:
    from almanac.kind import Kind
    from almanac.publish.batch import Batch
    from almanac.publish.editors import Decision, Keep
    from almanac.publish.publish import Report
    from almanac.store.db import Connection

    Make = Callable[[Connection, Mapping[str, Kind], Decision], Awaitable[Batch]]


@click.group(cls=RichGroup)
def company() -> None:
    """Merge, rename and alias companies, and undo it.

    Each is one edition with its reason; what was pinned before stays as it was. Without ALMANAC_DATABASE_URL: the
    PostgreSQL in .almanac.

    \b
    Examples:
      almanac company merge nokia-oyj nokia --reason "one company under two names" --dry-run
      almanac company rename lenovo "Lenovo Group Limited" --reason "legal name"
      almanac company alias zte "Zhongxing Telecom" --reason "as press articles write"
      almanac company undo 57 --reason "two companies after all"
    """


def _decides(command: Any) -> Any:
    for option in (
        terminal.as_json,
        click.option("--publisher", default="almanac", show_default=True, help="Who decides."),
        click.option("--dry-run", is_flag=True, help="Report what would change; change nothing."),
        click.option("--reason", required=True, help="Why; the edition's note carries it."),
    ):
        command = option(command)
    return command


@company.command()
@click.argument("gone")
@click.argument("into")
@click.option(
    "--keep",
    type=click.Choice(["from", "into"]),
    help="Whose answer counts where one source answers a question differently for the two.",
)
@_decides
def merge(gone: str, into: str, *, keep: "Keep | None", **wish: Any) -> None:
    """Put company GONE into company INTO: its answers, names and identifiers; its URLs lead there from then on."""
    from almanac.publish import editors

    _decide(lambda connection, kinds, why: editors.merge(connection, kinds, gone, into, why, keep=keep), **wish)


@company.command()
@click.argument("slug")
@click.argument("name")
@_decides
def rename(slug: str, name: str, **wish: Any) -> None:
    """Give company SLUG the name NAME; the name before it stays findable."""
    from almanac.publish import editors

    _decide(lambda connection, kinds, why: editors.rename(connection, kinds, slug, name, why), **wish)


@company.command()
@click.argument("slug")
@click.argument("name")
@click.option("--lang", default="en", show_default=True, help="Language of the name (BCP 47).")
@click.option(
    "--type",
    "sort",
    type=click.Choice(["legal", "trading", "former", "transliterated", "alias"]),
    default="alias",
    show_default=True,
    help="Sort of name.",
)
@_decides
def alias(slug: str, name: str, lang: str, sort: str, **wish: Any) -> None:
    """Let company SLUG be found by the name NAME too, by people and by importers."""
    from almanac.company import CompanyName
    from almanac.publish import editors

    also = CompanyName(name=name, lang=lang, type=sort)
    _decide(lambda connection, kinds, why: editors.alias(connection, kinds, slug, also, why), **wish)


@company.command()
@click.argument("edition", type=click.IntRange(min=1))
@_decides
def undo(edition: int, **wish: Any) -> None:
    """Take back what EDITION decided about companies: what each source said before holds again."""
    from almanac.publish import editors

    _decide(lambda connection, kinds, why: editors.undo(connection, kinds, edition, why), **wish)


def _decide(make: "Make", *, reason: str, publisher: str, dry_run: bool, as_json: bool) -> None:
    try:
        with terminal.database(terminal.settings()) as url:
            report = asyncio.run(_publish(url, make, reason, publisher, dry_run=dry_run))
    except AlmanacError as error:
        sys.exit(terminal.refused(error, terminal.USAGE))
    if as_json:
        terminal.say_json(report)
        return
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in report.counts.items() if count)
    head = "dry run, nothing was published" if dry_run else f"published as edition {report.edition}"
    terminal.say(f"{head}; {report.rows} answers: {counts}; {report.companies} companies changed")


async def _publish(url: str, make: "Make", reason: str, publisher: str, *, dry_run: bool) -> "Report":
    from almanac.kinds import KINDS
    from almanac.publish.editors import Decision, deciding
    from almanac.publish.publish import publish
    from almanac.store.db import PUBLISHER, connect

    decision = Decision(publisher=publisher, reason=reason, on=dt.datetime.now(dt.UTC).date())
    connection = await connect(url, PUBLISHER)
    try:
        async with deciding(connection):
            batch = await make(connection, {kind.name: kind for kind in KINDS}, decision)
            return await publish(connection, batch, kinds=KINDS, dry_run=dry_run)
    finally:
        await connection.close()
