"""Documents and files of an Almanac over HTTP; a file that broke off goes on where it stopped, and is checked by its SHA-256."""

import hashlib
import http.client
import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from almanac.errors import BadFile, NotFound, Unavailable

Json = dict[str, Any]
Count = Callable[[int], None]

_TIMEOUT_S = 60
_TRIES = 5
_BLOCK = 1 << 18
_DOCUMENT_BYTES = 64 << 20


class Remote:
    """One Almanac, by its address."""

    def __init__(self, address: str) -> None:
        if not address.startswith(("http://", "https://")):
            raise BadFile(f"{address!r} is no address such as https://almanac.example")
        self._base = f"{address.rstrip('/')}/v1/bulk"

    def document(self, path: str) -> bytes:
        """A small document. Errors: NotFound; Unavailable if it cannot be had."""
        try:
            with self._open(path) as answer:
                content = answer.read(_DOCUMENT_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"{self._base}/{path} broke off: {type(error).__name__}") from error
        if len(content) > _DOCUMENT_BYTES:
            raise BadFile(f"{self._base}/{path} is larger than {_DOCUMENT_BYTES} bytes")
        return content

    def described(self, path: str) -> Json:
        """A document in JSON: the pointer, a manifest. Errors: as `document`; BadFile if it is something else."""
        try:
            return json.loads(self.document(path))
        except ValueError as error:
            raise BadFile(f"{self._base}/{path} is no JSON: {error}") from error

    def file(self, path: str, target: Path, resource: Json, count: Count) -> None:
        """Download a file of a manifest, from where an earlier try stopped.

        Errors: Unavailable after several tries; BadFile if it is another file than the manifest says.
        """
        expected: str = resource["hash"].removeprefix("sha256:")
        part = target.with_name(f"{target.name}.part")
        error: Exception | None = None
        for _ in range(_TRIES):
            try:
                self._rest(path, part, resource["bytes"], count)
            except (OSError, http.client.HTTPException) as broken:
                error = broken
                continue
            with part.open("rb") as held:
                found = hashlib.file_digest(held, "sha256").hexdigest()
            if found != expected:
                part.unlink()
                raise BadFile(f"{path} has the SHA-256 {found}, and the manifest says {expected}")
            part.replace(target)
            return
        raise Unavailable(f"{self._base}/{path} broke off {_TRIES} times: {error}") from error

    def _rest(self, path: str, part: Path, size: int, count: Count) -> None:
        with part.open("ab") as held:
            start = held.tell()
            if start >= size:
                held.truncate(size)
                return
            with self._open(path, start) as answer:
                if start and answer.status != http.client.PARTIAL_CONTENT:
                    held.truncate(0)
                while block := answer.read(_BLOCK):
                    held.write(block)
                    count(len(block))
            held.flush()
            os.fsync(held.fileno())
            if held.tell() < size:
                raise http.client.IncompleteRead(b"", size - held.tell())

    def _open(self, path: str, start: int = 0) -> Any:
        headers = {"Range": f"bytes={start}-"} if start else {}
        request = urllib.request.Request(f"{self._base}/{path}", headers=headers)  # noqa: S310 - http(s), see __init__
        try:
            return urllib.request.urlopen(request, timeout=_TIMEOUT_S)  # noqa: S310
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == http.client.NOT_FOUND:
                raise NotFound(f"{self._base}/{path} is not there") from error
            raise Unavailable(f"{self._base}/{path} answers {error.code}") from error
        except urllib.error.URLError as error:
            raise Unavailable(f"{self._base}/{path} cannot be reached: {error.reason}") from error
