"""What each status of a term makes, with and without what is known of the company before."""

import datetime as dt
from pathlib import Path

import pytest

from almanac.importers.identity import Index
from tests.importers.workbook import NEAR, answers, company, moment, read

LATER = dt.date(2025, 7, 17)
LONG = {
    "long_term_status": "Targets set",
    "long_term_target_classification": "1.5°C",
    "long_term_target_year": "FY2050",
}
ZERO = {"net_zero_status": "Targets set", "net_zero_year": 2050}
COMMITTED = {"near_term_status": "Committed", "net_zero_status": "Committed"}
GONE = {"near_term_status": "Commitment removed", "reason_for_extension_or_removal": "Expired commitment"}


def test_targets_that_are_set(tmp_path: Path):
    batch, _ = read(tmp_path, company(**NEAR | LONG | ZERO))
    found = answers(batch)
    assert list(found) == ["targets near_term", "targets long_term", "targets net_zero"]
    near, long, zero = found.values()
    assert (near.scheme, near.reference, near.status, near.target_kind) == ("sbti", "headline", "targets_set", None)
    assert (near.target_year, near.year_type, near.ambition) == (2030, None, "1.5C")
    assert (near.published_on, near.wording, near.as_reported) == ("2024-05-16", "Borealis commits.", "1.5°C")
    assert (long.target_year, long.year_type, long.as_reported) == (2050, "financial", "1.5°C; FY2050")
    assert (zero.target_kind, zero.ambition, zero.target_year) == ("net_zero", None, 2050)


def test_wording_is_folded_to_one_line(tmp_path: Path):
    batch, _ = read(tmp_path, company(**NEAR | {"full_target_language": " Near-term\r\n\r\ntargets:  none\n"}))
    assert batch.rows[0].wording == "Near-term targets: none"


def test_commitments_have_the_date_of_the_row_where_no_target_has_it(tmp_path: Path):
    batch, _ = read(tmp_path, company(**COMMITTED))
    assert {key: (row.status, row.published_on) for key, row in answers(batch).items()} == {
        "commitments near_term": ("active", "2024-05-16"),
        "commitments net_zero": ("active", "2024-05-16"),
    }
    batch, _ = read(tmp_path, company(**NEAR, net_zero_status="Committed"))
    assert answers(batch)["commitments net_zero"].published_on is None


def test_a_reason_belongs_to_what_was_removed(tmp_path: Path):
    batch, report = read(tmp_path, company(**GONE, net_zero_status="Committed"))
    reasons = {key: row.reason for key, row in answers(batch).items()}
    assert reasons == {"commitments near_term": "Expired commitment", "commitments net_zero": None}
    assert not report.lines


def test_a_reason_without_a_removal_belongs_to_what_is_committed(tmp_path: Path):
    batch, _ = read(tmp_path, company(**NEAR, net_zero_status="Extended", reason_for_extension_or_removal="Pathway"))
    found = answers(batch)
    assert (found["commitments net_zero"].status, found["commitments net_zero"].reason) == ("extended", "Pathway")
    assert found["targets near_term"].status_reason is None


def test_a_reason_beside_targets_alone_is_reported(tmp_path: Path):
    _, report = read(tmp_path, company(**NEAR, reason_for_extension_or_removal="Expired commitment"))
    (line,) = report.lines
    assert (line.finding, line.row, line.column) == ("unplaced", 2, "U reason_for_extension_or_removal")


def test_a_commitment_that_was_known_becomes_targets_set(tmp_path: Path):
    index = Index()
    read(tmp_path, company(**COMMITTED), index=index)
    batch, _ = read(tmp_path, company(**NEAR), index=index, released=LATER)
    found = answers(batch)
    assert list(found) == ["targets near_term", "commitments near_term"]
    assert (found["commitments near_term"].status, found["commitments near_term"].published_on) == ("targets_set", None)


@pytest.mark.parametrize(
    ("cells", "status", "reason"), [(COMMITTED, "committed", None), (GONE, "removed", "Expired commitment")]
)
def test_a_target_that_was_known_is_taken_back(tmp_path: Path, cells: dict[str, str], status: str, reason: str | None):
    index = Index()
    read(tmp_path, company(**NEAR), index=index)
    batch, _ = read(tmp_path, company(**cells), index=index, released=LATER)
    target = answers(batch)["targets near_term"]
    assert (target.status, target.status_reason, target.target_year, target.wording) == (status, reason, None, None)
    assert target.note.startswith("The register listed a near-term target before")


def test_an_older_release_does_not_know_what_came_later(tmp_path: Path):
    index = Index()
    read(tmp_path, company(**NEAR), index=index, released=LATER)
    batch, _ = read(tmp_path, company(near_term_status="Committed"), index=index)
    assert list(answers(batch)) == ["commitments near_term"]


def test_a_long_term_commitment_is_a_target_committed_to(tmp_path: Path):
    batch, _ = read(tmp_path, company(long_term_status="Committed"))
    assert answers(batch)["targets long_term"].status == "committed"


def test_a_removed_long_term_target_that_was_never_known_is_reported(tmp_path: Path):
    batch, report = read(tmp_path, company(long_term_status="Removed"))
    assert batch.rows == []
    assert [line.finding for line in report.lines] == ["unplaced"]


def test_ba15_membership(tmp_path: Path):
    batch, _ = read(tmp_path, company(ba15_status="BA1.5 member", ba15_date=moment(2021, 10, 1, 1)))
    (row,) = batch.rows
    assert (row.type, row.status, row.published_on) == ("ba15", "active", "2021-10-01")


@pytest.mark.parametrize("column", ["near_term_target_year", "near_term_target_classification"])
@pytest.mark.parametrize("blank", [None, "NA", "n/a", "null"])
def test_a_blank_beside_a_target_that_was_never_known_is_null(tmp_path: Path, column: str, blank: str | None):
    batch, report = read(tmp_path, company(**NEAR | {column: blank}))
    (row,) = batch.rows
    what = {"near_term_target_year": "year", "near_term_target_classification": "ambition"}[column]
    assert (row.status, row.target_year is None, row.ambition is None) == (
        "targets_set",
        what == "year",
        what == "ambition",
    )
    assert row.note == f"The register says that a target is set and leaves blank: {what}."
    (line,) = report.lines
    assert (line.finding, line.row, line.column.split()[1]) == ("not_stated", 2, column)
    assert line.reason.endswith("it is null in the answer")


@pytest.mark.parametrize("column", ["near_term_target_year", "near_term_target_classification"])
def test_a_blank_beside_a_target_that_was_known_takes_nothing_back(tmp_path: Path, column: str):
    index = Index()
    read(tmp_path, company(**NEAR), index=index)
    batch, report = read(tmp_path, company(**NEAR | {column: None}), index=index, released=LATER)
    assert batch.rows == []
    assert [(line.finding, line.reason.endswith("what is known of it stands")) for line in report.lines] == [
        ("not_stated", True)
    ]


@pytest.mark.parametrize("known", [False, True])
def test_a_blank_wording_is_null_unless_one_is_known(tmp_path: Path, known: bool):
    index = Index()
    if known:
        read(tmp_path, company(**NEAR), index=index)
    batch, report = read(tmp_path, company(**NEAR | {"full_target_language": None}), index=index, released=LATER)
    assert [row.wording for row in batch.rows] == ([] if known else [None])
    assert [line.finding for line in report.lines] == ["not_stated"]


def test_of_several_years_none_is_chosen(tmp_path: Path):
    batch, report = read(tmp_path, company(**NEAR | {"near_term_target_year": "2030, 2025"}))
    assert (batch.rows[0].target_year, batch.rows[0].as_reported) == (None, "1.5°C; 2030, 2025")
    assert [(line.finding, line.value) for line in report.lines] == [("several_values", "2030, 2025")]


def test_a_spelling_is_kept_beside_the_answer_and_is_no_part_of_it(tmp_path: Path):
    one, _ = read(
        tmp_path, company(**NEAR | {"near_term_target_classification": "1.5C", "near_term_target_year": "2030.0"})
    )
    other, _ = read(tmp_path, company(**NEAR | {"near_term_target_classification": "1.5°C/1.5°C"}))
    a, b = one.rows[0], other.rows[0]
    assert (a.ambition, a.target_year) == (b.ambition, b.target_year)
    assert (a.as_reported, b.as_reported) == ("2030.0", "1.5°C/1.5°C")
