"""What is exported: a table for each kind, and those that disclosures refer to."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from msgspec import Struct

from almanac.columns import Column, Deleted, Identifier, Replaced, Withheld, of, of_kind
from almanac.company import CompanyHead
from almanac.kind import Kind, record
from almanac.reference import Metric, Source

Form = Literal["current", "versions", "upserts", "deletes"]


class Table(Struct, frozen=True, kw_only=True, eq=False):
    """One table: `fields` of its lines, `columns` of its flat files, and the `key` that tells apart the rows that hold.

    A versioned one also keeps every version. One that is no kind gets its rows from `query`, as `shape`, of each of which
    `spread` may make several. Rows that a delta takes out come from `gone_query`, as `gone`; without it there are none.
    """

    name: str
    about: str
    fields: tuple[Column, ...]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    versioned: bool = False
    kind: Kind | None = None
    shape: type[Struct] | None = None
    query: str = ""
    spread: Callable[[Any], Sequence[Struct]] | None = None
    gone: type[Struct] = Deleted
    gone_query: str = ""


_HEAD_LISTS = ("names", "identifiers", "classes")


def tables(kinds: Sequence[Kind]) -> list[Table]:
    """Every table, in the order of the manifest."""
    return [
        *(_of_kind(kind) for kind in kinds),
        Table(
            name="companies",
            about=(
                "Who the disclosures are about, without companies that were merged into another. The lines also carry "
                "names, identifiers and classes."
            ),
            fields=of(CompanyHead),
            columns=of(CompanyHead, without=_HEAD_LISTS),
            key=("id",),
            versioned=True,
            shape=CompanyHead,
            query="bulk/companies",
            gone_query="bulk/merged",
        ),
        Table(
            name="identifiers",
            about="Identifiers of the companies, one a row.",
            fields=of(Identifier),
            columns=of(Identifier),
            key=("company", "scheme", "value"),
            shape=CompanyHead,
            query="bulk/companies",
            spread=_identifiers,
            gone=Replaced,
            gone_query="bulk/changed",
        ),
        Table(
            name="sources",
            about="The documents behind the answers, with the terms of each.",
            fields=of(Source),
            columns=of(Source),
            key=("id",),
            shape=Source,
            query="bulk/sources",
        ),
        Table(
            name="metrics",
            about="The vocabulary of metrics, as the release that made these files knows it.",
            fields=of(Metric),
            columns=of(Metric),
            key=("code",),
            shape=Metric,
            query="metrics/list",
        ),
        WITHHELD,
    ]


WITHHELD = Table(
    name="withheld",
    about="Answers that hold and whose sources may not be given on in bulk: counted and hashed, so that a copy can be proved.",
    fields=of(Withheld),
    columns=of(Withheld),
    key=("id",),
    shape=Withheld,
    query="bulk/withheld",
)


def _of_kind(kind: Kind) -> Table:
    return Table(
        name=kind.name,
        about=kind.about,
        fields=of(record(kind)),
        columns=of_kind(kind),
        key=("id",),
        versioned=True,
        kind=kind,
        gone_query="bulk/deletes",
    )


def _identifiers(head: CompanyHead) -> Sequence[Struct]:
    # By the key, as everything is sorted: whoever keeps a copy has the rows in no other order.
    return [
        Identifier(company=head.id, scheme=one.scheme, value=one.value, check_ok=one.check_ok)
        for one in sorted(head.identifiers, key=lambda one: (one.scheme, one.value))
    ]
