"""What is known before a publish: read once, in one snapshot."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from almanac.company import CompanyHead
from almanac.model import SourceRef
from almanac.publish.batch import Batch, SourceLine
from almanac.publish.candidate import Measure, Origin
from almanac.publish.timeline import Said, Timeline, Version
from almanac.store.db import Connection
from almanac.store.queries import QUERIES


async def heads(connection: Connection, batch: Batch) -> dict[str, CompanyHead]:
    """Known heads of the companies that the batch names."""
    wanted = (
        {line.id for line in batch.companies} | {row.company for row in batch.rows} | {one.id for one in batch.heads}
    )
    wanted |= {row.company for row in batch.raw if row.company is not None}
    rows = await connection.fetch(QUERIES["publish/companies"], list(wanted))
    decode = msgspec.json.Decoder(CompanyHead).decode
    return {row["company_id"]: decode(row["body"]) for row in rows}


async def sources(connection: Connection, batch: Batch) -> dict[str, SourceRef]:
    """Documents that rows may name: those of the batch by key, known ones by id."""
    named = {row.source for row in batch.rows} - set(batch.sources)
    known = await refs(connection, {key for key in named if len(key) == 36 and key.count("-") == 4})
    return {key: ref(source) for key, source in batch.sources.items()} | known


async def refs(connection: Connection, source_ids: Iterable[str]) -> dict[str, SourceRef]:
    """Known documents by id."""
    wanted = [one for one in source_ids if all(c in "0123456789abcdef-" for c in one)]
    rows = await connection.fetch(QUERIES["publish/sources"], wanted)
    return {row["id"]: SourceRef(**dict(row)) for row in rows}


def ref(source: SourceLine) -> SourceRef:
    """Short form of a document, as each version carries it."""
    return SourceRef(
        id=source.id,
        title=source.title,
        publisher=source.publisher,
        published_on=source.published_on,
        url=source.url,
        licence=source.licence,
    )


async def merged(connection: Connection) -> dict[str, str]:
    """Companies that are merged into others, with the one that each is found under in the end."""
    return {row["company_id"]: row["into_id"] for row in await connection.fetch(QUERIES["publish/merged"])}


async def metrics(connection: Connection) -> dict[str, Measure]:
    """Unit and topic of each metric of the vocabulary."""
    rows = await connection.fetch(QUERIES["publish/metrics"])
    return {row["code"]: Measure(row["unit"], row["topic"]) for row in rows}


async def position(connection: Connection) -> tuple[int, int]:
    """The newest edition and the newest statement that this snapshot sees."""
    head = await connection.fetchrow(QUERIES["publish/head"])
    marker = await connection.fetchval(QUERIES["publish/marker"])
    return (head["edition"] if head else 0), marker


async def timelines(connection: Connection, disclosure_ids: set[str]) -> dict[str, Timeline]:
    """What was said so far to each of some disclosures; nothing of those to which nothing was."""
    wanted = list(disclosure_ids)
    said: dict[str, list[Said]] = defaultdict(list)
    for row in await connection.fetch(QUERIES["publish/said"], wanted):
        said[row["disclosure_id"]].append(
            Said(
                source_id=row["source_id"],
                known_from=row["known_from"],
                order=len(said[row["disclosure_id"]]) + 1,
                withdrawn=row["withdrawn"],
                answer_hash=row["answer_hash"],
                content_hash=row["content_hash"],
                version=row["seq"],
                made_it=row["made_it"],
                origin=Origin(row["sheet"], row["row"], row["raw_hash"]) if row["raw_hash"] else None,
            )
        )
    versions: dict[str, list[Version]] = defaultdict(list)
    for row in await connection.fetch(QUERIES["publish/versions"], wanted):
        versions[row["disclosure_id"]].append(
            Version(
                known_from=row["known_from"],
                withdrawn=row["withdrawn"],
                content_hash=row["content_hash"],
                version=row["seq"],
            )
        )
    return {one: Timeline(said.get(one, ()), versions.get(one, ())) for one in said.keys() | versions.keys()}
