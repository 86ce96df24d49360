"""Writing a decided batch: numbers are taken, bytes are made, rows are copied. Runs under the publish lock."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from almanac.company import CompanyHead
from almanac.kind import Kind, record
from almanac.model import Evidence, SourceRef, encode
from almanac.names import fold
from almanac.publish import raw, sightings
from almanac.publish.batch import Batch, SourceLine
from almanac.publish.companies import merge
from almanac.publish.timeline import Planned, Said
from almanac.store import state_digest
from almanac.store.db import Connection, Record
from almanac.store.queries import QUERIES

_EVIDENCE = tuple(name for name in Evidence.__struct_fields__ if name != "source")
_CHANGE = ("seq", "edition", "kind", "disclosure_id", "version", "op", "company_id", "known_from", "natural_key",
           "source_id", "content_hash", "changed", "body")  # fmt: skip
_HEADER = ("seq", "disclosure_id", "version", "company_id", "edition", "op", "known_from", "natural_key", "source_id",
           *_EVIDENCE)  # fmt: skip
_STATEMENT = ("disclosure_id", "source_id", "known_from", "answer_hash", "content_hash", "seq",
              "sheet", "row", "raw_hash", "edition")  # fmt: skip


class Plan(Struct, kw_only=True, eq=False):
    """A decided batch: versions to write in order, statements to remember, and what the decision rested on."""

    planned: list[Planned]
    said: list[tuple[str, Said]]
    heads: dict[str, CompanyHead]
    news: list[str]
    stored: Mapping[int, Struct]
    sources: Mapping[str, SourceRef]
    edition: int
    marker: int
    disclosure_ids: list[str]
    raw: list[raw.Kept]


async def overtaken(connection: Connection, plan: Plan) -> bool:
    """Whether somebody published about the same disclosures or companies after the plan was made."""
    return await connection.fetchval(
        QUERIES["publish/overtaken"], plan.marker, plan.disclosure_ids, plan.edition, list(plan.heads) + plan.news
    )


async def write(
    connection: Connection, plan: Plan, batch: Batch, progress: Callable[[str, int, int], None] | None
) -> tuple[int | None, dt.datetime | None]:
    """Write the plan; the new edition, or None where sources only confirmed what was known."""
    await connection.executemany(QUERIES["publish/add_sources"], [_source(one) for one in batch.sources.values()])
    head = await connection.fetchrow(QUERIES["publish/head"])
    edition: int = (head["edition"] if head else 0) + 1
    last_seq: int = head["last_seq"] if head else 0
    for number, planned in enumerate(plan.planned, 1):
        planned.seq = last_seq + number
    brings = bool(plan.planned or plan.news)
    if brings:
        changed = merge(batch.companies, plan.heads, edition, batch.heads)
        await _copy_companies(connection, changed, plan.heads, edition)
        names = {one.id: one.name for one in [*plan.heads.values(), *changed]}
        await _copy_versions(connection, plan, edition, names)
    await raw.add(connection, plan.raw, {*plan.heads, *plan.news})
    await sightings.add(connection, batch.sightings)
    statements = ((*_statement(disclosure_id, one), edition if brings else None) for disclosure_id, one in plan.said)
    await connection.copy_records_to_table("statement", records=statements, columns=_STATEMENT)
    published_at = await _close_edition(connection, plan, batch, edition, head) if brings else None
    if progress:
        progress("published", len(plan.planned), len(plan.planned))
    return (edition, published_at) if brings else (None, None)


def _statement(disclosure_id: str, one: Said) -> tuple[Any, ...]:
    place = (one.origin.sheet, one.origin.row, one.origin.hash) if one.origin else (None, None, None)
    return (disclosure_id, one.source_id, one.known_from, one.answer_hash, one.content_hash, _seq(one.version), *place)


async def _close_edition(
    connection: Connection, plan: Plan, batch: Batch, edition: int, head: Record | None
) -> dt.datetime:
    """Write the edition last, so that the instant it carries is as near to the commit as can be."""
    await state_digest.extend(connection, edition)
    days = [planned.known_from for planned in plan.planned]
    if head and head["known_to"]:
        days.append(head["known_to"])
    published_at = await connection.fetchval(
        QUERIES["publish/edition"],
        edition,
        batch.publisher,
        batch.note,
        len(plan.planned),
        (head["last_seq"] if head else 0) + len(plan.planned),
        max(days, default=None),
        head["published_at"] if head else None,
    )
    await connection.execute(QUERIES["publish/notify"], str(edition))
    return published_at


async def _copy_companies(
    connection: Connection, changed: list[CompanyHead], known: Mapping[str, CompanyHead], edition: int
) -> None:
    companies: list[tuple[Any, ...]] = []
    names: list[tuple[Any, ...]] = []
    identifiers: list[tuple[Any, ...]] = []
    classes: list[tuple[Any, ...]] = []
    for head in changed:
        old = known.get(head.id)
        if old is None:
            companies.append((head.id, edition))
        before = _names(old) if old else set[str]()
        names += [(head.id, name, fold(name), edition) for name in sorted(_names(head) - before)]
        for name in sorted(before - _names(head)):
            await connection.execute(QUERIES["publish/take_back_name"], head.id, name, edition)
        held = old.identifiers if old else []
        for one in (one for one in held if one not in head.identifiers):
            await connection.execute(QUERIES["publish/take_back_identifier"], head.id, one.scheme, one.value, edition)
        identifiers += [(head.id, i.scheme, i.value, i.check_ok, edition) for i in head.identifiers if i not in held]
        coded = old.classes if old else []
        for one in (one for one in coded if one not in head.classes):
            await connection.execute(QUERIES["publish/take_back_class"], head.id, one.scheme, one.code, edition)
        classes += [(head.id, c.scheme, c.code, edition) for c in head.classes if c not in coded]
    records = [(head.id, edition, head.name, head.country, encode(head)) for head in changed]
    copy = connection.copy_records_to_table
    await copy("company", records=companies, columns=("company_id", "edition"))
    await copy("company_record", records=records, columns=("company_id", "edition", "name", "country", "body"))
    await copy("company_name", records=names, columns=("company_id", "name", "folded", "edition"))
    await copy(
        "company_identifier", records=identifiers, columns=("company_id", "scheme", "value", "check_ok", "edition")
    )
    await copy("company_class", records=classes, columns=("company_id", "scheme", "code", "edition"))


def _names(head: CompanyHead) -> set[str]:
    return {head.name, *(one.name for one in head.names)}


async def _copy_versions(connection: Connection, plan: Plan, edition: int, names: Mapping[str, str]) -> None:
    """Rows are made while PostgreSQL takes those before them, and none is held longer."""
    copy = connection.copy_records_to_table
    await copy("change", records=_changes(plan, edition, names), columns=_CHANGE)
    for kind in dict.fromkeys(planned.candidate.kind for planned in plan.planned):
        await copy(kind.table, records=_versions(plan, edition, kind), columns=(*_HEADER, *kind.fields))


def _changes(plan: Plan, edition: int, names: Mapping[str, str]) -> Iterator[tuple[Any, ...]]:
    """Rows of the change log."""
    for planned in plan.planned:
        one = planned.candidate
        own, evidence = _said(planned, plan)
        source = plan.sources.get(planned.source_id, one.source)
        changed = _changed(planned, own, evidence, plan)
        version = record(one.kind)(
            id=one.disclosure_id,
            kind=one.kind.name,
            company=one.company,
            company_name=names[one.company],
            version=planned.version,
            edition=edition,
            seq=planned.seq,
            op=planned.op,
            changed=changed,
            known_from=planned.known_from,
            **own,
            **evidence,
            source=source,
        )
        yield (planned.seq, edition, one.kind.name, one.disclosure_id, planned.version, planned.op, one.company,
               planned.known_from, one.natural_key, source.id, planned.content_hash, changed, encode(version))  # fmt: skip


def _versions(plan: Plan, edition: int, kind: Kind) -> Iterator[tuple[Any, ...]]:
    """Rows of a kind's table."""
    for planned in plan.planned:
        one = planned.candidate
        if one.kind is kind:
            own, evidence = _said(planned, plan)
            source = plan.sources.get(planned.source_id, one.source)
            yield (planned.seq, one.disclosure_id, planned.version, one.company, edition, planned.op, planned.known_from,
                   one.natural_key, source.id, *evidence.values(), *own.values())  # fmt: skip


def _said(planned: "Planned | int", plan: Plan) -> tuple[dict[str, Any], dict[str, Any]]:
    """Own fields and evidence of a version that is planned or stored."""
    if isinstance(planned, int):
        version: Any = plan.stored[planned]
        header = {"id", "kind", "company", "company_name", "version", "edition", "seq", "op", "changed", "known_from"}
        names = [
            name for name in version.__struct_fields__ if name not in header and name not in Evidence.__struct_fields__
        ]
        return {n: getattr(version, n) for n in names}, {n: getattr(version, n) for n in _EVIDENCE}
    if planned.repeats is not None:
        own, _ = _said(planned.repeats, plan)
        note = "Said again; recorded when an older document was loaded or an answer corrected."
        return own, {"page": None, "quote": None, "as_reported": None, "note": note}
    one = planned.candidate
    own = {name: getattr(one.content, name) for name in one.kind.fields}
    return own, {name: getattr(one, name) for name in _EVIDENCE}


def _changed(planned: Planned, own: Mapping[str, Any], evidence: Mapping[str, Any], plan: Plan) -> list[str]:
    if planned.before is None:
        return []
    was, said = _said(planned.before, plan)
    # As served: 7.50 and 7.5 are equal numbers and differ.
    names = [name for name in own if encode(own[name]) != encode(was[name])]
    if planned.op == "correct" and planned.repeats is None:
        names += [name for name in evidence if evidence[name] != said[name]]
    return names


def _seq(version: "Planned | int") -> int:
    return version if isinstance(version, int) else version.seq


def _source(one: SourceLine) -> tuple[Any, ...]:
    return (one.id, one.type, one.title, one.publisher, one.published_on, one.published_precision, one.url, one.sha256,
            one.language, one.licence, one.redistributable, one.retrieved_on, one.series)  # fmt: skip
