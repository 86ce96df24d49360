"""Snapshots: every answer as served, in three formats that say the same, and nothing that may not be given on."""

import asyncio
import csv
import gzip
import hashlib
import io
import itertools
import json
import re
import sys
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from almanac import columns, digest
from almanac.bulk import export, parquet, rows
from almanac.bulk.snapshot import snapshot
from almanac.errors import Misconfigured, NotFound
from almanac.kind import Kind
from almanac.kinds import KINDS
from almanac.partner.keep import apply, verify
from almanac.partner.targets import opened
from almanac.store.bulk_folder import BulkFolder
from almanac.store.db import Connection
from tests.bulk.conftest import Published
from tests.bulk.published import WITHHELD, contents, lines
from tests.conftest import Servers, _copy

pytestmark = pytest.mark.anyio

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.stem)

LIVE = """
select c.company_id, c.disclosure_id::text as id, c.version, c.body, s.redistributable
  from change c join source s using (source_id)
 where c.kind = $1 and c.edition <= $2
   and ($3 or (c.op <> 'withdraw' and not exists (
         select from change n where n.disclosure_id = c.disclosure_id and n.edition <= $2
            and (n.known_from, n.seq) > (c.known_from, c.seq))))
"""


def home(published: Published, edition: int | None = None) -> Path:
    return published.folder.root / "snapshots" / str(edition or published.newest)


@each_kind
@pytest.mark.parametrize("form", ["current", "versions"])
async def test_lines_are_the_bytes_that_the_service_stores_by_company_and_id(
    published: Published, reader: Connection, kind: Kind, form: str
):
    for edition in (published.first, published.newest):
        stored = await reader.fetch(LIVE, kind.name, edition, form == "versions")
        ordered = sorted(stored, key=lambda row: (row["company_id"], row["id"], row["version"]))
        wanted = [row["body"] + b"\n" for row in ordered if row["redistributable"]]
        assert lines(home(published, edition), f"{kind.name}-{form}-0001") == wanted


@each_kind
async def test_the_three_formats_say_the_same(published: Published, kind: Kind):
    for form in ("current", "versions"):
        name = f"{kind.name}-{form}-0001"
        said = [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines(home(published), name)]
        flat = list(
            csv.DictReader(io.StringIO(gzip.decompress((home(published) / f"{name}.csv.gz").read_bytes()).decode()))
        )
        typed = pq.read_table(home(published) / f"{name}.parquet").to_pylist()
        assert len(said) == len(flat) == len(typed)
        for line, text, row in zip(said, flat, typed, strict=True):
            for column in columns.of_kind(kind):
                value = line["source"]["id"] if column.name == "source_id" else line[column.name]
                assert text[column.name] == _text(value), column.name
                assert _same(row, column.name, value), (column.name, row[column.name], value)


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    return ",".join(value) if isinstance(value, list) else "" if value is None else str(value)


def _same(row: dict, name: str, value: object) -> bool:
    found = row[name] if row[name] is not None else Decimal(row[f"{name}_exact"]) if row.get(f"{name}_exact") else None
    return str(found) == str(value) if hasattr(found, "isoformat") else found == value


async def test_a_number_beyond_the_decimal_type_keeps_its_digits(tmp_path: Path):
    """None is rounded, and none is lost: what DECIMAL(38, 12) cannot hold stands as text beside it."""
    numbers = ["1.5", "0.0000000000001", "12345678901234567890123456", "123456789012345678901234567", "-7.50", ""]
    flat = tmp_path / "x.csv.gz"
    flat.write_bytes(gzip.compress(("company,value\n" + "".join(f"a,{one}\n" for one in numbers)).encode()))
    told = [columns.Column(name="company", type="string", description="c", required=True),
            columns.Column(name="value", type="number", description="v", required=False)]  # fmt: skip
    assert parquet.write(flat, tmp_path / "x.parquet", told) == len(numbers)
    made = pq.read_table(tmp_path / "x.parquet").to_pydict()
    exact = [None, numbers[1], None, numbers[3], None, None]
    assert made["value_exact"] == exact
    assert made["value"] == [Decimal(n) if n and e is None else None for n, e in zip(numbers, exact, strict=True)]


def test_parquet_is_typed_sorted_and_in_groups(published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(parquet, "GROUP_ROWS", 50)
    flat = home(published) / "emissions-versions-0001.csv.gz"
    kind = KINDS[0]
    parquet.write(flat, tmp_path / "x.parquet", columns.of_kind(kind))
    file = pq.ParquetFile(tmp_path / "x.parquet")
    types = {field.name: str(field.type) for field in file.schema_arrow}
    assert types["value"] == "decimal128(38, 12)"
    assert types["known_from"] == "date32[day]"
    assert types["op"].startswith("dictionary")
    assert types["quality_flags"].startswith("list")
    groups = [file.metadata.row_group(n) for n in range(file.num_row_groups)]
    assert [group.num_rows for group in groups[:-1]] == [50] * (len(groups) - 1)
    assert len(groups) > 2
    spans = [group.column(1).statistics for group in groups]
    assert all(one.max <= other.min for one, other in itertools.pairwise(spans)), "a reader can skip groups by company"
    assert [one.column_index for one in groups[0].sorting_columns] == [1, 0]


async def test_the_lines_and_what_is_withheld_prove_the_digest(published: Published):
    for edition in (published.first, published.newest):
        manifest = published.manifest(str(edition))
        held = [line[:-1] for kind in KINDS for line in lines(home(published, edition), f"{kind.name}-current-0001")]
        hidden = [json.loads(line)["sha256"] for line in lines(home(published, edition), "withheld-current-0001")]
        come = [hashlib.sha256(line).digest() for line in held] + [bytes.fromhex(one) for one in hidden]
        assert digest.text(digest.updated(digest.EMPTY, come=come)) == manifest["state_digest"]
        assert digest.text(digest.updated(digest.EMPTY, come=come[1:])) != manifest["state_digest"]
        assert manifest["withheld"] == len(hidden)
    assert hidden, "there was something to hold back"


async def test_what_may_not_be_given_on_is_in_no_file(published: Published):
    root = home(published)
    current, versions = (lines(root, f"emissions-{form}-0001") for form in ("current", "versions"))
    assert not [line for line in current if f'"company":"{WITHHELD}"'.encode() in line], (
        "nor the older answer in its place"
    )
    assert len([line for line in versions if f'"company":"{WITHHELD}"'.encode() in line]) == 1
    assert WITHHELD in {json.loads(line)["company"] for line in lines(root, "withheld-current-0001")}
    licences = {(one["licence"], one["redistributable"]) for one in published.manifest(root.name)["licences"]}
    assert {("Invented terms", True), ("Invented terms", False)} <= licences


async def test_companies_identifiers_sources_and_metrics_are_as_served(published: Published, reader: Connection):
    root = home(published)
    heads = await reader.fetch("select body from company_record order by company_id, edition")
    assert lines(root, "companies-versions-0001") == [row["body"] + b"\n" for row in heads]
    newest = {json.loads(row["body"])["id"]: row["body"] + b"\n" for row in heads}
    merged = {
        row["other"] for row in await reader.fetch("select other from identity_event where event = 'merged_from'")
    }
    assert lines(root, "companies-current-0001") == [line for one, line in newest.items() if one not in merged]
    told = sum(len(json.loads(head)["identifiers"]) for one, head in newest.items() if one not in merged)
    assert len(lines(root, "identifiers-current-0001")) == told
    cited = await reader.fetch("select distinct source_id from statement")
    assert len(lines(root, "sources-current-0001")) == len(cited)
    assert len(lines(root, "metrics-current-0001")) == await reader.fetchval("select count(*) from metric")


def test_what_a_copy_of_the_whole_holds_is_proved(published: Published, tmp_path: Path):
    """A copy has the lines in the order of their keys, and so has every file: also of a company with several identifiers."""
    with closing(opened(str(tmp_path / "copy.sqlite"))) as copy:
        apply(published.folder.root, copy)
        assert verify(copy).wrong == []


def test_the_same_edition_gives_the_same_bytes_elsewhere(
    published: Published, servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A copy of the store, another folder, another size of the blocks in between."""
    monkeypatch.setattr(rows, "_BLOCK_BYTES", 5_000)
    (name,) = re.findall(r"/(\w+)\?", published.url)
    for url in _copy(servers, name):
        for edition in (published.first, published.newest):
            asyncio.run(snapshot(url, BulkFolder(tmp_path), KINDS, edition=edition))
    held = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    root = published.folder.root
    assert held == {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert len(held) > 300


async def test_parts_together_are_the_whole(published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rows, "PART_ROWS", 40)
    monkeypatch.setattr(rows, "_BLOCK_BYTES", 500)
    monkeypatch.setattr("almanac.bulk.sink._AHEAD", 1)
    monkeypatch.setattr("almanac.bulk.fills._BATCH", 7)
    await snapshot(published.url, BulkFolder(tmp_path), KINDS, edition=published.newest)
    made = json.loads((tmp_path / f"snapshots/{published.newest}/datapackage.json").read_bytes())
    forms = [(table, "current") for table in ("emissions", "companies", "identifiers", "awards")]
    for table, form in [*forms, ("emissions", "versions"), ("targets", "versions")]:
        parts = [
            one for one in made["resources"] if (one["table"], one["form"], one["format"]) == (table, form, "ndjson")
        ]
        assert [one["part"] for one in parts] == list(range(1, len(parts) + 1))
        assert all(one["row_count"] == 40 for one in parts[:-1])
        found = [
            line
            for one in parts
            for line in lines(tmp_path / f"snapshots/{published.newest}", one["name"].removesuffix("-ndjson"))
        ]
        assert found == lines(home(published), f"{table}-{form}-0001")


@pytest.mark.slow
async def test_parts_of_a_delta_together_are_the_whole(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    whole = export.Exporter.delta

    async def in_parts(self: export.Exporter, *args: Any) -> list[export.Part]:
        with monkeypatch.context() as small:
            small.setattr(rows, "PART_ROWS", 3)
            return await whole(self, *args)

    # The snapshots beside it stay whole: in parts of three rows they are thousands of files.
    monkeypatch.setattr(export.Exporter, "delta", in_parts)
    for edition in (published.first, published.newest):
        await snapshot(published.url, BulkFolder(tmp_path), KINDS, edition=edition)
    span = f"deltas/{published.first}-{published.newest}"
    made = json.loads((tmp_path / span / "datapackage.json").read_bytes())["resources"]
    several = set[str]()
    for form in ("upserts", "versions", "deletes"):
        names = [
            one["name"].removesuffix("-ndjson") for one in made if (one["table"], one["form"]) == ("emissions", form)
        ]
        found = [lines(tmp_path / span, name) for name in names]
        assert [len(one) for one in found[:-1]] == [3] * (len(found) - 1)
        assert [line for one in found for line in one] == lines(published.folder.root / span, f"emissions-{form}-0001")
        several |= {form} if len(found) > 2 else set()
    assert several >= {"upserts", "versions"}


async def test_what_is_not_published_cannot_be_written(empty_database: str, published: Published, tmp_path: Path):
    with pytest.raises(NotFound):
        await snapshot(empty_database, BulkFolder(tmp_path), KINDS)
    with pytest.raises(NotFound):
        await snapshot(published.url, BulkFolder(tmp_path), KINDS, edition=published.newest + 1)
    assert contents(tmp_path) == {}


async def test_without_the_extra_it_says_what_to_install(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(Misconfigured, match=r"climate-almanac\[bulk\]"):
        await snapshot(published.url, BulkFolder(tmp_path), KINDS)
