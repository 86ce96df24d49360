"""What stands beside a CSV: a Frictionless Data Package (datapackage.org, version 2) with its columns, sources and citation."""

import json
from typing import Any

from almanac import columns
from almanac.datapackage import CC_BY, CONTRIBUTORS, PACKAGE, TABLE_SCHEMA, instant
from almanac.web.rendered import Rendered


def write(rendered: Rendered) -> bytes:
    """The description of the CSV of the same answer; `path` is where that stands for ever."""
    meta = rendered.meta
    place = rendered.address
    resource: dict[str, Any] = {
        "name": place.name.lower(),
        "path": place.cited(".csv") if place.origin else place.permalink(".csv").rpartition("/")[2],
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "row_count": len(rendered.rows),
        "schema": {
            "$schema": TABLE_SCHEMA,
            "fields": [columns.field(one.column) for one in rendered.cells],
            "missingValues": [""],
        },
    }
    package = {
        "$schema": PACKAGE,
        "name": place.name.lower(),
        "title": rendered.citation.title,
        "description": rendered.operation.description,
        "version": str(meta.edition),
        "licenses": [{"name": "CC-BY-4.0", "title": meta.licence, "path": CC_BY}],
        "contributors": CONTRIBUTORS,
        "edition": meta.edition,
        "known_on": str(meta.known_on) if meta.known_on else None,
        "citation": rendered.citation.text,
        "resources": [resource],
    }
    if meta.published_at:
        package["created"] = instant(meta.published_at)
    if rendered.sources:
        package["sources"] = [_source(one) for one in rendered.sources]
    return (json.dumps(package, indent=1, ensure_ascii=False) + "\n").encode()


def _source(source: dict[str, Any]) -> dict[str, Any]:
    said = {"title": source["title"], "publisher": source["publisher"], "published_on": source["published_on"]}
    return (
        said | {"licence": source["licence"], "id": source["id"]} | ({"path": source["url"]} if source["url"] else {})
    )
