"""Page cursors: opaque outside, three numbers inside. Every text that matches the pattern decodes, so none is malformed.

A cursor carries the edition and the date of the walk it belongs to: the pages of one walk never mix two editions.
"""

import datetime as dt
from typing import Annotated

from msgspec import Meta, Struct

Cursor = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,9}\.[0-9]{1,7}\.[0-9]{1,15}$",
        max_length=33,
        description="Where the next page starts: `meta.next_cursor` of the page before. Opaque; made by this service only.",
        examples=["12.738763.1024"],
    ),
]


class Place(Struct, frozen=True):
    """A decoded cursor: the walk's edition and date, and the number of the last item that was given out.

    No date stands for the edition's own; an edition that brought nothing but companies has none.
    """

    edition: int
    known_on: dt.date | None
    anchor: int


def encode(edition: int, known_on: dt.date | None, anchor: int) -> str:
    """The cursor of a place."""
    return f"{edition}.{known_on.toordinal() if known_on else 0}.{anchor}"


def decode(cursor: str) -> Place:
    """The place of a cursor; day 0 is no date, and a day after the calendar is its last."""
    edition, day, anchor = (int(part) for part in cursor.split("."))
    known_on = dt.date.fromordinal(min(day, dt.date.max.toordinal())) if day else None
    return Place(edition, known_on, anchor)
