"""A batch handed in over HTTP: worked on once for each idempotency key, and its outcome kept with the publish itself."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from almanac.errors import BadBatch, Fault
from almanac.kind import Kind, disclosure_id
from almanac.model import encode
from almanac.publish import batch
from almanac.publish.batch import Batch
from almanac.publish.publish import Report, publish
from almanac.publish.write import Plan
from almanac.store import submissions
from almanac.store.db import PUBLISHER, connect
from almanac.store.refusals import losses
from almanac.store.submissions import Order, Stored


class RowResult(Struct, frozen=True, kw_only=True):
    """What became of the answer on a line: an op and its version, or `unchanged`."""

    line: int
    kind: str
    disclosure: str
    result: str
    version: int | None


class Outcome(Struct, frozen=True, kw_only=True):
    """What a submission ended with: a report and its rows, or a refusal and its faults."""

    report: Report | None = None
    results: list[RowResult] = []
    detail: str | None = None
    faults: list[Fault] = []


@losses()
async def submit(
    url: str, order: Order, data: bytes, kinds: Sequence[Kind], begun: Callable[[Stored, int], None]
) -> Stored:
    """The submission as it ended, now or before; `begun` hears of it and its rows when the work starts.

    Errors: those of `submissions.begin`; Unavailable, after which it stands as interrupted and may be handed in again.
    """
    connection = await connect(url, PUBLISHER)
    try:
        one = await submissions.begin(connection, order)
        if one.status != "running":
            return one
        ended = one

        async def finish(plan: Plan, report: Report) -> None:
            nonlocal ended
            status = "checked" if report.dry_run else "unchanged" if report.edition is None else "published"
            answer = encode(Outcome(report=report, results=_results(plan, read, kinds)))
            ended = await submissions.finish(connection, one, status, report.edition, answer)

        try:
            read = _parse(data, kinds, order.publisher)
            begun(one, len(read.rows))
            await publish(connection, read, kinds=kinds, dry_run=order.dry_run, finish=finish)
        except BadBatch as error:
            answer = encode(Outcome(detail=error.detail, faults=list(error.faults)))
            ended = await submissions.finish(connection, one, "rejected", None, answer)
        return ended
    finally:
        await connection.close()


def _parse(data: bytes, kinds: Sequence[Kind], publisher: str) -> Batch:
    if not data.strip():
        raise BadBatch("the batch has no line")
    return batch.parse(data, kinds, publisher)


def outcome(stored: Stored) -> Outcome:
    """What an ended submission ended with."""
    assert stored.answer is not None, f"{stored.id} has not ended"
    return msgspec.json.decode(stored.answer, type=Outcome)


def _results(plan: Plan, read: Batch, kinds: Sequence[Kind]) -> list[RowResult]:
    """One entry for each row, in the order of the batch."""
    by_name = {kind.name: kind for kind in kinds}
    made = {one.candidate.place: one for one in plan.planned if one.repeats is None}
    results: list[RowResult] = []
    for row in read.rows:
        kind = by_name[row.__struct_config__.tag]
        one = made.get(f"line {row.row}")
        results.append(
            RowResult(
                line=row.row,
                kind=kind.name,
                disclosure=disclosure_id(row.company, kind, _values(row, kind)),
                result=one.op if one else "unchanged",
                version=one.version if one else None,
            )
        )
    return results


def _values(row: Any, kind: Kind) -> dict[str, Any]:
    return kind.complete({name: getattr(row, name) for name in kind.fields if name not in kind.derived})
