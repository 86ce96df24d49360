"""`almanac bulk`: the corpus as files."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich_click import RichGroup

from almanac.commands import terminal
from almanac.errors import Unavailable

if TYPE_CHECKING:
    from almanac.bulk.snapshot import Made


@click.group(cls=RichGroup)
def bulk() -> None:
    """Write the whole corpus to files that the service hands out.

    \b
    Examples:
      almanac bulk snapshot
      almanac bulk snapshot --edition 40 --out /srv/almanac/bulk
    """


@bulk.command()
@click.option("--edition", type=click.IntRange(1, 2_147_483_647), help="Edition to write; the newest if not given.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder to write to, instead of ALMANAC_BULK_DIR."
)
@terminal.as_json
def snapshot(edition: int | None, out: Path | None, *, as_json: bool) -> None:
    """Write a snapshot and the deltas that lead to it, then point `latest.json` to the newest.

    Run it as often as you like, from as many machines as you like over one folder, for example every hour: a snapshot that
    is there is left as it is, one exporter works at a time, and what an interrupted one left is taken up. Needs the extra
    `bulk`. Without ALMANAC_DATABASE_URL: the PostgreSQL in .almanac.
    """
    from almanac.bulk.snapshot import snapshot as run
    from almanac.kinds import KINDS
    from almanac.store.bulk_folder import BulkFolder

    settings = terminal.settings()
    folder = BulkFolder(out.resolve() if out else settings.bulk_path)
    try:
        with terminal.database(settings, only_read=True) as address, terminal.progress() as progress:
            made = asyncio.run(run(address, folder, KINDS, edition=edition, progress=progress))
    except OSError as error:
        raise Unavailable(f"{folder.root} cannot be written: {error.strerror}; what was published stands") from error
    if as_json:
        terminal.say_json(made)
    else:
        terminal.say(_told(made, folder.root))


def _told(made: "Made", root: Path) -> str:
    match made.status:
        case "busy":
            return "another exporter is at work"
        case "there":
            return f"{root}/snapshots/{made.edition} is there already"
        case _:
            deltas = f", deltas {', '.join(made.deltas)}" if made.deltas else ""
            return f"{root}/snapshots/{made.edition}: {made.files} files, {made.rows} lines, {made.size} bytes{deltas}"
