"""Reads tables back, without the code that wrote them: each cell is found in the JSON row by the name of its column."""

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from typing import Any

import openpyxl

from tests.client import Client

Row = dict[str, Any]


def as_(url: str, suffix: str) -> str:
    """The URL with a suffix to its path."""
    path, mark, query = url.partition("?")
    return f"{path}{suffix}{mark}{query}"


def decoded(body: bytes | str) -> Any:
    """JSON with the digits of its numbers."""
    return json.loads(body, parse_float=Decimal)


def pages(api: Client, url: str, limit: int) -> list[Row]:
    """Every row of a list, page by page as JSON."""
    rows: list[Row] = []
    following: str | None = f"{url}{'&' if '?' in url else '?'}limit={limit}"
    while following:
        answer = api.get(following)
        assert answer.status_code == 200, answer.text
        rows += decoded(answer.content)["data"]
        following = answer.links.get("next", {}).get("url")
    return rows


def cells(body: bytes) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a CSV."""
    header, *rows = csv.reader(io.StringIO(body.decode("utf-8"), newline=""), strict=True)
    return header, rows


def as_text(value: Any) -> str:
    """A value as a CSV holds it."""
    if isinstance(value, list):
        return ",".join(str(one) for one in value)
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    return str(value)


def unguarded(cell: str) -> str:
    """The text that a guarded cell stands for."""
    return cell[1:] if cell[:1] == "'" else cell


def assert_same(row: Row, header: list[str], texts: list[str]) -> None:
    """A row of a CSV says what its JSON says, and nothing else."""
    held = dict(zip(header, texts, strict=True))
    for name, value in _spread(row, header).items():
        cell = held.pop(name)
        if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict) for one in value)):
            assert decoded(unguarded(cell)) == value, name  # JSON within a cell: compared by what it says
        elif value == [] and cell:
            assert cell == "[]", name  # a list of objects, none this time
        elif isinstance(value, str | list):
            assert unguarded(cell) == as_text(value), name
        else:
            assert cell == as_text(value), name
    assert not any(held.values()), f"cells that the JSON does not have: {held}"


def _spread(row: Row, header: list[str]) -> Row:
    """The row's cells by column: an object spread out, and each basis of a computed change, unless it has one column."""
    found: Row = {}
    for name, value in row.items():
        if name in header:
            found[name] = value
        elif value in (None, []):
            assert any(column.startswith(f"{name}_") for column in header), f"no column for {name}"
        else:
            parts = {f"_{one['basis']}": one for one in value} if isinstance(value, list) else {"": value}
            for part, inside in parts.items():
                within = {f"{name}{part}_{key}": one for key, one in inside.items() if not part or key != "basis"}
                found |= _spread(within, header)
    return found


def assert_sheet(body: bytes, header: list[str], rows: list[list[str]]) -> None:
    """A workbook says what the CSV of the same list says, typed, and holds no formula."""
    book = openpyxl.load_workbook(io.BytesIO(body))
    assert book.sheetnames == ["Data", "Dictionary", "Citation"]
    assert all(cell.data_type != "f" for sheet in book for line in sheet.iter_rows() for cell in line)
    top, *lines = book["Data"].iter_rows()
    assert [cell.value for cell in top] == header
    assert len(lines) == len(rows)
    for line, texts in zip(lines, rows, strict=True):
        for cell, text in zip(line, texts, strict=True):
            assert _says(cell, text), (text, cell.value)
    assert [line[0].value for line in book["Dictionary"].iter_rows(min_row=2)] == header


def _says(cell: Any, text: str) -> bool:
    """Whether a cell of a sheet is what the CSV says, shown with as many decimals."""
    value = cell.value
    if isinstance(value, bool):
        return {"true": True, "false": False}[text] == value
    if isinstance(value, int | float):
        shown = len(cell.number_format.partition(".")[2])
        return Decimal(text) == Decimal(str(value)) and shown == max(0, -int(Decimal(text).as_tuple().exponent))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() == text
    return (value or "") == unguarded(text)
