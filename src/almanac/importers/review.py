"""The review file: doubts about who rows are about, for a person to decide, and the decisions on their way back.

It is a .csv file (.xlsx is read too) with a line for each doubted claim. In `decision` stands the id of the company that
the claim is about, or `new`; a line without one is left as it was. `claim` names the claim, so the other columns may be
changed, moved or left out.
"""

import csv
import hashlib
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct, field

from almanac.errors import BadFile
from almanac.importers.cells import fold_space
from almanac.importers.evidence import Claim
from almanac.importers.report import Doubt
from almanac.importers.sheets import open_sheets
from almanac.model import encode

NEW = "new"
_CLAIM, _DECISION = "claim", "decision"
COLUMNS = (_DECISION, "name", "country", "settled", "how", "score", "candidates", "command", "number", "register", "lei",
           "isin", "sector", "file", "sheet", "row", _CLAIM)  # fmt: skip


class Decision(Struct, frozen=True):
    """What a person decided of a claim: the id of a company, or `new`; and where it stands, for errors."""

    company: str
    place: str


class Decisions(Struct, frozen=True):
    """Decisions by the id of their claim, and of which claims there was something to follow."""

    by_claim: dict[str, Decision] = field(default_factory=dict[str, Decision])
    followed: set[str] = field(default_factory=set[str])

    def about(self, claim: Claim) -> Decision | None:
        """What was decided of a claim; it counts as followed."""
        if not self.by_claim:
            return None
        decision = self.by_claim.get(name := claim_id(claim))
        if decision is not None:
            self.followed.add(name)
        return decision

    @property
    def unmet(self) -> list[str]:
        """Places of the decisions about claims that nobody made."""
        return [one.place for claim, one in self.by_claim.items() if claim not in self.followed]


def claim_id(claim: Claim) -> str:
    """A short name of a claim: the same words of the same register have the same one. A spreadsheet takes it for text."""
    return "c-" + hashlib.sha256(encode(msgspec.structs.astuple(claim))).hexdigest()[:16]


def begin(path: Path) -> None:
    """Make an empty review file. Errors: BadFile if there is a file, whose decisions would be lost, or none can be made."""
    try:
        with path.open("x", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerow(COLUMNS)
    except FileExistsError as error:
        raise BadFile(f"{path}: is there already; what is decided in it would be lost") from error
    except OSError as error:
        raise BadFile(f"{path}: cannot be written: {error.strerror}") from error


def add(path: Path, doubts: Iterable[Doubt]) -> None:
    """Add a line for each doubted claim of one file; a claim of several rows stands there once."""
    once: dict[str, Doubt] = {}
    for one in doubts:
        once.setdefault(one.claim, one)
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([_cell(one, column) for column in COLUMNS] for one in once.values())


def read(path: Path) -> Decisions:
    """The decisions in a file that came back. Errors: BadFile naming the row and what is wrong with it."""
    found: dict[str, Decision] = {}
    for sheet in open_sheets(path):
        rows = ((number, [fold_space(str(cell)) for cell in cells]) for number, cells in sheet.rows())
        _, names = next(rows, (0, list[str]()))
        missing = [name for name in (_DECISION, _CLAIM) if names.count(name) != 1]
        if missing:
            raise BadFile(f"{path}: the first row names no column, or several, {' and '.join(missing)}")
        for number, cells in rows:
            said = dict(zip(names, cells, strict=False))
            decision, claim = said.get(_DECISION, ""), said.get(_CLAIM, "")
            if not decision:
                continue
            place = f"{path}: row {number}"
            if not claim:
                raise BadFile(f"{place}: decides {decision!r} of no claim; the column {_CLAIM!r} is blank")
            if found.setdefault(claim, Decision(decision, place)).company != decision:
                raise BadFile(f"{place}: decides {decision!r} of {claim}, and a row above {found[claim].company!r}")
    return Decisions(found)


def _cell(one: Doubt, column: str) -> str:
    value = None if column == _DECISION else getattr(one, column)
    text = "; ".join(one.candidates) if column == "candidates" else "" if value is None else str(value)
    # A spreadsheet would run a name that begins like a formula.
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
