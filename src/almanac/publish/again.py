"""Answers said again, or taken back: submissions made from versions that are in the feed."""

from collections.abc import Mapping
from typing import Any

import msgspec

from almanac.kind import Kind, record, submission
from almanac.publish.candidate import Origin
from almanac.store.db import Connection
from almanac.store.queries import QUERIES

Question = tuple[str, str, str]
"""Company, kind and natural key of a disclosure."""


async def repeats(
    connection: Connection, answers: Mapping[Question, Any], kinds: Mapping[str, Kind], **more: Any
) -> list[Any]:
    """Submissions that say answers again, or take them back; each a place in the feed, or a submission.

    `more` are the fields of every answer that differ: source, note, withdrawn.
    """
    bodies = await shown(connection, (one for one in answers.values() if isinstance(one, int)), kinds)
    return [
        repeat(bodies[one] if isinstance(one, int) else one, kinds[kind], company=company, **more)
        for (company, kind, _), one in answers.items()
    ]


async def shown(connection: Connection, seqs: Any, kinds: Mapping[str, Kind]) -> dict[int, Any]:
    """Versions by their place in the feed."""
    rows = await connection.fetch(QUERIES["publish/bodies"], list(seqs))
    return {row["seq"]: msgspec.json.decode(row["body"], type=record(kinds[row["kind"]])) for row in rows}


def repeat(answer: Any, kind: Kind, **more: Any) -> Any:
    """One submission with the own fields of a version or a submission."""
    own = {name: getattr(answer, name) for name in kind.fields if name not in kind.derived}
    return submission(kind)(**own, **more)


def say(said: Any, kind: Kind, company: str, row: Any, origins: dict[tuple[str, str, int], Origin]) -> Any:
    """What a source said (`row` of a statement), said again of a company; `origins` takes the kept row that it leads back to."""
    if row["raw_hash"] is not None:
        origins[row["source_id"], row["sheet"], row["row"]] = Origin(row["sheet"], row["row"], row["raw_hash"])
    return repeat(
        said,
        kind,
        company=company,
        source=row["source_id"],
        known_from=row["known_from"],
        withdrawn=row["withdrawn"],
        page=said.page,
        quote=said.quote,
        as_reported=said.as_reported,
        note=said.note,
        sheet=row["sheet"],
        row=row["row"],
    )
