"""Cells that calamine gives as blank and that are none: spreadsheet errors (#N/A), and formulas without a stored result.

Source: ECMA-376 part 1, 18.3.1.4 (cell, `t="e"`) and 18.3.1.40 (formula; a result that is an empty text has `t="str"`).
Regular expressions instead of an XML parser: one pass over some 30 MB in 0.1 s, and nothing to expand.
"""

import html
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from almanac.errors import BadFile

ERROR_CODES = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!", "#?"}
)

_SHEET = re.compile(r"<(?:\w+:)?sheet\b([^>]*)>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')
_CELL = re.compile(rb'<(?:\w+:)?c\b([^>]*\bt="e"[^>]*)>(.{0,2000}?)</(?:\w+:)?c>', re.DOTALL)
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)</")
_CHUNK_BYTES = 1 << 20
_LONGEST_BYTES = 4096


def error_cells(path: Path) -> dict[str, dict[tuple[int, int], str]]:
    """Error codes by sheet name, then by row number (from 1) and column index (from 0).

    Errors: BadFile for a formula whose result is not stored: nobody knows what the cell says.
    """
    with zipfile.ZipFile(path) as archive:
        members = set(archive.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= members:
            return {}
        relations = _attributes(_RELATION, archive.read("xl/_rels/workbook.xml.rels"))
        targets = {one.get("Id"): _member(one.get("Target", "")) for one in relations}
        found: dict[str, dict[tuple[int, int], str]] = {}
        for sheet in _attributes(_SHEET, archive.read("xl/workbook.xml")):
            target = targets.get(next((v for k, v in sheet.items() if k.endswith(":id")), None))
            if target in members:
                name = html.unescape(sheet.get("name", ""))
                try:
                    found[name] = dict(_errors(archive, target))
                except _NoResult as error:
                    why = "holds a formula without its result; open the file in a spreadsheet program and save it"
                    raise BadFile(f"{path}: sheet {name!r} cell {error} {why}") from error
        return found


class _NoResult(Exception):
    """A formula whose result is not stored, by its place."""


def _attributes(pattern: re.Pattern[str], xml: bytes) -> list[dict[str, str]]:
    return [dict(_ATTRIBUTE.findall(text)) for text in pattern.findall(xml.decode("utf-8", "replace"))]


def _member(target: str) -> str:
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _errors(archive: zipfile.ZipFile, member: str) -> Iterator[tuple[tuple[int, int], str]]:
    with archive.open(member) as file:
        tail = b""
        while chunk := file.read(_CHUNK_BYTES):
            window = tail + chunk
            tail = window[-_LONGEST_BYTES:]  # a cell on the seam is found twice, which does no harm
            if b"<f" in window or b":f" in window:
                _check_formulas(window)
            if b't="e"' not in window:
                continue
            for attributes, content in _CELL.findall(window):
                place, value = _PLACE.search(attributes), _VALUE.search(content)
                if place:
                    code = value[1].decode("utf-8", "replace") if value else "#?"
                    yield (int(place[2]), _index(place[1].decode())), code


def _check_formulas(window: bytes) -> None:
    for attributes in _FORMULA.findall(window):
        if b't="str"' not in attributes:
            place = _PLACE.search(attributes)
            raise _NoResult((place[1] + place[2]).decode() if place else "somewhere")


def _index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1
