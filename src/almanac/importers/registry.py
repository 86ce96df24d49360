"""Every importer, one line each, and the one way from a file to an edition: recognise, read, hold or publish."""

import contextlib
import datetime as dt
import re
import signal
import threading
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from almanac.errors import BadFile
from almanac.importers import carbon_gap, carbon_majors, cdp, epa, imanzaf, itr, klimatkollen, reference, sbti, tpi
from almanac.importers.guard import check_file
from almanac.importers.identity import Index, load_index
from almanac.importers.profiles import Profile
from almanac.importers.report import ImportReport
from almanac.importers.review import Decisions
from almanac.importers.sheets import forget, identity
from almanac.importers.table import Progress, unknown
from almanac.kinds import KINDS
from almanac.publish.batch import Batch
from almanac.publish.publish import Report, publish
from almanac.publish.write import Plan
from almanac.store.db import Connection


class Importer(Protocol):
    """What a publisher's module offers.

    Three functions are optional: `released(path)`, the day a file was published where the file itself says so;
    `prepare(connection, path, released, index)`, which readies the index for the file; and
    `complete(connection, batch, report, index)`, which adds to a batch what follows from what the store knows.
    """

    @property
    def SCHEME(self) -> str:  # noqa: N802 - a module's constant
        """Scheme of the targets and commitments whose history the module has to know."""
        ...

    @property
    def PROFILES(self) -> Sequence[Profile]:  # noqa: N802 - a module's constant
        """Headers that the module reads."""
        ...

    def recognise(self, path: Path) -> bool:
        """Whether this importer reads the file, judged by its content alone."""
        ...

    def load(
        self, path: Path, released: dt.date, index: Index, progress: Progress | None = None
    ) -> tuple[Batch, ImportReport]:
        """The batch that the file makes and the report of it."""
        ...


# One line a module. The first that recognises a file reads it.
IMPORTERS: tuple[Importer, ...] = (
    sbti,
    cdp,
    itr,
    carbon_gap,
    carbon_majors,
    imanzaf,
    klimatkollen,
    epa,
    tpi,
    reference,
)

# The publisher's day, or the day of the capture, and perhaps words that say what is odd about the file.
_DATED = re.compile(r"_c?(\d{4}-\d{2}-\d{2})(?:_[a-z]+)*$")


class Options(Struct, frozen=True, kw_only=True):
    """How to import: `hold_share` is a share, 0.02 for 2 %; `accept` names releases by day or by sha256.

    `decisions` say who some claims are about.
    """

    hold_share: float = 0.02
    accept: frozenset[str] = frozenset()
    decisions: Decisions = Decisions()
    dry_run: bool = False
    progress: Progress | None = None


class Found(Struct, frozen=True):
    """A file, who reads it, and the day it was published."""

    path: Path
    importer: Importer
    released: dt.date


def find(path: Path, released: dt.date | None = None) -> Found:
    """Who reads a file, and the day it was published. Errors: BadFile if nobody does, or if no day is known."""
    check_file(path)
    importer = next((one for one in IMPORTERS if one.recognise(path)), None)
    if importer is None:
        profiles = [profile for one in IMPORTERS for profile in one.PROFILES]
        raise BadFile(
            f"{path}: no importer knows a header like this; `almanac import table` takes a mapping for it; "
            f"{unknown(path, profiles)}"
        )
    says = getattr(importer, "released", None)
    day = released or (says(path) if says else None) or dated(path)
    if day is None:
        raise BadFile(
            f"{path}: nothing says when it was published; give --released YYYY-MM-DD, or end the name with _YYYY-MM-DD"
        )
    return Found(path, importer, day)


def dated(path: Path) -> dt.date | None:
    """The day at the end of a file's name, `_2024-05-02` or `_c2025-03-13` (captured); None if there is none."""
    match = _DATED.search(path.stem)
    try:
        return dt.date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


async def run(connection: Connection, found: Found, options: Options) -> tuple[ImportReport, Report | None]:
    """Import one file as one edition; the report says why where it is held and nothing is published.

    Errors: BadFile, also of a decision that cannot be followed; BadBatch, which names every row that the store refuses.
    """
    importer = found.importer
    check_file(found.path)
    index = await load_index(connection, importer.SCHEME)
    index.decisions = options.decisions
    before = identity(found.path)
    prepare = getattr(importer, "prepare", None)
    if prepare is not None:
        await prepare(connection, found.path, found.released, index)
    with _stopping_at_once():
        batch, report = importer.load(found.path, found.released, index, options.progress)
    if identity(found.path) != before:
        raise BadFile(f"{found.path}: was written to while it was read; import it again")
    forget()
    complete = getattr(importer, "complete", None)
    if complete is not None:
        batch = await complete(connection, batch, report, index)
    batch = msgspec.structs.replace(batch, sightings=index.fresh)
    report.held = _held(report, batch, options)
    if report.held is not None:
        report.settle(())
        return report, None
    made: set[tuple[str, int]] = set()

    async def finish(plan: Plan, _: Report) -> None:
        made.update(_fresh(plan, batch))

    dry_run, progress = options.dry_run, options.progress
    published = await publish(connection, batch, kinds=KINDS, dry_run=dry_run, progress=progress, finish=finish)
    report.settle(made)
    return report, published


@contextlib.contextmanager
def _stopping_at_once() -> Generator[None]:
    """Ctrl-C stops what is inside at once: it is one step to asyncio, which would wait for its end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _fresh(plan: Plan, batch: Batch) -> set[tuple[str, int]]:
    """Sheet and row of what makes a version, or is about a company that is new or changed."""
    own = {source.id for source in batch.sources.values()}
    made = [one.candidate for one in plan.planned if one.repeats is None and one.candidate.source.id in own]
    news = set(plan.news)
    about = {(raw.sheet, raw.row) for raw in batch.raw if raw.company in news and raw.source in batch.sources}
    return about | {(one.origin.sheet, one.origin.row) for one in made if one.origin is not None}


def _held(report: ImportReport, batch: Batch, options: Options) -> str | None:
    """Why a release is held: it takes back more than a register does in the ordinary way."""
    hold, share = report.hold, options.hold_share
    named = {str(report.released)} | {one.sha256 for one in batch.sources.values() if one.sha256}
    if hold is None or not hold.exceeds(share) or named & options.accept:
        return None
    return (
        f"of {hold.known} answers that the register gave before, this release leaves {hold.blank} blank "
        f"({hold.blank / hold.known:.1%}; {share:.1%} may be) and {hold.withdrawn} out ({hold.withdrawn / hold.known:.1%}; "
        f"{hold.allowed(share):.1%} may be in {hold.days} days); if it is right all the same: --accept {report.released}"
    )
