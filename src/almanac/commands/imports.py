"""`almanac import`: files of publishers, each read by an importer of its own."""

import click
from rich_click import RichGroup


@click.group(name="import", cls=RichGroup)
def import_() -> None:
    """Turn a publisher's file into a batch, and publish it.

    Without ALMANAC_DATABASE_URL: into the PostgreSQL in .almanac.
    """
