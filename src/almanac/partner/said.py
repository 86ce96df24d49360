"""What a server's bulk documents have to say to be pulled and applied. They come from somebody else: what is none is refused.

What is not named here is kept and not looked at.
"""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

LINES = "application/x-ndjson"
"""Media type of the files that a copy is made of."""
Edition = Annotated[int, Meta(ge=1, le=2_147_483_647)]


class Pointer(Struct, frozen=True):
    """`latest.json`."""

    edition: Edition


class Field(Struct, frozen=True):
    """One field of a line."""

    name: str
    type: str


class Schema(Struct, frozen=True, rename="camel"):
    """What each line of a file has, and which of it tells the lines apart."""

    fields: list[Field]
    primary_key: Annotated[list[str], Meta(min_length=1)]


class Resource(Struct, frozen=True):
    """One file of a package: its name, which leads nowhere else, its size and its digest.

    The rest is what a file of lines has to say. A later Almanac may have files of other kinds, which need not.
    """

    path: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}\Z")]
    mediatype: str
    bytes: Annotated[int, Meta(ge=0)]
    hash: Annotated[str, Meta(pattern=r"\Asha256:[0-9a-f]{64}\Z")]
    table: str | UnsetType = UNSET
    form: str | UnsetType = UNSET
    row_count: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
    content_hash: str | UnsetType = UNSET
    schema: Schema | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Errors: ValueError where a file of lines lacks what it is applied or proved by."""
        if self.mediatype != LINES:
            return
        # There may be no schema where there is no line.
        needed = ("table", "form", "row_count", "content_hash", *(("schema",) if self.row_count else ()))
        for name in needed:
            if getattr(self, name) is UNSET:
                raise ValueError(f"{self.path} has no `{name}`")


class Step(Struct, frozen=True):
    """A delta that leads to a snapshot."""

    since: Edition


class Manifest(Struct, frozen=True):
    """`datapackage.json` of a snapshot or a delta. Only snapshots name what leads to them."""

    edition: Edition
    resources: list[Resource]
    state_digest: str
    previous: Edition | None = None
    deltas: list[Step] = []

    @property
    def lines(self) -> list[Resource]:
        """The files that a copy needs."""
        return [one for one in self.resources if one.mediatype == LINES]
