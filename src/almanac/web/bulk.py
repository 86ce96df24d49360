"""The corpus as files over HTTP: the pointer, the list of snapshots, their manifests, the files. Nothing is made on request."""

import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import litestar
from litestar import Request
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct, structs

from almanac.errors import NotFound
from almanac.model import EditionNumber, Seq, Sha256, encode
from almanac.store.bulk_place import MANIFEST, Sort
from almanac.store.shelf import Elsewhere, Found, Method, Shelf
from almanac.web.operation import LICENCE, NoParams
from almanac.web.params import parse_path, parse_query
from almanac.web.sent_file import Stored, answer, elsewhere

Incoming = Request[Any, Any, Any]
Sent = litestar.Response[bytes]

PATHS = (
    "/v1/bulk/latest.json",
    "/v1/bulk/snapshots",
    "/v1/bulk/snapshots/{edition}/{name}",
    "/v1/bulk/deltas/{span}/{name}",
    "/v1/bulk/files/{sha256}/{name}",
)
_MOVING = "public, max-age=60, stale-while-revalidate=600, stale-if-error=86400"
_MEDIA_TYPES = {
    ".gz": "application/gzip",
    ".parquet": "application/vnd.apache.parquet",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_READ = ("if-none-match", "if-range", "range")

Name = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9][a-z0-9.-]{0,99}$",
        max_length=100,
        description="Name of a file, as the manifest has it.",
        examples=[MANIFEST],
    ),
]


class Latest(Struct, frozen=True, kw_only=True):
    """The newest snapshot."""

    edition: EditionNumber
    seq: Seq
    published_at: Annotated[str, Meta(description="When the edition was published (RFC 3339).")]
    state_digest: Annotated[Sha256, Meta(description="Digest of the answers that hold at the edition.")]
    manifest: Annotated[str, Meta(description="Where its manifest is, from here.")]
    manifest_hash: Annotated[str, Meta(description="Digest of the manifest: `sha256:` and hex.")]


class Snapshot(Struct, frozen=True, kw_only=True):
    """One snapshot of the corpus."""

    edition: EditionNumber
    seq: Seq
    published_at: Annotated[str, Meta(description="When the edition was published (RFC 3339).")]
    state_digest: Annotated[Sha256, Meta(description="Digest of the answers that hold at the edition.")]
    previous: Annotated[int | None, Meta(description="Edition of the snapshot before; null for the first.")]
    manifest: Annotated[str, Meta(description="Path of its manifest.")]
    files: Annotated[int, Meta(description="Number of its files.")]
    size_bytes: Annotated[int, Meta(description="Size of its files together, in bytes: their number of bytes.")]


class SnapshotsMeta(Struct, frozen=True, kw_only=True):
    """Where the list goes on."""

    next_before: Annotated[int | None, Meta(description="Give this edition as `before` to go on; null at the end.")]
    licence: Annotated[str, Meta(description="Terms of re-use.")]


class Snapshots(Struct, frozen=True, kw_only=True):
    """Snapshots, newest first."""

    data: Annotated[list[Snapshot], Meta(description="Items in order.")]
    meta: SnapshotsMeta


class SnapshotsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page of the list."""

    before: Annotated[
        int, Meta(ge=1, le=2_147_483_648, description="Only snapshots of editions before this.", examples=[12])
    ] = 2_147_483_648
    limit: Annotated[int, Meta(ge=1, le=500, description="Most items on a page.", examples=[50])] = 50


class SnapshotPath(Struct, frozen=True, kw_only=True):
    """A file of a snapshot."""

    edition: Annotated[int, Meta(ge=1, le=2_147_483_647, description="Edition of the snapshot.", examples=[23])]
    name: Name


class DeltaPath(Struct, frozen=True, kw_only=True):
    """A file of a delta."""

    span: Annotated[
        str,
        Meta(
            pattern=r"^[1-9][0-9]{0,9}-[1-9][0-9]{0,9}$",
            max_length=21,
            description="Editions from and to, such as `12-40`.",
            examples=["12-40"],
        ),
    ]
    name: Name


class FilePath(Struct, frozen=True, kw_only=True):
    """A file by its content."""

    sha256: Annotated[
        str,
        Meta(
            pattern=r"^[0-9a-f]{64}$",
            max_length=64,
            description="SHA-256 of the file, in hex.",
            examples=["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
        ),
    ]
    name: Name


def handlers() -> list[HTTPRouteHandler]:
    """Litestar handlers of these answers."""
    return [
        _route(PATHS[0], "read_latest_snapshot", NoParams, _latest),
        _route(PATHS[1], "list_snapshots", SnapshotsQuery, _snapshots),
        _route(PATHS[2], "read_snapshot_file", NoParams, _snapshot_file),
        _route(PATHS[3], "read_delta_file", NoParams, _delta_file),
        _route(PATHS[4], "read_bulk_file", NoParams, _file),
    ]


Handle = Callable[[Shelf, Incoming, Any], Awaitable[Sent]]


def _route(path: str, name: str, query: type[Struct], handle: Handle) -> HTTPRouteHandler:
    async def read(request: Incoming) -> Sent:
        request.scope["state"]["operation_id"] = name
        asked = parse_query(query, request.scope["query_string"])
        return await handle(request.app.state.shelf, request, asked)

    template = path.replace("}", ":str}")
    return HTTPRouteHandler(template, http_method=["GET"], name=name, status_code=200)(read)


async def _latest(shelf: Shelf, request: Incoming, _: Any) -> Sent:
    content = await shelf.latest()
    if content is None:
        raise NotFound("There is no snapshot yet.")
    return _moving(content, request)


async def _snapshots(shelf: Shelf, request: Incoming, query: SnapshotsQuery) -> Sent:
    editions = [int(name) for name in reversed(await shelf.packages("snapshots")) if int(name) < query.before]
    shown = editions[: query.limit]
    following = shown[-1] if len(editions) > len(shown) else None
    data = [
        Snapshot(**structs.asdict(one), manifest=f"/v1/bulk/snapshots/{one.edition}/{MANIFEST}")
        for one in await shelf.summaries(shown)
    ]
    return _moving(encode(Snapshots(data=data, meta=SnapshotsMeta(next_before=following, licence=LICENCE))), request)


async def _snapshot_file(shelf: Shelf, request: Incoming, _: Any) -> Sent:
    path = parse_path(SnapshotPath, request.path_params)
    return await _of_package(shelf, "snapshots", str(path.edition), path.name, request)


async def _delta_file(shelf: Shelf, request: Incoming, _: Any) -> Sent:
    path = parse_path(DeltaPath, request.path_params)
    return await _of_package(shelf, "deltas", path.span, path.name, request)


async def _file(shelf: Shelf, request: Incoming, _: Any) -> Sent:
    path = parse_path(FilePath, request.path_params)
    found = await shelf.file(path.sha256, path.name, _method(request))
    if found is None:
        raise NotFound("No file of that content and name.")
    return _sent(found, path.name, request)


async def _of_package(shelf: Shelf, sort: Sort, package: str, name: str, request: Incoming) -> Sent:
    found = await shelf.of_package(sort, package, name, _method(request))
    if found is None:
        raise NotFound(f"No file {name} in {sort}/{package}.")
    return _sent(found, name, request)


def _sent(found: Found, name: str, request: Incoming) -> Sent:
    headers = {name: ", ".join(request.headers.getall(name, [])) for name in _READ if name in request.headers}
    source = found.source
    if isinstance(source, Elsewhere):
        return elsewhere(found.sha256, source, headers)
    try:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
    except FileNotFoundError:
        raise NotFound("The file is not kept any more.") from None
    media_type = _MEDIA_TYPES[Path(name).suffix]
    return answer(Stored(source=source, size=size, sha256=found.sha256, media_type=media_type), headers)


def _method(request: Incoming) -> Method:
    return "HEAD" if request.scope["state"]["head"] else "GET"


def _moving(content: bytes, request: Incoming) -> Sent:
    etag = f'"{hashlib.sha256(content).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": _MOVING}
    held = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if etag in held or "*" in held:
        return litestar.Response(b"", status_code=304, headers=headers)
    return litestar.Response(content, media_type="application/json", headers=headers)
