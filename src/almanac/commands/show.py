"""`almanac settings`: what this process was told."""

import click
from rich_click import RichCommand

from almanac.commands import terminal


@click.command(cls=RichCommand)
@terminal.as_json
def settings(*, as_json: bool) -> None:
    """Print every setting with its value in force; secrets are hidden.

    A setting is an environment variable. An unknown name that begins with ALMANAC_ is an error.
    """
    from almanac.environment import described
    from almanac.settings import Settings

    shown = terminal.settings().shown()
    if as_json:
        terminal.say_json(shown)
        return
    for name, meaning in described(Settings).items():
        value = shown[name]
        terminal.say(f"{name}={'' if value is None else value}\n    {meaning}")
