"""`almanac import FILE...`: several files and folders, recognised by content, oldest first, one edition each."""

import subprocess
import sys
from pathlib import Path

import msgspec

from tests.importers.workbook import NEAR, company, register


def almanac(database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "almanac", "import", *arguments]
    environment = {"ALMANAC_DATABASE_URL": database}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_folder_is_imported_oldest_first_and_again_says_nothing(empty_database: str, tmp_path: Path):
    register(tmp_path, [company(**NEAR)], name="b_c2025-03-13.xlsx")
    register(tmp_path, [company(**NEAR | {"near_term_target_year": 2035})], name="a_2025-07-17.xlsx")
    done = almanac(empty_database, str(tmp_path), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    files = msgspec.json.decode(done.stdout)["files"]
    told = [(Path(one["file"]).name, one["published"]["edition"]) for one in files]
    assert told == [("b_c2025-03-13.xlsx", 1), ("a_2025-07-17.xlsx", 2)]
    again = msgspec.json.decode(almanac(empty_database, str(tmp_path), "--json").stdout)["files"]
    assert [one["published"]["edition"] for one in again] == [None, None]


def test_what_nobody_knows_or_nothing_dates_is_told_and_keeps_nothing_out(empty_database: str, tmp_path: Path):
    good = register(tmp_path, [company(**NEAR)], name="good_2025-03-13.xlsx")
    undated = register(tmp_path, [company(**NEAR)], name="undated.xlsx")
    strange = tmp_path / "strange_2025-03-13.csv"
    strange.write_text("a,b\n1,2\n")
    done = almanac(empty_database, str(undated), str(good), str(strange))
    assert done.returncode == 2
    assert f"{undated}: nothing says when it was published; give --released" in done.stderr
    assert f"{strange}: no importer knows a header like this" in done.stderr
    assert "published as edition 1" in done.stdout


def test_the_day_may_be_given(empty_database: str, tmp_path: Path):
    path = register(tmp_path, [company(**NEAR)], name="undated.xlsx")
    done = almanac(empty_database, str(path), "--released", "2025-03-13", "--dry-run")
    assert done.returncode == 0
    assert "undated.xlsx, released 2025-03-13" in done.stdout


def test_a_held_release_fails_until_it_is_accepted(empty_database: str, tmp_path: Path):
    register(tmp_path, [company(**NEAR), company(2, "Nova", **NEAR)], name="a_2025-03-13.xlsx")
    register(tmp_path, [company(**NEAR)], name="a_2025-04-10.xlsx")
    done = almanac(empty_database, str(tmp_path))
    assert done.returncode == 1
    assert "held, nothing was published: of 2 answers" in done.stdout
    done = almanac(empty_database, str(tmp_path), "--accept", "2025-04-10")
    assert done.returncode == 0
    assert "1 withdraw" in done.stdout
