"""The `almanac` command: its groups, and what its exit codes mean."""

import sys

import click
from rich_click import RichGroup

from almanac.commands import bulk, companies, contract, imports, keys, publishing, serving, show, terminal
from almanac.errors import AlmanacError

_ABOUT = """Versioned corporate climate disclosures as an API.

\b
Try it:           almanac up
Serve for real:   ALMANAC_DATABASE_URL=postgresql://... almanac serve
Add disclosures:  almanac publish batch.ndjson --dry-run

Settings are environment variables; `almanac settings` lists them.

Exit codes: 0 done, or stopped when asked to; 1 refused or failed; 2 wrong usage or unreadable input; 130 an import
that Ctrl-C stopped.
"""


@click.group(cls=RichGroup, help=_ABOUT, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Hold the commands."""


for command in (
    serving.up,
    serving.serve,
    publishing.migrate,
    publishing.publish,
    imports.import_,
    companies.company,
    keys.key,
    bulk.bulk,
    show.settings,
    contract.openapi,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line; errors that a caller can act on are one line, without a traceback."""
    try:
        cli(prog_name="almanac")
    except AlmanacError as error:
        sys.exit(terminal.refused(error))


if __name__ == "__main__":
    main()
