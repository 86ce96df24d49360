"""What a read may wait for before it is answered: an edition that its caller knows of, and news in the feed."""

from typing import Any

from msgspec import UNSET

from almanac.errors import Conflicting, EditionNotHere, Fault
from almanac.store.db import Database
from almanac.store.editions import At, Editions
from almanac.web.held import Asker, Waiting

# How long an edition that was published elsewhere may take to get here.
EDITION_S = 2.0


async def arrived(editions: Editions, waiting: Waiting, wanted: int, asker: Asker) -> None:
    """Wait until an edition is here. Errors: EditionNotHere if it does not come in time; Unavailable."""
    if editions.newest < wanted:
        await editions.refresh()
    if editions.newest < wanted:
        await waiting.hold(editions.reached(wanted), EDITION_S, asker)
    if editions.newest < wanted:
        raise EditionNotHere(f"Edition {wanted} is not here yet; the newest is {editions.newest}.")


async def here(editions: Editions, waiting: Waiting, after: int, most_s: float, asker: Asker) -> None:
    """Wait until a place in the feed is one. Errors: EditionNotHere if it does not come in time; Unavailable."""
    if editions.last_seq < after:
        await editions.refresh()
    if editions.last_seq < after:
        await waiting.hold(editions.holding(after), most_s, asker)
    if (last := editions.last_seq) < after:
        fault = Fault(parameter="after", value=str(after), detail=f"is ahead of the newest change here, {last}")
        raise EditionNotHere("This server is behind, or the place is one of another Almanac.", [fault])


async def news(database: Database, editions: Editions, waiting: Waiting, query: Any, asker: Asker) -> None:
    """Wait as long as a query of the feed says, or until there is something after its place.

    Errors: Conflicting for a time that brings nothing new; Unavailable.
    """
    named = [name for name in ("edition", "as_of") if getattr(query, name) is not UNSET]
    if named:
        faults = [Fault(parameter=name, detail="leave it out to wait: what it names never changes") for name in named]
        raise Conflicting("`wait` waits for what is published next, and the time that was given is past.", faults)
    if editions.last_seq > query.after and not _chooses(query):
        return
    await waiting.hold(_news(database, editions, waiting, query), query.wait, asker)


def _chooses(query: Any) -> bool:
    """Whether the query leaves anything out."""
    return any(getattr(query, name) is not UNSET for name in ("kind", "company", "op", "known_on"))


async def _news(database: Database, editions: Editions, waiting: Waiting, query: Any) -> None:
    after: int = query.after
    known_on = None if query.known_on is UNSET else query.known_on
    while True:
        at = editions.at(None, None, known_on)
        if await _found(database, waiting, query, at, after) if _chooses(query) else at.last_seq > after:
            return
        after = max(after, at.last_seq)
        await editions.reached(at.edition + 1)


async def _found(database: Database, waiting: Waiting, query: Any, at: At, after: int) -> bool:
    """Whether there is anything to say: a change, or that there is no such company any more."""
    kind, company, op = (None if one is UNSET else one for one in (query.kind, query.company, query.op))
    async with waiting.looking():
        if await database.fetch("changes/feed", at.edition, at.known_on, after, 1, kind, company, op):
            return True
        if company is None:
            return False
        rows = await database.fetch("companies/resolve", at.edition, company)
        return len(rows) != 1 or rows[0]["is_merged"]
