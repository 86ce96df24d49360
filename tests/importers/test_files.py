"""What is no workbook is refused in one line that names the file and the place."""

import zipfile
from pathlib import Path

import openpyxl
import pytest

from almanac.errors import BadFile
from almanac.importers import registry
from almanac.importers.identity import Index
from almanac.importers.sbti import load
from almanac.store.db import PUBLISHER, connect
from tests.importers.numbers import cells
from tests.importers.workbook import HEADER, NEAR, RELEASED, company, register

OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def refused(path: Path) -> str:
    with pytest.raises(BadFile) as caught:
        load(path, RELEASED, Index())
    assert str(path) in caught.value.detail
    assert "\n" not in caught.value.detail
    return caught.value.detail


def test_a_truncated_workbook_is_refused(tmp_path: Path):
    path = register(tmp_path, [company(**NEAR)])
    path.write_bytes(path.read_bytes()[:-100])
    assert "cut short" in refused(path)


def test_a_workbook_with_a_damaged_sheet_is_refused(tmp_path: Path):
    path = register(tmp_path, [company(**NEAR)])
    damaged = tmp_path / "damaged.xlsx"
    with zipfile.ZipFile(path) as good, zipfile.ZipFile(damaged, "w") as bad:
        for member in good.namelist():
            content = good.read(member)
            bad.writestr(member, content[: len(content) // 2] if "sheet1" in member else content)
    assert "damaged" in refused(damaged)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty (0 bytes)"),
        (b"<!DOCTYPE html><html><table></table></html>", "an HTML page"),
        (b"sbti_id;company_name\n", "the nearest profile is sbti-2025-company"),
        (b"sbti_id;company_name\n1;A\0B\n", "neither an .xlsx file nor text"),
        (b"sbti_id\n" + b"1\n" * 600 + b"\0", "line 602 has a NUL in it"),
        (b"sbti_id\n" + b"1" * 1_000_002, "line 2 has over 1,000,000 characters"),
        (b"sbti_id,company_name\n\x81,x\n", "neither UTF-8 nor Windows-1252"),
        (b'sbti_id,company_name\n"' + b"x\n" * 100_000, "cannot be read: field larger than field limit"),
        (OLE + "EncryptedPackage".encode("utf-16-le").rjust(2000, b"\0"), "protected by a password"),
        (OLE + b"\0" * 2000, "an old .xls file"),
        (b"PK\x03\x04 and nothing else", "cut short"),
    ],
)
def test_what_is_no_workbook_is_named_for_what_it_is(tmp_path: Path, content: bytes, reason: str):
    path = tmp_path / "register.xlsx"
    path.write_bytes(content)
    assert reason in refused(path)


def test_a_zip_archive_of_something_else_is_refused(tmp_path: Path):
    path = tmp_path / "register.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", "nothing")
    assert "no Excel workbook" in refused(path)


def test_a_missing_file_is_refused(tmp_path: Path):
    assert "cannot be read" in refused(tmp_path / "nowhere.xlsx")


def test_an_empty_sheet_is_refused(tmp_path: Path):
    path = tmp_path / "register.xlsx"
    openpyxl.Workbook().save(path)
    assert "sheet 'Sheet': is empty" in refused(path)


def test_a_sheet_beside_the_register_is_reported_as_skipped(tmp_path: Path):
    path = register(tmp_path, [company(**NEAR)])
    book = openpyxl.load_workbook(path)
    notes = book.create_sheet("Notes")
    notes.append(["How to read this file"])
    notes.append(["Ask us"])
    book.save(path)
    _, report = load(path, RELEASED, Index())
    (line,) = report.of("skipped_sheet")
    assert (line.sheet, line.reason.startswith("2 rows were not read")) == ("Notes", True)


def test_a_register_below_a_title_and_beside_a_blank_column_keeps_its_places(tmp_path: Path):
    path = register(tmp_path, [company(isin="SE123", **NEAR)])
    book = openpyxl.load_workbook(path)
    book["Data"].insert_rows(1, 3)
    book["Data"].insert_cols(1)
    book["Data"]["B2"] = "Companies taking action"
    book.save(path)
    _, report = load(path, RELEASED, Index())
    assert [(sheet.header_row, sheet.rows, sheet.imported) for sheet in report.sheets] == [(4, 1, 1)]
    (line,) = report.of("failing_identifier")
    assert (line.row, line.column, line.value) == (5, "D isin", "SE123")


def test_a_cell_beyond_the_header_is_kept_and_reported(tmp_path: Path):
    """An unquoted delimiter shifts a row: what then stands beyond the header is no silent loss."""
    path = tmp_path / "register.csv"
    path.write_text(",".join([*HEADER, ""]) + "\n" + ",".join(["1", "Nova", *[""] * 21, "lost", ""]) + "\n")
    batch, report = load(path, RELEASED, Index())
    assert [(one.row, one.column, one.value) for one in report.of("unplaced")] == [(2, "X", "lost")]
    assert cells(batch.raw[0])["[X]"] == "lost"


def test_progress_runs_to_the_end(tmp_path: Path):
    seen: list[tuple[str, int, int]] = []
    path = register(tmp_path, [company(n, f"Company {n}", **NEAR) for n in range(1, 1201)])
    load(path, RELEASED, Index(), lambda *step: seen.append(step))
    assert seen[-1] == ("read Data", 1201, 1201)
    assert len(seen) == 3


@pytest.mark.anyio
@pytest.mark.parametrize("how", ["appended", "replaced"])
async def test_a_file_that_changes_while_it_is_read_is_refused(empty_database: str, tmp_path: Path, how: str):
    path = register(tmp_path, [company(n, f"Company {n}", **NEAR) for n in range(1, 1201)], name="r_2025-03-13.xlsx")
    other = register(tmp_path, [company(n, f"Company {n}", **NEAR) for n in range(1, 1201)], name="other.xlsx")

    def change(*_: object) -> None:
        if how == "replaced" and other.exists():
            other.replace(path)
        elif how == "appended":
            with path.open("ab") as file:
                file.write(b"\0")

    connection = await connect(empty_database, PUBLISHER)
    found = registry.find(path)
    with pytest.raises(BadFile, match="was written to while it was read"):
        await registry.run(connection, found, registry.Options(progress=change))
    assert await connection.fetchval("select count(*) from edition") == 0
    await connection.close()
