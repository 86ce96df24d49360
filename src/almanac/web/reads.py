"""Reads, answered in front of Litestar: what was asked before is found by the letter, without a look at what it means.

The same request while the same edition is the newest has the same answer: so what a request was found to mean is remembered,
by its bytes, and the bytes of the answer are kept under what it means (`cache`).
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence

from almanac.web.asked import Asked
from almanac.web.coding import wanted
from almanac.web.operation import Operation
from almanac.web.reading import Request, Service
from almanac.web.respond import Finished, Place, Response, fresh, not_modified, ok, respond
from almanac.web.router import Router
from almanac.web.suffix import Suffixes
from almanac.web.wire import Scope

# Path and query, `Accept`, content coding, newest edition.
Letter = tuple[bytes, bytes, bytes, str, int]

# Some 22,000 requests. What a process has forgotten the meaning of costs twice as much to bring from Redis.
_ROOM = 48 << 20
# What a place takes beside its request, about.
_EACH = 2048


class Reads:
    """Answers reads. Remembers nothing where `remember` is off."""

    def __init__(self, service: Service, operations: Sequence[Operation], *, remember: bool) -> None:
        self._service = service
        self._router = Router(operations)
        self._suffixes = Suffixes(operations)
        self._places: OrderedDict[Letter, Place] = OrderedDict()
        self._bytes = 0
        self._room = _ROOM if remember else 0

    @property
    def paths(self) -> set[str]:
        """Templates of the paths that it answers."""
        return self._router.paths

    def letter(self, scope: Scope, asked: Asked) -> Letter:
        """What a request says, to the letter."""
        coding = wanted(asked.accept_encoding.decode("latin-1")) if asked.accept_encoding else ""
        return scope["raw_path"], scope["query_string"], asked.accept, coding, self._service.editions.told

    def place(self, letter: Letter) -> Place | None:
        """Where the answer is, if this was asked before."""
        place = self._places.get(letter)
        if place is not None:
            self._places.move_to_end(letter)
        return place

    def near(self, place: Place, condition: bytes) -> Response | None:
        """The answer without waiting: 304, or what this process holds."""
        if condition and fresh(condition.decode("latin-1"), place.etag):
            return not_modified(place)
        found = self._service.cache.near(place.key)
        if found is None:
            return None
        return not_modified(place, "near") if condition.strip() == b"*" else ok(place, found, "near")

    async def far(self, place: Place, condition: bytes) -> Response | None:
        """The answer from Redis, if it is there."""
        found = await self._service.cache.kept(place.key, Finished)
        if found is None:
            return None
        return not_modified(place, "far") if condition.strip() == b"*" else ok(place, found, "far")

    def split(self, path: str) -> tuple[str, str]:
        """The path without the suffix of a form, and the suffix; empty if it has none."""
        return self._suffixes.split(path)

    def find(self, path: str) -> tuple[Operation, Mapping[str, str]] | None:
        """The read that a path without suffix is of, and its parameters."""
        return self._router.find(path)

    async def answer(self, operation: Operation, request: Request, letter: Letter) -> Response:
        """The answer, made if need be, and remembered. Errors: whatever the parser, the time or the handler refuses."""
        before = self._service.editions.newest
        response = await respond(operation, self._service, request)
        # The letter may be of an edition that only another worker had, and one that came meanwhile may have been answered
        # from: then it is not known what this letter means.
        if response.place is not None and before == letter[-1] == self._service.editions.newest:
            self._remember(letter, response.place)
        return response

    def _remember(self, letter: Letter, place: Place) -> None:
        if letter in self._places or not self._room:
            return
        self._places[letter] = place
        self._bytes += _size(letter)
        while self._bytes > self._room:
            old, _ = self._places.popitem(last=False)
            self._bytes -= _size(old)


def _size(letter: Letter) -> int:
    return _EACH + 2 * sum(len(part) for part in letter[:3])
