"""A partner's copy is the server's corpus, byte for byte, whatever was missed or broke off on the way; in every database."""

import gzip
import json
import random
import signal
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from almanac.errors import BadFile
from almanac.partner.keep import Applied, Verified, apply, verify
from almanac.partner.pull import pull
from almanac.partner.remote import Remote
from almanac.partner.targets import opened
from tests.client import Client
from tests.forked import Command
from tests.partner.conftest import Story, environment, run
from tests.partner.places import Place, SqlitePlace

At = Callable[[int], Client]


def brought(at: At, edition: int, home: Path, place: Place) -> Path:
    """A folder and a copy at an edition."""
    pull(Remote(at(edition).base), home / "packages")
    applied(home / "packages", place)
    return home / "packages"


def applied(folder: Path, place: Place) -> Applied:
    """Bring a copy to what a folder leads to."""
    with closing(opened(place.where)) as held:
        return apply(folder, held)


def verified(place: Place) -> Verified:
    """What the proof of a copy says."""
    with closing(opened(place.where, there=True)) as held:
        return verify(held)


def assert_same(place: Place, story: Story, edition: int) -> None:
    """The copy has the lines of the server's snapshot, in its order, and its columns say what they say."""
    files = sorted((story.folder / f"snapshots/{edition}").glob("*.ndjson.gz"))
    assert files
    with closing(opened(place.where, there=True)) as held:
        assert held.edition == edition
        for file in files:
            table, form = file.name.removesuffix("-0001.ndjson.gz").rsplit("-", 1)
            assert b"".join(held.lines(table, form)) == gzip.decompress(file.read_bytes()), (table, form)
    lines = gzip.decompress((story.folder / f"snapshots/{edition}/emissions-current-0001.ndjson.gz").read_bytes())
    rows = [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines.splitlines()]
    shown = place.ask(f"select id, value, year, quality_flags from {place.view} order by id")
    wanted = sorted(rows, key=lambda row: row["id"])
    assert [(row["id"], row["year"], row["value"]) for row in shown] == [
        (row["id"], row["year"], row["value"]) for row in wanted
    ]
    assert [json.loads(row["quality_flags"]) for row in shown] == [row["quality_flags"] for row in wanted]


@pytest.mark.slow
def test_a_copy_of_any_edition_becomes_the_newest_by_deltas_alone(
    story: Story, almanac_at: At, tmp_path: Path, placed: Callable[[], Place]
):
    for edition in range(story.first, story.last + 1):
        place = placed()
        folder = brought(almanac_at, edition, tmp_path / str(edition), place)
        assert_same(place, story, edition)
        server = almanac_at(story.last)
        pulled = pull(Remote(server.base), folder)
        assert all(name.startswith("deltas/") for name in pulled.packages)
        assert applied(folder, place).packages == pulled.packages
        assert_same(place, story, story.last)
        proof = verified(place)
        assert proof.wrong == []
        assert proof.state_digest == server.get(f"/v1/editions/{story.last}").json()["data"]["state_digest"]
        assert (pull(Remote(server.base), folder).packages, applied(folder, place).packages) == ([], [])


@pytest.mark.slow
def test_step_by_step_is_the_same_as_at_once(story: Story, almanac_at: At, tmp_path: Path, place: Place):
    folder = brought(almanac_at, story.first, tmp_path, place)
    for edition in range(story.first + 1, story.last + 1):
        pull(Remote(almanac_at(edition).base), folder)
        applied(folder, place)
        assert_same(place, story, edition)
        assert verified(place).wrong == []


def test_a_snapshot_replaces_all_that_was_there(story: Story, almanac_at: At, tmp_path: Path, place: Place):
    brought(almanac_at, story.first, tmp_path / "old", place)
    brought(almanac_at, story.last, tmp_path / "new", place)
    assert_same(place, story, story.last)
    assert verified(place).wrong == []


@pytest.mark.parametrize("how", ["drop", "change", "add"])
def test_a_line_that_is_not_right_is_named(story: Story, almanac_at: At, tmp_path: Path, how: str, place: Place):
    brought(almanac_at, story.last, tmp_path, place)
    place.spoil(how)
    told = verified(place).wrong
    assert any(one.startswith("emissions") for one in told)
    assert any(one.startswith("state_digest") for one in told)
    assert not [one for one in told if not one.startswith(("emissions", "state_digest"))], "and nothing else is"


@pytest.mark.slow
def test_killed_again_and_again_while_applying_it_ends_right(
    story: Story, almanac_at: At, tmp_path: Path, place: Place
):
    folder = brought(almanac_at, story.first, tmp_path, place)
    place.keep()
    kills = 12 if place.where.endswith(".duckdb") else 50  # a round of DuckDB takes four times as long
    run("pull", almanac_at(story.last).base, folder)
    random_ = random.Random(1)
    began = time.monotonic()
    assert Command(["bulk", "apply", folder, place.where], environment()).wait(60) == 0
    reach = time.monotonic() - began  # how long one lasts changes with what else the machine does
    place.again()
    killed = whole = 0
    while killed < kills:
        process = Command(["bulk", "apply", folder, place.where], environment())
        time.sleep(random_.uniform(0, reach))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        with closing(opened(place.where)) as held:
            now = held.edition
        assert_same(place, story, now)
        if now == story.last:  # begin again
            whole += 1
            reach *= 0.9
            place.again()
        else:
            reach *= 1.02
    run("apply", folder, place.where)
    run("verify", place.where)
    assert_same(place, story, story.last)
    assert whole < kills, "some were killed before they were done"


@pytest.mark.parametrize("spoil", ["a line less", "cut"])
def test_a_package_that_is_spoilt_leaves_the_copy_as_it_was(
    story: Story, almanac_at: At, tmp_path: Path, spoil: str, place: Place
):
    folder = brought(almanac_at, story.first, tmp_path, place)
    pull(Remote(almanac_at(story.last).base), folder)
    (delta,) = (folder / "deltas").iterdir()
    spoilt = max(delta.glob("*-upserts-*.ndjson.gz"), key=lambda path: path.stat().st_size)
    packed = spoilt.read_bytes()
    less = gzip.compress(b"".join(gzip.decompress(packed).splitlines(keepends=True)[:-1]))
    spoilt.write_bytes(less if spoil == "a line less" else packed[: len(packed) // 2])
    said = {"a line less": "and the manifest says", "cut": "cannot be applied"}
    with closing(opened(place.where)) as held, pytest.raises(BadFile, match=said[spoil]) as told:
        apply(folder, held)
    assert str(told.value).startswith(f"{spoilt} ")
    assert told.value.detail.endswith("remove it, and `almanac bulk pull` brings it again")
    assert_same(place, story, story.first)


def test_a_package_with_more_lines_than_it_says_is_refused(story: Story, almanac_at: At, tmp_path: Path, place: Place):
    folder = brought(almanac_at, story.first, tmp_path, place)
    pull(Remote(almanac_at(story.last).base), folder)
    (delta,) = (folder / "deltas").iterdir()
    full, empty = (
        next(
            path
            for path in sorted(delta.glob("*-upserts-*.ndjson.gz"))
            if bool(gzip.decompress(path.read_bytes())) is held
        )
        for held in (True, False)
    )
    empty.write_bytes(full.read_bytes())
    with closing(opened(place.where)) as held, pytest.raises(BadFile, match="and the manifest says 0"):
        apply(folder, held)
    assert_same(place, story, story.first)


def test_the_columns_have_types(story: Story, almanac_at: At, tmp_path: Path, place: Place):
    brought(almanac_at, story.last, tmp_path, place)
    (row,) = place.ask(f"select * from {place.view} where value is not null order by id limit 1")
    assert {"id", "company", "metric", "year", "value", "source"} <= row.keys()
    typed = (int, float, str) if isinstance(place, SqlitePlace) else (int, Decimal, date)
    assert tuple(type(row[name]) for name in ("year", "value", "known_from")) == typed


@pytest.mark.parametrize(
    "placed",
    ["sqlite", *(pytest.param(name, marks=pytest.mark.slow) for name in ("duckdb", "postgres"))],
    indirect=True,
)
def test_the_commands_say_what_they_did(story: Story, almanac_at: At, tmp_path: Path, place: Place):
    server = almanac_at(story.last)
    folder, where = tmp_path / "packages", place.where
    assert f"leads to edition {story.last}: snapshots/{story.last} (" in run("pull", server.base, folder).stdout
    assert "nothing new" in run("pull", server.base, folder).stdout
    assert f"holds edition {story.last}: snapshots/{story.last} (" in run("apply", folder, where).stdout
    assert "nothing new" in run("apply", folder, where).stdout
    digest = server.get(f"/v1/editions/{story.last}").json()["data"]["state_digest"]
    assert digest in run("verify", where).stdout
    assert json.loads(run("verify", where, "--json").stdout)["state_digest"] == digest
    assert f"every file is as its manifest says: snapshots/{story.last}" in run("verify", folder).stdout
    place.ask(f"delete from {place.relation} where {place.where_emissions}")
    told = run("verify", where, code=1).stderr
    assert "emissions-current-0001.ndjson.gz: 0 of " in told
    assert "make a new copy" in told
