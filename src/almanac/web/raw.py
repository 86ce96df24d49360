"""The row of a file that a version was read from, and the rows that repeat it."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Raw, Struct

from almanac.errors import NotFound
from almanac.kind import Kind
from almanac.model import Sha256, SourceId, Text, Timed, encode
from almanac.web.operation import Answer, Call, Link, Operation
from almanac.web.versions import SAMPLE, VersionPath


class RawPlace(Struct, frozen=True, kw_only=True):
    """One row of a source as it was read, before anything was normalised."""

    source: SourceId
    sha256: Annotated[Sha256 | None, Meta(description="SHA-256 of the file in hex; null if no file was kept.")]
    sheet: Annotated[Text, Meta(description="Sheet of the file; `lines` for a batch of lines.")]
    row: Annotated[
        int, Meta(ge=1, description="Number of the row as a spreadsheet counts it, or of the line in the batch.")
    ]
    known_from: Annotated[dt.date, Meta(description="Date from which the world could know what the row says.")]
    cells: Annotated[Raw, Meta(description="The cells by header, or the line, as read.")]


class RawRow(RawPlace, frozen=True, kw_only=True):
    """The row that a version was read from, and those that say the same."""

    confirmed_by: Annotated[
        list[RawPlace],
        Meta(
            description=(
                "Rows of other sources that only repeat this version, by date; those of an import that changed nothing "
                "show from the next edition on."
            )
        ),
    ]


def operations(_: Sequence[Kind]) -> list[Operation]:
    """The read of a raw row."""
    return [
        Operation(
            id="read_raw",
            path="/v1/disclosures/{id}/versions/{n}/raw",
            tag="Disclosures",
            summary="The row that a version was read from",
            description=(
                "File, sheet, row and cells as they were read, before anything was normalised; and the rows of other "
                "sources that repeat it."
            ),
            params=VersionPath,
            query=Timed,
            data=RawRow,
            handle=_handle,
            sample=SAMPLE,
            links=[
                Link(
                    operation="read_source",
                    parameters={"id": "$response.body#/data/source"},
                    description="The document that the row stands in.",
                )
            ],
        )
    ]


async def _handle(call: Call) -> Answer:
    path = call.path
    rows = await call.database.fetch("raw/read", *call.time, path.id, path.n)
    if not rows or not rows[0]["is_own"]:
        raise NotFound(f"No raw row is kept for version {path.n} of disclosure {path.id} at edition {call.at.edition}.")
    own, *others = [
        {name: row[name] for name in ("source", "sha256", "sheet", "row", "known_from")} | {"cells": Raw(row["cells"])}
        for row in rows
    ]
    return Answer(one=encode(own | {"confirmed_by": others}))
