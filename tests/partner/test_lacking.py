"""A manifest or a line that lacks what a copy is made of is named, in one line, and the copy stays as it was."""

import gzip
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from almanac.errors import BadFile
from almanac.partner.folder import CURE, MANIFEST, prove_files
from almanac.partner.keep import apply, verify
from almanac.partner.pull import pull
from almanac.partner.remote import Remote
from almanac.partner.targets import opened
from tests.client import Client
from tests.partner.conftest import Story, run
from tests.partner.places import Place, SqlitePlace

At = Callable[[int], Client]
LINES = "emissions-current-0001.ndjson.gz"


@pytest.fixture
def folder(story: Story, almanac_at: At, tmp_path: Path) -> Path:
    """A folder with the first snapshot and the delta to the newest."""
    for edition in (story.first, story.last):
        pull(Remote(almanac_at(edition).base), tmp_path / "packages")
    return tmp_path / "packages"


def without(path: Path, name: str, of: str | None) -> None:
    """Take a word out of a manifest, or out of what it says of a file."""
    said = json.loads(path.read_bytes())
    del (said if of is None else next(one for one in said["resources"] if one["path"] == of))[name]
    path.write_text(json.dumps(said))


@pytest.mark.parametrize("name", ["state_digest", "table", "form", "row_count", "content_hash", "schema"])
@pytest.mark.parametrize("package", ["snapshots/{0}", "deltas/{0}-{1}"])
def test_a_manifest_that_lacks_something_is_named(story: Story, folder: Path, tmp_path: Path, package: str, name: str):
    place = package.format(story.first, story.last)
    manifest = folder / place / MANIFEST
    of = None if name == "state_digest" else next((folder / place).glob("emissions-*.ndjson.gz")).name
    whole = manifest.read_bytes()
    without(manifest, name, of)
    with closing(opened(str(tmp_path / "copy.sqlite"))) as copy:
        with pytest.raises(BadFile) as told:
            apply(folder, copy)
        assert str(told.value).startswith(f"{manifest} cannot be read: ")
        assert f"`{name}`" in str(told.value)
        assert (of or "") in str(told.value)
        assert str(told.value).endswith(CURE)
        assert copy.edition == (0 if place.startswith("snapshots") else story.first), "what came before is in it"
        assert prove_files(folder).wrong == [f"{place}/{MANIFEST}"], "`verify` of the folder says so too"
        manifest.write_bytes(whole)
        assert apply(folder, copy).edition == story.last


def test_a_file_that_no_copy_is_made_of_may_lack_all_of_it(folder: Path, tmp_path: Path):
    """Control: a later Almanac may have files of other kinds."""
    for manifest in folder.glob(f"*/*/{MANIFEST}"):
        said = json.loads(manifest.read_bytes())
        other = {"path": "notes.pdf", "mediatype": "application/pdf", "bytes": 1, "hash": f"sha256:{'0' * 64}"}
        manifest.write_text(json.dumps(said | {"resources": [*said["resources"], other]}))
    with closing(opened(str(tmp_path / "copy.sqlite"))) as copy:
        apply(folder, copy)
        assert verify(copy).wrong == []


def test_a_snapshot_that_looks_like_a_delta_is_refused(story: Story, folder: Path, tmp_path: Path):
    """It would replace less, and be proved by less."""
    manifest = folder / f"snapshots/{story.first}" / MANIFEST
    without(manifest, "deltas", None)
    told = run("apply", folder, tmp_path / "copy.sqlite", code=2).stderr
    assert told == f"almanac: {manifest} is of no snapshot: it has no `deltas`; {CURE}\n"


@pytest.mark.parametrize(
    "wrong",
    [
        (lambda row: {name: value for name, value in row.items() if name != "id"}, "a line has no `id`"),
        (lambda row: row | {"id": None}, "a line has no `id`"),
        (lambda row: row | {"id": ["x"]}, "a line has no `id`"),
        (lambda _: [], "Expected `object`, got `array`"),
        (lambda _: "x", "Expected `object`, got `str`"),
    ],
)
@pytest.mark.parametrize("form", ["current", "versions", "deletes"])
@pytest.mark.parametrize("placed", ["sqlite"], indirect=True)
def test_a_line_that_lacks_its_key_is_told_with_its_file(
    story: Story, folder: Path, place: Place, form: str, wrong: tuple[Callable, str]
):
    spoil, said = wrong
    package = f"deltas/{story.first}-{story.last}" if form == "deletes" else f"snapshots/{story.first}"
    file = next(
        one for one in sorted((folder / package).glob(f"*-{form}-*.gz")) if b'"id"' in gzip.decompress(one.read_bytes())
    )
    rows = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    rows[-1] = spoil(rows[-1])
    file.write_bytes(gzip.compress(b"".join(json.dumps(row).encode() + b"\n" for row in rows)))
    with closing(opened(place.where)) as copy, pytest.raises(BadFile) as told:
        apply(folder, copy)
    assert str(told.value).startswith(f"{file} cannot be applied: {said}")
    assert str(told.value).endswith(CURE)
    with closing(opened(place.where)) as copy:
        assert copy.edition == (story.first if form == "deletes" else 0)


def test_a_traceback_is_no_answer(story: Story, folder: Path, tmp_path: Path):
    """As people see it: one line, and an exit code that says that what was given cannot be read."""
    manifest, copy = folder / f"snapshots/{story.first}" / MANIFEST, tmp_path / "copy.sqlite"
    without(manifest, "table", LINES)
    told = run("apply", folder, copy, code=2).stderr
    assert (told.count("\n"), f"{manifest} cannot be read: {LINES} has no `table`" in told) == (1, True)


@pytest.mark.parametrize("placed", ["sqlite"], indirect=True)
def test_what_a_copy_holds_may_be_spoilt_too(story: Story, folder: Path, place: SqlitePlace):
    with closing(opened(place.where)) as copy:
        apply(folder, copy)
    place.keep()
    for spoilt in ("no line", "[]", "{}"):
        for table in ("emissions", "withheld"):
            where = f"name = '{table}' and form = 'current'"
            first = f"{where} and key = (select min(key) from line where {where})"
            place.ask(f"update line set body = '{spoilt}' where {first}")
            told = run("verify", place.where, code=1).stderr
            assert f"{table}-current-0001.ndjson.gz: a line differs" in told
            assert "state_digest: the copy has" in told
            place.again()
    place.ask("update state set manifest = json_remove(manifest, '$.state_digest')")
    told = run("verify", place.where, code=2).stderr
    assert (told.count("\n"), "holds no manifest to prove it by: Object missing" in told) == (1, True)
