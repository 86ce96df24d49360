"""The row of a file that a version was read from."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Raw, Struct

from almanac.errors import NotFound
from almanac.kind import Kind
from almanac.model import SourceId, Timed, encode
from almanac.web.operation import Answer, Call, Link, Operation
from almanac.web.versions import VersionPath


class RawRow(Struct, frozen=True, kw_only=True):
    """One row of a source as it was read, before anything was normalised."""

    source: SourceId
    sha256: Annotated[str | None, Meta(description="SHA-256 of the file in hex; null if no file was kept.")]
    sheet: Annotated[str, Meta(description="Sheet of the file; `lines` for a batch of lines.")]
    row: Annotated[
        int, Meta(ge=1, description="Number of the row as a spreadsheet counts it, or of the line in the batch.")
    ]
    cells: Annotated[Raw, Meta(description="The cells by header, or the line, as read.")]


def operations(_: Sequence[Kind]) -> list[Operation]:
    """The read of a raw row."""
    return [
        Operation(
            id="read_raw",
            path="/v1/disclosures/{id}/versions/{n}/raw",
            tag="Disclosures",
            summary="The row that a version was read from",
            description="File, sheet, row and cells as they were read, before anything was normalised.",
            params=VersionPath,
            query=Timed,
            data=RawRow,
            handle=_handle,
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
    if not rows:
        raise NotFound(f"No raw row is kept for version {path.n} of disclosure {path.id} at edition {call.at.edition}.")
    row = rows[0]
    told = {name: row[name] for name in ("source", "sha256", "sheet", "row")}
    return Answer(one=encode(told | {"cells": Raw(row["cells"])}))
