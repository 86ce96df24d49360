"""Office Open XML spreadsheets: the rows, what each column means, and how to cite them.

No cell is a formula. A number is a number with the digits that were reported; one that a spreadsheet cannot hold exactly is
a text.
"""

import datetime as dt
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from almanac.columns import cell
from almanac.errors import AnswerTooLarge
from almanac.model import decimals_of
from almanac.web.citation import bibtex
from almanac.web.flat import Cells
from almanac.web.rendered import Rendered

_LONGEST = 32_767  # characters in a cell
_DIGITS = 15  # of a number
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_FIRST_DAY = dt.date(1900, 3, 1)  # spreadsheets count the days before wrongly


class _Book:
    """One workbook: formats are made once each."""

    def __init__(self, rendered: Rendered, out: io.BytesIO) -> None:
        self.book = xlsxwriter.Workbook(out, {"in_memory": True})
        # The same answer gives the same bytes: the instant is that of the edition.
        created = rendered.meta.published_at or _EPOCH
        self.book.set_properties({"title": rendered.citation.title, "created": created.replace(tzinfo=None)})
        self.bold = self.book.add_format({"bold": True})
        self.wrapped = self.book.add_format({"text_wrap": True, "valign": "top"})
        self._day = self.book.add_format({"num_format": "yyyy-mm-dd"})
        self._numbers: dict[int, Format] = {}

    def number(self, decimals: int) -> Format:
        """The format that shows a number with as many decimals as it was reported with."""
        if decimals not in self._numbers:
            shown = "0" if decimals == 0 else f"0.{'0' * decimals}"
            self._numbers[decimals] = self.book.add_format({"num_format": shown})
        return self._numbers[decimals]

    def put(self, sheet: Worksheet, row: int, column: int, kind: str, value: Any) -> None:
        """One cell, typed."""
        if value is None or value == []:
            return
        if kind in ("number", "integer") and _exact(value):
            sheet.write_number(row, column, value, self.number(_decimals(value)))
        elif kind == "boolean":
            sheet.write_boolean(row, column, value)
        elif kind == "date" and (day := dt.date.fromisoformat(value)) >= _FIRST_DAY:
            sheet.write_datetime(row, column, dt.datetime.combine(day, dt.time()), self._day)
        else:
            sheet.write_string(row, column, cell(value))


def write(rendered: Rendered) -> bytes:
    """The answer as a workbook of three sheets."""
    out = io.BytesIO()
    book = _Book(rendered, out)
    _data(book, rendered)
    _dictionary(book, rendered.cells)
    _citation(book, rendered)
    book.book.close()
    return out.getvalue()


def _data(book: _Book, rendered: Rendered) -> None:
    sheet = book.book.add_worksheet("Data")
    cells = rendered.cells
    for column, one in enumerate(cells):
        sheet.write_string(0, column, one.column.name, book.bold)
    for number, row in enumerate(rendered.rows, 1):
        for column, one in enumerate(cells):
            value = one.get(row)
            if not isinstance(value, int | Decimal) and len(cell(value)) > _LONGEST:
                raise AnswerTooLarge(
                    f"`{one.column.name}` of row {number} is longer than the {_LONGEST} characters that a cell holds; "
                    f"`.csv`, `.ndjson` and `.json` give it whole."
                )
            book.put(sheet, number, column, one.column.type, value)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(cells) - 1, 16)
    sheet.autofilter(0, 0, len(rendered.rows), len(cells) - 1)


def _dictionary(book: _Book, cells: Sequence[Cells]) -> None:
    sheet = book.book.add_worksheet("Dictionary")
    heads = ("column", "type", "unit", "always there", "values", "description")
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, book.bold)
    for number, one in enumerate((held.column for held in cells), 1):
        told = (
            one.name,
            one.type,
            one.unit or "",
            "yes" if one.required and one.type != "list" else "no",
            ", ".join(one.values),
        )
        for column, value in enumerate((*told, one.description)):
            sheet.write_string(number, column, value, book.wrapped)
    sheet.freeze_panes(1, 0)
    for column, width in enumerate((28, 10, 22, 12, 40, 90)):
        sheet.set_column(column, column, width)


def _citation(book: _Book, rendered: Rendered) -> None:
    sheet = book.book.add_worksheet("Citation")
    meta, citation = rendered.meta, rendered.citation
    pairs = [
        ("Citation", citation.text),
        ("Permalink", citation.url),
        ("Edition", str(meta.edition)),
        ("Published", meta.published_at.isoformat() if meta.published_at else ""),
        ("Known on", str(meta.known_on) if meta.known_on else ""),
        ("Rows", f"{len(rendered.rows)}{'' if rendered.whole else ' (a page; without `limit` it is the whole list)'}"),
        ("Licence", meta.licence),
        ("BibTeX", bibtex(citation).decode()),
    ]
    for row, (head, value) in enumerate(pairs):
        sheet.write_string(row, 0, head, book.bold)
        sheet.write_string(row, 1, value, book.wrapped)
    start = len(pairs) + 1
    heads = ("source", "title", "publisher", "published on", "url", "licence")
    for column, head in enumerate(heads):
        sheet.write_string(start, column, head, book.bold)
    for row, source in enumerate(rendered.sources, start + 1):
        for column, name in enumerate(("id", "title", "publisher", "published_on", "url", "licence")):
            sheet.write_string(row, column, source[name] or "")
    for column, width in enumerate((38, 90, 30, 14, 40, 40)):
        sheet.set_column(column, column, width)


def _exact(value: Any) -> bool:
    return len(Decimal(value).normalize().as_tuple().digits) <= _DIGITS


def _decimals(value: Any) -> int:
    return min(decimals_of(value), 30) if isinstance(value, Decimal) else 0
