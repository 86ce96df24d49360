"""The manifest of a package: a Frictionless Data Package (version 2) whose every word comes from the tables and the files.

Source of the rules: datapackage.org, Data Package, Data Resource and Table Schema 2.0. Properties that the standard does not
know are ours: edition, seq, published_at, known_on, previous, deleted, deltas, retention_until, state_digest, withheld,
licences, made_with.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from almanac import columns
from almanac.bulk import parquet, written
from almanac.bulk.export import ENDINGS, Part
from almanac.bulk.tables import Table
from almanac.columns import Column
from almanac.datapackage import CC_BY, CONTRIBUTORS, PACKAGE, TABLE_SCHEMA, instant

Json = dict[str, Any]

MEDIA_TYPES = {
    "ndjson": "application/x-ndjson",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
}
_FORMS = {
    "current": "What holds at the edition, one row each.",
    "versions": "Every version, first to last, withdrawals included.",
    "upserts": "What to put into a copy: rows that hold and came or changed.",
    "deletes": "What to take out of a copy before anything is put in. There may be more than the copy holds.",
}


class Stated(Struct, frozen=True, kw_only=True):
    """What a package rests on."""

    edition: int
    seq: int
    published_at: dt.datetime
    known_on: dt.date | None
    state_digest: str
    withheld: int
    licences: Sequence[Mapping[str, Any]]
    retention_until: dt.datetime | None


class Delta(Struct, frozen=True, kw_only=True):
    """A delta that leads to a snapshot: from which edition, and how many ids it takes out."""

    since: int
    deletes: int
    days: Sequence[int]


def snapshot(stated: Stated, parts: Sequence[Part], tables: Sequence[Table], deltas: Sequence[Delta]) -> Json:
    """Manifest of a snapshot; its first delta leads there from the snapshot before."""
    previous = next((delta for delta in deltas if 0 in delta.days), None)
    return _package(stated, parts, tables) | {
        "name": f"almanac-{stated.edition}",
        "title": f"Almanac, edition {stated.edition}",
        "description": (
            "Versioned corporate climate disclosures: what holds at the edition and every version before, by kind, with the "
            "companies, identifiers, sources and metrics that they refer to."
        ),
        "previous": previous.since if previous else None,
        "deleted": {"since": previous.since if previous else None, "rows": previous.deletes if previous else 0},
        "deltas": [
            {
                "since": delta.since,
                "days": [days for days in delta.days if days],
                "path": f"../../deltas/{delta.since}-{stated.edition}/datapackage.json",
            }
            for delta in deltas
        ],
    }


def delta(stated: Stated, parts: Sequence[Part], tables: Sequence[Table], since: int) -> Json:
    """Manifest of a delta."""
    deletes = sum(part.file.rows for part in parts if part.form == "deletes")
    return _package(stated, parts, tables) | {
        "name": f"almanac-{since}-{stated.edition}",
        "title": f"Almanac, from edition {since} to {stated.edition}",
        "description": (
            f"Brings a copy of any edition from {since} to {stated.edition} to edition {stated.edition}: take out the "
            f"deletes, put in the upserts by their key, add the versions. Applying it twice changes nothing."
        ),
        "previous": since,
        "deleted": {"since": since, "rows": deletes},
    }


def encoded(manifest: Json) -> bytes:
    """The manifest as bytes: the same for the same package."""
    return (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()


def made_with() -> Json:
    """What the bytes of the files depend on beside the edition; the digests of their content depend on none of it."""
    return {
        "pyarrow": parquet.version(),
        "zlib-ng": written.MADE_WITH,
    }


def _package(stated: Stated, parts: Sequence[Part], tables: Sequence[Table]) -> Json:
    by_name = {table.name: table for table in tables}
    return {
        "$schema": PACKAGE,
        "name": "",
        "title": "",
        "description": "",
        "version": str(stated.edition),
        "created": instant(stated.published_at),
        "licenses": [
            {"name": "CC-BY-4.0", "title": "Compilation: CC BY 4.0. Facts: terms of each source", "path": CC_BY}
        ],
        "contributors": CONTRIBUTORS,
        "keywords": ["climate", "emissions", "companies", "disclosure", "targets"],
        "edition": stated.edition,
        "seq": stated.seq,
        "published_at": instant(stated.published_at),
        "known_on": str(stated.known_on) if stated.known_on else None,
        "retention_until": instant(stated.retention_until) if stated.retention_until else None,
        "state_digest": stated.state_digest,
        "withheld": stated.withheld,
        "licences": [dict(one) for one in stated.licences],
        "made_with": made_with(),
        "resources": [_resource(part, by_name[part.table]) for part in parts],
    }


def _resource(part: Part, table: Table) -> Json:
    said: Json = {
        "name": f"{part.file.name.removesuffix(f'.{ENDINGS[part.format]}')}-{part.format}",
        "path": part.file.name,
        "description": f"{table.about} {_FORMS[part.form]}",
        "format": part.format,
        "mediatype": MEDIA_TYPES[part.format],
        "bytes": part.file.size,
        "hash": f"sha256:{part.file.sha256}",
        "content_hash": f"sha256:{part.file.content_sha256}",
        "row_count": part.file.rows,
        "table": part.table,
        "form": part.form,
        "part": part.number,
    }
    if part.format == "parquet":
        # The reference library would read `parquet` through pandas, which has neither blank integers nor lists.
        return said | {
            "format": "vnd.apache.parquet",
            "schema": _schema(table, part, parquet.columns_of(table.columns)),
        }
    fields = (
        columns.of(table.gone) if part.form == "deletes" else table.columns if part.format == "csv" else table.fields
    )
    if not part.file.rows and part.format == "ndjson":
        # No `type`: the reference library reads no table without a line.
        return said | {"format": "x-ndjson", "compression": "gz", "schema": _schema(table, part, fields)}
    return said | {
        "type": "table",
        "rows": part.file.rows,
        "encoding": "utf-8",
        "compression": "gz",
        "schema": _schema(table, part, fields),
    }


def _schema(table: Table, part: Part, fields: Sequence[Column]) -> Json:
    """Table Schema; the key of versions also has what tells the versions of one thing apart."""
    moment = ("version" if table.kind else "updated_edition",) if part.form == "versions" else ()
    key = tuple(column.name for column in fields) if part.form == "deletes" else (*table.key, *moment)
    return {
        "$schema": TABLE_SCHEMA,
        "fields": [_field(column, part) for column in fields],
        "missingValues": [""],
        "primaryKey": list(key),
    }


def _field(column: Column, part: Part) -> Json:
    said = columns.field(column)
    if column.type == "list" and part.format == "ndjson":
        return {name: value for name, value in said.items() if name not in ("itemType", "delimiter")} | {
            "type": "array"
        }
    return said
