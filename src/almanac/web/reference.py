"""What the disclosures refer to: sources, editions, metrics, kinds."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from almanac.errors import NotFound
from almanac.kind import Kind
from almanac.model import EditionNumber, Instant, Seq, Sha256, SourceId, Timed, encode
from almanac.reference import Metric, Source
from almanac.web.operation import Answer, Call, Link, Listed, Operation, Paged, page_of


class SourcePath(Struct, frozen=True, kw_only=True):
    """One document."""

    id: SourceId


class EditionPath(Struct, frozen=True, kw_only=True):
    """One edition."""

    n: Annotated[int, Meta(ge=1, le=2_147_483_647, description="Number of the edition.", examples=[1])]


class Edition(Struct, frozen=True, kw_only=True):
    """One publish and the corpus after it."""

    edition: EditionNumber
    published_at: Annotated[Instant, Meta(description="When it was published.")]
    publisher: Annotated[str, Meta(description="Who published it here.")]
    note: Annotated[str | None, Meta(description="What the publisher says about it; null if nothing.")]
    versions: Annotated[int, Meta(description="Number of versions that it brought.")]
    last_seq: Seq
    known_to: Annotated[
        dt.date | None,
        Meta(
            description="Latest date at which anything in the corpus became known; null before the first dated answer."
        ),
    ]
    state_digest: Annotated[
        Sha256 | None,
        Meta(
            description=(
                "Digest of the answers that hold at the edition, in hex, whatever their order: SHA-256 of the sum modulo "
                "2^4096 of SHAKE128(SHA-256(version as served)), 512 bytes each; null while it is being computed."
            )
        ),
    ]


class KindInfo(Struct, frozen=True, kw_only=True):
    """A kind of disclosure."""

    kind: Annotated[str, Meta(description="Name, as in the URL.")]
    title: Annotated[str, Meta(description="Name of the kind for people.")]
    about: Annotated[str, Meta(description="What it holds.")]
    key: Annotated[list[str], Meta(description="Fields that, with the company, say which question is asked.")]
    fields: Annotated[list[str], Meta(description="Own fields in order.")]


def operations(kinds: Sequence[Kind]) -> list[Operation]:
    """Reads of what disclosures refer to."""
    return [_source(), _editions(), _edition(), _metrics(), _kinds(kinds)]


def _source() -> Operation:
    async def handle(call: Call) -> Answer:
        rows = await call.database.fetch("sources/read", *call.time, call.path.id)
        if not rows:
            raise NotFound(f"No version up to edition {call.at.edition} cites a source {call.path.id}.")
        return Answer(one=encode(msgspec.convert(dict(rows[0]), Source)))

    return Operation(
        id="read_source",
        path="/v1/sources/{id}",
        tag="Sources",
        summary="One source",
        description="The document behind an answer: publisher, date, address, checksum and terms.",
        params=SourcePath,
        query=Timed,
        data=Source,
        handle=handle,
        sample={"id": "7abe10ea-5a59-8748-8461-424b6a19a4c3"},
    )


def _editions() -> Operation:
    async def handle(call: Call) -> Answer:
        rows = await call.database.fetch("editions/list", call.at.edition, call.after, call.limit + 1)
        return page_of(call, [{"seq": row["edition"], "body": _encoded_edition(dict(row))} for row in rows])

    return Operation(
        id="list_editions",
        path="/v1/editions",
        tag="Editions",
        summary="Editions, newest first",
        description="Every publish: when, by whom, and how much it brought.",
        query=Paged,
        data=list[Edition],
        handle=handle,
        links=[
            Link(
                operation="read_edition",
                parameters={"n": "$response.body#/data/0/edition"},
                description="The first edition of the page.",
            )
        ],
    )


def _edition() -> Operation:
    async def handle(call: Call) -> Answer:
        reached = call.path.n <= call.at.edition
        rows = await call.database.fetch("editions/read", call.path.n)
        if not rows or not reached:
            raise NotFound(f"Edition {call.path.n} is not published; this read reaches edition {call.at.edition}.")
        return Answer(one=_encoded_edition(dict(rows[0])))

    return Operation(
        id="read_edition",
        path="/v1/editions/{n}",
        tag="Editions",
        summary="One edition",
        description="When it was published, by whom, and how much it brought.",
        params=EditionPath,
        query=Timed,
        data=Edition,
        handle=handle,
        sample={"n": "1"},
    )


def _encoded_edition(row: dict[str, object]) -> bytes:
    return encode(msgspec.convert(row, Edition))


def _metrics() -> Operation:
    async def handle(call: Call) -> Answer:
        rows = await call.database.fetch("metrics/list")
        return Answer(rows=[encode(msgspec.convert(dict(row), Metric)) for row in rows])

    return Operation(
        id="list_metrics",
        path="/v1/metrics",
        tag="Vocabulary",
        summary="The vocabulary of metrics",
        description="Every metric code with its unit, scope and the concepts of ESRS, IFRS and GRI that it stands for.",
        query=Listed,
        data=list[Metric],
        handle=handle,
        of_release=True,
    )


def _kinds(kinds: Sequence[Kind]) -> Operation:
    infos = [KindInfo(kind=k.name, title=k.title, about=k.about, key=list(k.key), fields=list(k.fields)) for k in kinds]

    async def handle(_: Call) -> Answer:
        return Answer(rows=[encode(info) for info in infos])

    return Operation(
        id="list_kinds",
        path="/v1/kinds",
        tag="Vocabulary",
        summary="The kinds of disclosure",
        description="Each kind has a URL of its own, across companies and under each company.",
        query=Listed,
        data=list[KindInfo],
        handle=handle,
        of_release=True,
    )
