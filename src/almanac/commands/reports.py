"""Reports of imports in words: what became of every row, and what was found on the way."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from almanac.importers.report import ImportReport
    from almanac.publish.publish import Report

_SHOWN = 5


def told(path: Path, read: "ImportReport", published: "Report | None", *, complete: bool) -> str:
    """One import for a person; `complete` says that every finding is written elsewhere."""
    outcome = f"held, nothing was published: {read.held}" if published is None else _published(published)
    return "\n".join([f"{path.name}, released {read.released}", *_read(read, complete=complete), outcome])


def _read(report: "ImportReport", *, complete: bool) -> list[str]:
    lines: list[str] = []
    for sheet in report.sheets:
        counts = {"unchanged": sheet.unchanged, "held": sheet.held} | sheet.rejected
        rest = "".join(f", {count} {name.replace('_', ' ')}" for name, count in counts.items() if count)
        lines.append(f"sheet {sheet.name}: {sheet.rows} rows, {sheet.imported} imported{rest}")
        if sheet.ignored_columns:
            lines.append(f"  columns not imported: {', '.join(sheet.ignored_columns)}")
    for finding, count in report.counts().items():
        lines.append(f"  {finding.replace('_', ' ')}: {count}")
        found = [line for line in report.lines if line.finding == finding]
        lines += [
            f"    {f'row {one.row}' if one.row else 'no row'}, {one.column or 'whole row'}: {one.value!r} {one.reason}"
            for one in found[:_SHOWN]
        ]
        if count > _SHOWN and not complete:
            lines.append(f"    and {count - _SHOWN} more; --report or --json gives all")
    if report.doubts:
        lines.append(f"  for review: {len({one.claim for one in report.doubts})} claims; --review FILE lists them")
    return lines


def _published(report: "Report") -> str:
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in report.counts.items() if count)
    made = f"{report.rows} answers: {counts}; {report.companies} companies new or changed"
    if report.dry_run:
        return f"dry run, nothing was published; {made}"
    return f"nothing new; {made}" if report.edition is None else f"published as edition {report.edition}; {made}"
