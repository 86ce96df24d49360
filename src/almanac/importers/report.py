"""What an import did with every row, and every place where it was not plain. Nothing that is left out is left out of here."""

import datetime as dt
from collections import Counter
from collections.abc import Collection
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, field

Finding = Literal[
    "unreadable",
    "cleaned",
    "several_values",
    "failing_identifier",
    "shared_identifier",
    "unknown_country",
    "not_stated",
    "unplaced",
    "blank",
    "rejected",
    "duplicate",
    "conflict",
    "ambiguous",
    "matched",
    "moved",
    "renamed",
    "relocated",
    "skipped_sheet",
    "withdrawn",
    "implausible",
]
"""What was found.

unreadable: a cell that cannot be what its column holds; the rest of the row is imported.
cleaned: an identifier stood in junk and was freed from it.
several_values: a cell holds several where one is wanted; none is chosen.
failing_identifier: a check digit does not hold; it is kept and marked.
shared_identifier: another company carries it too.
unknown_country: no ISO code is known for the name; left null.
not_stated: a blank where the row's own status calls for a value; no answer is made of it.
unplaced: a value that belongs to nothing in its row.
blank, rejected, duplicate: the row is not imported.
conflict: two rows answer the same question differently; one is kept.
ambiguous: a new company that might be a known one.
matched: a known company found by something weaker than the register's own number.
moved: a kept row of a later release that is about another company, now that this release is known.
renamed, relocated: the register gives a known company another name or country.
skipped_sheet: a sheet whose header is unknown, beside one that was read; none of its rows is.
withdrawn: an answer of the register that this release leaves out; it is withdrawn.
implausible: a number that can hardly be meant; it is published with a flag in `quality_flags`.
"""

_MOST = 0.25
REJECTING = ("blank", "rejected", "duplicate", "conflict")


class Line(Struct, frozen=True, kw_only=True):
    """One finding and its place. `column` is letter and header; null where a whole row is meant."""

    finding: Finding
    file: str
    sheet: str
    row: int | None
    column: str | None
    value: str | None
    reason: str


class Doubt(Struct, frozen=True, kw_only=True):
    """Who a row may be about where that is not sure: what it says, the company that it was settled to, and the others.

    `how` is `new` where the row made that company; `candidates` are the others, likeliest first. `command` would put two
    published companies into one.
    """

    settled: str
    how: str
    score: float
    candidates: list[str]
    command: str | None
    claim: str
    register: str
    number: str | None
    name: str
    country: str | None
    lei: str | None
    isin: str | None
    sector: str | None
    file: str
    sheet: str
    row: int


class SheetReport(Struct, kw_only=True):
    """What became of the rows of one sheet below its header; `rows` is the sum of all the others.

    imported: the row makes a version, or its company is new or changed. unchanged: all that it says was known.
    held: it is of use and nothing of its file is published. `rejected` counts by finding.
    `used` are the rows of use while the import is at work.
    """

    name: str
    profile: str | None
    header_row: int | None = None
    rows: int = 0
    imported: int = 0
    unchanged: int = 0
    held: int = 0
    rejected: Counter[str] = field(default_factory=Counter[str])
    ignored_columns: list[str] = []
    used: set[int] | UnsetType = UNSET

    @property
    def adds_up(self) -> bool:
        """Whether every row is accounted for, once."""
        return self.rows == self.imported + self.unchanged + self.held + sum(self.rejected.values())


class Hold(Struct, frozen=True, kw_only=True):
    """How much of what a register said before a release of it takes back, as counts of answers, and the time between.

    `blank` are answers that the release before gave and this one, which lists the company, does not.
    """

    known: int
    withdrawn: int
    blank: int
    days: int

    def allowed(self, share: float) -> float:
        """Share that may be withdrawn: registers lose companies with time, so it is for each month, up to a quarter."""
        return min(max(share, share * self.days / 30), max(share, _MOST))

    def exceeds(self, share: float) -> bool:
        """Whether more is blank than a share of what was known, or more is withdrawn than that share allows."""
        return self.blank > share * self.known or self.withdrawn > self.allowed(share) * self.known


class ImportReport(Struct, kw_only=True):
    """What an import did. `answers` counts submitted rows by kind and status.

    `doubts` are rows whose company a person should look at; `lines` have them too, as `ambiguous` or `matched`.
    `hold` is set for a release of a complete register; `held` says why nothing of it was published.
    """

    file: str
    released: dt.date
    sheets: list[SheetReport] = []
    lines: list[Line] = []
    doubts: list[Doubt] = []
    answers: Counter[str] = field(default_factory=Counter[str])
    companies_new: int = 0
    companies_changed: int = 0
    hold: Hold | None = None
    held: str | None = None

    def counts(self) -> dict[str, int]:
        """Lines by finding, most first."""
        return dict(Counter[str](line.finding for line in self.lines).most_common())

    def skip(self, name: str, rows: int, reason: str) -> None:
        """Leave out a whole sheet, with the reason."""
        sheet = SheetReport(name=name, profile=None, rows=rows, rejected=Counter({"skipped_sheet": rows}))
        self.sheets.append(sheet)
        Notes(self, sheet).add("skipped_sheet", None, f"{rows} rows were not read: {reason}")

    def settle(self, made: Collection[tuple[str, int]]) -> None:
        """Tell the rows of use that bring something, by sheet and row, from those that bring nothing new; or hold all."""
        for sheet in self.sheets:
            used = sheet.used or set[int]()
            fresh = 0 if self.held is not None else sum((sheet.name, row) in made for row in used)
            rest = sheet.imported - fresh
            sheet.imported = fresh
            sheet.held, sheet.unchanged = (rest, 0) if self.held is not None else (0, rest)
            sheet.used = UNSET
            assert sheet.adds_up, sheet

    def of(self, *findings: Finding) -> list[Line]:
        """Lines of some findings, in the order of the file."""
        return [line for line in self.lines if line.finding in findings]


class Notes:
    """A pen for the lines of one sheet."""

    def __init__(self, report: ImportReport, sheet: SheetReport) -> None:
        self._report, self._sheet = report, sheet

    def add(
        self, finding: Finding, row: int | None, reason: str, column: str | None = None, value: object = None
    ) -> None:
        """Write one line."""
        self._report.lines.append(
            Line(
                finding=finding,
                file=self._report.file,
                sheet=self._sheet.name,
                row=row,
                column=column,
                value=None if value is None else str(value)[:400],
                reason=reason,
            )
        )

    def doubt(self, **said: Any) -> None:
        """Note a row that may be about another company, for review."""
        self._report.doubts.append(Doubt(file=self._report.file, sheet=self._sheet.name, **said))

    def reject(self, finding: Finding, row: int, reason: str, value: object = None) -> None:
        """Write one line and count its row as not imported."""
        assert finding in REJECTING, finding
        self._sheet.rejected[finding] += 1
        self.add(finding, row, reason, value=value)

    def imported(self, row: int) -> None:
        """Count one row as of use."""
        self._sheet.imported += 1
        self._sheet.used = self._sheet.used or set[int]()
        self._sheet.used.add(row)
