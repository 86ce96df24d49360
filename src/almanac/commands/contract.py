"""`almanac openapi`: the published document, made anew."""

import difflib
import itertools
import sys

import click
from rich_click import RichCommand

from almanac.commands import terminal

_SHOWN_LINES = 40


@click.command(cls=RichCommand)
@click.option(
    "--check", is_flag=True, help="Write nothing; exit code 1 and a short difference if the files are not up to date."
)
def openapi(*, check: bool) -> None:
    """Write the published document openapi/v1.json, v1.txt with one line an operation, columns.txt with its CSV columns.

    Run it after a kind or an operation has changed, and review the difference: it is the contract.
    """
    from almanac.kinds import KINDS
    from almanac.web import document, forms, table

    operations = table.operations(KINDS)
    content = document.build(operations, table.writes(KINDS), KINDS)
    made = {
        "v1.json": content.decode(),
        "v1.txt": document.inventory(content),
        "columns.txt": forms.columns(operations, KINDS),
    }
    folder = document.folder()
    if not check:
        for name, text in made.items():
            (folder / name).write_text(text, "utf-8")
        terminal.say(f"{folder}: {made['v1.txt'].count(chr(10))} operations")
        return
    stale = False
    for name, text in made.items():
        path = folder / name
        held = path.read_text("utf-8") if path.exists() else ""
        lines = difflib.unified_diff(
            held.splitlines(), text.splitlines(), f"openapi/{name}", "as built", lineterm="", n=1
        )
        shown = list(itertools.islice(lines, _SHOWN_LINES))
        stale = stale or bool(shown)
        for line in shown:
            click.echo(line, err=True)
    if stale:
        click.echo("almanac: the published document is not up to date; run `almanac openapi`", err=True)
        sys.exit(terminal.FAILED)
