"""Doubts about who rows are about go to a review file, and what a person decides there is followed, or refused by row."""

import csv
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
import pytest

from almanac.errors import BadFile
from almanac.importers import review
from almanac.importers.evidence import Claim
from almanac.importers.report import Doubt
from tests.importers.workbook import NEAR, company, register

DAY = "2025-03-13"
KNOWN = b"""
{"record":"company","id":"nova","name":"Nova Bank","country":"SE","identifiers":[{"scheme":"isin","value":"US0378331005"}]}
"""
ROW = company(7, "Aurora AB", isin="US0378331005", **NEAR)


def doubt(name: str = "Nova", row: int = 2, **more: Any) -> Doubt:
    claim = Claim(register="sbti_id", number="7", name=name, country="SE")
    said = msgspec.structs.asdict(claim) | more
    where: dict[str, Any] = {"file": "a.xlsx", "sheet": "Data", "row": row}
    return Doubt(settled="nova", how="new", score=0, candidates=["b (isin, 0.7)", "c (name alone, 0.6)"],
                 command=None, claim=review.claim_id(claim), **said, **where)  # fmt: skip


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def decide(path: Path, *decisions: str) -> Path:
    """The review file with decisions, as a spreadsheet of the West saves it."""
    rows = lines(path)
    with path.open("w", encoding="cp1252", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(row | {"decision": said} for row, said in zip(rows, decisions, strict=True))
    return path


def almanac(database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "almanac", *arguments]
    environment = {"ALMANAC_DATABASE_URL": database}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def known(database: str, folder: Path) -> None:
    (folder / "known.ndjson").write_bytes(KNOWN)
    assert almanac(database, "publish", str(folder / "known.ndjson")).returncode == 0


def imported(database: str, path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return almanac(database, "import", "sbti", str(path), "--released", DAY, *options)


def companies_new(done: subprocess.CompletedProcess[str]) -> int:
    return msgspec.json.decode(done.stdout)["read"]["companies_new"]


def test_a_doubt_is_reviewed_before_it_is_published_and_the_decision_is_followed(empty_database: str, tmp_path: Path):
    known(empty_database, tmp_path)
    path, told = register(tmp_path, [ROW]), tmp_path / "review.csv"
    done = imported(empty_database, path, "--dry-run", "--review", str(told))
    assert done.returncode == 0
    assert "for review: 1 claims; --review FILE lists them" in done.stdout
    (line,) = lines(told)
    assert {name: line[name] for name in ("decision", "name", "country", "settled", "how", "candidates", "row")} == {
        "decision": "", "name": "Aurora AB", "country": "SE", "settled": "aurora", "how": "new",
        "candidates": "nova (isin, 0.7)", "row": "2",
    }  # fmt: skip
    decided = imported(empty_database, path, "--decisions", str(decide(told, "nova")), "--json")
    assert (decided.returncode, decided.stderr, companies_new(decided)) == (0, "", 0)
    again = imported(empty_database, path, "--json")
    assert msgspec.json.decode(again.stdout)["published"]["edition"] is None, "the decision is remembered"


@pytest.mark.slow
def test_new_makes_a_company_of_its_own_and_raises_no_doubt(empty_database: str, tmp_path: Path):
    known(empty_database, tmp_path)
    path, told = register(tmp_path, [ROW]), tmp_path / "review.csv"
    imported(empty_database, path, "--dry-run", "--review", str(told))
    decided = imported(empty_database, path, "--decisions", str(decide(told, "new")), "--json")
    read = msgspec.json.decode(decided.stdout)["read"]
    assert (read["companies_new"], read["doubts"]) == (1, [])


@pytest.mark.slow
def test_what_is_published_is_put_together_by_the_command_that_the_review_proposes(empty_database: str, tmp_path: Path):
    known(empty_database, tmp_path)
    path, told = register(tmp_path, [ROW]), tmp_path / "review.csv"
    imported(empty_database, path, "--review", str(told))
    (line,) = lines(told)
    refused = imported(empty_database, path, "--decisions", str(decide(told, "nova")))
    assert refused.returncode == 2
    assert f"{told}: row 2: that is aurora already, which only a merge can change" in refused.stderr
    assert "almanac company merge aurora nova" in refused.stderr
    program, *command = shlex.split(line["command"])
    assert program == "almanac"
    assert almanac(empty_database, *command).returncode == 0
    after = imported(empty_database, path, "--decisions", str(told), "--json")
    assert msgspec.json.decode(after.stdout)["published"]["edition"] is None


@pytest.mark.parametrize(
    ("said", "reason"),
    [("nova-bank", "no company that stands by itself has the id 'nova-bank'"), ("Nova Bank", "has the id 'Nova Bank'")],
)
def test_an_unknown_company_is_refused_by_row_and_nothing_is_published(
    empty_database: str, tmp_path: Path, said: str, reason: str
):
    known(empty_database, tmp_path)
    path, told = register(tmp_path, [ROW]), tmp_path / "review.csv"
    imported(empty_database, path, "--dry-run", "--review", str(told))
    done = imported(empty_database, path, "--decisions", str(decide(told, said)))
    assert done.returncode == 2
    assert f"{told}: row 2: " in done.stderr
    assert reason in done.stderr
    assert done.stdout == ""


@pytest.mark.slow
def test_a_decision_about_nobody_in_the_files_is_told(empty_database: str, tmp_path: Path):
    path, told = register(tmp_path, [ROW]), tmp_path / "review.csv"
    review.begin(told)
    review.add(told, [doubt()])
    done = imported(empty_database, path, "--decisions", str(decide(told, "new")))
    assert done.returncode == 0
    assert f"1 decisions are about no claim of these files: {told}: row 2" in done.stderr


def test_a_review_file_that_is_there_is_not_overwritten(empty_database: str, tmp_path: Path):
    told = tmp_path / "review.csv"
    told.write_text("decision,claim\nnova,c-1\n")
    done = imported(empty_database, register(tmp_path, [ROW]), "--review", str(told))
    assert done.returncode == 2
    assert "is there already" in done.stderr
    assert told.read_text() == "decision,claim\nnova,c-1\n"


def test_a_claim_of_several_rows_stands_there_once_and_a_formula_stands_as_text(tmp_path: Path):
    told = tmp_path / "review.csv"
    review.begin(told)
    review.add(told, [doubt(), doubt(row=3), doubt("=1+1", row=4)])
    assert [(line["name"], line["row"]) for line in lines(told)] == [("Nova", "2"), ("'=1+1", "4")]


def test_decisions_come_back_from_a_workbook_with_columns_moved_and_left_out(tmp_path: Path):
    book = openpyxl.Workbook()
    for row in (["claim", "why", "decision"], ["c-1", "", "nova"], ["c-2", "not sure", None], ["c-3", "", " new "]):
        book.active.append(row)
    book.save(tmp_path / "review.xlsx")
    read = review.read(tmp_path / "review.xlsx")
    assert {claim: one.company for claim, one in read.by_claim.items()} == {"c-1": "nova", "c-3": "new"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("claim,settled\nc-1,nova\n", "review.csv: the first row names no column, or several, decision"),
        ("decision,decision,claim\nnova,,c-1\n", "the first row names no column, or several, decision"),
        ("decision,claim\nnova,c-1\nnew,\n", "review.csv: row 3: decides 'new' of no claim"),
        ("decision,claim\nnova,c-1\nnew,c-1\n", "review.csv: row 3: decides 'new' of c-1, and a row above 'nova'"),
        ("", "is empty"),
    ],
)
def test_a_bad_file_is_refused_by_row(tmp_path: Path, text: str, reason: str):
    path = tmp_path / "review.csv"
    path.write_text(text)
    with pytest.raises(BadFile, match=r"review\.csv") as refused:
        review.read(path)
    assert reason in refused.value.detail


def test_the_same_words_of_another_register_are_another_claim():
    claim = Claim(register="a", number="1", name="Nova", country="SE")
    assert review.claim_id(claim) == review.claim_id(msgspec.structs.replace(claim))
    assert review.claim_id(claim) != review.claim_id(msgspec.structs.replace(claim, register="b"))
