"""Identity events: what editors decided about who a company is - merged, renamed, known by another name - so that all can follow.

A merge is an event of the company that takes the other in; the other is found under it from then on. Undoing withdraws it.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from almanac.kind import Kind
from almanac.model import CompanyId, Content, Filter, Text

Event = Annotated[
    Literal["merged_from", "renamed", "alias"],
    Meta(
        description=(
            "What happened: `merged_from` it took `other` in, which is found under it from then on; `renamed` its name in "
            "use is `name`; `alias` it is also known as `name`."
        )
    ),
]


class IdentityEvent(Content, frozen=True, kw_only=True):
    """One decision about who a company is."""

    event: Event
    other: Annotated[
        CompanyId | None, Meta(description="The company that was merged into this one; null for names.")
    ] = None
    name: Annotated[Text | None, Meta(description="The name that was given; null for merges.")] = None


class IdentityEventFilter(Filter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Narrows identity events."""

    event: Event | UnsetType = UNSET


KIND = Kind(
    stem="identity_events",
    table="identity_event",
    title="Identity events",
    about="Merges, renames and aliases of companies, as editors decided them.",
    content=IdentityEvent,
    key=("event", "other", "name"),
    filter=IdentityEventFilter,
    example={"event": "alias", "name": "Zhongxing Telecommunication Equipment"},
)
