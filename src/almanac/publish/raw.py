"""Raw rows: what a file said, kept as it was read, so that every version can be held against it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct

from almanac.model import encode
from almanac.publish.batch import RawRow
from almanac.publish.candidate import Origin
from almanac.store.db import Connection
from almanac.store.queries import QUERIES

_CHUNK = 2000


class Kept(Struct, frozen=True):
    """A raw row with its bytes, made once, and what tells two readings of one place apart."""

    row: RawRow
    cells: bytes
    digest: bytes


def keep(rows: Iterable[RawRow]) -> list[Kept]:
    """The rows as they will be stored."""
    encoded = ((row, encode(row.cells)) for row in rows)
    return [Kept(row, cells, hashlib.sha256(cells).digest()[:16]) for row, cells in encoded]


def origins(kept: Iterable[Kept]) -> Mapping[tuple[str, str, int], Origin]:
    """Where each row of a batch was read from, by source key, sheet and row."""
    return {one.row.key: Origin(one.row.sheet, one.row.row, one.digest) for one in kept}


async def add(
    connection: Connection, kept: Sequence[Kept], source_ids: Mapping[str, str], companies: AbstractSet[str]
) -> None:
    """Store the rows that are not stored yet; a company that is not published is left out of its row's index."""
    for start in range(0, len(kept), _CHUNK):
        part = kept[start : start + _CHUNK]
        await connection.execute(
            QUERIES["publish/add_raw"],
            [source_ids.get(one.row.source, one.row.source) for one in part],
            [one.row.sheet for one in part],
            [one.row.row for one in part],
            [one.digest for one in part],
            [one.row.company if one.row.company in companies else None for one in part],
            [one.cells for one in part],
        )
