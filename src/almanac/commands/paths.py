"""The files that an import is asked to read: those named, and the tables in the folders named."""

from pathlib import Path

import click

from almanac.errors import BadFile

# What a table may be called; .xls and .ods are none that is read, and are refused by name.
_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".json", ".xls", ".ods"})
_SHOWN = 5


def chosen(paths: tuple[Path, ...]) -> tuple[list[Path], list[BadFile]]:
    """Files to read, each once, and folders that hold none. What else is in a folder is named on stderr."""
    files: dict[Path, None] = {}
    empty: list[BadFile] = []
    for path in paths:
        if not path.is_dir():
            files[path] = None
            continue
        inside = [one for one in sorted(path.rglob("*")) if not one.is_dir()]
        tables = [one for one in inside if one.suffix.casefold() in _SUFFIXES]
        files |= dict.fromkeys(tables)
        if not tables:
            empty.append(BadFile(f"{path}: is a folder without a table ({', '.join(sorted(_SUFFIXES))})"))
        elif others := [one for one in inside if one not in files]:
            more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
            names = ", ".join(ascii(str(one.relative_to(path)))[1:-1] for one in others[:_SHOWN])
            click.echo(f"almanac: {path}: no tables, and not read: {names}{more}", err=True)
    return list(files), empty
