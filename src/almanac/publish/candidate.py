"""From submitted rows to candidates: validated, identified and hashed. Pure; finds every fault of a batch, not the first."""

import datetime as dt
import functools
import hashlib
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec import Raw, Struct

from almanac.errors import Fault
from almanac.kind import LINES, Kind, Row, disclosure_id
from almanac.model import Content, SourceRef, encode, plain

EVENTS = "identity-events"
_EVIDENCE = ("page", "quote", "as_reported", "note")
_HEADER = frozenset(Row.__struct_fields__)
# Fields that came after the first publish: saying nothing they are not hashed, as nothing was before they came.
_LATER = frozenset({"quality_flags"})


class Origin(Struct, frozen=True):
    """The raw row that a statement was read from: sheet, row, and the first 16 bytes of its SHA-256."""

    sheet: str
    row: int
    hash: bytes


class Candidate(Struct, frozen=True, kw_only=True):
    """One answer that may become a version. Hashes are the first 16 bytes of SHA-256."""

    place: str
    kind: Kind
    disclosure_id: str
    natural_key: str
    company: str
    source: SourceRef
    known_from: dt.date
    withdrawn: bool
    content: Content
    page: str | None
    quote: str | None
    as_reported: str | None
    note: str | None
    answer_hash: bytes
    content_hash: bytes
    origin: Origin | None = None


class Measure(Struct, frozen=True):
    """What the vocabulary says of a metric."""

    unit: str
    topic: str


class Known(Struct, frozen=True, kw_only=True):
    """What rows are validated against: companies, sources by key or id, metrics, and the day.

    `merged` are companies that are found under another one, of which answers are only taken back; `edited` those that an
    editor decides about in this batch.
    """

    companies: frozenset[str]
    merged: Mapping[str, str] = MappingProxyType({})
    edited: frozenset[str] = frozenset()
    sources: Mapping[str, SourceRef]
    metrics: Mapping[str, Measure]
    today: dt.date
    origins: Mapping[tuple[str, str, int], Origin]


def check(rows: Iterable[Any], kinds: Mapping[str, Kind], known: Known) -> tuple[list[Candidate], list[Fault]]:
    """Candidates in the order of the rows, and every fault."""
    candidates: list[Candidate] = []
    faults: list[Fault] = []
    said: dict[tuple[str, str], Candidate] = {}
    for number, row in enumerate(rows, 1):
        try:
            candidate = _candidate(number, row, kinds[row.__struct_config__.tag], known)
        except _RowError as error:
            faults.append(
                Fault(parameter=f"{_place(number, row)}: {error.field}", value=error.value, detail=error.detail)
            )
            continue
        except ValueError as error:  # msgspec names the field in its message
            faults.append(Fault(parameter=_place(number, row), value=encode(row).decode()[:300], detail=str(error)))
            continue
        other = said.setdefault((candidate.disclosure_id, candidate.source.id), candidate)
        if other.content_hash != candidate.content_hash:
            detail = f"{other.place} gives another answer to the same disclosure from the same source"
            faults.append(Fault(parameter=candidate.place, value=candidate.natural_key, detail=detail))
        elif other is candidate:
            candidates.append(candidate)
    return candidates, faults


class _RowError(Exception):
    def __init__(self, field: str, value: object, detail: str) -> None:
        super().__init__(detail)
        self.field, self.value, self.detail = field, str(value)[:200], detail


def _candidate(number: int, row: Any, kind: Kind, known: Known) -> Candidate:
    source = known.sources.get(row.source)
    if source is None:
        raise _RowError("source", row.source, "no source line of this batch and no known source has this key")
    if row.company not in known.companies:
        raise _RowError("company", row.company, "no company line of this batch and no known company has this id")
    if kind.name == EVENTS and row.company not in known.edited:
        raise _RowError("record", kind.name, "are made by editors: `almanac company merge`, `rename`, `alias`, `undo`")
    if (into := known.merged.get(row.company)) is not None and row.company not in known.edited:
        raise _RowError("company", row.company, f"was merged into {into}; give what is about it to {into}")
    known_from = row.known_from or source.published_on
    if known_from > known.today:
        raise _RowError("known_from", known_from, f"lies in the future; today is {known.today}")
    values = {name: getattr(row, name) for name in row.__struct_fields__ if name not in _HEADER}
    values = {name: plain(value) if isinstance(value, Decimal) else value for name, value in values.items()}
    _check_metric(kind, values, known.metrics)
    values = kind.complete(values)
    content = msgspec.convert(values, kind.content)
    evidence = {name: getattr(row, name) for name in _EVIDENCE}
    hashed = {name: one for name, one in values.items() if one or name not in _LATER}
    answer = Raw(encode([kind.name, row.withdrawn, hashed]))
    return Candidate(
        place=_place(number, row),
        kind=kind,
        disclosure_id=disclosure_id(row.company, kind, values),
        natural_key="|".join(_escape(value) for value in (values[name] for name in kind.key)),
        company=row.company,
        source=source,
        known_from=known_from,
        withdrawn=row.withdrawn,
        content=content,
        **evidence,
        answer_hash=_hash(answer),
        content_hash=_hash(encode([answer, known_from, evidence])),
        origin=known.origins.get((row.source, row.sheet, row.row)),
    )


def _check_metric(kind: Kind, values: Mapping[str, Any], metrics: Mapping[str, Measure]) -> None:
    metric = values.get("metric")
    if metric is None:
        return
    if metric not in metrics:
        raise _RowError("metric", metric, "is no metric of the vocabulary; `/v1/metrics` lists them")
    unit, topic = metrics[metric].unit, metrics[metric].topic
    if kind.topics is not None and topic not in kind.topics:
        raise _RowError("metric", metric, f"is of the topic {topic}; {kind.name} take {', '.join(kind.topics)}")
    measure = values.get("measure")
    if measure == "change_pp" and unit != "percent":
        raise _RowError("measure", measure, f"{metric} is given in {unit}; points measure what is given in per cent")
    # A change in per cent or points has a unit of its own, which its kind checks.
    relative = measure in ("change_pct", "change_pp")
    if not relative and not _fits(unit, values["unit"]):
        raise _RowError(
            "unit", values["unit"], f"{metric} is given in {unit}; convert exactly and keep the original in as_reported"
        )


@functools.lru_cache(maxsize=1024)
def _fits(unit: str, given: str) -> bool:
    return re.fullmatch(_unit_pattern(unit), given) is not None


def _unit_pattern(unit: str) -> str:
    return "[A-Z]{3}" if unit == "currency" else re.sub(r"\\\{\w+\\\}", r"[^\\s]+", re.escape(unit))


def _place(number: int, row: Any) -> str:
    """Where a row stands, for people: the line of a batch of lines, sheet and row of a file, or its number."""
    if row.row is None:
        return f"row {number}"
    return f"line {row.row}" if row.sheet == LINES else f"sheet {row.sheet!r} row {row.row}"


def _escape(value: object) -> str:
    return "" if value is None else str(value).replace("\\", "\\\\").replace("|", "\\|")


def _hash(said: bytes | Raw) -> bytes:
    return hashlib.sha256(said).digest()[:16]
