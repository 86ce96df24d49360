"""`almanac bulk`: the corpus as files."""

import asyncio
import contextlib
import datetime as dt
import signal
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click
from rich_click import RichGroup

from almanac.commands import terminal
from almanac.errors import BadParameter, Unavailable

if TYPE_CHECKING:
    from almanac.bulk.prune import Pruned
    from almanac.bulk.snapshot import Made
    from almanac.exports.worker import Worker
    from almanac.settings import Settings
    from almanac.store.bulk_place import Place


@click.group(cls=RichGroup)
def bulk() -> None:
    """Write the whole corpus to files that the service hands out, or keep a copy of somebody else's.

    \b
    Examples:
      almanac bulk snapshot
      almanac bulk snapshot --edition 40 --out /srv/almanac/bulk
      almanac bulk prune --days 90
      almanac bulk exports
      almanac bulk pull https://almanac.example packages
      almanac bulk apply packages copy.sqlite
      almanac bulk verify copy.sqlite
      almanac bulk apply packages postgresql://almanac@localhost/partner
    """


@bulk.command()
@click.option("--edition", type=click.IntRange(1, 2_147_483_647), help="Edition to write; the newest if not given.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to, instead of ALMANAC_BULK_STORE or ALMANAC_BULK_DIR.",
)
@terminal.as_json
def snapshot(edition: int | None, out: Path | None, *, as_json: bool) -> None:
    """Write a snapshot and the deltas that lead to it, then point `latest.json` to the newest.

    Run it as often as you like, from as many machines as you like over one folder, for example every hour: a snapshot that
    is there is left as it is, one exporter works at a time, and what an interrupted one left is taken up. Where
    ALMANAC_BULK_KEEP_DAYS is set, what `prune` would remove goes. Needs the extra `bulk`. Without ALMANAC_DATABASE_URL: the
    PostgreSQL in .almanac.
    """
    from almanac.bulk.snapshot import snapshot as make
    from almanac.kinds import KINDS

    settings = terminal.settings()
    place = _place(settings, out)
    try:
        with terminal.database(settings, only_read=True) as address, terminal.progress() as progress:
            keep = settings.bulk_keep_days
            made = terminal.run(make(address, place, KINDS, edition=edition, keep_days=keep, progress=progress))
    except OSError as error:
        raise Unavailable(f"{place.name} cannot be written: {error.strerror}; what was published stands") from error
    if as_json:
        terminal.say_json(made)
    else:
        terminal.say(_told(made, place.name))


@bulk.command()
@click.option(
    "--days",
    type=click.IntRange(0, 36_500),
    help="Keep snapshots for so many days after a newer one was published, instead of ALMANAC_BULK_KEEP_DAYS.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to prune, instead of ALMANAC_BULK_STORE or ALMANAC_BULK_DIR.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@terminal.as_json
def prune(days: int | None, out: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Remove snapshots that are old enough and promised to nobody, the deltas to them, and files that only they had.

    Never the snapshot that `latest.json` leads to, and nothing before the `retention_until` in its manifest. Whoever is
    downloading a file gets it whole. Safe to interrupt, and beside `snapshot` on other machines.
    """
    from almanac.bulk.prune import prune_alone

    settings = terminal.settings()
    place = _place(settings, out)
    keep = settings.bulk_keep_days if days is None else days
    if keep is None:
        raise BadParameter("snapshots are kept for ever; say --days, or set ALMANAC_BULK_KEEP_DAYS")
    try:
        with terminal.database(settings, only_read=True) as address:
            done = asyncio.run(prune_alone(address, place, dt.datetime.now(dt.UTC), keep, dry=dry_run))
    except OSError as error:
        raise Unavailable(f"{place.name} cannot be pruned: {error.strerror}; run it again") from error
    if as_json:
        terminal.say_json(done)
    else:
        terminal.say(_gone(done, place.name, dry=dry_run))


@bulk.command()
@click.option("--once", is_flag=True, help="End when nothing is left to do.")
def exports(*, once: bool) -> None:
    """Make the files of the exports that are ordered over HTTP, until stopped.

    As many may run as you like, on as many machines as share ALMANAC_BULK_DIR: one that dies leaves nothing undone. It
    acts as `almanac_exporter` and reads as `almanac_reader`. Ctrl-C and SIGTERM end it (exit code 0); the export under way
    goes back to the queue. Parquet needs the extra `bulk`.
    """
    from almanac.exports.worker import Worker
    from almanac.kinds import KINDS

    settings = terminal.settings()
    with terminal.database(settings) as url:
        read_url = str(settings.database_url) if settings.database_url is not None else url
        asyncio.run(_worked_off(Worker(settings, url, read_url, KINDS), once=once))


async def _worked_off(worker: "Worker", *, once: bool) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, worker.stop)
    await worker.run(once=once)


@bulk.command()
@click.argument("url")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--key-file", type=click.File(), help="File with a key, or `-`, for an Almanac that asks for one.")
@terminal.as_json
def pull(url: str, folder: Path, key_file: IO[str] | None, *, as_json: bool) -> None:
    """Download what FOLDER lacks of the corpus of the Almanac at URL: the newest snapshot, or the deltas that lead to it.

    Run it again after it was interrupted, or for what is new: what is whole is not downloaded again, and a file that broke
    off goes on where it stopped. What was removed or has another size than its manifest says is downloaded again; a package
    that is not whole and not offered at URL gets a name that begins with `.spoilt-`. FOLDER is of one Almanac: where another
    has other answers at an edition of it, nothing is done. A store that URL leads to for its files never sees the key.
    """
    from almanac.partner.pull import pull as fetch
    from almanac.partner.remote import Remote

    with terminal.progress() as progress:
        key = key_file.read().strip() if key_file else None
        pulled = fetch(Remote(url, key), folder, progress)
    if as_json:
        terminal.say_json(pulled)
    else:
        brought = f"{', '.join(pulled.packages)} ({pulled.size} bytes)" if pulled.packages else "nothing new"
        terminal.say(f"{folder} leads to edition {pulled.edition}: {brought}")
        for one in pulled.set_aside:
            terminal.warn(
                f"{folder / one} is what was there: not whole, and not what {url} has; look before you remove it"
            )


@bulk.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("copy")
@terminal.as_json
def apply(folder: Path, copy: str, *, as_json: bool) -> None:
    """Bring COPY to the newest edition that the packages of FOLDER lead to.

    COPY is a SQLite file, a DuckDB file if its name ends in `.duckdb`, or the URL of a PostgreSQL database (`postgresql://...`),
    which gets a schema `almanac`. A package goes in whole or not at all, whatever interrupts it. There is a view for each table.
    """
    from almanac.partner.keep import apply as fill
    from almanac.partner.targets import opened

    with terminal.progress() as progress, contextlib.closing(opened(copy)) as held:
        applied = fill(folder, held, progress)
    if as_json:
        terminal.say_json(applied)
    else:
        brought = f"{', '.join(applied.packages)} ({applied.lines} lines)" if applied.packages else "nothing new"
        terminal.say(f"{held.name} holds edition {applied.edition}: {brought}")


@bulk.command()
@click.argument("copy")
@terminal.as_json
def verify(copy: str, *, as_json: bool) -> None:
    """Prove that COPY holds what the server has: each file by its digest, and all answers by `state_digest`.

    Exit code 1 if it does not, with the files that differ. `/v1/editions/{n}` has the same digest. COPY may also be a folder
    that `pull` made: then each file of its packages is proved by the digest in its manifest.
    """
    if Path(copy).is_dir():
        _check(Path(copy), as_json=as_json)
        return
    from almanac.partner.keep import verify as prove
    from almanac.partner.targets import opened

    with terminal.progress() as progress, contextlib.closing(opened(copy, there=True)) as held:
        verified = prove(held, progress)
    if as_json:
        terminal.say_json(verified)
    elif not verified.wrong:
        terminal.say(
            f"{held.name} is edition {verified.edition}: {verified.lines} lines, state_digest {verified.state_digest}"
        )
    _end(held.name, verified.wrong, "make a new copy: remove this one, and `almanac bulk apply` again")


def _check(folder: Path, *, as_json: bool) -> None:
    from almanac.partner.folder import prove_files

    with terminal.progress() as progress:
        checked = prove_files(folder, progress)
    if as_json:
        terminal.say_json(checked)
    elif not checked.wrong:
        terminal.say(f"{folder}: every file is as its manifest says: {', '.join(checked.packages)}")
    said = [f"{one} is not there, or not as its manifest says" for one in checked.wrong]
    _end(str(folder), said, "remove these files, and `almanac bulk pull` brings them again")


def _end(name: str, wrong: list[str], cure: str) -> None:
    """Say what is wrong and what helps, and fail, if anything is."""
    for one in wrong:
        terminal.warn(f"{name}: {one}")
    if wrong:
        terminal.warn(cure)
        sys.exit(terminal.FAILED)


def _place(settings: "Settings", out: Path | None) -> "Place":
    from almanac.store.bulk_folder import BulkFolder
    from almanac.store.placed import place

    return BulkFolder(out.resolve()) if out else place(settings)


def _gone(pruned: "Pruned", name: str, *, dry: bool) -> str:
    if pruned.status == "busy":
        return "an exporter is at work"
    packages = [*(f"snapshots/{one}" for one in pruned.snapshots), *(f"deltas/{one}" for one in pruned.deltas)]
    said = f"{', '.join(packages) or 'no package'}, {pruned.files} files, {pruned.size} bytes"
    return f"{name}: {said} {'would go' if dry else 'went'}"


def _told(made: "Made", name: str) -> str:
    match made.status:
        case "busy":
            said = "another exporter is at work"
        case "there":
            said = f"{name}/snapshots/{made.edition} is there already"
        case _:
            deltas = f", deltas {', '.join(made.deltas)}" if made.deltas else ""
            said = f"{name}/snapshots/{made.edition}: {made.files} files, {made.rows} lines, {made.size} bytes{deltas}"
    gone = made.pruned
    return f"{said}\n{_gone(gone, name, dry=False)}" if gone and (gone.snapshots or gone.deltas or gone.files) else said
