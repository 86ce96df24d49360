"""One snapshot and the deltas that lead to it: files first, then manifests, then the pointer, each whole or not at all.

Safe in many instances and at any time: one exporter works while it holds the lease, an advisory lock of its connection, and
what an interrupted one left is taken up by the next. A snapshot that is there already is never written again.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from almanac.bulk import manifest, renderings
from almanac.bulk.export import Exporter, Part, Progress
from almanac.bulk.manifest import Delta, Json, Stated
from almanac.bulk.prune import Pruned, prune
from almanac.bulk.tables import WITHHELD, Table, tables
from almanac.errors import NotFound
from almanac.kind import Kind
from almanac.model import encode
from almanac.store.bulk_place import MANIFEST, Place
from almanac.store.db import READER, Connection, connect
from almanac.store.queries import QUERIES

DAYS = (1, 7, 31)


class Made(Struct, frozen=True, kw_only=True):
    """What a run did: `status` is made, there (nothing to do) or busy (another exporter holds the lease)."""

    status: str
    edition: int | None
    files: int = 0
    rows: int = 0
    size: int = 0
    deltas: Sequence[str] = ()
    pruned: Pruned | None = None


async def snapshot(  # noqa: PLR0913 - each is said by name
    url: str,
    folder: Place,
    kinds: Sequence[Kind],
    *,
    edition: int | None = None,
    keep_days: int | None = None,
    progress: Progress | None = None,
) -> Made:
    """Write the snapshot of an edition, the newest if none is named, and point to it if it is the newest.

    With `keep_days` it is promised for so long after its publication, and what is older and promised to nobody goes.

    Errors: NotFound if the edition is not published; Misconfigured without pyarrow; OSError where the disk is full and
    StoreAway where the store is, after which everything published before stands.
    """
    manifest.made_with()
    connection = await connect(url, READER)
    try:
        if not await connection.fetchval(QUERIES["bulk/lease"]):
            return Made(status="busy", edition=edition)
        await connection.execute(QUERIES["bulk/session"])
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            made = await _Run(connection, folder, tables(kinds), keep_days).make(edition, progress)
        if keep_days is None:
            return made
        return msgspec.structs.replace(made, pruned=prune(folder, dt.datetime.now(dt.UTC), keep_days))
    finally:
        await connection.close()


class _Run:
    """The work of one holder of the lease."""

    def __init__(self, connection: Connection, folder: Place, of: Sequence[Table], keep_days: int | None) -> None:
        self._connection = connection
        self._folder = folder
        self._tables = of
        self._keep_days = keep_days
        self._dates: dict[int, dt.datetime] = {}

    async def make(self, wanted: int | None, progress: Progress | None) -> Made:
        row = await self._connection.fetchrow(QUERIES["bulk/edition"], wanted)
        if row is None:
            raise NotFound("nothing is published yet" if wanted is None else f"edition {wanted} is not published")
        edition: int = row["edition"]
        done = [int(name) for name in self._folder.packages("snapshots")]
        if edition in done:
            self._point(max(done))
            # Whoever made it may have died before it had tidied up; what is to be taken up is of an edition that is not there.
            made = {str(one) for one in done}
            self._folder.sweep(but=[one for one in self._folder.unfinished() if one.partition("-")[0] not in made])
            return Made(status="there", edition=edition)
        exporter = Exporter(self._connection, self._folder, _label(dict(row), self._tables), progress)
        parts = await exporter.snapshot(self._tables, edition)
        licences = await self._connection.fetch(QUERIES["bulk/licences"], edition)
        stated = Stated(
            edition=edition,
            seq=row["last_seq"],
            published_at=row["published_at"],
            known_on=row["known_to"],
            state_digest=row["state_digest"],
            withheld=sum(p.file.rows for p in parts if p.table == WITHHELD.name and p.format == "ndjson"),
            licences=[dict(one) for one in licences],
            retention_until=None if self._keep_days is None else row["published_at"] + dt.timedelta(self._keep_days),
        )
        deltas = [
            await self._delta(exporter, stated, since, days)
            for since, days in self._bases([one for one in done if one < edition], row["published_at"]).items()
        ]
        made = manifest.snapshot(stated, parts, self._tables, deltas)
        documents = {MANIFEST: manifest.encoded(made)} | renderings.documents(made)
        self._folder.publish("snapshots", str(edition), _files(parts), documents)
        self._point(max([*done, edition]))
        self._folder.sweep()
        return Made(
            status="made",
            edition=edition,
            files=len(parts),
            rows=sum(part.file.rows for part in parts if part.format == "ndjson"),
            size=sum(part.file.size for part in parts),
            deltas=[f"{delta.since}-{edition}" for delta in deltas],
        )

    async def _delta(self, exporter: Exporter, stated: Stated, since: int, days: Sequence[int]) -> Delta:
        parts = await exporter.delta(self._tables, since, stated.edition)
        made = manifest.delta(stated, parts, self._tables, since)
        self._folder.publish("deltas", f"{since}-{stated.edition}", _files(parts), {MANIFEST: manifest.encoded(made)})
        return Delta(since=since, deletes=made["deleted"]["rows"], days=days)

    def _bases(self, done: Sequence[int], published_at: dt.datetime) -> dict[int, list[int]]:
        """Snapshots that deltas start from, and how many days each goes back; 0 is the one before.

        A delta of so many days starts from the newest snapshot that is at least as old, or from the oldest that there is.
        """
        bases: dict[int, list[int]] = {}
        newest_first = sorted(done, reverse=True)
        for days in (0, *DAYS) if done else ():
            then = published_at - dt.timedelta(days=days)
            since = next((one for one in newest_first if self._published(one) <= then), newest_first[-1])
            bases.setdefault(since, []).append(days)
        return bases

    def _published(self, edition: int) -> dt.datetime:
        if edition not in self._dates:
            self._dates[edition] = dt.datetime.fromisoformat(self._manifest(edition)["published_at"])
        return self._dates[edition]

    def _manifest(self, edition: int) -> Json:
        content = self._folder.document("snapshots", str(edition))
        assert content is not None, f"the snapshot {edition} has no manifest"
        return json.loads(content)

    def _point(self, edition: int) -> None:
        """Let the pointer lead to a complete snapshot, the newest that there is."""
        content = self._folder.document("snapshots", str(edition))
        assert content is not None, f"the snapshot {edition} has no manifest"
        said = json.loads(content)
        pointer = {name: said[name] for name in ("edition", "seq", "published_at", "state_digest")} | {
            "manifest": f"snapshots/{edition}/{MANIFEST}",
            "manifest_hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        }
        held = self._folder.latest()
        if held == (pointing := encode(pointer) + b"\n"):
            return
        # Whoever lost the lease without knowing, and was overtaken, leads nobody back.
        led = json.loads(held)["edition"] if held else 0
        if led <= edition or self._folder.document("snapshots", str(led)) is None:
            self._folder.point(pointing)


def _files(parts: Sequence[Part]) -> list[tuple[str, str]]:
    return [(part.file.sha256, part.file.name) for part in parts]


def _label(row: dict[str, Any], of: Sequence[Table]) -> str:
    """Names work that may be taken up: the same edition of the same store, in the same columns by the same libraries."""
    columns = [(table.name, table.fields, table.columns) for table in of]
    parts = encode([row["edition"], row["published_at"], row["state_digest"], manifest.made_with(), columns])
    return f"{row['edition']}-{hashlib.sha256(parts).hexdigest()[:16]}"
