"""Columns of a copy: their types, what they hold, and the proof that they are what the lines say."""

import gzip
import json
from contextlib import closing
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from almanac import digest
from almanac.errors import BadFile, Unavailable
from almanac.partner import typed
from almanac.partner.folder import MANIFEST
from almanac.partner.keep import verify
from almanac.partner.targets import opened
from tests.partner.conftest import Story
from tests.partner.places import Place
from tests.partner.test_databases import filled, put


def test_digits_are_never_rounded():
    fields = [{"name": name, "type": kind} for name, kind in (("v", "number"), ("on", "date"), ("of", "object"))]
    many, tiny, long = "12345678901234567890.123456789012", "0.0000000000001", "1" * 40
    lines = [f'{{"v":{one},"on":"2024-02-29","of":{{"x":1.50}}}}' for one in (many, tiny, long, "-3", "null")]
    columns = [one.name for one in typed.columns(fields)]
    found = dict(zip(columns, typed.values(fields, lines), strict=True))
    assert found["v"] == [many, None, None, "-3", None]
    assert found["v_exact"] == [None, tiny, long, None, None]
    assert found["of"] == ['{"x":1.50}'] * 5, "nothing inside is read"
    held = duckdb.connect()
    assert held.execute(f"select '{many}'::{typed.DECIMAL}").fetchone() == (Decimal(many),)


def test_a_field_that_a_line_does_not_have_is_null():
    assert list(typed.values([{"name": "new", "type": "integer"}], ["{}", '{"new":5}'])) == [[None, 5]]


@pytest.mark.parametrize("placed", ["duckdb"], indirect=True)
def test_a_column_that_comes_later_is_added_and_one_of_another_type_is_refused(story: Story, place: Place):
    filled(story, place, story.first)
    with closing(opened(place.where)) as held:
        target = held._target
        fields = held.manifest["resources"][0]["schema"]["fields"]
        target.shape("emissions", [*fields, {"name": "later", "type": "integer"}])
        with pytest.raises(BadFile, match=r"emissions\.year is VARCHAR, and was BIGINT"):
            target.shape("emissions", [{"name": "year", "type": "string"}])
    assert place.ask("select distinct later from emissions") == [{"later": None}]
    with closing(opened(place.where)) as held:
        assert verify(held).wrong == []


@pytest.mark.parametrize("placed", ["duckdb"], indirect=True)
def test_a_column_that_is_not_there_is_one_of_nulls(story: Story, place: Place):
    filled(story, place, story.last)
    later = [{"name": "id", "type": "string"}, {"name": "later", "type": "integer"}]
    with closing(opened(place.where)) as held:
        assert held.differing("emissions", later) == set(), "no line has it yet"
    place.ask("alter table almanac.emissions drop column value_exact")  # no line needs it
    place.ask("alter table almanac.emissions drop column company")
    with closing(opened(place.where)) as held:
        assert verify(held).wrong == ["emissions: column company is not what the lines say"]
    place.ask("""update almanac.emissions set _body = '{"later":5,' || _body[2:] where _form = 'current'""")
    with closing(opened(place.where)) as held:
        assert "later" in held.differing("emissions", later)
    place.ask(f"""update almanac.emissions set _body = '{{"later":{10**30},' || _body[12:] where _form = 'current'""")
    with closing(opened(place.where)) as held:
        assert "later" in held.differing("emissions", later), "more than any column holds"


@pytest.mark.parametrize("placed", ["duckdb"], indirect=True)
@pytest.mark.parametrize("other", ["year", "'about ' || year"])
def test_a_column_of_another_type_is_named(story: Story, place: Place, other: str):
    filled(story, place, story.last)
    place.ask(f"alter table almanac.emissions alter column year type varchar using {other}")
    with closing(opened(place.where)) as held:
        assert verify(held).wrong == ["emissions: column year is not what the lines say"]


@pytest.mark.parametrize("placed", ["duckdb"], indirect=True)
def test_what_is_spoilt_in_the_middle_of_a_file_is_said(place: Place):
    """DuckDB reads blocks as it comes to them: what `error` does here, a block with a wrong checksum does."""
    with closing(opened(place.where)) as held:
        # With several threads, one in 500 times under load, it says that the others were interrupted and not why.
        held._target._execute("set threads = 1")
        with pytest.raises(Unavailable, match=r"copy\.duckdb cannot be used: .*spoilt"):
            list(
                held._target._batches(
                    "select case when i = 999999 then error('spoilt') end from range(1000000) as t(i)"
                )
            )


@pytest.mark.parametrize("placed", ["duckdb"], indirect=True)
@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("value", "value + 0.000000000001"),
        ("value", "null"),
        ("value_exact", "'1'"),
        ("year", "year + 1"),
        ("known_from", "known_from + interval 1 day"),
        ("company", "company || ' '"),
        ("quality_flags", """'["estimated", "x"]'"""),
    ],
)
def test_a_column_that_its_line_does_not_say_is_found(story: Story, place: Place, column: str, other: str):
    filled(story, place, story.last)
    one = "select min(rowid) from almanac.emissions where _form = 'current' and value is not null"
    place.ask(f"update almanac.emissions set {column} = {other} where rowid = ({one})")
    with closing(opened(place.where)) as held:
        assert verify(held).wrong == [f"emissions: column {column} is not what the lines say"]


def test_a_table_without_lines_has_a_view(story: Story, place: Place):
    filled(story, place, story.first)
    manifest = json.loads((story.folder / f"snapshots/{story.first}" / MANIFEST).read_bytes())
    counts = {one["table"]: one["row_count"] for one in manifest["resources"] if one["form"] == "current"}
    assert 0 in counts.values()
    for table, count in counts.items():
        view = place.view.replace("emissions", f'"{table}"')
        assert place.ask(f"select count(*) as n from {view}") == [{"n": count}], table
    with closing(opened(place.where)) as held:
        put(story, held, f"deltas/{story.first}-{story.first + 1}")
        assert held.edition == story.first + 1


def test_a_table_whose_last_line_went_is_proved_by_what_lines_have(tmp_path: Path, place: Place):
    fields = [{"name": "id", "type": "string"}, {"name": "source", "type": "object"}]
    schema = {"primaryKey": ["id"], "fields": fields}
    digested = f"sha256:{sha256().hexdigest()}"
    lines = {"mediatype": "application/x-ndjson", "table": "emissions", "bytes": 0, "hash": digested}
    for name, content in (("here", b'{"id":"1","source":{}}\n'), ("gone", b'{"id":"1"}\n')):
        (tmp_path / name).write_bytes(gzip.compress(content))
    full = lines | {"path": "here", "form": "current", "row_count": 1, "schema": schema}
    gone = lines | {"path": "gone", "form": "deletes", "row_count": 1, "schema": schema}
    empty = lines | {"path": "none", "form": "current", "row_count": 0, "content_hash": digested}
    columns = schema | {"fields": [*fields, {"name": "source_id", "type": "string"}]}
    flat = empty | {"mediatype": "text/csv", "schema": columns}
    expected = {"edition": 2, "deltas": [], "resources": [empty, flat], "state_digest": digest.text(digest.EMPTY)}
    with closing(opened(place.where)) as held:
        held.put(tmp_path, {"edition": 1, "deltas": [], "resources": [full]}, {})
        held.put(tmp_path, {"edition": 2, "resources": [gone]}, expected)
        assert verify(held).wrong == []
