"""What a read asks for: the form, the parameters, the time and the place of the answer."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, Struct

from almanac import cursor
from almanac.errors import Conflicting, Fault
from almanac.kind import Kind
from almanac.store.cache import Cache
from almanac.store.db import Database
from almanac.store.editions import At, Editions
from almanac.web.address import Address, given, path_of
from almanac.web.held import Asker, Waiting
from almanac.web.operation import Operation
from almanac.web.params import parse_path, parse_query
from almanac.web.patience import EDITION_S, arrived, here, news
from almanac.web.represent import CSV, JSON, Representation, choose, quality


class Service(Struct, frozen=True, kw_only=True):
    """What reads need.

    `origin` is the public address, empty where none is set; `revision` that of the contract; `whole_lists` has a place for
    each whole list that is made at once.
    """

    database: Database
    cache: Cache
    editions: Editions
    kinds: Sequence[Kind]
    revision: str
    list_max_rows: int
    whole_lists: asyncio.Semaphore
    waiting: Waiting
    origin: str


class Request(Struct, frozen=True, kw_only=True):
    """One read as it came: path parameters, the suffix of the path, the query string, and the headers that matter.

    Headers go by lower-case name, repeated ones joined by commas.
    """

    path: Mapping[str, str]
    suffix: str
    query: bytes
    headers: Mapping[str, str]
    asker: Asker = Asker("")


class Read(Struct, frozen=True, kw_only=True):
    """One read, understood. `whole`: the list is wanted from beginning to end, not a page of it."""

    operation: Operation
    service: Service
    form: Representation
    params: Any
    query: Any
    after: int | None
    address: Address
    whole: bool

    @property
    def waited(self) -> bool:
        """Whether its caller was ready to wait for the answer."""
        return bool(getattr(self.query, "wait", 0))

    @property
    def at(self) -> At:
        """The time that it asks for."""
        return self.address.at


async def understood(operation: Operation, service: Service, request: Request) -> Read:
    """The request, parsed. Errors: whatever the form, the parser or the time refuses."""
    accept = request.headers.get("accept")
    form = choose(operation, request.suffix, accept)
    params = parse_path(operation.params, request.path)
    query: Any = parse_query(operation.query, request.query)
    if getattr(query, "bom", UNSET) is not UNSET and form is not CSV:
        # Who asks for the mark asks for CSV, unless they also ask for something else.
        if request.suffix or (accept and not quality(CSV.media_type, accept)):
            fault = Fault(parameter="bom", value=query.bom, detail="goes with CSV: `.csv`, or `Accept: text/csv`")
            raise Conflicting(f"A byte order mark goes with CSV, and this is {form.media_type}.", [fault])
        form = CSV
    await _patient(service, query, request.asker)
    at, after = await resolved(service.editions, query)
    paged = any(getattr(query, name, UNSET) is not UNSET for name in ("limit", "cursor"))
    whole = form.tabular and not paged
    if operation.settled is not None and not whole and (seq := operation.settled(query)) is not None:
        at = service.editions.bringing(seq) or at
    path = path_of(operation.path, params)
    # What was chosen by `Accept` is named in links by its suffix: they give the same to whoever opens them.
    suffix = request.suffix or ("" if form is JSON else form.suffix)
    # How long a caller waits says nothing of what it is answered.
    values = {name: value for name, value in given(query).items() if name not in ("min_edition", "wait")}
    return Read(
        operation=operation,
        service=service,
        form=form,
        params=params,
        query=query,
        after=after,
        address=Address(origin=service.origin, path=path, suffix=suffix, values=values, at=at),
        whole=whole,
    )


async def _patient(service: Service, query: Any, asker: Asker) -> None:
    """Wait for what a query asks to wait for."""
    wanted = getattr(query, "min_edition", UNSET)
    if wanted is not UNSET:
        await arrived(service.editions, service.waiting, wanted, asker)
    if getattr(query, "wait", 0):
        await news(service.database, service.editions, service.waiting, query, asker)
    if (after := getattr(query, "after", 0)) > service.editions.last_seq:
        await resolved(service.editions, query)  # a fault that stays is told before what may yet come
        await here(service.editions, service.waiting, after, 0 if query.wait else EDITION_S, asker)


async def resolved(editions: Editions, query: Any) -> tuple[At, int | None]:
    """The time that a query asks for, and the anchor of its cursor."""
    edition, as_of, known_on = (
        None if (value := getattr(query, name, UNSET)) is UNSET else value for name in ("edition", "as_of", "known_on")
    )
    if edition is not None and as_of is not None:
        faults = [Fault(parameter=name, detail="give either `edition` or `as_of`") for name in ("edition", "as_of")]
        raise Conflicting("`edition` and `as_of` are two ways to say one thing.", faults)
    text: Any = getattr(query, "cursor", UNSET)
    place = None if text is UNSET else cursor.decode(text)
    named = (edition, getattr(query, "from_", None), getattr(query, "to", None), place.edition if place else None)
    if any(isinstance(one, int) and one > editions.newest for one in named):
        await editions.refresh()  # another process may have told the caller of a newer edition
    await editions.catch_up()
    at = editions.at(edition, as_of, known_on)
    if place is None:
        _not_older(at, query)
        return at, None
    there = editions.at(place.edition, None, place.known_on)
    _not_older(there, query)
    asked = edition is not None or as_of is not None
    if (asked and place.edition != at.edition) or (
        known_on is not None and known_on not in (place.known_on, there.known_on)
    ):
        fault = Fault(parameter="cursor", value=str(text), detail=f"belongs to a walk of edition {place.edition}")
        raise Conflicting("The cursor belongs to another edition or date than the one asked for.", [fault])
    return there, place.anchor


def _not_older(at: At, query: Any) -> None:
    """Errors: Conflicting if what was asked for is older than what was asked for at least."""
    least = getattr(query, "min_edition", UNSET)
    if least is not UNSET and at.edition < least:
        fault = Fault(
            parameter="min_edition", value=str(least), detail=f"what was asked for rests on edition {at.edition}"
        )
        raise Conflicting(f"Edition {at.edition} is older than `min_edition`.", [fault])
