"""The bundled batches as the publish step would take them: validated, identified, in order of their names."""

import csv
import datetime as dt
import functools
from collections import defaultdict
from pathlib import Path

from msgspec import Struct

from almanac.errors import Fault
from almanac.kinds import KINDS
from almanac.model import SourceRef
from almanac.publish.batch import Batch, SourceLine, read
from almanac.publish.candidate import Candidate, Known, Measure, check

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "src/almanac/data"
FILES = sorted(DATA.glob("*.ndjson"))


class Checked(Struct, frozen=True):
    """One file: its batch, its candidates, and what the publish step would refuse."""

    path: Path
    batch: Batch
    candidates: list[Candidate]
    faults: list[Fault]


@functools.cache
def batches() -> tuple[tuple[Path, Batch], ...]:
    """Every file, parsed."""
    return tuple((path, read(path, KINDS)) for path in FILES)


@functools.cache
def corpus() -> tuple[Checked, ...]:
    """Every file, checked with the companies of the files before it."""
    companies: set[str] = set()
    checked = []
    for path, batch in batches():
        companies |= {line.id for line in batch.companies}
        known = Known(
            companies=frozenset(companies),
            sources={key: _ref(line) for key, line in batch.sources.items()},
            metrics=measures(),
            origins={},
            today=dt.datetime.now(dt.UTC).date(),
        )
        checked.append(Checked(path, batch, *check(batch.rows, {kind.name: kind for kind in KINDS}, known)))
    return tuple(checked)


def units() -> dict[str, str]:
    """Unit of every metric of the vocabulary."""
    return {code: one.unit for code, one in measures().items()}


def measures() -> dict[str, Measure]:
    """Unit and topic of every metric of the vocabulary."""
    with (DATA / "metrics.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: Measure(row["unit"], row["topic"]) for row in csv.DictReader(file)}


def histories(kind: str) -> dict[str, list[Candidate]]:
    """Answers of a kind by disclosure, in order of becoming known, without those that only confirm the one before."""
    answers: dict[str, list[Candidate]] = defaultdict(list)
    every = (c for checked in corpus() for c in checked.candidates if c.kind.name == kind)
    for candidate in sorted(every, key=lambda c: c.known_from):
        before = answers[candidate.disclosure_id]
        if not before or before[-1].answer_hash != candidate.answer_hash:
            before.append(candidate)
    return answers


def _ref(line: SourceLine) -> SourceRef:
    return SourceRef(
        id=line.id,
        title=line.title,
        publisher=line.publisher,
        published_on=line.published_on,
        url=line.url,
        licence=line.licence,
    )
