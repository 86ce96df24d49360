"""What the contract says of an export: how it is asked for, and what its caller sees of it."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from almanac.kind import Kind
from almanac.model import EditionNumber, Instant, KindName, Sha256, Text
from almanac.store.exports import Status, Stored
from almanac.web.exported import FileFormat, listing
from almanac.web.flat import cells
from almanac.web.operation import LICENCE

_LIST_OF = "Columns of `.csv` of the list, in order; empty where each line is an object."


ExportId = Annotated[
    str,
    Meta(
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        max_length=36,
        description="Id of the export, as `Location` gives it. Whoever knows it may ask about it and cancel it.",
        examples=["00000000-0000-4000-8000-000000000000"],
    ),
]
_ColumnName = Annotated[str, Meta(pattern=r"^[a-z0-9_]+$", max_length=80)]


class ExportPath(Struct, frozen=True, kw_only=True):
    """One export."""

    id: ExportId


class ExportHeaders(
    Struct, frozen=True, kw_only=True, rename={"idempotency_key": "Idempotency-Key", "prefer": "Prefer"}
):
    """How an export is asked for."""

    idempotency_key: (
        Annotated[
            str,
            Meta(
                pattern=r"^[A-Za-z0-9._:-]{1,200}$",
                max_length=200,
                description="Names this export among those of the caller: the same one again gives the same export.",
                examples=["emissions-2022"],
            ),
        ]
        | UnsetType
    ) = UNSET
    prefer: (
        Annotated[
            str,
            Meta(
                pattern=r"^[\x20-\x7e]*$",
                max_length=1000,
                description="`respond-async`: answer at once, whether the file is made or not. Other preferences are left aside.",
                examples=["respond-async"],
            ),
        ]
        | UnsetType
    ) = UNSET


class ExportFile(Struct, frozen=True, kw_only=True):
    """The file of an export."""

    url: Annotated[
        str,
        Meta(
            pattern=r"^/v1/bulk/files/[0-9a-f]{64}/[a-z0-9.-]+$",
            max_length=300,
            description="Path of the file, which never changes; `Range` gives a part of it.",
        ),
    ]
    sha256: Annotated[Sha256, Meta(description="SHA-256 of the file.")]
    size_bytes: Annotated[int, Meta(ge=0, description="Size of the file: its number of bytes.")]
    rows: Annotated[int, Meta(ge=0, description="Number of rows in it.")]
    withheld: Annotated[
        int, Meta(ge=0, description="Number of rows of the list that are not in it: their sources may not be given on.")
    ]


class Export(Struct, frozen=True, kw_only=True):
    """A list as a file, ordered. What is not known before the end is null until then."""

    id: ExportId
    status: Annotated[
        Status,
        Meta(
            description=(
                "`queued`; `running`; `done`, see `file`; `failed`, see `reason`, and ask anew; `expired`: the file is "
                "gone."
            )
        ),
    ]
    kind: Annotated[KindName, Meta(description="Kind whose list it is, as in `/v1/kinds`.")]
    filters: Annotated[dict[str, Text], Meta(description="What the list is narrowed by, as in its URL.")]
    format: FileFormat
    edition: Annotated[EditionNumber, Meta(description="Edition that the file rests on.")]
    known_on: Annotated[dt.date | None, Meta(description="Date that it rests on; null before the first edition.")]
    received_at: Annotated[Instant, Meta(description="When it was asked for.")]
    finished_at: Annotated[
        Instant | None,
        Meta(
            description=(
                "When its file was there, or it failed; null before. Where an equal order had the file made before, it is when "
                "this one was asked for."
            )
        ),
    ]
    expires_at: Annotated[Instant, Meta(description="Until when the file is kept.")]
    rows_total: Annotated[int | None, Meta(description="Number of rows of the list; null until they are counted.")]
    rows_done: Annotated[int, Meta(ge=0, description="Number of rows that are written so far.")]
    reason: Annotated[Text | None, Meta(description="Why it failed; null if it did not.")]
    file: Annotated[ExportFile | None, Meta(description="The file; null until it is made, and when it is gone.")]
    columns: Annotated[list[_ColumnName], Meta(max_length=200, description=_LIST_OF)]
    licence: Annotated[Text, Meta(description="Terms of re-use.")]
    citation: Annotated[
        Annotated[str, Meta(pattern="In: Almanac, edition [0-9]+", max_length=65_536)] | None,
        Meta(description="How to cite the file; null until it is made."),
    ]


def shown(one: Stored, kinds: Sequence[Kind]) -> Export:
    """An export as its caller sees it."""
    what = one.wanted
    kind = next((kind for kind in kinds if kind.name == what.kind), None)
    tabular = kind is not None and what.format != "ndjson.gz"
    over = one.status == "done"
    return Export(
        id=one.id,
        status=one.status,
        kind=what.kind,
        filters=what.filters,
        format=what.format,
        edition=what.edition,
        known_on=what.known_on,
        received_at=one.received_at,
        finished_at=one.finished_at,
        expires_at=one.expires_at,
        rows_total=one.rows_total,
        rows_done=one.rows_done,
        reason=one.reason if one.status == "failed" else None,
        file=_file(one) if over else None,
        columns=[cell.column.name for cell in cells(listing(kind).row, kinds)] if kind and tabular else [],
        licence=LICENCE,
        citation=one.citation if over else None,
    )


def _file(one: Stored) -> ExportFile:
    assert one.sha256 is not None, f"the export {one.id} is done without a file"
    assert one.size_bytes is not None, f"the file of {one.id} has no size"
    assert one.rows is not None, f"the file of {one.id} has no rows"
    sha256 = one.sha256.hex()
    return ExportFile(
        url=f"/v1/bulk/files/{sha256}/{one.name}",
        sha256=sha256,
        size_bytes=one.size_bytes,
        rows=one.rows,
        withheld=one.withheld or 0,
    )
