"""`almanac publish` and `almanac migrate`: what they print, and how they exit."""

import json
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.up.test_up import almanac

BATCH = ROOT / "src/almanac/data/01-zte-article.ndjson"


def test_a_dry_run_reports_and_changes_nothing_and_a_second_publish_does_neither(
    tmp_path: Path, empty_database: str
) -> None:
    def publish(*arguments: str):
        return almanac(tmp_path, "publish", str(BATCH), *arguments, ALMANAC_DATABASE_URL=empty_database)

    dry = json.loads(publish("--dry-run", "--json").stdout)["reports"][0]
    assert dry["dry_run"]
    assert dry["edition"] is None
    real = json.loads(publish("--json").stdout)["reports"][0]
    assert real["edition"] == 1
    assert real["counts"] == dry["counts"]
    assert "nothing new" in publish().stdout


def test_a_line_that_cannot_be_read_is_named_and_exits_with_2(tmp_path: Path, empty_database: str) -> None:
    file = tmp_path / "bad.ndjson"
    file.write_text('{"record": "source"}\n{"record": "nope"}\n{\n')
    done = almanac(tmp_path, "publish", str(file), ALMANAC_DATABASE_URL=empty_database)
    assert done.returncode == 2
    assert [f"line {number}:" in done.stderr for number in (1, 2, 3)] == [True] * 3
    assert almanac(tmp_path, "publish", str(tmp_path / "none.ndjson")).returncode == 2


def test_a_row_that_is_refused_is_named_and_exits_with_1(tmp_path: Path, empty_database: str) -> None:
    file = tmp_path / "refused.ndjson"
    lines = BATCH.read_text("utf-8").splitlines()
    file.write_text("\n".join(line for line in lines if '"record":"source"' not in line.replace(" ", "")))
    done = almanac(tmp_path, "publish", str(file), ALMANAC_DATABASE_URL=empty_database)
    assert done.returncode == 1
    assert "nothing was published" in done.stderr
    assert "line 3" in done.stderr
    told = almanac(tmp_path, "publish", str(file), "--json", ALMANAC_DATABASE_URL=empty_database)
    assert told.returncode == 1
    assert [fault["parameter"] for fault in json.loads(told.stdout)["faults"]]


def test_what_is_no_batch_at_all_is_refused_in_a_few_lines(tmp_path: Path, empty_database: str) -> None:
    file = tmp_path / "many.ndjson"
    file.write_bytes(b"no json\n" * 500)
    done = almanac(tmp_path, "publish", str(file), ALMANAC_DATABASE_URL=empty_database)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) < 30
    assert "and 480 more" in done.stderr


@pytest.mark.slow
def test_without_a_database_url_the_one_in_the_state_folder_is_used_and_stopped(tmp_path: Path) -> None:
    assert json.loads(almanac(tmp_path, "migrate", "--json").stdout)["applied"]
    assert almanac(tmp_path, "migrate").stdout == "nothing to apply\n"
    made = almanac(tmp_path, "publish", str(BATCH))
    assert ("published as edition 1" in made.stdout, made.stderr) == (True, "")
    assert not list((tmp_path / ".almanac").glob("pgdata-*/postmaster.pid"))


@pytest.mark.slow
def test_a_database_that_is_made_where_there_was_none_is_told(tmp_path: Path) -> None:
    made = almanac(tmp_path, "publish", str(BATCH))
    assert "published as edition 1" in made.stdout
    assert f"a new database is made in {tmp_path / '.almanac'};" in made.stderr
