"""A copy of the corpus in a database: the lines as served, by table and key, and what is current by its columns.

A package goes in whole or not at all: after a kill at any moment the copy holds the edition before or the edition after.
What a package asks for is here, once; what a database makes of it is in a module of its own.
"""

import contextlib
import gzip
import itertools
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from almanac.errors import BadFile, Unavailable
from almanac.partner.folder import CURE
from almanac.partner.said import LINES, Manifest
from almanac.partner.target import BATCH, Json, Row, Target

_LINE = msgspec.json.Decoder(Json)
_BETWEEN = "\x1f"  # sorts before whatever a key holds


class Copy:
    """One copy, open."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self.name = target.name

    def close(self) -> None:
        """Let the database go."""
        self._target.close()

    @property
    def edition(self) -> int:
        """The edition that it holds; 0 if it is empty."""
        held = self._target.state()
        return held[0] if held else 0

    @property
    def manifest(self) -> Json:
        """The manifest that it has to agree with. Errors: BadFile if it is empty, or what it holds is no manifest."""
        held = self._target.state()
        if held is None:
            raise BadFile("the copy is empty; `almanac bulk apply` fills it")
        try:
            msgspec.json.decode(held[1], type=Manifest)
        except msgspec.DecodeError as error:
            raise BadFile(f"{self.name} holds no manifest to prove it by: {error}; fill a new copy") from error
        return json.loads(held[1])

    def put(self, package: Path, manifest: Json, expected: Json) -> int:
        """Apply a package; how many lines it had. `expected` is the manifest that the copy has to agree with after it.

        Errors: BadFile if the package is spoilt, Unavailable if the copy cannot be written; it is then as it was.
        """
        try:
            self._target.begin()
            if self.edition >= manifest["edition"]:
                self._target.undo()
                return 0  # somebody else was faster
            resources = [one for one in manifest["resources"] if one["mediatype"] == LINES]
            self._make_room(resources, whole="deltas" in manifest)
            for table, said in fields(resources).items():
                self._target.shape(table, said)
            # What goes, goes first: an id may go from one table and come in another.
            resources.sort(key=lambda one: one["form"] != "deletes")
            lines = sum(self._file(package / resource["path"], resource) for resource in resources)
            self._target.end(manifest["edition"], json.dumps(expected))
        except BaseException:
            with contextlib.suppress(Unavailable):
                self._target.undo()
            raise
        return lines

    def _make_room(self, resources: Iterable[Json], *, whole: bool) -> None:
        """Take out what a package replaces as a whole."""
        if whole:
            self._target.clear(None)
        for table in {one["table"] for one in resources if one["form"] == "current"} if not whole else ():
            self._target.clear(table)

    def _file(self, file: Path, resource: Json) -> int:
        try:
            done = self._resource(file, resource)
        except (OSError, EOFError, zlib.error, msgspec.DecodeError) as error:
            raise BadFile(f"{file} cannot be applied: {error}; {CURE}") from error
        if done != resource["row_count"]:
            raise BadFile(f"{file} has {done} lines, and the manifest says {resource['row_count']}; {CURE}")
        return done

    def _resource(self, file: Path, resource: Json) -> int:
        table: str = resource["table"]
        form: str = "current" if resource["form"] == "upserts" else resource["form"]
        done = 0
        with gzip.open(file) as lines:
            while batch := list(itertools.islice(lines, BATCH)):
                done += len(batch)
                if done > resource["row_count"]:
                    break
                keys: Sequence[str] = resource["schema"]["primaryKey"]
                rows = [_LINE.decode(line) for line in batch]
                if form == "deletes":
                    self._target.remove(table, [_part(row, keys[0]) for row in rows])
                    continue
                self._target.put(table, form, [_placed(keys, row, line) for row, line in zip(rows, batch, strict=True)])
        return done

    def differing(self, table: str, fields: Sequence[Json]) -> set[str]:
        """Columns of a table that are not what its lines say."""
        return self._target.differing(table, fields)

    def lines(self, table: str, form: str) -> Iterator[bytes]:
        """The lines of a table as the files have them, in their order."""
        for body in self._target.lines(table, form):
            yield body.encode() + b"\n"


def fields(resources: Iterable[Json]) -> dict[str, Sequence[Json]]:
    """Fields of each table, by its files of lines; one without a line may have no schema."""
    return {one["table"]: one["schema"]["fields"] for one in resources if one["form"] != "deletes" and "schema" in one}


def _placed(keys: Sequence[str], row: Json, line: bytes) -> Row:
    parts = [_part(row, key) for key in keys]
    key = _BETWEEN.join(parts)
    # Files are sorted by company, then by key.
    return Row(key, parts[0], f"{row.get('company', '')}{_BETWEEN}{key}", line.decode().removesuffix("\n"))


def _part(row: Json, key: str) -> str:
    """One part of a line's key, as text that sorts as it does. Errors: ValidationError if the line does not have it."""
    match row.get(key):
        case str(text):
            return text
        case int(number):
            return f"{number:012}"
        case _:
            raise msgspec.ValidationError(f"a line has no `{key}`")
