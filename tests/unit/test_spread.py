"""Tests that look at the same costly thing go to one worker, and the rest goes one by one."""

from tests.conftest import ROOT
from tests.spread import GROUPS, together


def test_every_group_is_of_what_is_there_and_of_one_group_only():
    names = [name for group in GROUPS for name in group]
    assert [name for name in names if not (ROOT / name).exists()] == []
    assert [other for name in names for other in names if other != name and other.startswith(name)] == []


def test_modules_of_a_group_and_all_of_a_folder_go_together():
    manifest, store = "tests/bulk/test_manifest.py::test_a", "tests/bulk/test_store.py::test_b[c]"
    assert together(manifest) == together(store) is not None
    assert together("tests/partner/test_that_comes_later.py::test_a") == "tests/partner/"
    assert together("tests/bulk/test_prune.py::test_a") is None
