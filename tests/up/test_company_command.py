"""`almanac company` as an editor types it: what it prints, and what it refuses in one line."""

import os
import subprocess
import sys

import pytest

WHY = ("--reason", "one company")


def almanac(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ALMANAC_")}
    command = [sys.executable, "-m", "almanac", "company", *words]
    return subprocess.run(
        command, env=inherited | {"ALMANAC_DATABASE_URL": url}, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_merge_is_tried_made_and_undone(corpus_database: str):
    pair = ("merge", "invented-twin-b", "invented-twin-a", *WHY)
    clash = almanac(corpus_database, *pair)
    assert (clash.returncode, "say whose counts with --keep from or --keep into" in clash.stderr) == (2, True)
    pair += ("--keep", "into")
    tried = almanac(corpus_database, *pair, "--dry-run")
    assert (tried.returncode, tried.stdout.startswith("dry run, nothing was published; ")) == (0, True), tried.stderr
    made = almanac(corpus_database, *pair)
    edition = made.stdout.removeprefix("published as edition ").split(";")[0]
    assert made.returncode == 0
    undone = almanac(corpus_database, "undo", edition, "--reason", "two companies after all")
    assert undone.stdout.startswith(f"published as edition {int(edition) + 1}; ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("merge", "nobody", "zte", *WHY), "almanac: no company has the id 'nobody'"),
        (("rename", "zte", "ZTE Corporation", *WHY), "almanac: zte is named 'ZTE Corporation' already"),
        (("alias", "zte", "ZTE", "--lang", "!", *WHY), "almanac: the name cannot be taken: "),
        (("undo", "1", *WHY), "almanac: edition 1 decided nothing about companies"),
        (("undo", "999", *WHY), "almanac: edition 999 decided nothing about companies"),
        (("rename", "invented-absorbed", "X", *WHY), "almanac: invented-absorbed was merged into invented-keeper"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_changes_nothing(corpus_database: str, words: tuple[str, ...], said: str):
    refused = almanac(corpus_database, *words)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(said)
    assert refused.stderr.count("\n") == 1
