"""What of the folder may go: snapshots that nobody was promised any more, the deltas that lead to them, and their files.

A snapshot stays while `latest.json` leads to it, until its own `retention_until`, and for so many days after a newer one was
published; a delta while a snapshot that stays names it, or until its own `retention_until`; a file while a manifest names it.
"""

import datetime as dt
import json
import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from almanac.store.bulk_place import Name, Place, Sort
from almanac.store.db import READER, connect
from almanac.store.queries import QUERIES

Json = dict[str, Any]

# The folder also has files of others, by other names; only what an exporter of snapshots wrote is looked at.
_OURS = re.compile(r"[a-z0-9-]+-(current|versions|upserts|deletes)-[0-9]{4,}\.(ndjson\.gz|csv\.gz|parquet)", re.ASCII)


class Pruned(Struct, frozen=True, kw_only=True):
    """What went, or would go: packages by name, and how many files of how many bytes; `status` is pruned or busy."""

    status: str = "pruned"
    snapshots: Sequence[str] = ()
    deltas: Sequence[str] = ()
    files: int = 0
    size: int = 0


async def prune_alone(url: str, folder: Place, now: dt.datetime, days: int, *, dry: bool = False) -> Pruned:
    """`prune` while no exporter works in the folder. Errors: Unavailable if the store cannot be reached."""
    connection = await connect(url, READER)
    try:
        if not await connection.fetchval(QUERIES["bulk/lease"]):
            return Pruned(status="busy")
        return prune(folder, now, days, dry=dry)
    finally:
        await connection.close()


def prune(folder: Place, now: dt.datetime, days: int, *, dry: bool = False) -> Pruned:
    """Remove what may go; only who holds the lease may ask for it.

    Whatever interrupts it, every package that is left is whole, and the next one goes on.
    """
    if not dry:
        folder.forget()
    kept, gone = _snapshots(folder, now, days)
    deltas = _deltas(folder, kept, now)
    staying = [
        *kept.values(),
        *(_manifest(folder, "deltas", name) for name in folder.packages("deltas") if name not in deltas),
    ]
    files = _files(folder, staying)
    done = Pruned(snapshots=gone, deltas=deltas, files=len(files), size=sum(files.values()))
    if not dry:
        # A snapshot goes before the deltas that it names, and both before their files.
        for name in gone:
            folder.withdraw("snapshots", name)
        for name in deltas:
            folder.withdraw("deltas", name)
        for file in files:
            folder.drop(*file)
    return done


def _snapshots(folder: Place, now: dt.datetime, days: int) -> tuple[dict[str, Json], list[str]]:
    """Manifests of the snapshots that stay, and names of those that go."""
    manifests = {name: _manifest(folder, "snapshots", name) for name in folder.packages("snapshots")}
    newest = _pointed(folder)
    kept: dict[str, Json] = {}
    overtaken: dt.datetime | None = None
    for name, manifest in reversed(manifests.items()):
        old = overtaken is not None and now >= overtaken + dt.timedelta(days=days)
        if newest is None or int(name) >= newest or not old or _promised(manifest, now):
            kept[name] = manifest
        overtaken = dt.datetime.fromisoformat(manifest["published_at"])
    return kept, [name for name in manifests if name not in kept]


def _deltas(folder: Place, kept: dict[str, Json], now: dt.datetime) -> list[str]:
    """Names of deltas that go. One that leads beyond the pointer belongs to a snapshot that is being made."""
    newest = _pointed(folder)
    named = {f"{delta['since']}-{name}" for name, manifest in kept.items() for delta in manifest["deltas"]}
    return [
        name
        for name in folder.packages("deltas")
        if newest is not None
        and name not in named
        and int(name.partition("-")[2]) <= newest
        and not _promised(_manifest(folder, "deltas", name), now)
    ]


def _files(folder: Place, staying: Sequence[Json]) -> dict[Name, int]:
    """Files that no manifest which stays names, and no work that can be taken up, with their sizes."""
    named = {(one["hash"].removeprefix("sha256:"), one["path"]) for said in staying for one in said["resources"]}
    noted = folder.noted()
    return {
        file: size
        for file, size in folder.files().items()
        if _OURS.fullmatch(file[1]) and file not in named and file[0] not in noted
    }


def _pointed(folder: Place) -> int | None:
    """Edition that the pointer leads to; without a pointer nothing is known to be old."""
    latest = folder.latest()
    return json.loads(latest)["edition"] if latest else None


def _promised(manifest: Json, now: dt.datetime) -> bool:
    until = manifest.get("retention_until")
    return until is not None and now < dt.datetime.fromisoformat(until)


def _manifest(folder: Place, sort: Sort, name: str) -> Json:
    content = folder.document(sort, name)
    assert content is not None, f"{sort}/{name} has no manifest"
    return json.loads(content)
