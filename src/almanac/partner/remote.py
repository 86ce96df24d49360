"""Documents and files of an Almanac over HTTP; a file that broke off goes on where it stopped, and is checked by its SHA-256."""

import hashlib
import http.client
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from almanac.errors import BadFile, NotFound, Unavailable
from almanac.partner.said import Resource

Count = Callable[[int], None]
Found = TypeVar("Found")
Said = TypeVar("Said")

_TIMEOUT_S = 60
_TRIES = 5
# Before the second try, and twice as long before each after it; a server that says `Retry-After` is believed up to the longest.
_PAUSE_S, _LONGEST_S = 0.5, 60
_BLOCK = 1 << 18
_DOCUMENT_BYTES = 64 << 20


class Remote:
    """One Almanac, by its address. `key` is for itself: whoever it says sends its files gets none."""

    def __init__(self, address: str, key: str | None = None) -> None:
        if not address.startswith(("http://", "https://")):
            raise BadFile(f"{address!r} is no address such as https://almanac.example")
        self.address = address.rstrip("/")
        self._base = f"{self.address}/v1/bulk"
        # Whoever was never there is not waited for: the address may be wrong.
        self._was_there = False
        self._key = key

    def document(self, path: str) -> bytes:
        """A small document. Errors: NotFound; Unavailable if it cannot be had, after several tries."""
        content = self._tried(path, lambda: self._document(path))
        if len(content) > _DOCUMENT_BYTES:
            raise BadFile(f"{self._base}/{path} is larger than {_DOCUMENT_BYTES} bytes")
        return content

    def described(self, path: str, shape: type[Said]) -> tuple[Said, bytes]:
        """A document in JSON (the pointer, a manifest): what of it is looked at, and all of it as it came.

        Errors: as `document`; BadFile if it is something else.
        """
        content = self.document(path)
        try:
            return msgspec.json.decode(content, type=shape), content
        except ValueError as error:
            raise BadFile(f"{self._base}/{path} is not what it should be: {error}") from error

    def file(self, path: str, target: Path, resource: Resource, count: Count) -> None:
        """Download a file of a manifest, from where an earlier try stopped.

        Errors: Unavailable after several tries; BadFile if it is another file than the manifest says.
        """
        expected = resource.hash.removeprefix("sha256:")
        part = target.with_name(f"{target.name}.part")
        self._tried(path, lambda: self._rest(path, part, resource.bytes, count))
        with part.open("rb") as held:
            found = hashlib.file_digest(held, "sha256").hexdigest()
        if found != expected:
            part.unlink()
            raise BadFile(f"{path} has the SHA-256 {found}, and the manifest says {expected}")
        part.replace(target)

    def _tried(self, path: str, once: Callable[[], Found]) -> Found:
        """What comes of the first try that does not break off."""
        pause_s = _PAUSE_S
        for left in reversed(range(_TRIES)):
            try:
                return once()
            except _LaterError as error:
                wait_s, why = error.retry_after_s or pause_s, error
            except (OSError, http.client.HTTPException) as error:
                wait_s, why = pause_s, Unavailable(f"{self._base}/{path} broke off: {error!r}")
            if not left:
                raise Unavailable(f"{why.detail}, {_TRIES} times")
            time.sleep(min(wait_s, _LONGEST_S))
            pause_s *= 2
        raise AssertionError

    def _document(self, path: str) -> bytes:
        with self._open(path) as answer:
            return answer.read(_DOCUMENT_BYTES + 1)

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
        if self._key is not None:
            # Any other header goes to wherever a redirect leads, and there to whoever runs it.
            request.add_unredirected_header("Authorization", f"Bearer {self._key}")
        try:
            answer = urllib.request.urlopen(request, timeout=_TIMEOUT_S)  # noqa: S310
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == http.client.NOT_FOUND:
                raise NotFound(f"{self._base}/{path} is not there") from error
            told = f"{self._base}/{path} answers {error.code}"
            if error.code == http.client.TOO_MANY_REQUESTS or error.code >= http.client.INTERNAL_SERVER_ERROR:
                seconds = error.headers.get("Retry-After", "")
                raise _LaterError(told, int(seconds) if seconds.isdecimal() else 0) from error
            raise Unavailable(told) from error
        except urllib.error.URLError as error:
            kind = _LaterError if self._was_there else Unavailable
            raise kind(f"{self._base}/{path} cannot be reached: {error.reason}") from error
        self._was_there = True
        return answer


class _LaterError(Unavailable):
    """What may go right a little later."""

    def __init__(self, detail: str, retry_after_s: int = 0) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s
