"""Disclosures by id: the answer that holds, every version, and the difference of two."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from almanac.diff import FieldDiff, diff
from almanac.errors import NotFound
from almanac.kind import Kind
from almanac.model import DisclosureId, Timed, VersionNumber, encode
from almanac.web.operation import Answer, AnyVersion, Call, Link, Operation, Paged, page_of


class DisclosurePath(Struct, frozen=True, kw_only=True):
    """One disclosure."""

    id: DisclosureId


class VersionPath(DisclosurePath, frozen=True, kw_only=True):
    """One version of a disclosure."""

    n: VersionNumber


class VersionDiffQuery(Timed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The two versions to compare."""

    from_: Annotated[int, Meta(ge=1, le=2_147_483_647, description="Version to compare from.", examples=[1])] = (
        msgspec.field(name="from")
    )
    to: Annotated[int, Meta(ge=1, le=2_147_483_647, description="Version to compare to.", examples=[2])]


class VersionDiff(Struct, frozen=True, kw_only=True):
    """The difference of two versions, with both and so with both sources."""

    fields: Annotated[list[FieldDiff], Meta(description="Fields that differ, in the order of the kind.")]
    old: Annotated[AnyVersion, Meta(description="The version compared from.")]
    new: Annotated[AnyVersion, Meta(description="The version compared to.")]


# ZTE's net-zero commitment, whose deadline a register moved without a word.
SAMPLE = {"id": "3a321323-054b-8ae0-a6ce-c42413cf9618", "n": "2"}

_VERSIONS = Link(
    operation="list_versions", parameters={"id": "$response.body#/data/id"}, description="Every version of it."
)
_SOURCE = Link(
    operation="read_source", parameters={"id": "$response.body#/data/source/id"}, description="The document behind it."
)


def operations(kinds: Sequence[Kind]) -> list[Operation]:
    """Reads of one disclosure."""
    return [_read(), _list(), _version(), _diff(kinds)]


def _read() -> Operation:
    async def handle(call: Call) -> Answer:
        rows = await call.database.fetch("disclosures/read", *call.time, call.path.id)
        if not rows:
            raise NotFound(f"No disclosure {call.path.id} at edition {call.at.edition}, known on {call.at.known_on}.")
        if rows[0]["op"] == "withdraw":
            raise NotFound(f"Disclosure {call.path.id} is withdrawn; its versions still say what it was.")
        return Answer(one=rows[0]["body"])

    return Operation(
        id="read_disclosure",
        path="/v1/disclosures/{id}",
        tag="Disclosures",
        summary="The answer to one disclosure",
        description="The version that holds at the edition and date asked for.",
        params=DisclosurePath,
        query=Timed,
        data=AnyVersion,
        handle=handle,
        links=[_VERSIONS, _SOURCE],
        sample=SAMPLE,
    )


def _list() -> Operation:
    async def handle(call: Call) -> Answer:
        limit = call.limit + 1
        rows = await call.database.fetch("disclosures/versions", *call.time, call.path.id, call.after, limit)
        if not rows and not await call.database.fetch("disclosures/read", *call.time, call.path.id):
            raise NotFound(f"No disclosure {call.path.id} at edition {call.at.edition}, known on {call.at.known_on}.")
        return page_of(call, rows)

    return Operation(
        id="list_versions",
        path="/v1/disclosures/{id}/versions",
        tag="Disclosures",
        summary="Every version of one disclosure",
        description="First to last as published; withdrawals included.",
        params=DisclosurePath,
        query=Paged,
        data=list[AnyVersion],
        handle=handle,
        links=[
            Link(
                operation="read_version",
                parameters={"id": "$response.body#/data/0/id", "n": "$response.body#/data/0/version"},
                description="The first version.",
            ),
            Link(
                operation="diff_versions",
                parameters={
                    "id": "$response.body#/data/0/id",
                    "from": "$response.body#/data/0/version",
                    "to": "$response.body#/data/0/version",
                },
                description="The difference of two versions.",
            ),
        ],
        sample=SAMPLE,
    )


def _version() -> Operation:
    async def handle(call: Call) -> Answer:
        rows = await call.database.fetch("disclosures/pick", *call.time, call.path.id, [call.path.n])
        if not rows:
            raise NotFound(f"No version {call.path.n} of disclosure {call.path.id} at edition {call.at.edition}.")
        return Answer(one=rows[0]["body"])

    return Operation(
        id="read_version",
        path="/v1/disclosures/{id}/versions/{n}",
        tag="Disclosures",
        summary="One version of one disclosure",
        description="A version never changes.",
        params=VersionPath,
        query=Timed,
        data=AnyVersion,
        handle=handle,
        links=[_SOURCE],
        sample=SAMPLE,
    )


def _diff(kinds: Sequence[Kind]) -> Operation:
    by_name = {kind.name: kind for kind in kinds}

    async def handle(call: Call) -> Answer:
        wanted = [call.query.from_, call.query.to]
        rows = await call.database.fetch("disclosures/pick", *call.time, call.path.id, wanted)
        bodies = {row["version"]: row["body"] for row in rows}
        missing = [number for number in wanted if number not in bodies]
        if missing:
            raise NotFound(f"No version {missing[0]} of disclosure {call.path.id} at edition {call.at.edition}.")
        old, new = (bodies[number] for number in wanted)
        return Answer(one=encode({"fields": diff(old, new, by_name), "old": Raw(old), "new": Raw(new)}))

    return Operation(
        id="diff_versions",
        path="/v1/disclosures/{id}/diff",
        tag="Disclosures",
        summary="The difference of two versions",
        description="Field by field, old and new, with both versions and so both sources.",
        params=DisclosurePath,
        query=VersionDiffQuery,
        data=VersionDiff,
        handle=handle,
        sample=SAMPLE,
    )
