"""Publish: read what is known, decide, then write one edition in one short transaction under one lock.

Order of `seq` is order of commit, because the lock is taken before a number is: a bigserial would be polled past rows that
commit late. If somebody published about the same disclosures in between, the decision is made again.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Mapping

from msgspec import Struct

from almanac.errors import BadBatch, Fault, Unavailable
from almanac.kind import Kind
from almanac.publish import raw, state
from almanac.publish.again import shown
from almanac.publish.batch import Batch
from almanac.publish.candidate import Candidate, Known, check
from almanac.publish.companies import merge
from almanac.publish.timeline import Planned, Said, Timeline
from almanac.publish.write import Plan, overtaken, write
from almanac.store.db import Connection
from almanac.store.queries import QUERIES

Progress = Callable[[str, int, int], None]
_TRIES = 8


class Report(Struct, frozen=True, kw_only=True):
    """What a publish did, or would do. `edition` is null if nothing changed; `counts` sums to `rows`, re-said versions apart."""

    edition: int | None
    published_at: dt.datetime | None
    rows: int
    counts: dict[str, int]
    companies: int
    dry_run: bool


Finish = Callable[[Plan, Report], Awaitable[None]]


async def publish(  # noqa: PLR0913 - each is said by name
    connection: Connection,
    batch: Batch,
    *,
    kinds: Iterable[Kind],
    dry_run: bool = False,
    progress: Progress | None = None,
    finish: Finish | None = None,
) -> Report:
    """Make the batch one edition, whole or not at all. `finish` runs in the transaction that publishes, if one does.

    Errors: BadBatch naming every row; Unavailable if overtaken for ever.
    """
    by_name = {kind.name: kind for kind in kinds}
    kept = raw.keep(batch)
    for _ in range(_TRIES):
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            plan = await _decide(connection, batch, kept, by_name, progress)
        if dry_run or not (plan.planned or plan.said or plan.news or plan.raw or batch.sightings):
            report = _report(plan, batch, dry_run=dry_run)
            if finish is not None:
                await finish(plan, report)
            return report
        async with connection.transaction():
            await connection.execute(QUERIES["publish/lock"])
            if await overtaken(connection, plan):
                continue
            edition, published_at = await write(connection, plan, batch, progress)
            report = _report(plan, batch, edition=edition, published_at=published_at)
            if finish is not None:
                await finish(plan, report)
        return report
    raise Unavailable("others kept publishing about the same disclosures; try again")


def _report(
    plan: Plan,
    batch: Batch,
    *,
    dry_run: bool = False,
    edition: int | None = None,
    published_at: dt.datetime | None = None,
) -> Report:
    counts: dict[str, int] = dict.fromkeys(("add", "restate", "backfill", "correct", "withdraw", "said_again"), 0)
    for planned in plan.planned:
        counts["said_again" if planned.repeats is not None else planned.op] += 1
    made = sum(count for op, count in counts.items() if op != "said_again")
    counts["unchanged"] = len(batch.rows) - made
    return Report(
        edition=edition,
        published_at=published_at,
        rows=len(batch.rows),
        counts=counts,
        companies=len(plan.news),
        dry_run=dry_run,
    )


async def _decide(
    connection: Connection,
    batch: Batch,
    kept: list[raw.Kept],
    kinds: Mapping[str, Kind],
    progress: Progress | None,
) -> Plan:
    heads = await state.heads(connection, batch)
    sources = await state.sources(connection, batch)
    known = Known(
        companies=frozenset(heads) | {line.id for line in batch.companies},
        merged=await state.merged(connection),
        edited=frozenset(head.id for head in batch.heads),
        sources=sources,
        metrics=await state.metrics(connection),
        today=dt.datetime.now(dt.UTC).date(),
        origins={**raw.origins(kept), **batch.origins},
    )
    candidates, faults = check(batch.rows, kinds, known)
    if progress:
        progress("checked", len(candidates), len(batch.rows))
    edition, marker = await state.position(connection)
    by_disclosure = _by_disclosure(candidates)
    timelines = await state.timelines(connection, set(by_disclosure))
    planned, said = _plan(by_disclosure, timelines, faults)
    if faults:
        raise BadBatch(f"{len(faults)} of {len(batch.rows)} rows are refused; nothing was published", faults)
    wanted = {p for one in planned for p in (one.before, one.repeats) if isinstance(p, int)}
    return Plan(
        planned=planned,
        said=said,
        heads=heads,
        news=[head.id for head in merge(batch.companies, heads, 0, batch.heads)],
        stored=await shown(connection, wanted, kinds),
        sources={one.id: one for one in sources.values()}
        | await state.refs(connection, {p.source_id for p in planned if p.repeats is not None}),
        edition=edition,
        marker=marker,
        disclosure_ids=list(by_disclosure),
        raw=await raw.unstored(connection, kept, known.companies),
    )


def _by_disclosure(candidates: Iterable[Candidate]) -> dict[str, list[tuple[int, Candidate]]]:
    """Candidates by the question that they answer, each with its place in the batch."""
    found: dict[str, list[tuple[int, Candidate]]] = {}
    for place, candidate in enumerate(candidates):
        found.setdefault(candidate.disclosure_id, []).append((place, candidate))
    return found


def _plan(
    by_disclosure: Mapping[str, list[tuple[int, Candidate]]], timelines: dict[str, Timeline], faults: list[Fault]
) -> tuple[list[Planned], list[tuple[str, Said]]]:
    """Versions in the order of their dates and then of the batch, and what is to be remembered; each timeline is let go of."""
    made: list[tuple[dt.date, int, list[Planned]]] = []
    said: list[tuple[str, Said]] = []
    for disclosure_id, asked in by_disclosure.items():
        timeline = timelines.pop(disclosure_id, None) or Timeline()
        for place, candidate in sorted(asked, key=lambda one: one[1].known_from):
            if candidate.withdrawn and not timeline.version_count:
                faults.append(Fault(parameter=candidate.place, detail="there is no answer to withdraw"))
            if planned := timeline.add(candidate):
                made.append((candidate.known_from, place, planned))
        said += [(disclosure_id, one) for one in timeline.new]
    made.sort(key=lambda one: one[:2])
    return [one for *_, planned in made for one in planned], said
