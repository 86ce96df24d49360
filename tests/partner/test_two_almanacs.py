"""A folder is of one Almanac: another one with editions of the same numbers changes nothing in it."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from almanac.bulk.snapshot import snapshot
from almanac.kinds import KINDS
from almanac.partner.folder import MANIFEST, prove_files
from almanac.partner.pull import pull
from almanac.partner.remote import Remote
from almanac.store.bulk_folder import BulkFolder
from tests.bulk.published import contents, history
from tests.client import Client
from tests.conftest import Servers, _copy, _Serving
from tests.partner.conftest import Story, run

At = Callable[[int], Client]


@pytest.fixture(scope="module")
def other(
    servers: Servers, empty_template: str, story: Story, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    """Another Almanac with snapshots of the first and the last edition of the story, and other answers in them."""
    folder = tmp_path_factory.mktemp("other")
    for url in _copy(servers, empty_template):
        assert asyncio.run(history(url, 6, 5)) >= story.last
        for edition in (story.first, story.last):
            assert asyncio.run(snapshot(url, BulkFolder(folder), KINDS, edition=edition)).status == "made"
        with _Serving(url, None, bulk_dir=str(folder)) as client:
            yield client


@pytest.fixture
def folder(story: Story, almanac_at: At, tmp_path: Path) -> Path:
    """A folder with the first snapshot and the delta to the newest."""
    for edition in (story.first, story.last):
        pull(Remote(almanac_at(edition).base), tmp_path / "packages")
    return tmp_path / "packages"


@pytest.mark.parametrize("package", ["snapshots/{0}", "deltas/{0}-{1}"])
@pytest.mark.parametrize("whole", [False, True])
def test_another_almanac_is_refused_in_a_line(story: Story, folder: Path, other: Client, package: str, whole: bool):
    place = package.format(story.first, story.last)
    if not whole:
        next((folder / place).glob("*.ndjson.gz")).unlink()
    elif place.startswith("snapshots"):
        shutil.rmtree(folder / "deltas")
    before = contents(folder)
    told = run("pull", other.base, folder, code=2).stderr
    edition = story.first if place.startswith("snapshots") else story.last
    assert told == (
        f"almanac: {folder / place} is of another Almanac than {other.base}, which has other answers at edition {edition}; "
        "pull into another folder\n"
    )
    assert contents(folder) == before


def test_a_folder_of_its_own_takes_the_other(story: Story, folder: Path, other: Client, tmp_path: Path):
    """Control."""
    assert pull(Remote(other.base), tmp_path / "second").edition == story.last
    assert prove_files(tmp_path / "second").wrong == prove_files(folder).wrong == []


def test_what_has_no_manifest_any_more_is_kept_apart(story: Story, folder: Path, other: Client):
    """Nobody can tell whose it is; that it differs from what is offered is seen."""
    shutil.rmtree(folder / "deltas")
    first = folder / f"snapshots/{story.first}"
    (first / MANIFEST).unlink()
    before = contents(first)
    done = pull(Remote(other.base), folder)
    assert done.set_aside == [f"snapshots/.spoilt-{story.first}"]
    assert contents(folder / done.set_aside[0]) == before
    assert prove_files(folder).wrong == []
