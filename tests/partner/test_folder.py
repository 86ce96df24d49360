"""A folder of packages that something happened to: `pull` heals it, `verify` and `apply` name what is wrong."""

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from almanac.errors import BadFile, Unavailable
from almanac.partner.folder import MANIFEST, furthest, packages, prove_files
from almanac.partner.keep import apply, verify
from almanac.partner.pull import pull
from almanac.partner.remote import Remote
from almanac.partner.targets import opened
from tests.client import Client
from tests.partner.conftest import Story, run

At = Callable[[int], Client]
LINES = "emissions-current-0001.ndjson.gz"


def pulled(at: At, story: Story, folder: Path) -> Remote:
    """A folder with the first snapshot and the delta to the newest, and whom it is from."""
    pull(Remote(at(story.first).base), folder)
    remote = Remote(at(story.last).base)
    assert pull(remote, folder).packages == [f"deltas/{story.first}-{story.last}"]
    return remote


def changed(file: Path) -> None:
    """Change one byte in the middle."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def assert_whole(folder: Path, story: Story) -> None:
    """Every file is right, and a new copy becomes the newest."""
    assert prove_files(folder).wrong == []
    with closing(opened(str(folder.parent / "copy.sqlite"))) as copy:
        assert apply(folder, copy).edition == story.last
        assert verify(copy).wrong == []


@pytest.mark.parametrize("package", ["snapshots/{0}", "deltas/{0}-{1}"])
@pytest.mark.parametrize("what", ["file less", "file cut", "no manifest", "manifest cut"])
def test_what_is_missing_or_shorter_comes_again_and_nothing_else(
    story: Story, almanac_at: At, tmp_path: Path, package: str, what: str
):
    folder = tmp_path / "packages"
    remote = pulled(almanac_at, story, folder)
    place = package.format(story.first, story.last)
    of, how = what.split() if "manifest" not in what else ("manifest", what)
    file = folder / place / (MANIFEST if of == "manifest" else max((folder / place).glob("*.gz"), key=_size).name)
    content = file.read_bytes()
    if how in ("less", "no manifest"):
        file.unlink()
    else:
        file.write_bytes(content[: len(content) // 2])
    done = pull(remote, folder)
    assert (done.packages, done.set_aside) == ([place], [])
    assert done.size == (0 if of == "manifest" else len(content))
    assert file.read_bytes() == content, "as the server has it, to the byte"
    assert pull(remote, folder).packages == []
    assert_whole(folder, story)


def _size(path: Path) -> int:
    return path.stat().st_size


def test_a_byte_that_changed_is_named_and_comes_again_once_its_file_is_removed(
    story: Story, almanac_at: At, tmp_path: Path
):
    folder = tmp_path / "packages"
    remote = pulled(almanac_at, story, folder)
    spoilt, beside = (folder / f"snapshots/{story.first}" / name for name in (LINES, "sources-current-0001.ndjson.gz"))
    for file in (spoilt, beside):
        changed(file)
    told = run("verify", folder, code=1).stderr
    assert told.count("not as its manifest says") == 2
    assert f"snapshots/{story.first}/{LINES} is not there, or not as its manifest says" in told
    assert "remove these files" in told
    with closing(opened(str(tmp_path / "first.sqlite"))) as copy, pytest.raises(BadFile) as error:
        apply(folder, copy)
    assert str(error.value).startswith(f"{spoilt} cannot be applied")
    spoilt.unlink()
    pull(remote, folder)
    assert_whole(folder, story)  # what else is wrong in a package comes with it


def test_a_package_that_is_gone_is_no_dead_end(story: Story, almanac_at: At, tmp_path: Path):
    folder = tmp_path / "packages"
    remote = pulled(almanac_at, story, folder)
    shutil.rmtree(folder / f"snapshots/{story.first}")
    assert furthest(folder, 0) is None
    assert pull(remote, folder).packages == [f"snapshots/{story.last}"], "a delta alone leads from nothing to nowhere"
    assert_whole(folder, story)


def test_a_spoilt_package_that_the_server_does_not_have_is_set_aside_and_told(
    story: Story, almanac_at: At, tmp_path: Path
):
    folder = tmp_path / "packages"
    pulled(almanac_at, story, folder)
    old, never = tmp_path / "old", folder / "snapshots/1"
    shutil.copytree(folder / f"snapshots/{story.first}", old)
    (old / LINES).unlink()
    left = {path.name: path.read_bytes() for path in old.iterdir()}
    for aside in (".spoilt-1", ".spoilt-1-1"):
        shutil.copytree(old, never)
        told = run("pull", almanac_at(story.last).base, folder)
        assert f"leads to edition {story.last}" in told.stdout
        assert f"{folder}/snapshots/{aside} is what was there: not whole, and not what " in told.stderr
        assert {path.name: path.read_bytes() for path in (never.parent / aside).iterdir()} == left, "nothing is lost"
        assert not never.exists()
    assert_whole(folder, story)


def test_what_is_no_folder_of_its_own_is_no_package(story: Story, almanac_at: At, tmp_path: Path):
    folder, elsewhere = tmp_path / "packages", tmp_path / "elsewhere"
    remote = pulled(almanac_at, story, folder)
    before = packages(folder)
    elsewhere.mkdir()
    (folder / "snapshots/1").symlink_to(elsewhere)
    (folder / f"snapshots/{story.last + 1}").write_text("")
    assert packages(folder) == before
    assert pull(remote, folder).set_aside == []
    assert_whole(folder, story)
    for number, make in enumerate((lambda path: path.symlink_to(elsewhere), lambda path: path.write_text(""))):
        there = tmp_path / f"{number}/snapshots/{story.last}"
        there.parent.mkdir(parents=True)
        make(there)
        with pytest.raises(BadFile, match="is no folder of its own"):
            pull(remote, tmp_path / str(number))


def test_what_cannot_be_read_is_told_and_left(story: Story, almanac_at: At, tmp_path: Path):
    folder = tmp_path / "packages"
    remote = pulled(almanac_at, story, folder)
    manifest, lines = (folder / f"snapshots/{story.first}" / name for name in (MANIFEST, LINES))
    said = json.loads(manifest.read_bytes())
    (resource,) = [one for one in said["resources"] if one["path"] == LINES]
    manifest.write_text(json.dumps(said | {"resources": [resource | {"bytes": 0}]}))
    for file in (lines, manifest):
        file.unlink()
        file.symlink_to("/proc/self/mem")  # no error of the disk is nearer at hand
        told = run("verify", folder, code=1).stderr
        assert told == f"almanac: {file} cannot be read: Input/output error\n"
    with pytest.raises(Unavailable, match="cannot be read: Input/output error"):
        pull(remote, folder)
    assert manifest.is_symlink()


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({}, "missing required field `resources`"),
        (
            {"resources": [{"path": "../x", "mediatype": "x", "bytes": 1, "hash": f"sha256:{'0' * 64}"}]},
            r"resources\[0]",
        ),
    ],
)
def test_a_manifest_that_is_none_is_not_followed(tmp_path: Path, other: dict, said: str):
    (tmp_path / "snapshots/5").mkdir(parents=True)
    (tmp_path / "snapshots/5" / MANIFEST).write_text(json.dumps({"edition": 5} | other))
    with closing(opened(str(tmp_path / "copy.sqlite"))) as copy, pytest.raises(BadFile, match=said):
        apply(tmp_path, copy)


def test_a_manifest_of_another_edition_ends_and_does_not_go_in_circles(story: Story, almanac_at: At, tmp_path: Path):
    folder = tmp_path / "packages"
    pulled(almanac_at, story, folder)
    shutil.copytree(folder / f"snapshots/{story.first}", folder / f"snapshots/{story.last + 1}")
    with closing(opened(str(tmp_path / "copy.sqlite"))) as copy, pytest.raises(BadFile, match="is of another edition"):
        apply(folder, copy)
    assert prove_files(folder).wrong == [f"snapshots/{story.last + 1}/{MANIFEST}"]
