"""Raw rows: what a file said, kept as it was read, so that every version can be held against it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct

from almanac.publish.batch import Batch, RawRow
from almanac.publish.candidate import Origin
from almanac.store.db import Connection
from almanac.store.queries import QUERIES

Place = tuple[str, str, int, bytes]
"""Id of the source, sheet, row, and what tells two readings of it apart."""

_COLUMNS = ("source_id", "sheet", "row", "hash", "company_id", "cells")


class Kept(Struct, frozen=True):
    """A raw row, the id of its source, and what tells two readings of one place apart."""

    row: RawRow
    source_id: str
    digest: bytes


def keep(batch: Batch) -> list[Kept]:
    """The rows of a batch as they will be stored."""
    ids = {key: source.id for key, source in batch.sources.items()}
    return [Kept(row, ids.get(row.source, row.source), hashlib.sha256(row.cells).digest()[:16]) for row in batch.raw]


def origins(kept: Iterable[Kept]) -> Mapping[tuple[str, str, int], Origin]:
    """Where each row of a batch was read from, by source key, sheet and row."""
    return {one.row.key: Origin(one.row.sheet, one.row.row, one.digest) for one in kept}


async def unstored(connection: Connection, kept: Iterable[Kept], companies: AbstractSet[str]) -> list[Kept]:
    """The rows that are not stored, and those of which it was not known whom they are about, or otherwise; each place once."""
    by_place = {_place(one): one for one in kept}
    placed = await _stored(connection, by_place)
    return [
        one
        for place, one in by_place.items()
        if place not in placed or ((one.row.moved or not placed[place]) and one.row.company in companies)
    ]


async def add(connection: Connection, kept: Sequence[Kept], companies: AbstractSet[str]) -> None:
    """Store rows, and say of stored ones whom they are about, if that is published. Runs under the publish lock."""
    stored = await _stored(connection, map(_place, kept))
    new = (
        (*place, one.row.company if one.row.company in companies else None, one.row.cells)
        for one in kept
        if (place := _place(one)) not in stored
    )
    await connection.copy_records_to_table("raw_row", records=new, columns=_COLUMNS)
    placed = [
        (*place, one.row.company)
        for one in kept
        if (place := _place(one)) in stored and (one.row.moved or not stored[place])
    ]
    if placed:
        await connection.execute(QUERIES["publish/place_raw"], *map(list, zip(*placed, strict=True)))


async def _stored(connection: Connection, places: Iterable[Place]) -> dict[Place, bool]:
    """Places that are stored, of the sources of some, and whether it is known whom they are about."""
    rows = await connection.fetch(QUERIES["publish/raw_known"], list({source for source, *_ in places}))
    return {(row["source_id"], row["sheet"], row["row"], row["hash"]): row["placed"] for row in rows}


def _place(one: Kept) -> Place:
    return one.source_id, one.row.sheet, one.row.row, one.digest
