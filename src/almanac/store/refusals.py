"""PostgreSQL lost, or refusing, where a connection is used for longer than a query: as Unavailable, which callers know."""

import contextlib
from collections.abc import AsyncGenerator

import asyncpg

from almanac import events
from almanac.errors import Unavailable
from almanac.store.db import LOST, Refusal


@contextlib.asynccontextmanager
async def losses() -> AsyncGenerator[None]:
    """PostgreSQL lost in a with block, or in the function that this decorates, as Unavailable."""
    try:
        yield
    except LOST as error:
        events.emit(events.DatabaseUnavailable(error=type(error).__name__))
        raise Unavailable("PostgreSQL cannot be reached") from error


@contextlib.asynccontextmanager
async def refusals() -> AsyncGenerator[None]:
    """Whatever PostgreSQL refuses in a with block, or in the function that this decorates, as Unavailable."""
    try:
        yield
    except (Refusal, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise Unavailable(f"PostgreSQL refuses it: {type(error).__name__}") from error
