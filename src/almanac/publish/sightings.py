"""Sightings: whom each publisher's row was settled to, remembered so that the same claim is settled the same way for ever."""

from collections.abc import Sequence

from almanac.publish.batch import Sighting
from almanac.store.db import Connection
from almanac.store.queries import QUERIES

_COLUMNS = ("register", "name", "number", "country", "lei", "isin", "sector", "company", "seen_on")


async def add(connection: Connection, sightings: Sequence[Sighting]) -> None:
    """Remember claims; one that is remembered already, or whose company is not published, adds nothing."""
    if sightings:
        columns = ([getattr(one, name) for one in sightings] for name in _COLUMNS)
        await connection.execute(QUERIES["publish/add_sightings"], *columns)
