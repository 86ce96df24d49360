"""`almanac key`: API keys."""

import asyncio
import datetime as dt
from typing import TYPE_CHECKING

import click
from rich_click import RichGroup

from almanac.commands import terminal

if TYPE_CHECKING:
    from almanac.store.keys import ApiKey, Role


@click.group(cls=RichGroup)
def key() -> None:
    """Make, list and revoke API keys.

    Reading needs no key. Without ALMANAC_DATABASE_URL: the keys of the PostgreSQL in .almanac.

    \b
    Examples:
      almanac key create --label "Example Ltd" --role publisher --expires 2027-12-31
      almanac key list
      almanac key revoke 7dkq2mzx4wba
    """


@key.command()
@click.option("--label", required=True, help="Whose key it is.")
@click.option("--role", required=True, type=click.Choice(["reader", "publisher"]), help="What it allows.")
@click.option(
    "--expires", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="First day, in UTC, on which it is refused."
)
@terminal.as_json
def create(label: str, role: "Role", expires: dt.datetime | None, *, as_json: bool) -> None:
    """Make a key. Its token is shown once: only a digest is kept."""
    from almanac.store import keys
    from almanac.store.db import connect

    async def run(url: str) -> "tuple[ApiKey, str]":
        connection = await connect(url)
        try:
            return await keys.create(connection, label, role, expires.date() if expires else None)
        finally:
            await connection.close()

    with terminal.database(terminal.settings()) as url:
        made, token = asyncio.run(run(url))
    if as_json:
        terminal.say_json({"token": token, "key": made})
    else:
        terminal.say(f"{token}\n\nKey {made.key_id} for {made.label} ({made.role}). The token cannot be shown again.")


@key.command(name="list")
@terminal.as_json
def list_(*, as_json: bool) -> None:
    """List every key, also those revoked. Tokens are not among what is known."""
    from almanac.store import keys
    from almanac.store.db import connect

    async def run(url: str) -> "list[ApiKey]":
        connection = await connect(url)
        try:
            return await keys.list_(connection)
        finally:
            await connection.close()

    with terminal.database(terminal.settings()) as url:
        found = asyncio.run(run(url))
    if as_json:
        terminal.say_json({"keys": found})
    else:
        terminal.say("\n".join(_line(one) for one in found) or "no keys")


@key.command()
@click.argument("key_id", metavar="ID")
@terminal.as_json
def revoke(key_id: str, *, as_json: bool) -> None:
    """Refuse a key from now on."""
    from almanac.store import keys
    from almanac.store.db import connect

    async def run(url: str) -> "ApiKey":
        connection = await connect(url)
        try:
            return await keys.revoke(connection, key_id)
        finally:
            await connection.close()

    with terminal.database(terminal.settings()) as url:
        revoked = asyncio.run(run(url))
    if as_json:
        terminal.say_json({"key": revoked})
    else:
        terminal.say(_line(revoked))


def _line(one: "ApiKey") -> str:
    if one.revoked_at is not None:
        state = f"revoked {one.revoked_at:%Y-%m-%d}"
    elif one.expires_at is not None:
        state = f"expires {one.expires_at:%Y-%m-%d}"
    else:
        state = "valid"
    return f"{one.key_id}  {one.role:<10}{one.created_at:%Y-%m-%d}  {state:<20}{one.label}"
