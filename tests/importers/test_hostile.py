"""Files that are damaged or made to hurt: one line that names file and place, exit code 2, nothing published, bounded cost.

Each runs the command in a process of its own over a real database; memory is what the process or a child of it had at most.
"""

import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from almanac.store.db import connect
from tests.importers.hostile import Done, packed, parts, row, run_import
from tests.importers.test_cdp import GLOBAL, ROW

pytestmark = [pytest.mark.slow, pytest.mark.anyio]
MOST_MB = 400
MOST_S = 60
HEADER = row(*GLOBAL)
VALUES = [ROW.get(name, "") for name in GLOBAL]


def truncated(path: Path) -> None:
    packed(path, parts(HEADER + row(*VALUES)))
    path.write_bytes(path.read_bytes()[:-60])


def bomb(path: Path) -> None:
    packed(path, parts(HEADER) | {"xl/media/nothing.bin": b"\0" * 220_000_000})


def lying_bomb(path: Path) -> None:
    """The directory at the end says 100 bytes; the part unpacks to 50 MB."""
    packed(path, parts(HEADER) | {"xl/media/nothing.bin": b"\0" * 50_000_000})
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", 50_000_000), struct.pack("<I", 100)))


def far_cell(path: Path) -> None:
    """Two cells with 17 thousand million places between them."""
    packed(path, parts(HEADER + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))


def one_text_in_many_cells(path: Path) -> None:
    cells = "".join("<row>" + '<c t="s"><v>0</v></c>' * 100 + "</row>" for _ in range(2000))
    packed(path, parts(HEADER + cells, strings=f"<si><t>{'x' * 32000}</t></si>"))


def many_cells(path: Path) -> None:
    packed(path, parts(HEADER + ("<row>" + "<c><v>1</v></c>" * 1000 + "</row>") * 10_000))


def laughs(path: Path) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    packed(path, parts(row("&e9;"), before=f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]>'))


def traversal(path: Path) -> None:
    packed(path, parts(HEADER) | {"../../../../tmp/outside.txt": "gotcha"})


def part_twice(path: Path) -> None:
    packed(path, parts(HEADER))
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/worksheets/sheet1.xml", parts(row("other"))["xl/worksheets/sheet1.xml"])


def locked_zip(path: Path) -> None:
    """The flag of encryption, bit 0, in the header of a part and in its line of the directory."""
    packed(path, parts(HEADER))
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    path.write_bytes(data)


def locked(path: Path) -> None:
    ole = bytes.fromhex("d0cf11e0a1b11ae1")
    path.write_bytes(ole + "EncryptedPackage".encode("utf-16-le").rjust(4000, b"\0") + b"\0" * 4000)


def formula(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(GLOBAL)
    book.active.append(VALUES)
    book.active["L2"] = "=SUM(1,2)"
    book.save(path)


def empty_sheet(path: Path) -> None:
    openpyxl.Workbook().save(path)


def long_line(path: Path) -> None:
    with path.open("wb") as file:
        file.write(",".join(GLOBAL).encode() + b"\n")
        for _ in range(64):
            file.write(b"x" * (1 << 24))


def text(content: str | bytes) -> Callable[[Path], None]:
    data = content.encode() if isinstance(content, str) else content
    return lambda path: path.write_bytes(data) and None


LINE = ",".join(GLOBAL) + "\n" + ",".join(VALUES) + "\n"
CASES: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "truncated workbook": ("a.xlsx", truncated, "is cut short or damaged"),
    "zip bomb": ("a.xlsx", bomb, "would unpack to 220,0"),
    "zip bomb that lies about its size": ("a.xlsx", lying_bomb, "is cut short or damaged"),
    "far cell": ("a.xlsx", far_cell, "needs over 384,000,000 bytes of memory"),
    "one text in many cells": ("a.xlsx", one_text_in_many_cells, "needs over 384,000,000 bytes of memory"),
    "many cells": ("a.xlsx", many_cells, "needs over 384,000,000 bytes of memory"),
    "billion laughs": ("a.xlsx", laughs, "xl/worksheets/sheet1.xml declares entities"),
    "path traversal": ("a.xlsx", traversal, "names a place outside itself, '../../../../tmp/outside.txt'"),
    "part twice": ("a.xlsx", part_twice, "holds a part of itself twice"),
    "password": ("a.xlsx", locked, "is protected by a password"),
    "password of the archive": ("a.xlsx", locked_zip, "is protected by a password"),
    "formula without a result": ("a.xlsx", formula, "sheet 'Sheet' cell L2 holds a formula without its result"),
    "empty sheet": ("a.xlsx", empty_sheet, "sheet 'Sheet': is empty"),
    "archive of something else": ("a.xlsx", lambda path: packed(path, {"a.txt": "x"}) and None, "no Excel workbook"),
    "old workbook": ("a.xls", text(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 2000), "is an old .xls file"),
    "page": (
        "a.csv",
        text("<!DOCTYPE html><html><body><table><tr><td>1</td></tr></table></body></html>"),
        "an HTML page",
    ),
    "line of 1 GB": ("a.csv", long_line, "line 2 has over 1,000,000 characters"),
    "many columns": ("a.csv", text(LINE + "," * 6000 + "\n"), "line 3 has 6,001 cells"),
    "formula in text": ("a.csv", text(LINE + '"=HYPERLINK(""http://x"")"\n'), "line 3 holds a formula, '=HYPERLINK"),
    "NUL": ("a.csv", text(LINE * 50 + "a\0b\n"), "line 101 has a NUL in it"),
    "open quote": ("a.csv", text(LINE + '"' + "x\n" * 100_000), "cannot be read: field larger than field limit"),
    "bytes of no encoding": ("a.csv", text(LINE.encode() + b"\x81\x8d\n"), "neither UTF-8 nor Windows-1252"),
    "nothing": ("a.csv", text(""), "is empty (0 bytes)"),
    "deep JSON": ("a.json", text("[" * 100_000), "no importer knows a header like this"),
    "wide JSON": ("a.json", text("[" + "{}," * 4_100_000 + "{}]"), "has over 4,000,000 values"),
    "folder like a file": ("a.csv", lambda path: path.mkdir(), "is a folder without a table"),
    "pipe": ("a.csv", os.mkfifo, "is a pipe, and a file is wanted"),
    "device": ("a.csv", lambda path: path.symlink_to("/dev/zero"), "is a device, and a file is wanted"),
    "memory": ("a.csv", lambda path: path.symlink_to("/proc/self/mem"), "cannot be read: Input/output error"),
    "name": ("a\n\x1b[31m.csv", text(LINE), "has a name that is no text on one line"),
}


async def stored(url: str) -> int:
    connection = await connect(url)
    rows = await connection.fetchval("select (select count(*) from edition) + (select count(*) from raw_row)")
    await connection.close()
    return rows


def one_line(done: Done, what: str) -> None:
    assert done.code == 2, done
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("almanac: ")
    assert what in done.stderr
    assert done.megabytes < MOST_MB, done
    assert done.seconds < MOST_S, done


@pytest.mark.parametrize("case", CASES)
async def test_it_is_refused_in_one_line_and_costs_little(empty_database: str, tmp_path: Path, case: str):
    name, make, what = CASES[case]
    path = tmp_path / name
    make(path)
    done = run_import(empty_database, path)
    one_line(done, what)
    assert ascii(str(path))[1:-1].split("\\")[0] in done.stderr, "the file is named"
    assert await stored(empty_database) == 0


async def test_a_file_of_that_shape_is_taken(empty_database: str, tmp_path: Path):
    """Control: what the cases are made of is read, so each is refused for what is wrong with it."""
    packed(tmp_path / "a.xlsx", parts(HEADER + row(*VALUES)))
    (tmp_path / "b.csv").write_text(LINE)
    for name in ("a.xlsx", "b.csv"):
        done = run_import(empty_database, tmp_path / name, "--released", "2011-12-31")
        assert (done.code, done.stderr) == (0, ""), done
        assert "1 rows, 1 imported" in done.stdout or "1 rows, 0 imported, 1 unchanged" in done.stdout
    assert await stored(empty_database) > 0


async def test_a_bad_file_in_a_folder_keeps_no_good_one_out(empty_database: str, tmp_path: Path):
    (tmp_path / "good.csv").write_text(LINE)
    truncated(tmp_path / "bad.xlsx")
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "notes.md").write_text("# Notes\n")
    done = run_import(empty_database, tmp_path)
    assert done.code == 2
    lines = done.stderr.splitlines()
    assert len(lines) == 3, done.stderr
    assert "no tables, and not read: notes.md" in lines[0]
    assert {Path(line.split(":")[1].strip()).name for line in lines[1:]} == {"bad.xlsx", "pipe.csv"}
    assert "published as edition 1" in done.stdout


async def test_a_mapping_does_not_wait_for_a_pipe(empty_database: str, tmp_path: Path):
    (tmp_path / "map.toml").write_text("")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a.csv").write_text(LINE)
    for file, mapping in (("pipe", "map.toml"), ("a.csv", "pipe")):
        done = run_import(
            empty_database,
            "table",
            tmp_path / file,
            "--mapping",
            tmp_path / mapping,
            "--released",
            "2024-01-01",
            timeout=20,
        )
        assert done.code == 2, done


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
async def test_a_file_that_may_not_be_read_is_refused(empty_database: str, tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text(LINE)
    path.chmod(0)
    one_line(run_import(empty_database, path), "cannot be read: Permission denied")
