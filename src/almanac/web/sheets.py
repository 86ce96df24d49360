"""Office Open XML spreadsheets: the rows, what each column means, and how to cite them.

No cell is a formula. A number is a number with the digits that were reported; one that a spreadsheet cannot hold exactly is
a text.
"""

import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from almanac.columns import cell
from almanac.errors import AnswerTooLarge
from almanac.model import decimals_of
from almanac.web.citation import Citation, bibtex
from almanac.web.flat import Cells
from almanac.web.operation import ReadMeta
from almanac.web.rendered import Rendered

_LONGEST = 32_767  # characters in a cell
_DIGITS = 15  # of a number
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_PAGE = " (a page; without `limit` it is the whole list)"
_FIRST_DAY = dt.date(1900, 3, 1)  # spreadsheets count the days before wrongly


class Book:
    """One workbook of three sheets: begun, given its rows in order, ended. Formats are made once each.

    With a `scratch` folder each row leaves memory as soon as it is written.
    """

    def __init__(
        self, out: IO[bytes], title: str, made_at: dt.datetime | None, cells: Sequence[Cells], scratch: str = ""
    ) -> None:
        options = {"constant_memory": True, "tmpdir": scratch} if scratch else {"in_memory": True}
        self.book = xlsxwriter.Workbook(out, options)
        # The same answer gives the same bytes: the instant is that of the edition.
        self.book.set_properties({"title": title, "created": (made_at or _EPOCH).replace(tzinfo=None)})
        self.bold = self.book.add_format({"bold": True})
        self.wrapped = self.book.add_format({"text_wrap": True, "valign": "top"})
        self._day = self.book.add_format({"num_format": "yyyy-mm-dd"})
        self._numbers: dict[int, Format] = {}
        self._cells, self._rows = cells, 0
        self._sheet = self.book.add_worksheet("Data")
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(cells) - 1, 16)
        for column, one in enumerate(cells):
            self._sheet.write_string(0, column, one.column.name, self.bold)

    def add(self, rows: Iterable[Any]) -> None:
        """More rows, decoded. Errors: AnswerTooLarge for a text that no cell holds."""
        for row in rows:
            self._rows += 1
            for column, one in enumerate(self._cells):
                value = one.get(row)
                if not isinstance(value, int | Decimal) and len(cell(value)) > _LONGEST:
                    raise AnswerTooLarge(
                        f"`{one.column.name}` of row {self._rows} is longer than the {_LONGEST} characters that a cell "
                        f"holds; other forms of the list give it whole."
                    )
                self.put(self._sheet, self._rows, column, one.column.type, value)

    def end(self, meta: ReadMeta, citation: Citation, sources: Iterable[Mapping[str, Any]], *, whole: bool) -> None:
        """What the columns mean and how to cite, then the end of the file."""
        self._sheet.autofilter(0, 0, self._rows, len(self._cells) - 1)
        _dictionary(self, self._cells)
        _citation(self, meta, citation, f"{self._rows}{'' if whole else _PAGE}", sources)
        self.book.close()

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
    book = Book(out, rendered.citation.title, rendered.meta.published_at, rendered.cells)
    book.add(rendered.rows)
    book.end(rendered.meta, rendered.citation, rendered.sources, whole=rendered.whole)
    return out.getvalue()


def _dictionary(book: Book, cells: Sequence[Cells]) -> None:
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


def _citation(book: Book, meta: ReadMeta, citation: Citation, rows: str, sources: Iterable[Mapping[str, Any]]) -> None:
    sheet = book.book.add_worksheet("Citation")
    pairs = [
        ("Citation", citation.text),
        ("Permalink", citation.url),
        ("Edition", str(meta.edition)),
        ("Published", meta.published_at.isoformat() if meta.published_at else ""),
        ("Known on", str(meta.known_on) if meta.known_on else ""),
        ("Rows", rows),
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
    for row, source in enumerate(sources, start + 1):
        for column, name in enumerate(("id", "title", "publisher", "published_on", "url", "licence")):
            sheet.write_string(row, column, source[name] or "")
    for column, width in enumerate((38, 90, 30, 14, 40, 40)):
        sheet.set_column(column, column, width)


def _exact(value: Any) -> bool:
    return len(Decimal(value).normalize().as_tuple().digits) <= _DIGITS


def _decimals(value: Any) -> int:
    return min(decimals_of(value), 30) if isinstance(value, Decimal) else 0
