"""`almanac import`: files of publishers, each read by an importer of its own."""

import asyncio
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich_click import RichGroup

from almanac.commands import terminal

if TYPE_CHECKING:
    from almanac.importers.report import ImportReport
    from almanac.publish.publish import Report

_SHOWN = 5


@click.group(name="import", cls=RichGroup)
def import_() -> None:
    """Turn a publisher's file into a batch, and publish it.

    Without ALMANAC_DATABASE_URL: into the PostgreSQL in .almanac.
    """


@import_.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--released",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day on which the SBTi published the file; the file does not say.",
)
@click.option("--dry-run", is_flag=True, help="Report what would change; change nothing.")
@click.option(
    "--report",
    "report_to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every finding to this file, as NDJSON.",
)
@terminal.as_json
def sbti(file: Path, released: dt.datetime, report_to: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Import one release of the SBTi register ("companies taking action", .xlsx).

    Releases imported in the order of their dates give a history; what a release repeats makes no version. Every row
    and cell that could not be used is reported, with its place and the reason.

    \b
    Examples:
      almanac import sbti companies-taking-action.xlsx --released 2026-03-26 --dry-run
      almanac import sbti companies-taking-action.xlsx --released 2026-03-26 --report findings.ndjson
    """
    with terminal.database(terminal.settings()) as url, terminal.progress() as progress:
        read, published = asyncio.run(_sbti(url, file, released.date(), dry_run=dry_run, progress=progress))
    if report_to is not None:
        import msgspec

        report_to.write_bytes(msgspec.json.Encoder().encode_lines(read.lines))
    if as_json:
        terminal.say_json({"read": read, "published": published})
    else:
        terminal.say(f"{_read(read, report_to)}\n{_published(published)}")


async def _sbti(
    url: str, file: Path, released: dt.date, *, dry_run: bool, progress: terminal.Progress | None
) -> "tuple[ImportReport, Report]":
    from almanac.importers import sbti as importer
    from almanac.store.db import PUBLISHER, connect

    connection = await connect(url, PUBLISHER)
    try:
        return await importer.run(connection, file, released, dry_run=dry_run, progress=progress)
    finally:
        await connection.close()


def _read(report: "ImportReport", report_to: Path | None) -> str:
    lines: list[str] = []
    for sheet in report.sheets:
        rejected = "".join(f", {count} {finding}" for finding, count in sheet.rejected.items())
        lines.append(f"sheet {sheet.name}: {sheet.rows} rows, {sheet.imported} imported{rejected}")
        if sheet.ignored_columns:
            lines.append(f"  columns not imported: {', '.join(sheet.ignored_columns)}")
    for finding, count in report.counts().items():
        lines.append(f"  {finding.replace('_', ' ')}: {count}")
        found = [line for line in report.lines if line.finding == finding]
        lines += [
            f"    row {one.row}, {one.column or 'whole row'}: {one.value!r} {one.reason}" for one in found[:_SHOWN]
        ]
        if count > _SHOWN and report_to is None:
            lines.append(f"    and {count - _SHOWN} more; --report or --json gives all")
    return "\n".join(lines)


def _published(report: "Report") -> str:
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in report.counts.items() if count)
    made = f"{report.rows} answers: {counts}; {report.companies} companies new or changed"
    if report.dry_run:
        return f"dry run, nothing was published; {made}"
    return f"nothing new; {made}" if report.edition is None else f"published as edition {report.edition}; {made}"
