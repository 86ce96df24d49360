"""Answers said again, or taken back: submissions made from versions that are in the feed."""

from collections.abc import Mapping
from typing import Any

import msgspec

from almanac.kind import Kind, record, submission
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
