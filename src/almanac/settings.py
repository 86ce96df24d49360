"""Every setting: read once from the environment, checked, and never changed after."""

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from almanac.environment import BadSetting, given, variable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_RATE = r"^([1-9][0-9]{0,8}/[1-9][0-9]{0,4}s|off)$"
_ADDRESS = re.compile(r"https?://[a-zA-Z0-9.:\[\]-]+(/[^\s?#@]*)?(?<!/)", re.ASCII)
_AN_ADDRESS = "an address such as https://{}, with no name or key of anybody, no ?, no # and no slash at its end"
_PLACES = (
    (
        "bulk_store",
        re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[a-zA-Z0-9_-][a-zA-Z0-9_.-]*)*", re.ASCII),
        (
            "a bucket and perhaps a folder in it, such as s3://bucket/folder: a bucket has 3 to 63 of a-z, 0-9, . and -, a "
            "folder has letters, digits, . _ and -, and no slash is at the end"
        ),
    ),
    ("bulk_store_endpoint", _ADDRESS, _AN_ADDRESS.format("s3.example.org")),
    ("bulk_store_region", re.compile(r"[a-z0-9-]{1,40}", re.ASCII), "the name of a region such as eu-central-1"),
    ("bulk_store_public_url", _ADDRESS, _AN_ADDRESS.format("files.example.org/folder")),
)


class Secret(str):
    """Text that may hold a password: `str()` gives it, `repr()` hides it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "***"


class Settings(Struct, frozen=True, kw_only=True):
    """What one process was told."""

    database_url: Annotated[
        Secret | None,
        Meta(description="PostgreSQL to read from. None: `serve` refuses; other commands use the one in `state_dir`."),
    ] = None
    publish_database_url: Annotated[
        Secret | None,
        Meta(description="PostgreSQL to publish to and to keep keys in. None: `database_url`."),
    ] = None
    redis_url: Annotated[
        Secret | None,
        Meta(description="Redis or Valkey to cache in. None: `up` starts its own; `serve` caches in its process only."),
    ] = None
    host: Annotated[str, Meta(min_length=1, description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port to listen on. 0: `up` picks a free one.")] = 8000
    public_url: Annotated[
        Annotated[str, Meta(pattern=r"^https?://[^\s?#]*[^\s?#/]$")] | None,
        Meta(
            description="Address that callers use, for citations; no slash at its end. None: `up` takes its own, `serve` none."
        ),
    ] = None
    workers: Annotated[int, Meta(ge=1, le=64, description="Processes that answer requests.")] = 1
    stop_grace_ms: Annotated[
        int,
        Meta(
            ge=0,
            le=60_000,
            description="How long a server that is told to stop answers on, not ready, in milliseconds. `up` stops at once.",
        ),
    ] = 2000
    state_dir: Annotated[str, Meta(min_length=1, description="Folder of the servers that `up` starts.")] = ".almanac"
    bulk_dir: Annotated[
        str | None, Meta(description="Folder of snapshots of the corpus. None: `bulk` in `state_dir`.")
    ] = None
    bulk_keep_days: Annotated[
        Annotated[int, Meta(ge=0, le=36_500)] | None,
        Meta(description="How long a snapshot is kept after a newer one was published, in days. None: for ever."),
    ] = None
    bulk_store: Annotated[
        str | None,
        Meta(
            description=(
                "Bucket of an S3-compatible store, and a folder in it, such as `s3://bucket/folder`, that snapshots and exports "
                "are published to instead of `bulk_dir`, which then only has work under way. Keys come from AWS's own variables. "
                "Needs the extra `s3`. None: `bulk_dir`."
            )
        ),
    ] = None
    bulk_store_endpoint: Annotated[
        str | None, Meta(description="Address of the store, which callers are led to as well. None: that of AWS.")
    ] = None
    bulk_store_region: Annotated[
        str | None, Meta(description="Region of the bucket. None: `AWS_REGION`, or us-east-1.")
    ] = None
    bulk_store_public_url: Annotated[
        str | None,
        Meta(
            description=(
                "Where anybody may read what `bulk_store` holds, for example a CDN: callers are led there. None: to signed "
                "addresses."
            )
        ),
    ] = None
    bulk_store_url_s: Annotated[
        int, Meta(ge=60, le=604_800, description="How long a signed address of a file is good for, in seconds.")
    ] = 900
    bulk_store_timeout_ms: Annotated[
        int,
        Meta(ge=1, le=60_000, description="Longest that a request waits for the store, in milliseconds; then 503."),
    ] = 2000
    pool_max_size: Annotated[int, Meta(ge=1, le=500, description="Database connections per worker.")] = 8
    pool_timeout_ms: Annotated[
        int, Meta(ge=1, le=60_000, description="Longest wait for a database connection, in milliseconds; then 503.")
    ] = 2000
    max_waiting: Annotated[
        int,
        Meta(
            ge=0,
            le=100_000,
            description="Queries per worker that wait for a database connection at once; 503 for those beyond.",
        ),
    ] = 100
    max_under_way: Annotated[
        int,
        Meta(
            ge=1,
            le=100_000,
            description=(
                "Requests per worker that are worked on at once; 503 for those beyond. While it cannot keep up, a worker takes "
                "fewer. Pages and whole files are never refused. As many bodies may arrive beside them, and as many parts of "
                "files be sent, however slowly; a tenth for one caller."
            ),
        ),
    ] = 256
    statement_timeout_ms: Annotated[
        int,
        Meta(
            ge=1,
            le=600_000,
            description="Longest run of one query, in milliseconds, of one that reads one thing a fifth; then 503.",
        ),
    ] = 5000
    redis_timeout_ms: Annotated[
        int, Meta(ge=1, le=10_000, description="Longest wait for Redis, in milliseconds; then it counts as a miss.")
    ] = 50
    cache_bytes: Annotated[
        int, Meta(ge=0, le=1 << 40, description="Room for encoded answers in each worker's memory, in bytes.")
    ] = 64 * 1024 * 1024
    list_max_rows: Annotated[
        int, Meta(ge=1, le=1_000_000, description="Most rows of a whole list as CSV, lines or a spreadsheet; then 400.")
    ] = 10_000
    wait_max_ms: Annotated[
        int,
        Meta(ge=0, le=30_000, description="Longest that a request waits for a publish (`wait`), in milliseconds."),
    ] = 30_000
    waiters_max: Annotated[
        int,
        Meta(
            ge=0,
            le=100_000,
            description="Most requests per worker that wait for a publish, a tenth of them for one caller; then 503.",
        ),
    ] = 200
    stream_max_ms: Annotated[
        int,
        Meta(
            ge=1, le=86_400_000, description="Longest life of a stream of changes, in milliseconds; it then reconnects."
        ),
    ] = 3_600_000
    streams_max: Annotated[
        int,
        Meta(
            ge=0,
            le=100_000,
            description="Most streams of changes per worker, a tenth of them for one caller; then 503.",
        ),
    ] = 100
    submission_max_bytes: Annotated[
        int,
        Meta(ge=1, le=1 << 30, description="Largest batch taken over HTTP, in bytes, compressed and not; then 413."),
    ] = 10 * 1024 * 1024
    submission_timeout_ms: Annotated[
        int, Meta(ge=1, le=600_000, description="Longest wait for a batch to arrive, in milliseconds; then 408.")
    ] = 30_000
    export_free_rows: Annotated[
        int, Meta(ge=0, le=1 << 40, description="Most rows of an export without a key; then 401.")
    ] = 100_000
    exports_per_caller: Annotated[
        int, Meta(ge=1, le=100_000, description="Most exports of a caller that wait for their file; then 429.")
    ] = 5
    export_jobs_max: Annotated[
        int,
        Meta(
            ge=1,
            le=1_000_000,
            description="Most files of exports to be made or kept; then 503. As many exports of a caller; then 429.",
        ),
    ] = 1000
    export_max_bytes: Annotated[
        int, Meta(ge=1, le=1 << 40, description="Largest file of an export, in bytes; beyond, the export fails.")
    ] = 1 << 30
    export_room_bytes: Annotated[
        int, Meta(ge=1, le=1 << 50, description="Room for the files of all exports together, in bytes; then 503.")
    ] = 20 << 30
    export_keep_days: Annotated[int, Meta(ge=1, le=365, description="How long an export is kept, in days.")] = 7
    export_wait_ms: Annotated[
        int,
        Meta(
            ge=0, le=30_000, description="Longest that a request waits for a small export, in milliseconds; then 202."
        ),
    ] = 2000
    export_lease_ms: Annotated[
        int,
        Meta(
            ge=300,
            le=3_600_000,
            description="How long after its last word a worker still has an export, in milliseconds; then another takes it over.",
        ),
    ] = 30_000

    traces: Annotated[
        bool,
        Meta(
            description=(
                "Whether requests, queries and Redis are traced by OpenTelemetry, whose own variables say where to. Needs the "
                "extra `traces`."
            ),
        ),
    ] = False
    rate_anonymous: Annotated[
        Annotated[str, Meta(pattern=_RATE)] | None,
        Meta(
            description=(
                "Requests that a network (/24, /64) may make without a key, as `60/6s`: 60 at once, and as many again over each "
                "6 s. `off`: any number. None: `serve` 60/6s, `up` off."
            ),
        ),
    ] = None
    rate_key: Annotated[
        Annotated[str, Meta(pattern=_RATE)] | None,
        Meta(description="The same for each key. None: `serve` 300/6s, `up` off."),
    ] = None
    trusted_proxies: Annotated[
        str,
        Meta(
            description=(
                "Networks of proxies, with commas between them, whose `X-Forwarded-For` is believed. Empty: none; then a proxy's "
                "callers share one quota."
            )
        ),
    ] = ""

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Settings":
        """Read an environment; an empty value counts as absent. Errors: BadSetting names the variable."""
        try:
            return cls(**given(cls, environ))
        except ValueError as error:
            raise BadSetting(f"{variable('trusted_proxies')}: {error}") from None

    def __post_init__(self) -> None:
        """Fail now rather than with the first request. Errors: ValueError; BadSetting."""
        _ = self.trusted_networks
        for name, form, allowed in _PLACES:
            value = getattr(self, name)
            # Not repeated: who takes it for an address with a key in it would find the key in a log.
            if value is not None and not form.fullmatch(value):
                raise BadSetting(f"{variable(name)} is {allowed}")
            if value is not None and self.bulk_store is None:
                raise BadSetting(f"{variable(name)} says nothing without {variable('bulk_store')}=s3://bucket/folder")

    @property
    def trusted_networks(self) -> tuple[Network, ...]:
        """`trusted_proxies` as networks; an address is a network of one."""
        return tuple(ipaddress.ip_network(one.strip()) for one in self.trusted_proxies.split(",") if one.strip())

    @property
    def state_path(self) -> Path:
        """`state_dir` as an absolute path."""
        return Path(self.state_dir).expanduser().resolve()

    @property
    def bulk_path(self) -> Path:
        """`bulk_dir` as an absolute path."""
        return Path(self.bulk_dir).expanduser().resolve() if self.bulk_dir else self.state_path / "bulk"

    @property
    def write_url(self) -> Secret | None:
        """Where publishing goes."""
        return self.publish_database_url or self.database_url

    def shown(self) -> dict[str, Any]:
        """Variables and their values for people, secrets hidden."""
        return {
            variable(name): repr(value) if isinstance(value, Secret) else value
            for name, value in msgspec.structs.asdict(self).items()
        }
