"""What a server's bulk documents have to say to be pulled from. They come from somebody else: what is none is refused.

What is not named here is kept and not looked at.
"""

from typing import Annotated

from msgspec import Meta, Struct

LINES = "application/x-ndjson"
"""Media type of the files that a copy is made of."""
Edition = Annotated[int, Meta(ge=1, le=2_147_483_647)]


class Pointer(Struct, frozen=True):
    """`latest.json`."""

    edition: Edition


class Resource(Struct, frozen=True):
    """One file of a package: its name, which leads nowhere else, its size and its digest."""

    path: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}\Z")]
    mediatype: str
    bytes: Annotated[int, Meta(ge=0)]
    hash: Annotated[str, Meta(pattern=r"\Asha256:[0-9a-f]{64}\Z")]


class Step(Struct, frozen=True):
    """A delta that leads to a snapshot."""

    since: Edition


class Manifest(Struct, frozen=True):
    """`datapackage.json` of a snapshot or a delta. Only snapshots name what leads to them."""

    edition: Edition
    resources: list[Resource]
    previous: Edition | None = None
    deltas: list[Step] = []

    @property
    def lines(self) -> list[Resource]:
        """The files that a copy needs."""
        return [one for one in self.resources if one.mediatype == LINES]
