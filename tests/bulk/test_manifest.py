"""The manifest is true of every file, describes every column, and its other renderings say nothing else.

`frictionless validate` is run by `test_readers.py`; `mlcroissant validate` was run by hand, it is not among the pins.
"""

import csv
import gzip
import hashlib
import io
import json
import re

import pyarrow.parquet as pq
import pytest

from almanac import columns
from almanac.bulk.tables import WITHHELD, tables
from almanac.kinds import KINDS
from almanac.store.bulk_folder import MANIFEST
from tests.bulk.conftest import Published

ALWAYS = {"edition", "seq", "published_at", "known_on", "previous", "deleted", "state_digest", "withheld", "licences"}


@pytest.fixture(params=["snapshots", "deltas"])
def package(published: Published, request: pytest.FixtureRequest) -> tuple:
    name = {"snapshots": str(published.newest), "deltas": f"{published.first}-{published.newest}"}[request.param]
    return published.folder.root / request.param / name, published.manifest(name, request.param)


def test_every_file_is_named_once_and_is_what_it_is_said_to_be(package: tuple):
    folder, manifest = package
    documents = {MANIFEST, "croissant.json", "dcat.json"}
    assert sorted({path.name for path in folder.iterdir()} - documents) == sorted(
        r["path"] for r in manifest["resources"]
    )
    for resource in manifest["resources"]:
        content = (folder / resource["path"]).read_bytes()
        assert len(content) == resource["bytes"]
        assert f"sha256:{hashlib.sha256(content).hexdigest()}" == resource["hash"]
        text = gzip.decompress(content) if resource.get("compression") == "gz" else content
        assert f"sha256:{hashlib.sha256(text).hexdigest()}" == resource["content_hash"]
        assert resource["row_count"] == _rows(resource, folder, text)
        assert resource.get("rows", resource["row_count"]) == resource["row_count"]
        assert re.fullmatch(r"[a-z0-9._-]+", resource["name"])
        if "compression" in resource:
            assert content[:10] == b"\x1f\x8b\x08\0\0\0\0\0\0\xff", "neither time nor name"


def _rows(resource: dict, folder, text: bytes) -> int:
    if resource["mediatype"] == "text/csv":
        return len(list(csv.reader(io.StringIO(text.decode())))) - 1
    if resource["mediatype"] == "application/x-ndjson":
        return text.count(b"\n")
    return pq.read_metadata(folder / resource["path"]).num_rows


def test_every_column_is_described_in_its_order(package: tuple):
    folder, manifest = package
    for resource in manifest["resources"]:
        fields = resource["schema"]["fields"]
        names = [field["name"] for field in fields]
        assert all(field["description"].endswith(".") for field in fields), resource["name"]
        if resource["mediatype"] == "text/csv":
            head = gzip.decompress((folder / resource["path"]).read_bytes()).split(b"\n", 1)[0].decode()
            assert head.split(",") == names
        elif resource["mediatype"] == "application/x-ndjson" and resource["row_count"]:
            line = json.loads(gzip.decompress((folder / resource["path"]).read_bytes()).split(b"\n", 1)[0])
            assert list(line) == names
        elif resource["mediatype"] == "application/x-ndjson":
            made = next(one for one in (*tables(KINDS), WITHHELD) if one.name == resource["table"])
            fields_of_lines = columns.of(made.gone) if resource["form"] == "deletes" else made.fields
            assert [one.name for one in fields_of_lines] == names, "a copy makes room for lines before the first comes"
            assert "type" not in resource, "the reference library reads no table without a line"
        else:
            assert pq.read_schema(folder / resource["path"]).names == names


def test_units_enumerations_and_keys_come_from_the_kinds(published: Published):
    made = {one["name"]: one for one in published.manifest(str(published.newest))["resources"]}
    targets = {field["name"]: field for field in made["targets-current-0001-csv"]["schema"]["fields"]}
    assert targets["value_pct"]["unit"] == "percent"
    assert targets["term"]["constraints"] == {
        "required": True,
        "enum": ["interim", "long_term", "near_term", "net_zero", "other"],
    }
    assert (targets["scopes"]["type"], targets["scopes"]["delimiter"]) == ("list", ",")
    assert made["emissions-versions-0001-csv"]["schema"]["primaryKey"] == ["id", "version"]
    assert made["emissions-current-0001-csv"]["schema"]["primaryKey"] == ["id"]


def test_every_table_is_there_whatever_it_holds(published: Published):
    snapshot = published.manifest(str(published.newest))
    names = [kind.name for kind in KINDS]
    others = ["identifiers", "sources", "metrics", "withheld"]
    wanted = {(name, form) for name in [*names, "companies"] for form in ("current", "versions")}
    wanted |= {(name, "current") for name in others}
    assert {(r["table"], r["form"]) for r in snapshot["resources"]} == wanted
    assert len(snapshot["resources"]) == 3 * len(wanted)
    delta = published.manifest(f"{published.first}-{published.newest}", "deltas")
    changed = {(name, form) for name in [*names, "companies", *others[:-1]] for form in ("upserts", "deletes")}
    assert changed <= {(r["table"], r["form"]) for r in delta["resources"]}
    assert [r for r in delta["resources"] if r["row_count"] == 0], "also where nothing changed"


def test_it_says_what_it_rests_on_and_what_leads_there(published: Published):
    first, newest = published.manifest(str(published.first)), published.manifest(str(published.newest))
    for manifest in (first, newest):
        assert manifest.keys() >= ALWAYS
    assert (first["previous"], first["deleted"], first["deltas"]) == (None, {"since": None, "rows": 0}, [])
    assert newest["previous"] == published.first
    (delta,) = newest["deltas"]
    assert delta["days"] == [1, 7, 31], "no snapshot is older than a day: every span begins at the oldest"
    reached = published.folder.root / "snapshots" / str(published.newest) / delta["path"]
    assert json.loads(reached.read_bytes())["previous"] == published.first
    pointer = json.loads(published.folder.latest())
    content = (published.folder.root / pointer["manifest"]).read_bytes()
    assert pointer["manifest_hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert pointer["edition"] == published.newest


def test_the_other_renderings_name_the_same_files(published: Published):
    folder = published.folder.root / "snapshots" / str(published.newest)
    made = published.manifest(folder.name)
    croissant, dcat = (json.loads((folder / f"{name}.json").read_bytes()) for name in ("croissant", "dcat"))
    hashes = {one["path"]: one["hash"].removeprefix("sha256:") for one in made["resources"]}
    assert {one["contentUrl"]: one["sha256"] for one in croissant["distribution"]} == hashes
    packed = {one["contentUrl"] for one in croissant["distribution"] if one["encodingFormat"] == "application/gzip"}
    assert packed == {path for path in hashes if path.endswith(".gz")}
    for one in croissant["recordSet"]:
        columns = [field["source"]["extract"]["column"] for field in one["field"]]
        assert columns == pq.read_schema(folder / f"{one['name']}.parquet").names
    told = {
        one["dcat:downloadURL"]["@id"]: one["spdx:checksum"]["spdx:checksumValue"] for one in dcat["dcat:distribution"]
    }
    assert told == hashes
    named = [one["title"] for one in made["contributors"] if "publisher" in one["roles"]]
    assert [(one["@type"], one["foaf:name"]) for one in dcat["dct:publisher"]] == [
        ("foaf:Agent", name) for name in named
    ]
    assert named
