"""A bucket as the place of snapshots: what is published is there alone, and only work under way is here.

An object is there whole or not at all, so its name is enough; there are no links, so a package is its documents, and its
files are those by content. A package is there when its manifest is, which is put last and removed first.
"""

import contextlib
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import AlreadyExistsError, PreconditionError

from almanac.errors import StoreAway
from almanac.settings import Settings
from almanac.store.bulk_place import MANIFEST, SORTS, Name, Place, Sort, is_file, is_name, is_package, ordered
from almanac.store.objects import listed, opened, told

# A part is in memory whole, so many at once; a store takes 10,000 parts of a file.
_PART_BYTES = 8 << 20
_PARTS_AT_ONCE = 3
_MOST_PARTS = 9_000
_TIMEOUT_S = 120
_RETRIES = 5
_FOR_EVER = "public, max-age=31536000, immutable"
_MEDIA_TYPES = {
    ".gz": "application/gzip",
    ".parquet": "application/vnd.apache.parquet",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_LATEST = "latest.json"
_DIGEST = "sha256"


class BulkStore(Place):
    """A folder of a bucket. Errors of all: StoreAway; OSError for the folder here."""

    listing_s = 600.0

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.bulk_path, settings.bulk_store or "")
        self._store = opened(settings, timeout_s=_TIMEOUT_S, retries=_RETRIES)
        self._pointed: str | None = None

    def latest(self) -> bytes | None:
        """The pointer to the newest snapshot; None before the first. `point` then replaces this one and no other."""
        with self._told(), contextlib.suppress(FileNotFoundError):
            found = obstore.get(self._store, _LATEST)
            self._pointed = found.meta["e_tag"]
            return bytes(found.bytes())
        self._pointed = None
        return None

    def packages(self, sort: Sort) -> list[str]:
        """Names of complete packages, by their numbers."""
        places = [path.split("/") for path in self._listed(f"{sort}/")]
        return ordered(place[1] for place in places if place[2:] == [MANIFEST] and is_package(place[1]))

    def document(self, sort: Sort, package: str, name: str = MANIFEST) -> bytes | None:
        """A document of a package; None if there is no such one."""
        if not (is_package(package) and is_name(name)):
            return None
        with self._told(), contextlib.suppress(FileNotFoundError):
            return bytes(obstore.get(self._store, f"{sort}/{package}/{name}").bytes())
        return None

    def files(self) -> Mapping[Name, int]:
        """Every file, and its size in bytes."""
        places = {tuple(path.split("/")[1:]): size for path, size in self._listed("files/").items()}
        return {(place[0], place[1]): size for place, size in places.items() if len(place) == 2 and is_file(*place)}

    def held(self, sha256: str, name: str) -> int | None:
        """Size of a file in bytes; None if it is not there, or not with the digest that it was put with."""
        with self._told(), contextlib.suppress(FileNotFoundError):
            found = obstore.get(self._store, _file(sha256, name), options={"head": True})
            return found.meta["size"] if found.attributes.get(_DIGEST) == sha256 else None
        return None

    def bring(self, path: Path, sha256: str) -> None:
        """Put a finished file, unless it is there with the same size and digest. In parts, if it is large."""
        size = path.stat().st_size
        if self.held(sha256, path.name) == size:
            return
        with self._told():
            obstore.put(
                self._store,
                _file(sha256, path.name),
                path,
                attributes=_attributes(path.name) | {"Cache-Control": _FOR_EVER, _DIGEST: sha256},
                chunk_size=max(_PART_BYTES, math.ceil(size / _MOST_PARTS)),
                max_concurrency=_PARTS_AT_ONCE,
            )

    def adopt(self, path: Path, sha256: str) -> None:
        """Take in a finished file under its digest; it is here no more."""
        self.bring(path, sha256)
        path.unlink()

    def drop(self, sha256: str, name: str) -> None:
        """Remove a file."""
        self._remove([_file(sha256, name)])

    def publish(self, sort: Sort, package: str, files: Iterable[Name], documents: Mapping[str, bytes]) -> None:
        """Make a package of documents, its manifest last; one that is there already is left as it is."""
        del files  # by content alone
        with self._told(), contextlib.suppress(FileNotFoundError):
            obstore.head(self._store, f"{sort}/{package}/{MANIFEST}")
            return
        for name in sorted(documents, key=lambda name: name == MANIFEST):
            with self._told(), contextlib.suppress(AlreadyExistsError):
                self._put(f"{sort}/{package}/{name}", documents[name], "create" if name == MANIFEST else "overwrite")

    def point(self, content: bytes) -> None:
        """Let `latest.json` say this, if it still says what `latest` or `point` knew. Errors: StoreAway if it does not.

        An exporter that lost its lease without knowing would otherwise point back.
        """
        with self._told():
            try:
                mode = "create" if self._pointed is None else {"e_tag": self._pointed}
                self._pointed = self._put(_LATEST, content, mode)
            except (AlreadyExistsError, PreconditionError):
                raise StoreAway(f"another exporter has meanwhile pointed {self.name}/{_LATEST} elsewhere") from None

    def withdraw(self, sort: Sort, package: str) -> None:
        """Remove a package, its manifest first."""
        self._remove([f"{sort}/{package}/{MANIFEST}"])
        self._remove(self._listed(f"{sort}/{package}/"))

    def forget(self) -> None:
        """Remove documents of packages without a manifest."""
        for sort in SORTS:
            whole = set(self.packages(sort))
            self._remove([path for path in self._listed(f"{sort}/") if path.split("/")[1] not in whole])

    def _put(self, path: str, content: bytes, mode: Any) -> str | None:
        return obstore.put(self._store, path, content, attributes=_attributes(path), mode=mode)["e_tag"]

    def _listed(self, prefix: str) -> dict[str, int]:
        with self._told():
            return {one["path"]: one["size"] for some in listed(self._store, prefix) for one in some}

    def _remove(self, paths: Iterable[str]) -> None:
        with self._told():
            for path in paths:
                with contextlib.suppress(FileNotFoundError):
                    obstore.delete(self._store, path)

    def _told(self) -> contextlib.AbstractContextManager[None]:
        return told(self.name)


def _file(sha256: str, name: str) -> str:
    return f"files/{sha256}/{name}"


def _attributes(name: str) -> dict[str, str]:
    return {"Content-Type": _MEDIA_TYPES[Path(name).suffix]}
