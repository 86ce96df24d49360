"""Opening .csv files: their encoding and delimiter are found in the content, and what is no text is refused."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from msgspec import Struct

from almanac.errors import BadFile

_CHUNK_BYTES = 1 << 20
_LINE_LONGEST = 1_000_000
_CELLS_MOST = 5_000
_DELIMITERS = (",", ";", "\t")
_SAMPLE_ROWS = 20


class Delimited(Struct, frozen=True, kw_only=True):
    """A text file as a sheet's source; `height` counts its rows."""

    path: Path
    encoding: str
    delimiter: str
    height: int

    def iter_rows(self) -> Iterator[list[str]]:
        """Rows from the first, every cell as text. Errors: BadFile naming the line."""
        yield from _rows(self.path, self.encoding, self.delimiter)


def open_delimited(path: Path) -> Delimited:
    """The rows of a .csv file. Errors: BadFile naming the file, the place and what is wrong there."""
    encoding = _encoding(path)
    delimiter = _delimiter(path, encoding)
    return Delimited(
        path=path, encoding=encoding, delimiter=delimiter, height=sum(1 for _ in _rows(path, encoding, delimiter))
    )


def _encoding(path: Path) -> str:
    """UTF-8 with or without a mark, UTF-16 with one, else Windows-1252, the code page of spreadsheets in the West."""
    with path.open("rb") as file:
        head = file.read(4)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while chunk := file.read(_CHUNK_BYTES):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _delimiter(path: Path, encoding: str) -> str:
    """The delimiter that parts most of the first rows into the same number of cells, more cells before fewer."""

    def evenness(delimiter: str) -> tuple[int, int]:
        rows = [len(row) for row, _ in zip(_rows(path, encoding, delimiter), range(_SAMPLE_ROWS), strict=False)]
        width, times = max(Counter(rows).items(), key=lambda one: (one[1], one[0]), default=(1, 0))
        return (times, width) if width > 1 else (0, 0)

    return max(_DELIMITERS, key=evenness)


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[list[str]]:
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(_lines(path, file), delimiter=delimiter)
        try:
            for row in reader:
                _check(path, reader.line_num, row)
                yield row
        except csv.Error as error:
            raise BadFile(f"{path}: line {reader.line_num} cannot be read: {error}") from error
        except UnicodeDecodeError as error:
            why = f"is neither UTF-8 nor Windows-1252: {error.reason}"
            raise BadFile(f"{path}: the text after line {reader.line_num} {why}") from error


def _check(path: Path, line: int, row: list[str]) -> None:
    if len(row) > _CELLS_MOST:
        raise BadFile(f"{path}: line {line} has {len(row):,} cells; at most {_CELLS_MOST:,} are read")
    for cell in row:
        if cell[:1] == "=":
            raise BadFile(f"{path}: line {line} holds a formula, {cell[:60]!r}; save the file with the values instead")


def _lines(path: Path, file: IO[str]) -> Iterator[str]:
    number = 0
    while line := file.readline(_LINE_LONGEST + 1):
        number += 1
        if len(line) > _LINE_LONGEST:
            raise BadFile(f"{path}: line {number} has over {_LINE_LONGEST:,} characters; this is no table")
        if "\0" in line:
            raise BadFile(f"{path}: line {number} has a NUL in it; this is no text")
        yield line
