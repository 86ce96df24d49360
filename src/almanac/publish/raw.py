"""Raw rows: what a file said, kept as it was read, so that every version can be held against it."""

import hashlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from almanac.model import encode
from almanac.publish.batch import Batch, RawRow
from almanac.publish.candidate import Origin
from almanac.store.db import Connection
from almanac.store.queries import QUERIES

_CHUNK = 2000


def origins(batch: Batch) -> Mapping[tuple[str, str, int], Origin]:
    """Where each row of a batch was read from, by source key, sheet and row."""
    return {one.key: Origin(one.sheet, one.row, _digest(one)) for one in batch.raw}


async def add(connection: Connection, batch: Batch, companies: AbstractSet[str]) -> None:
    """Keep the rows that are not kept yet; a company that is not published is left out of its row's index."""
    ids = {key: source.id for key, source in batch.sources.items()}
    for start in range(0, len(batch.raw), _CHUNK):
        part = batch.raw[start : start + _CHUNK]
        await connection.execute(
            QUERIES["publish/add_raw"],
            [ids.get(one.source, one.source) for one in part],
            [one.sheet for one in part],
            [one.row for one in part],
            [_digest(one) for one in part],
            [one.company if one.company in companies else None for one in part],
            [encode(one.cells) for one in part],
        )


def _digest(one: RawRow) -> bytes:
    return hashlib.sha256(encode(one.cells)).digest()[:16]
