"""`almanac import`: files of publishers, each read by the importer that knows its header."""

import asyncio
import datetime as dt
import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
from rich_click import RichGroup

from almanac.commands import reports, terminal
from almanac.commands.paths import chosen
from almanac.errors import AlmanacError, BadFile, Unavailable

if TYPE_CHECKING:
    from almanac.importers.registry import Found
    from almanac.importers.report import ImportReport
    from almanac.importers.review import Decisions
    from almanac.publish.publish import Report


class _Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller asked for beside the files; `hold_share` in per cent."""

    dry_run: bool
    hold_share: float
    accept: tuple[str, ...]
    report_to: Path | None
    review_to: Path | None
    decisions: Path | None
    as_json: bool


class _FilesOrCommand(RichGroup):
    """A group whose first argument may be a file: what is no command of it is handed to `files`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The arguments, with `files` before what is no command."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["files", *args]
        return super().parse_args(ctx, args)


@click.group(name="import", cls=_FilesOrCommand)
def import_() -> None:
    """Turn publishers' files into batches, and publish them: `almanac import FILE...`.

    Each file is recognised by its content and imported as one edition, oldest first. Folders are searched.

    Without ALMANAC_DATABASE_URL: into the PostgreSQL in .almanac.

    \b
    Examples:
      almanac import companies_2024-05-02.xlsx companies_c2025-03-13.xlsx
      almanac import registers/ --dry-run
      almanac import download.csv --released 2026-03-26 --accept 2026-03-26
      almanac import new.xlsx --dry-run --review review.csv
      almanac import new.xlsx --decisions review.csv
    """


def _options(command: Any) -> Any:
    for option in (
        terminal.as_json,
        click.option(
            "--report",
            "report_to",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write every finding to this file, as NDJSON.",
        ),
        click.option(
            "--review",
            "review_to",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write every row whose company is not sure to this new .csv file, for a person to decide.",
        ),
        click.option(
            "--decisions",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Follow what a person decided in a review file: ids of companies, or `new`.",
        ),
        click.option("--accept", multiple=True, help="Publish a release that would be held: its day or its sha256."),
        click.option(
            "--hold-share",
            type=click.FloatRange(0, 100),
            default=2,
            show_default=True,
            help="Per cent of a register's known answers that a release may blank, or withdraw a month.",
        ),
        click.option("--dry-run", is_flag=True, help="Report what would change; change nothing."),
    ):
        command = option(command)
    return command


@import_.command(hidden=True)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--released", type=click.DateTime(["%Y-%m-%d"]), help="Day of publication, for files that do not say.")
@_options
def files(paths: tuple[Path, ...], released: dt.datetime | None, **options: Any) -> None:
    """Import files of any known publisher, oldest first."""
    from almanac.importers import registry

    found: list[Found] = []
    files, refused = chosen(paths)
    for path in files:
        try:
            found.append(registry.find(path, released.date() if released else None))
        except BadFile as error:
            refused.append(error)
    _import(sorted(found, key=lambda one: (one.released, one.path.name)), refused, _Wish(**options))


@import_.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--released",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day on which the SBTi published the file; the file does not say.",
)
@_options
def sbti(file: Path, released: dt.datetime, **options: Any) -> None:
    """Import one release of the SBTi register ("companies taking action", .xlsx or .csv).

    Releases give a history, in whatever order they are imported; what a release repeats makes no version. Every row
    and cell that could not be used is reported, with its place and the reason.

    \b
    Examples:
      almanac import sbti companies-taking-action.xlsx --released 2026-03-26 --dry-run
      almanac import sbti companies-taking-action.xlsx --released 2026-03-26 --report findings.ndjson
    """
    from almanac.importers import registry
    from almanac.importers import sbti as importer

    _import([registry.Found(file, importer, released.date())], [], _Wish(**options))


@import_.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML file that says which column holds what.",
)
@click.option(
    "--released",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day of publication, where neither the mapping nor the file's name gives it.",
)
@_options
def table(file: Path, mapping: Path, released: dt.datetime | None, **options: Any) -> None:
    """Import any table (.csv, .xlsx, .json) of a publisher that no importer knows.

    The mapping names kind, company, metric, unit, period and source of what the columns hold. Every row is accounted
    for; --dry-run shows what a mapping makes of a file. The README of the importers has the format and an example.

    \b
    Examples:
      almanac import table emissions.csv --mapping emissions.toml --dry-run
      almanac import table emissions.csv --mapping emissions.toml --released 2024-05-31
    """
    from almanac.importers import mapped, registry
    from almanac.importers import mapping as mappings

    try:
        read = mappings.read(mapping)
    except BadFile as error:
        sys.exit(terminal.refused(error))
    day = released.date() if released else mappings.released(read) or registry.dated(file)
    if day is None:
        why = "nothing says when it was published; give --released, or source.published_on in the mapping"
        sys.exit(terminal.refused(BadFile(f"{file}: {why}")))
    _import([registry.Found(file, mapped.Mapped(read), day)], [], _Wish(**options))


def _import(found: "list[Found]", refused: list[BadFile], wish: _Wish) -> None:
    from almanac.importers import review

    try:
        decisions = review.read(wish.decisions) if wish.decisions is not None else review.Decisions()
        if wish.review_to is not None:
            review.begin(wish.review_to)
    except BadFile as error:
        sys.exit(terminal.refused(error))
    code = max([terminal.refused(error) for error in refused], default=0)
    done: list[tuple[Found, ImportReport, Report | None]] = []
    if found:
        try:
            with terminal.database(terminal.settings()) as url:
                code = max(code, asyncio.run(_run(url, found, wish, done, decisions)))
        except KeyboardInterrupt:
            sys.exit(
                terminal.stopped("files that are told above are finished, no other is in part; run it again to go on")
            )
    if wish.report_to is not None:
        lines = [line for _, read, _ in done for line in read.lines]
        wish.report_to.write_bytes(msgspec.json.Encoder().encode_lines(lines))
    if decisions.unmet:
        unmet = ", ".join(decisions.unmet)
        terminal.warn(f"{len(decisions.unmet)} decisions are about no claim of these files: {unmet}")
    if wish.as_json:
        told = [{"file": str(one.path), "read": read, "published": published} for one, read, published in done]
        terminal.say_json(told[0] if len(told) == 1 else {"files": told})
    if code:
        sys.exit(code)


async def _run(url: str, found: "list[Found]", wish: _Wish, done: list[Any], decisions: "Decisions") -> int:
    """Import files one by one; a file that is refused or held does not keep the others out. The exit code."""
    from almanac.importers import registry, review
    from almanac.store.db import LOST, PUBLISHER, connect

    # Rows are many and none refers to itself: looking for rings among them took a quarter of the time.
    gc.disable()
    code = 0
    connection = await connect(url, PUBLISHER)
    try:
        for one in found:
            with terminal.progress() as progress:
                options = registry.Options(
                    hold_share=wish.hold_share / 100,
                    accept=frozenset(wish.accept),
                    decisions=decisions,
                    dry_run=wish.dry_run,
                    progress=progress,
                )
                try:
                    read, published = await registry.run(connection, one, options)
                except AlmanacError as error:
                    code = max(code, terminal.refused(error))
                    continue
                except LOST as error:
                    why = "PostgreSQL went away; no file is published in part, and running it again goes on"
                    raise Unavailable(f"{one.path}: {why}") from error
            gc.collect()
            done.append((one, read, published))
            if wish.review_to is not None and not read.held:
                # At once, because a doubt is told only by the run that settles it.
                review.add(wish.review_to, read.doubts)
            code = max(code, terminal.FAILED if read.held else 0)
            if not wish.as_json:
                terminal.say(reports.told(one.path, read, published, complete=wish.report_to is not None))
    finally:
        await connection.close()
    return code
