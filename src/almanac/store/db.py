"""Connections to PostgreSQL: opened with limits, acquired through one seam, errors translated once."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING, Any

import asyncpg
from msgspec import Struct

from almanac import events
from almanac.errors import BadParameter, Misconfigured, TooSlow, Unavailable
from almanac.settings import Settings
from almanac.store.queries import PLANNED_ONCE, QUERIES

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    Connection = asyncpg.Connection
    Pool = asyncpg.Pool

Record = asyncpg.Record
Refusal = asyncpg.PostgresError
LackingPrivilege = asyncpg.InsufficientPrivilegeError
LockedOut = asyncpg.LockNotAvailableError

READER = "almanac_reader"
PUBLISHER = "almanac_publisher"
EXPORTER = "almanac_exporter"

LOST = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError,
         asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError, asyncpg.AdminShutdownError,
         asyncpg.CrashShutdownError, asyncpg.ObjectNotInPrerequisiteStateError,
         asyncpg.ReadOnlySQLTransactionError)  # fmt: skip
"""PostgreSQL is not there, or not yet what it is to be: a standby that is to be the primary."""

_ALL = 2**31 - 1
_CONNECT_S = 5


async def connect(url: str, role: str | None = None) -> Connection:
    """One connection acting as `role`. Errors: Unavailable within 5 s; Misconfigured if the login may not act so.

    Whoever stops in the middle of a publish loses its lock: nobody waits for it longer than these limits.
    """
    settings = {
        "application_name": "almanac",
        "timezone": "UTC",
        "idle_in_transaction_session_timeout": "30000",
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
    }
    try:
        connection = await asyncpg.connect(url, timeout=_CONNECT_S, server_settings=settings)
        if role is not None:
            await connection.execute("select set_config('role', $1, false)", role)
    except asyncpg.InsufficientPrivilegeError as error:
        raise Misconfigured(f"this login may not act as {role}: grant it that role (see README)") from error
    except asyncpg.InvalidCatalogNameError as error:
        raise Misconfigured(f"there is no such database: {error}") from error
    except (*LOST, TimeoutError) as error:
        raise Unavailable("PostgreSQL cannot be reached") from error
    return connection


# What is planned once reads one thing, in milliseconds: it gets a fifth of the time that a list may take.
_ONE_THING = 5


class _Lane(Struct, frozen=True):
    """Connections that plan alike, with a place for each.

    The places stand in front of the pool: its own queue lets those who come later go first.
    """

    pool: Pool
    places: asyncio.Semaphore


async def counted(connection: Connection, query: str, *args: Any) -> int:
    """How many rows a named query has, none of which leaves PostgreSQL. Needs a transaction."""
    cursor: Any = await connection.cursor(QUERIES[query], *args)
    return await cursor.forward(_ALL)  # missing in its types


class Database:
    """Read-only connections. One query, one connection, bounded waiting.

    Half of them, rounded down, plan once, for queries that read one thing and may take a fifth of `statement_timeout_ms`; the
    others plan for the values given.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._once: _Lane | None = None
        self._each: _Lane | None = None
        self._waiting = 0
        self.query_count = 0

    async def open(self) -> None:
        """Connect at least once; Unavailable if PostgreSQL is away."""
        half = self._settings.pool_max_size // 2
        try:
            longest_ms = self._settings.statement_timeout_ms
            self._each = await self._lane("force_custom_plan", 1, self._settings.pool_max_size - half, longest_ms)
            short_ms = max(1, longest_ms // _ONE_THING)
            self._once = await self._lane("force_generic_plan", 0, half, short_ms) if half else self._each
        except (*LOST, TimeoutError) as error:
            raise Unavailable("PostgreSQL cannot be reached") from error

    async def _lane(self, plans: str, least: int, most: int, longest_ms: int) -> _Lane:
        settings = self._settings
        assert settings.database_url is not None
        pool = await asyncpg.create_pool(
            str(settings.database_url),
            min_size=least,
            max_size=most,
            # A request waits for a connection no longer than its own patience; a start is not as hurried.
            timeout=max(_CONNECT_S, settings.pool_timeout_ms / 1000),
            command_timeout=longest_ms / 1000 + 1,
            reset=_keep,
            server_settings={
                "application_name": "almanac",
                "timezone": "UTC",
                "role": READER,
                "default_transaction_read_only": "on",
                "statement_timeout": str(longest_ms),
                "idle_in_transaction_session_timeout": "10000",
                # Optional filters need the plan of the values given: a generic plan was 8 times slower.
                "plan_cache_mode": plans,
                "jit": "off",
            },
        )
        return _Lane(pool, asyncio.Semaphore(most))

    async def close(self) -> None:
        """Close every connection, by force after 2 s."""
        for pool in self._pools():
            try:
                await asyncio.wait_for(pool.close(), 2)
            except TimeoutError:
                pool.terminate()

    @property
    def connections(self) -> int:
        """Connections that are open."""
        return sum(pool.get_size() for pool in self._pools())  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportUnknownArgumentType, reportAttributeAccessIssue] - missing in its types

    @property
    def idle(self) -> int:
        """Open connections that nobody uses."""
        return sum(pool.get_idle_size() for pool in self._pools())  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportUnknownArgumentType, reportAttributeAccessIssue] - missing in its types

    def _pools(self) -> list[Pool]:
        return list({id(lane): lane.pool for lane in (self._each, self._once) if lane}.values())

    async def fetch(self, query: str, *args: Any) -> Sequence[Record]:
        """Rows of a named query. Errors: Unavailable, TooSlow; BadParameter for what the parser should have refused."""
        self.query_count += 1
        async with self._acquire(once=query in PLANNED_ONCE) as connection:
            try:
                return await connection.fetch(QUERIES[query], *args)
            except TimeoutError as error:
                raise TooSlow("the query ran into its time limit") from error

    async def count(self, query: str, *args: Any) -> int:
        """How many rows a named query has, none of which leaves PostgreSQL. Errors: those of `fetch`."""
        self.query_count += 1
        async with self._acquire() as connection, connection.transaction(readonly=True):
            try:
                return await counted(connection, query, *args)
            except TimeoutError as error:
                raise TooSlow("the query ran into its time limit") from error

    @contextlib.asynccontextmanager
    async def _acquire(self, *, once: bool = False) -> AsyncGenerator[Any]:
        lane = self._once if once else self._each
        assert lane is not None, "open() comes first"
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._settings.pool_timeout_ms / 1000
        try:
            await self._take_place(lane, deadline)
            try:
                async with lane.pool.acquire(timeout=max(0.001, deadline - loop.time())) as connection:
                    yield connection
            finally:
                lane.places.release()
        except asyncpg.QueryCanceledError as error:
            raise TooSlow("the query ran into its time limit") from error
        except TimeoutError as error:
            events.emit(events.PoolExhausted())
            raise Unavailable("no database connection came free in time") from error
        except LOST as error:
            events.emit(events.DatabaseUnavailable(error=type(error).__name__))
            raise Unavailable("PostgreSQL cannot be reached") from error
        except asyncpg.DataError as error:
            raise BadParameter("a value is outside what the store can hold") from error

    async def _take_place(self, lane: _Lane, deadline: float) -> None:
        """Take a place among the queries that run at once, in their order. Errors: Unavailable at once if too many wait."""
        if not lane.places.locked():
            await lane.places.acquire()  # at once
            return
        if self._waiting >= self._settings.max_waiting:
            events.emit(events.PoolExhausted())
            raise Unavailable("as many queries wait for the database as may")
        self._waiting += 1
        try:
            async with asyncio.timeout_at(deadline):
                await lane.places.acquire()
        finally:
            self._waiting -= 1


async def _keep(_connection: object) -> None:
    """Reset nothing on release: readers leave no session state, and the reset is a round trip."""
