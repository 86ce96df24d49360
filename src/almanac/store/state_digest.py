"""The sum over the live answers of each edition, kept as editions are published (see `almanac.digest`)."""

from almanac import digest
from almanac.store.db import Connection
from almanac.store.queries import QUERIES


async def extend(connection: Connection, edition: int) -> None:
    """Sum up every edition up to this one that is not: as a rule the one that is being published.

    One query an edition, two index scans a touched disclosure. Asks for the answers as reads do, and trusts no plan of the
    publish, so that whatever writes versions - a withdrawal, a backfill, a merge - is counted right.
    """
    head = await connection.fetchrow(QUERIES["publish/state_head"])
    first, total = (head["edition"] + 1, head["sum"]) if head else (1, digest.EMPTY)
    for number in range(first, edition + 1):
        rows = await connection.fetch(QUERIES["publish/state_touched"], number)
        gone = [row["gone"] for row in rows if row["gone"] is not None]
        come = [row["come"] for row in rows if row["come"] is not None]
        total = digest.updated(total, gone=gone, come=come)
        await connection.execute(QUERIES["publish/add_state"], number, total)
