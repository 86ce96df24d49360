"""`almanac migrate` and `almanac publish`: what changes the store."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich_click import RichCommand

from almanac.commands import terminal
from almanac.errors import BadBatch

if TYPE_CHECKING:
    from almanac.publish.batch import Batch
    from almanac.publish.publish import Report


@click.command(cls=RichCommand)
@terminal.as_json
def migrate(*, as_json: bool) -> None:
    """Bring the database up to the schema of this release.

    Safe to run at any time, also twice at once. Without ALMANAC_DATABASE_URL: the PostgreSQL in .almanac.
    """
    settings = terminal.settings()
    from almanac.store import embedded
    from almanac.store.migrate import migrate as run

    if settings.write_url is not None:
        applied = asyncio.run(run(str(settings.write_url)))
    else:
        with embedded.postgres(settings.state_path, reuse=True) as server:
            applied = asyncio.run(run(server.url))
    if as_json:
        terminal.say_json({"applied": applied})
    else:
        terminal.say("\n".join(f"applied {name}" for name in applied) or "nothing to apply")


@click.command(cls=RichCommand)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Report what would change; change nothing.")
@click.option("--publisher", default="almanac", show_default=True, help="Who publishes, if a file does not say.")
@terminal.as_json
def publish(files: tuple[Path, ...], publisher: str, *, dry_run: bool, as_json: bool) -> None:
    """Publish batches of disclosures, one edition each.

    FILES are NDJSON, as src/almanac/data/README.md describes. A batch is published whole or not at all, and every
    refused row is named. Publishing the same file twice changes nothing.

    Without ALMANAC_DATABASE_URL: the PostgreSQL in .almanac.

    \b
    Examples:
      almanac publish batch.ndjson --dry-run
      almanac publish 2023.ndjson 2024.ndjson --publisher "Example Ltd" --json
    """
    from almanac.kinds import KINDS
    from almanac.publish import batch

    settings = terminal.settings()
    batches: list[tuple[Path, Batch]] = []
    for path in files:
        try:
            batches.append((path, batch.read(path, KINDS, publisher)))
        except BadBatch as error:
            sys.exit(_refused(path, error, terminal.USAGE, as_json=as_json))
    try:
        with terminal.database(settings) as url:
            reports = asyncio.run(_publish(url, batches, dry_run=dry_run, as_json=as_json))
    except KeyboardInterrupt:
        sys.exit(terminal.stopped("files that are told above are published, no other is in part"))
    if as_json:
        terminal.say_json({"reports": [{"file": str(path), **_fields(report)} for path, report in reports]})


async def _publish(
    url: str, batches: "list[tuple[Path, Batch]]", *, dry_run: bool, as_json: bool
) -> "list[tuple[Path, Report]]":
    from almanac.kinds import KINDS
    from almanac.publish.publish import publish as run
    from almanac.store.db import PUBLISHER, connect

    reports: list[tuple[Path, Report]] = []
    connection = await connect(url, PUBLISHER)
    try:
        for path, one in batches:
            with terminal.progress() as progress:
                report = await run(connection, one, kinds=KINDS, dry_run=dry_run, progress=progress)
            reports.append((path, report))
            if not as_json:
                terminal.say(_told(path, report))
    except BadBatch as error:
        sys.exit(_refused(batches[len(reports)][0], error, terminal.FAILED, as_json=as_json))
    finally:
        await connection.close()
    return reports


def _refused(path: Path, error: BadBatch, code: int, *, as_json: bool) -> int:
    if as_json:
        terminal.say_json({"file": str(path), "detail": error.detail, "faults": error.faults})
        return code
    click.echo(f"{path}:", err=True)
    return terminal.refused(error, code)


def _fields(report: "Report") -> dict[str, object]:
    return {name: getattr(report, name) for name in report.__struct_fields__}


def _told(path: Path, report: "Report") -> str:
    if report.dry_run:
        head = "dry run, nothing was published"
    else:
        head = "nothing new" if report.edition is None else f"published as edition {report.edition}"
    counts = [f"  {name.replace('_', ' '):<12}{count:>8}" for name, count in report.counts.items() if count]
    return "\n".join(
        [f"{path}: {head}", f"  {'rows':<12}{report.rows:>8}", *counts, f"  {'companies':<12}{report.companies:>8}"]
    )
