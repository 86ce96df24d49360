"""`almanac import`: files of publishers, each read by an importer of its own."""

import rich_click as click


@click.group(name="import")
def import_() -> None:
    """Turn a publisher's file into a batch, and publish it.

    Without ALMANAC_DATABASE_URL: into the PostgreSQL in .almanac.
    """
