"""CSV (RFC 4180): one header row, UTF-8, dates and numbers as in JSON, nothing where JSON has null.

A text that a spreadsheet would take for a formula gets an apostrophe in front, and so does one that begins with an
apostrophe: take one away and it is the text again. Numbers and dates are never touched.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from almanac.columns import Type, cell
from almanac.web.flat import Cells
from almanac.web.rendered import Rendered

# What Excel, LibreOffice or Google Sheets may run, full-width forms included (OWASP, "CSV Injection").
_FORMULA = re.compile("[=+\\-@'\t\r\n\uff1d\uff0b\uff0d\uff20]")
_TEXTS: frozenset[Type] = frozenset(("string", "list", "array", "object"))
_BOM = "\ufeff"


def write(rendered: Rendered) -> bytes:
    """The rows as CSV."""
    mark = _BOM.encode() if "bom" in rendered.address.values else b""
    return mark + header(rendered.cells) + lines(rendered.cells, rendered.rows)


def header(cells: Sequence[Cells]) -> bytes:
    """The header row."""
    return (",".join(one.column.name for one in cells) + "\r\n").encode()


def lines(cells: Sequence[Cells], rows: Iterable[Any], *, guard: bool = True) -> bytes:
    """Decoded rows as lines; without `guard` they are for programs, and texts are as they are."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    getters = [(one.get, guard and one.column.type in _TEXTS) for one in cells]
    table.writerows(
        [guarded(cell(get(row))) if is_text else cell(get(row)) for get, is_text in getters] for row in rows
    )
    return out.getvalue().encode()


def guarded(text: str) -> str:
    """A text that no spreadsheet runs."""
    return f"'{text}" if _FORMULA.match(text) else text
