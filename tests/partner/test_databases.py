"""What is peculiar to a database that holds a copy: batches, others who use it, and what it says of itself."""

import gzip
import json
import threading
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from almanac.errors import BadFile, Unavailable
from almanac.partner.copy import Copy
from almanac.partner.folder import MANIFEST
from almanac.partner.keep import verify
from almanac.partner.target import BATCH
from almanac.partner.targets import opened
from tests.partner.conftest import Story, run
from tests.partner.places import Place


def filled(story: Story, place: Place, edition: int) -> None:
    """A copy of a snapshot, without a server between."""
    with closing(opened(place.where)) as held:
        put(story, held, f"snapshots/{edition}")


def put(story: Story, held: Copy, package: str) -> int:
    manifest = json.loads((story.folder / package / MANIFEST).read_bytes())
    return held.put(story.folder / package, manifest, manifest)


def test_no_line_is_lost_between_batches(tmp_path: Path, place: Place):
    """More lines than go in at once; a snapshot, then a delta that takes out and puts in as many."""
    count = 2 * BATCH + 3
    fields = [{"name": "id", "type": "string"}, {"name": "year", "type": "integer"}]
    for sort, edition, form in (("snapshots/1", 1, "current"), ("deltas/1-2", 2, "upserts")):
        lines = [f'{{"id":"{number:06}","year":{edition}}}\n'.encode() for number in range(count)]
        gone = [f'{{"id":"{number:06}"}}\n'.encode() for number in range(count)] if form == "upserts" else []
        resources = []
        for name, held, key in ((form, lines, ["id"]), ("deletes", gone, ["id"])):
            (tmp_path / sort).mkdir(parents=True, exist_ok=True)
            (tmp_path / sort / f"{name}.gz").write_bytes(gzip.compress(b"".join(held)))
            said = {"path": f"{name}.gz", "mediatype": "application/x-ndjson", "table": "emissions", "form": name}
            resources.append(said | {"row_count": len(held), "schema": {"primaryKey": key, "fields": fields}})
        manifest = {"edition": edition, "resources": resources} | ({"deltas": []} if form == "current" else {})
        with closing(opened(place.where)) as held:
            assert held.put(tmp_path / sort, manifest, manifest) == count + len(gone)
            assert list(held.lines("emissions", "current")) == lines
        assert place.ask(f"select count(*) as n, min(year) as y from {place.view}") == [{"n": count, "y": edition}]


@pytest.mark.parametrize("placed", ["duckdb"], indirect=True)
def test_a_file_that_somebody_else_has_open_is_said_in_a_line(place: Place, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    with duckdb.connect(place.where):
        told = run("apply", tmp_path / "empty", place.where, code=2).stderr
    assert "no copy that can be opened" in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("placed", ["postgres"], indirect=True)
def test_views_of_others_and_their_readers_stand_while_a_delta_goes_in(story: Story, place: Place):
    filled(story, place, story.first)
    place.ask("create view mine as select company, value from almanac.emissions")
    with closing(opened(place.where)) as held:
        held._target.begin()  # a writer in the middle of its work
        held._target.clear(None)
        assert place.ask("select count(*) as n from mine")[0]["n"] > 0, (
            "a reader sees what was before, and does not wait"
        )
        held._target.undo()
        put(story, held, f"deltas/{story.first}-{story.first + 1}")
    assert place.ask("select count(*) as n from mine")[0]["n"] > 0


@pytest.mark.parametrize("placed", ["postgres"], indirect=True)
def test_a_view_of_a_table_without_lines_stands_when_the_first_come(story: Story, place: Place):
    filled(story, place, story.first)
    delta = json.loads((story.folder / f"deltas/{story.first}-{story.last}" / MANIFEST).read_bytes())["resources"]
    come = {one["table"] for one in delta if one["form"] == "upserts" and one["row_count"]}
    empty = [table for table in come if not place.ask(f'select from almanac."{table}"')]
    assert empty
    for number, table in enumerate(empty):
        place.ask(f'create view mine{number} as select * from almanac."{table}"')
    with closing(opened(place.where)) as held:
        assert put(story, held, f"deltas/{story.first}-{story.last}") > 0
    assert place.ask("select from mine0")


@pytest.mark.parametrize("placed", ["postgres"], indirect=True)
def test_a_view_that_is_in_the_way_is_named_and_stands(story: Story, place: Place):
    filled(story, place, story.first)
    place.ask("create view mine as select company, value from almanac.emissions")
    with closing(opened(place.where)) as held:
        held._target.begin()
        with pytest.raises(BadFile, match=r"view mine depends on view (almanac\.)?emissions; drop what rests on it"):
            held._target.shape("emissions", [{"name": "company", "type": "string"}])
        held._target.undo()
    assert place.ask("select from mine")


@pytest.mark.parametrize("placed", ["postgres"], indirect=True)
def test_two_who_apply_at_once_do_it_once(story: Story, place: Place):
    lines: list[int] = []

    def other() -> None:
        with closing(opened(place.where)) as held:
            lines.append(put(story, held, f"snapshots/{story.last}"))

    with closing(opened(place.where)) as first:
        first._target.begin()
        waiting = threading.Thread(target=other)
        waiting.start()
        waiting.join(1)
        assert waiting.is_alive(), "one writes at a time"
        assert lines == []
        first._target.undo()
        waiting.join(60)
        assert lines[0] > 0
        for edition in (story.first, story.last):
            assert put(story, first, f"snapshots/{edition}") == 0, "it is done, and nobody goes back"
        assert verify(first).wrong == []


@pytest.mark.parametrize("placed", ["postgres"], indirect=True)
def test_a_password_is_never_told(story: Story, place: Place):
    where = place.where.replace("@", ":hush@", 1) if "@" in place.where else place.where
    with closing(opened(where)) as held:
        assert "hush" not in held.name
    with pytest.raises(Unavailable, match="cannot be used") as told:
        opened("postgresql://me:hush@127.0.0.1:9/copy")
    assert "hush" not in str(told.value)
    with pytest.raises(BadFile, match="no address") as told:
        opened("postgresql://me:hush@127.0.0.1:port/copy")
    assert "hush" not in str(told.value)


@pytest.mark.parametrize("placed", ["postgres"], indirect=True)
def test_to_prove_a_copy_nothing_is_written(story: Story, place: Place):
    with closing(opened(place.where)) as held, pytest.raises(BadFile, match="the copy is empty"):
        verify(held)
    assert place.ask("select to_regnamespace('almanac') is null as none") == [{"none": True}]
    filled(story, place, story.last)
    url = f"{place.where}{'&' if '?' in place.where else '?'}default_transaction_read_only=on"
    with closing(opened(url)) as held:
        assert verify(held).wrong == []
        with pytest.raises(Unavailable, match="read-only"):
            held._target.clear(None)
