"""OpenAPI descriptions of the corpus as files."""

from typing import Any

from msgspec import Struct

from almanac.store.bulk_place import MANIFEST
from almanac.web import bulk, schema
from almanac.web.operation import NoParams

Json = dict[str, Any]

SHAPES: tuple[type[Struct], ...] = (bulk.Latest, bulk.Snapshots)

_FILES = (
    "application/gzip",
    "application/vnd.apache.parquet",
    "application/json",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
_RANGES = (
    "The file never changes: `ETag` is its SHA-256. `Range` gives one part of it (206; several ranges give the whole), "
    "`If-Range` only while it is the same, so that a download goes on where it broke off."
)

_ELSEWHERE: Json = {
    "description": "Where whoever keeps the files sends this one.",
    "schema": {"type": "string", "pattern": "^https?://", "maxLength": 16384},
}


def described() -> dict[str, Json]:
    """Descriptions by path."""
    latest, snapshots, snapshot, delta, file = bulk.PATHS
    return {
        latest: _described(
            "read_latest_snapshot",
            "The newest snapshot",
            "Where the manifest of the newest complete snapshot is, and where the feed goes on from it.",
            bulk.Latest,
        ),
        snapshots: _described(
            "list_snapshots",
            "Snapshots, newest first",
            "Every snapshot that is kept: the whole corpus at an edition, as files that never change.",
            bulk.Snapshots,
            query=bulk.SnapshotsQuery,
        ),
        snapshot: _file(
            "read_snapshot_file",
            "A file of a snapshot",
            f"`{MANIFEST}` is the manifest (Frictionless Data Package 2), `croissant.json` and `dcat.json` say the same in other "
            "words; the other names are those that the manifest has. All that the manifest names is kept at least until its "
            "`retention_until`, and while `latest.json` leads to it; null promises no date.",
            bulk.SnapshotPath,
        ),
        delta: _file(
            "read_delta_file",
            "A file of a delta",
            f"What brings a copy of an edition to a later one. `{MANIFEST}` is the manifest; the manifest of the later snapshot "
            "names the deltas that lead to it.",
            bulk.DeltaPath,
        ),
        file: _file(
            "read_bulk_file",
            "A file by its content",
            "The same files, by the `hash` that manifests have.",
            bulk.FilePath,
        ),
    }


def _described(name: str, summary: str, text: str, shape: type[Struct], *, query: type[Struct] = NoParams) -> Json:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape.__name__}"}}}
    return _operation(name, summary, text, schema.parameters(query, "query", {})) | {
        "responses": {
            "200": {
                "description": f"{summary}.",
                "headers": schema.refs("ETag", "Cache-Control", "X-Request-Id"),
                "content": content,
            },
            "304": {
                "description": "The answer that you hold is still right.",
                "headers": schema.refs("ETag", "Cache-Control", "X-Request-Id"),
            },
        }
        | _refused(400, 404, 414, 431, 500, 503)
    }


def _file(name: str, summary: str, text: str, path: type[Struct]) -> Json:
    headers = ("ETag", "Cache-Control", "Accept-Ranges", "Repr-Digest", "X-Request-Id")
    content: Json = {media_type: {} for media_type in _FILES}
    content["application/json"] = {"schema": {"type": "object"}}
    part: Json = {media_type: {} for media_type in _FILES}
    return _operation(name, summary, f"{text} {_RANGES}", schema.parameters(path, "path", {})) | {
        "responses": {
            "200": {"description": f"{summary}, whole.", "headers": schema.refs(*headers), "content": content},
            "206": {
                "description": f"{summary}, the part that `Range` asks for.",
                "headers": schema.refs(*headers, "Content-Range"),
                "content": part,
            },
            "304": {"description": "The file that you hold is this one.", "headers": schema.refs(*headers)},
            "307": {
                "description": (
                    f"{summary} is elsewhere: ask `Location` with the same method, and without your key. It may be good for some "
                    "minutes only, so begin here again rather than remember it."
                ),
                "headers": schema.refs(*headers) | {"Location": _ELSEWHERE},
            },
        }
        | _refused(400, 404, 414, 416, 431, 500, 503)
    }


def _operation(name: str, summary: str, text: str, parameters: list[Json]) -> Json:
    return {"operationId": name, "tags": ["Bulk"], "summary": summary, "description": text, "parameters": parameters}


def _refused(*statuses: int) -> Json:
    return {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in statuses}
