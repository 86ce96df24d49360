"""What a database has to do to hold a copy: lines by table, form and key, in one transaction at a time."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from almanac.errors import BadFile

Json = dict[str, Any]

BATCH = 5_000


class Row(NamedTuple):
    """A line and where it belongs.

    `key` tells the lines of a table and form apart, `head` is the first part of it, which a delete names, and lines sorted by
    `place`, in bytes, are in the order of the files.
    """

    key: str
    head: str
    place: str
    body: str


class Target(Protocol):
    """A database that holds a copy. Errors of every method: Unavailable where it cannot be reached or written."""

    name: str
    """What it is called before people; without a password."""

    def close(self) -> None:
        """Let it go; what was not committed is not in it."""
        ...

    def state(self) -> tuple[int, str] | None:
        """The edition that it holds and the manifest that it has to agree with; None if it is empty."""
        ...

    def begin(self) -> None:
        """Begin a transaction that no other writer of the copy is in at the same time."""
        ...

    def end(self, edition: int, manifest: str) -> None:
        """Say what it now holds, and commit."""
        ...

    def undo(self) -> None:
        """Leave all as it was before `begin`."""
        ...

    def clear(self, table: str | None) -> None:
        """Take out all lines; of a table, those that are current."""
        ...

    def shape(self, table: str, fields: Sequence[Json]) -> None:
        """Let people ask for what is current in a table by its columns. Comes before its lines are put."""
        ...

    def remove(self, table: str, heads: Sequence[str]) -> None:
        """Take out current lines with one of these heads."""
        ...

    def put(self, table: str, form: str, rows: Sequence[Row]) -> None:
        """Put in lines, in place of those with the same key. Not more than `BATCH` of them."""
        ...

    def lines(self, table: str, form: str) -> Iterator[str]:
        """Lines by their place."""
        ...

    def differing(self, table: str, fields: Sequence[Json], /) -> set[str]:
        """Columns that are not what the lines say; none where they are read from the lines when asked for."""
        ...


def quoted(name: str) -> str:
    """A name in SQL. Errors: BadFile if it is none that a manifest of ours has."""
    if not name.replace("-", "").replace("_", "").isalnum():
        raise BadFile(f"the manifest has a table or field of the name {name[:100]!r}")
    return f'"{name}"'
