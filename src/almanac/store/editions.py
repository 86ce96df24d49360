"""Which editions there are: kept in memory, fed by NOTIFY on a connection of its own and by polling where that fails.

A few words an edition; a read resolves its two axes of time here without asking PostgreSQL.
"""

import asyncio
import contextlib
import datetime as dt
import time
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from msgspec import Struct

from almanac import events
from almanac.errors import NotFound, Unavailable
from almanac.store.db import READER, Connection, Record, connect
from almanac.store.queries import QUERIES
from almanac.store.told import Told

_POLL_S = 1.0
_PATIENCE_S = 2.0
# So many companies in an edition, or since this process began, are as good as all.
_MANY = 5000
_MOST_TOUCHED = 50_000


class At(Struct, frozen=True, kw_only=True):
    """Resolved time of a read. `known_on` is null only before anything was published."""

    edition: int
    published_at: dt.datetime | None
    last_seq: int
    known_on: dt.date | None
    pinned: bool


class Editions:
    """The editions published so far. Never forgets one, so no reader of this process steps back."""

    def __init__(self, database_url: str, told: Told) -> None:
        self._url = database_url
        self._told = told
        self._published_at: list[dt.datetime] = []
        self._known_to: list[dt.date | None] = []
        self._last_seq: list[int] = []
        self._connection: Connection | None = None
        self._wake = asyncio.Event()
        self._arrived = asyncio.Event()
        self._turn = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self.fresh = False
        self._checked = 0.0
        self._touched: dict[str, int] = {}
        self._all_touched = 0

    @property
    def checked_s_ago(self) -> float:
        """Seconds since PostgreSQL last said which editions there are."""
        return time.monotonic() - self._checked

    @property
    def newest(self) -> int:
        """The newest edition; 0 before the first publish."""
        return len(self._published_at)

    @property
    def last_seq(self) -> int:
        """The newest change; 0 before the first publish."""
        return self._last_seq[-1] if self._last_seq else 0

    @property
    def told(self) -> int:
        """The newest edition that a worker of this server has answered from."""
        return max(self.newest, self._told.newest)

    async def open(self) -> None:
        """Load the editions and keep following; Unavailable if PostgreSQL is away."""
        await self._refresh()
        self._task = asyncio.create_task(self._follow(), name="editions")

    async def close(self) -> None:
        """Stop following."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._disconnect()

    async def refresh(self) -> None:
        """Take in editions published before this call; Unavailable if PostgreSQL is away or slow.

        However many ask, one query runs and one waits: who asks while one runs shares the next.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._take_turn())
            self._next.add_done_callback(_seen)
        try:
            await asyncio.wait_for(asyncio.shield(self._next), _PATIENCE_S)
        except TimeoutError as error:
            raise Unavailable("the editions cannot be read in time") from error

    async def catch_up(self) -> None:
        """Take in what another worker has answered from. Where PostgreSQL is away this one stays behind: it still answers."""
        if self.fresh and self._told.newest > self.newest:
            with contextlib.suppress(Unavailable):
                await self.refresh()

    async def _take_turn(self) -> None:
        async with self._turn:
            self._next = None
            await self._refresh()

    async def _refresh(self) -> None:
        try:
            connection = await self._connected()
            while rows := await connection.fetch(QUERIES["editions/since"], self.newest, timeout=5):
                # Before the editions are: who answers from one must know whom it is about.
                await self._touch(connection, rows[-1]["edition"])
                for row in rows:
                    assert row["edition"] == self.newest + 1, "editions are dense"
                    self._published_at.append(row["published_at"])
                    self._known_to.append(row["known_to"])
                    self._last_seq.append(row["last_seq"])
                self._told.tell(self.newest)
                events.emit(events.EditionChanged(edition=self.newest))
                self._arrived.set()
                self._arrived = asyncio.Event()
        except Exception as error:
            await self._disconnect()
            raise Unavailable("the editions cannot be read") from error
        self.fresh, self._checked = True, time.monotonic()

    def at(self, edition: int | None, as_of: dt.datetime | None, known_on: dt.date | None) -> At:
        """The time that a read asks for; NotFound if the edition is not published."""
        if edition is None:
            edition = self.newest if as_of is None else bisect_right(self._published_at, as_of)
            pinned = as_of is not None and edition < self.newest
        else:
            pinned = True
        if edition > self.newest:
            raise NotFound(f"edition {edition} is not published; the newest is {self.newest}")
        known_to = self._known_to[edition - 1] if edition else None
        return At(
            edition=edition,
            published_at=self._published_at[edition - 1] if edition else None,
            last_seq=self._last_seq[edition - 1] if edition else 0,
            known_on=known_to if known_on is None else known_on,
            pinned=pinned,
        )

    async def reached(self, edition: int) -> None:
        """Wait until an edition is here, for ever if need be."""
        while self.newest < edition:
            await self._arrived.wait()

    async def holding(self, seq: int) -> None:
        """Wait until a change is here, for ever if need be."""
        while self.last_seq < seq:
            await self._arrived.wait()

    def bringing(self, seq: int) -> At | None:
        """The time of the edition that brought a change; None if it is not here."""
        place = bisect_left(self._last_seq, seq)
        return self.at(place + 1, None, None) if place < self.newest else None

    def of_company(self, company: str) -> int:
        """The newest edition that may say something else of a company, as named by its slug, than the one before."""
        return max(self._touched.get(company, 0), self._all_touched)

    async def _touch(self, connection: Connection, newest: int) -> None:
        """Take note of the companies that editions up to a new one are about."""
        rows: Sequence[Record] = ()
        if self.newest:
            query = QUERIES["editions/touched"]
            rows = await connection.fetch(query, newest, self.newest, self._last_seq[-1], timeout=5)
            self._touched |= {row["company_id"]: row["edition"] for row in rows}
        if not self.newest or len(rows) > _MANY or len(self._touched) > _MOST_TOUCHED:
            self._touched, self._all_touched = {}, newest

    async def _follow(self) -> None:
        while True:
            self._wake.clear()
            with contextlib.suppress(Unavailable):
                await self.refresh()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _POLL_S)

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._url, READER)
            await self._connection.add_listener("almanac_edition", self._notified)
        return self._connection

    def _notified(self, *_: object) -> None:
        self._wake.set()

    async def _disconnect(self) -> None:
        self.fresh = False
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


def _seen(task: "asyncio.Task[None]") -> None:
    """Take note of a failure that every waiter may have stopped waiting for."""
    if not task.cancelled():
        task.exception()
