"""Profiles of headers: which column of a publisher's file holds what. A header is recognised by its content alone."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec import Struct

from almanac.importers.sheets import Cell

Parse = Callable[[Cell], Any]


class Column(Struct, frozen=True, kw_only=True):
    """One column: the field it fills, the headers it goes by, and how its cells are read.

    A column that is not `needed` may be absent. `keep` says that the original spelling goes into `as_reported`.
    """

    field: str
    names: tuple[str, ...]
    parse: Parse
    needed: bool = True
    keep: bool = False


class Profile(Struct, frozen=True, kw_only=True):
    """One shape of a publisher's file. `unused` columns are known and not imported."""

    id: str
    columns: tuple[Column, ...]
    unused: tuple[str, ...] = ()


class Layout(Struct, frozen=True, kw_only=True):
    """Where the columns of a profile stand in one sheet. `ignored` are headers that fill no field."""

    profile: Profile
    places: tuple[tuple[int, Column], ...]
    ignored: tuple[str, ...]


class Mismatch(Struct, frozen=True, kw_only=True):
    """The profile that a header comes nearest to, how near (columns shared), and what differs."""

    profile: str
    shared: int
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    repeated: tuple[str, ...]

    def __str__(self) -> str:
        parts = [
            ("missing", self.missing),
            ("not in that profile", self.unknown),
            ("there more than once", self.repeated),
        ]
        differing = "; ".join(f"{what}: {', '.join(names)}" for what, names in parts if names)
        return f"the nearest profile is {self.profile}, which differs in: {differing}"


def folded(header: object) -> str:
    """What headers are compared by: lower case, words joined by one underscore."""
    return re.sub(r"[\W_]+", "_", str(header).strip().casefold()).strip("_")


def recognise(header: Sequence[Cell], profiles: Iterable[Profile]) -> Layout | Mismatch:
    """The layout of the first profile whose needed columns are all there once, or the nearest profile."""
    places = [(index, folded(cell)) for index, cell in enumerate(header)]
    tries = [_fit(profile, header, [place for place in places if place[1]]) for profile in profiles]
    layout = next((one for one in tries if isinstance(one, Layout)), None)
    if layout is not None:
        return layout
    return max((one for one in tries if isinstance(one, Mismatch)), key=lambda one: (one.shared, -len(one.missing)))


def _fit(profile: Profile, header: Sequence[Cell], places: Sequence[tuple[int, str]]) -> Layout | Mismatch:
    by_name = {folded(name): column for column in profile.columns for name in column.names}
    found = [(index, by_name[name]) for index, name in places if name in by_name]
    times = Counter(column.field for _, column in found)
    missing = tuple(column.names[0] for column in profile.columns if column.needed and not times[column.field])
    repeated = tuple(column.names[0] for column in profile.columns if times[column.field] > 1)
    if not missing and not repeated:
        ignored = tuple(str(header[index]).strip() for index, name in places if name not in by_name)
        return Layout(profile=profile, places=tuple(found), ignored=ignored)
    known = set(by_name) | {folded(name) for name in profile.unused}
    unknown = tuple(str(header[index]).strip() for index, name in places if name not in known)
    return Mismatch(profile=profile.id, shared=len(times), missing=missing, unknown=unknown[:40], repeated=repeated)
