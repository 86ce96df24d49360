"""What editors decide about companies: merge, rename, alias, undo; each a batch like any other, so that time stays whole.

A merge says FROM's answers again of INTO, by the same sources and from the same days, and takes FROM's back: at every date
there is one answer, and a pinned edition before it stays as it was. Undo says again what each source said before.
"""

import contextlib
import datetime as dt
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct

from almanac.company import CompanyHead, CompanyName
from almanac.errors import BadParameter, Conflicting, Fault
from almanac.kind import Kind, submission
from almanac.model import Text
from almanac.publish.again import repeat, say, shown
from almanac.publish.batch import Batch, Name, SourceLine
from almanac.publish.candidate import EVENTS, Origin
from almanac.publish.state import merged
from almanac.store.db import Connection
from almanac.store.queries import QUERIES

_DECISION = "decision"

Keep = Literal["from", "into"]


class Decision(Struct, frozen=True, kw_only=True):
    """Who decides, why, and on which day."""

    publisher: str
    reason: str
    on: dt.date


@contextlib.asynccontextmanager
async def deciding(connection: Connection) -> AsyncGenerator[None]:
    """Nobody else publishes between what a decision rests on and its publish."""
    await connection.execute(QUERIES["publish/hold"])
    try:
        yield
    finally:
        await connection.execute(QUERIES["publish/let_go"])


async def merge(  # noqa: PLR0913 - each is said by name
    connection: Connection,
    kinds: Mapping[str, Kind],
    gone: str,
    into: str,
    decision: Decision,
    *,
    keep: Keep | None = None,
) -> Batch:
    """The batch that puts one company into another. `keep` says whose answer counts where one source gave both another.

    Errors: BadParameter for a company that is not known, is merged already, or is the same; Conflicting, naming each
    question that one source answers differently for the two, without `keep`.
    """
    if gone == into:
        raise BadParameter(f"{gone} cannot be merged into itself")
    old, new = await _head(connection, gone), await _head(connection, into)
    moved = await connection.fetch(QUERIES["publish/stated"], gone)
    held = {_asked(row): row for row in await connection.fetch(QUERIES["publish/stated"], into)}
    answers = await shown(connection, {row["seq"] for row in (*moved, *held.values())}, kinds)
    rows: list[Any] = []
    origins: dict[tuple[str, str, int], Origin] = {}
    clashes: list[Fault] = []
    for row in moved:
        kind, said = kinds[row["kind"]], answers[row["seq"]]
        there = held.get(_asked(row))
        if there is None or keep == "from":
            rows.append(say(said, kind, into, row, origins))
        elif keep is None and _differ(row, there, answers, kind):
            detail = f"{row['kind']} {row['natural_key']}: one source gives the two companies different answers"
            clashes.append(Fault(parameter=gone, value=said.source.title, detail=detail))
        rows.append(repeat(said, kind, **_taken_back(row, f"Merged into {into}.")))
    if clashes:
        detail = (
            f"{len(clashes)} questions have two answers of one source; say whose counts with --keep from or --keep into"
        )
        raise Conflicting(detail, clashes)
    rows.append(_event(kinds, into, event="merged_from", other=gone))
    return _batch(decision, f"Merged {gone} into {into}", rows, [old, _joined(new, old)], origins)


async def rename(
    connection: Connection, kinds: Mapping[str, Kind], company: str, name: str, decision: Decision
) -> Batch:
    """The batch that gives a company another name in use; the one before it stays findable. Errors: BadParameter."""
    _require(name, Text, "name")
    head = await _head(connection, company)
    if head.name == name:
        raise BadParameter(f"{company} is named {name!r} already")
    names = [one for one in head.names if one.name != name]
    former = CompanyName(name=head.name, lang="en", type="former")
    names += [former] if head.name not in {one.name for one in names} else []
    renamed = msgspec.structs.replace(head, name=name, names=names)
    return _batch(
        decision, f"Renamed {company} to {name}", [_event(kinds, company, event="renamed", name=name)], [renamed]
    )


async def alias(
    connection: Connection, kinds: Mapping[str, Kind], company: str, name: CompanyName, decision: Decision
) -> Batch:
    """The batch that adds a name that a company is also known by. Errors: BadParameter if it has it."""
    _require(msgspec.to_builtins(name), Name, "name")
    head = await _head(connection, company)
    if name.name in {head.name, *(one.name for one in head.names)}:
        raise BadParameter(f"{company} has the name {name.name!r} already")
    more = msgspec.structs.replace(head, names=[*head.names, name])
    event = _event(kinds, company, event="alias", name=name.name)
    return _batch(decision, f"{company} is also known as {name.name}", [event], [more])


async def undo(connection: Connection, kinds: Mapping[str, Kind], edition: int, decision: Decision) -> Batch:
    """The batch that takes back what an edition of an editor did.

    Errors: BadParameter if the edition decided nothing about companies; Conflicting, naming each, where a source or an
    editor said something else since.
    """
    said = await connection.fetch(QUERIES["publish/said_in"], edition)
    if not any(row["kind"] == EVENTS for row in said):
        raise BadParameter(f"edition {edition} decided nothing about companies; only such editions can be undone")
    clashes = [
        Fault(parameter=row["company_id"], value=f"{row['kind']} {row['natural_key']}", detail="was said anew since")
        for row in said
        if row["said_since"]
    ]
    heads: list[CompanyHead] = []
    for row in await connection.fetch(QUERIES["publish/heads_around"], edition):
        before, after, now = (None if row[one] is None else _decoded(row[one]) for one in ("before", "after", "now"))
        assert after is not None, row["company_id"]
        assert now is not None, row["company_id"]
        if before is None or now.name != after.name:
            clashes.append(Fault(parameter=row["company_id"], value=now.name, detail="was renamed since"))
        else:
            heads.append(_reverted(before, after, now))
    if clashes:
        raise Conflicting(f"edition {edition} cannot be undone: {len(clashes)} things rest on it", clashes)
    rows, origins = await _said_before(connection, kinds, said, edition)
    return _batch(decision, f"Undid edition {edition}", rows, heads, origins)


async def _said_before(
    connection: Connection, kinds: Mapping[str, Kind], said: list[Any], edition: int
) -> tuple[list[Any], dict[tuple[str, str, int], Origin]]:
    """What each source said before an edition, or nothing any more where it had said nothing."""
    seqs = {row["seq"] for row in said} | {row["before_seq"] for row in said if row["before_seq"] is not None}
    answers = await shown(connection, seqs, kinds)
    origins: dict[tuple[str, str, int], Origin] = {}
    rows: list[Any] = []
    for row in said:
        kind = kinds[row["kind"]]
        if row["before_seq"] is None:
            rows.append(repeat(answers[row["seq"]], kind, **_taken_back(row, f"Edition {edition} was undone.")))
        else:
            earlier = {
                "source_id": row["source_id"],
                "known_from": row["before_known_from"],
                "withdrawn": row["before_withdrawn"],
                "sheet": row["sheet"],
                "row": row["row"],
                "raw_hash": row["raw_hash"],
            }
            rows.append(say(answers[row["before_seq"]], kind, row["company_id"], earlier, origins))
    return rows, origins


def _require(value: Any, shape: Any, what: str) -> None:
    try:
        msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise BadParameter(f"the {what} cannot be taken: {error}") from error


async def _head(connection: Connection, company: str) -> CompanyHead:
    rows = await connection.fetch(QUERIES["publish/companies"], [company])
    if not rows:
        raise BadParameter(f"no company has the id {company!r}")
    into = (await merged(connection)).get(company)
    if into is not None:
        raise BadParameter(f"{company} was merged into {into}; name that one, or undo the merge")
    return _decoded(rows[0]["body"])


def _decoded(body: bytes) -> CompanyHead:
    return msgspec.json.decode(body, type=CompanyHead)


def _asked(row: Any) -> tuple[str, str, str]:
    return row["kind"], row["natural_key"], row["source_id"]


def _differ(one: Any, other: Any, answers: Mapping[int, Any], kind: Kind) -> bool:
    if (one["withdrawn"], one["known_from"]) != (other["withdrawn"], other["known_from"]):
        return True
    return any(getattr(answers[one["seq"]], name) != getattr(answers[other["seq"]], name) for name in kind.fields)


def _taken_back(row: Any, note: str) -> dict[str, Any]:
    return {
        "company": row["company_id"],
        "source": row["source_id"],
        "known_from": row["known_from"],
        "withdrawn": True,
        "note": note,
    }


def _event(kinds: Mapping[str, Kind], company: str, **own: Any) -> Any:
    return submission(kinds[EVENTS])(company=company, source=_DECISION, **own)


def _joined(into: CompanyHead, gone: CompanyHead) -> CompanyHead:
    """The company with the names, identifiers and classes of the one that it takes in."""
    names = {into.name: None, **{one.name: one for one in into.names}}
    for one in (*gone.names, CompanyName(name=gone.name, lang="en", type="alias")):
        names.setdefault(one.name, one)
    return msgspec.structs.replace(
        into,
        names=[one for one in names.values() if one is not None],
        identifiers=[*into.identifiers, *(one for one in gone.identifiers if one not in into.identifiers)],
        classes=[*into.classes, *(one for one in gone.classes if one not in into.classes)],
        country=into.country or gone.country,
    )


def _reverted(before: CompanyHead, after: CompanyHead, now: CompanyHead) -> CompanyHead:
    """The head as it is now, without what an edition brought and with what it took away."""
    lists: dict[str, Any] = {}
    for part in ("names", "identifiers", "classes"):
        was, became, present = (getattr(head, part) for head in (before, after, now))
        kept = [one for one in present if one in was or one not in became]
        lists[part] = [*kept, *(one for one in was if one not in became and one not in kept)]
    country = before.country if now.country == after.country else now.country
    return msgspec.structs.replace(now, name=before.name, country=country, **lists)


def _batch(
    decision: Decision,
    what: str,
    rows: list[Any],
    heads: list[CompanyHead],
    origins: dict[tuple[str, str, int], Origin] | None = None,
) -> Batch:
    _require(decision.reason, Text, "reason")
    source = SourceLine(
        key=_DECISION,
        type="other",
        title=f"{what}: {decision.reason}"[:400],
        publisher=decision.publisher,
        published_on=decision.on,
        licence="CC0 1.0",
    )
    return Batch(
        publisher=decision.publisher,
        note=f"{what}: {decision.reason}",
        sources={_DECISION: source},
        companies=[],
        rows=rows,
        heads=heads,
        origins=origins or {},
    )
