"""The files of one package: each table in parts, each part in its formats, each written once and taken up after a break."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from almanac.bulk import parquet, rows
from almanac.bulk.fills import Fill, fills
from almanac.bulk.sink import Sink
from almanac.bulk.tables import WITHHELD, Form, Table
from almanac.bulk.written import File, described
from almanac.store.bulk_place import Place
from almanac.store.db import Connection

Format = Literal["ndjson", "csv", "parquet"]
Progress = Callable[[str, int, int], None]

ENDINGS: dict[Format, str] = {"ndjson": "ndjson.gz", "csv": "csv.gz", "parquet": "parquet"}


class Part(Struct, frozen=True, kw_only=True):
    """One file of a package, and which part of which table it is."""

    table: str
    form: Form
    format: Format
    number: int
    file: File


class Exporter:
    """Writes files to where they are published, over one connection in one read-only transaction."""

    def __init__(self, connection: Connection, folder: Place, label: str, progress: Progress | None) -> None:
        self._connection = connection
        self._folder = folder
        self._scratch = folder.scratch(label)
        self._progress = progress

    async def snapshot(self, tables: Sequence[Table], edition: int) -> list[Part]:
        """Everything at an edition, in every format."""
        wanted = [one for table in tables for one in _forms(table, "current")]
        return await self._all(wanted, 0, edition, flat=True)

    async def delta(self, tables: Sequence[Table], since: int, edition: int) -> list[Part]:
        """What brings a copy of any edition from one on to another: lines to put in and ids to take out, also where none are."""
        wanted: list[tuple[Table, Form]] = []
        for table in tables:
            wanted += _forms(table, "current") if table is WITHHELD else _forms(table, "upserts", "deletes")
        return await self._all(wanted, since, edition, flat=False)

    async def _all(self, wanted: Sequence[tuple[Table, Form]], since: int, edition: int, *, flat: bool) -> list[Part]:
        parts: list[Part] = []
        for table, form in wanted:
            number = 0
            async for fill in fills(self._connection, table, form, since, edition):
                number += 1
                name = f"{table.name}-{form}-{number:04}"
                note = self._scratch / f"{since}-{name}.json"
                # What is no kind is small, and its rows come in one go: it is written anew.
                if (
                    table.kind is None
                    or form == "deletes"
                    or (made := await asyncio.to_thread(self._noted, note)) is None
                ):
                    made = await self._part(table, form, number, fill, flat=flat)
                    note.write_bytes(msgspec.json.encode(made))
                parts += made
        return parts

    def _noted(self, note: Path) -> list[Part] | None:
        """The part as an interrupted run left it, if its files are all there."""
        try:
            made = msgspec.json.decode(note.read_bytes(), type=list[Part])
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        held = all(self._folder.held(one.file.sha256, one.file.name) == one.file.size for one in made)
        return made if held else None

    async def _part(self, table: Table, form: Form, number: int, fill: Fill, *, flat: bool) -> list[Part]:
        name = f"{table.name}-{form}-{number:04}"
        paths: dict[Format, Path] = {kind: self._scratch / f"{name}.{end}" for kind, end in ENDINGS.items()}
        files: dict[Format, File] = {}
        done = 0

        def count(more: int) -> None:
            nonlocal done
            done += more
            if self._progress:
                self._progress(f"{table.name} {form}", (number - 1) * rows.PART_ROWS + done, 0)

        async with Sink(paths["ndjson"], count) as lines, Sink(paths["csv"] if flat else None) as cells:
            await cells.put(rows.head(table.columns))
            await fill(lines, cells)
            files["ndjson"] = await lines.close()
            if flat:
                files["csv"] = await cells.close()
        if flat:
            written = await parquet.convert(paths["csv"], paths["parquet"], table.columns)
            files["parquet"] = await asyncio.to_thread(described, paths["parquet"], written)
        counts = {file.rows for file in files.values()}
        assert len(counts) == 1, f"{name}: the formats hold different numbers of rows: {counts}"
        for kind, file in files.items():
            await asyncio.to_thread(self._folder.adopt, paths[kind], file.sha256)
        return [
            Part(table=table.name, form=form, format=kind, number=number, file=file) for kind, file in files.items()
        ]


def _forms(table: Table, *forms: Form) -> list[tuple[Table, Form]]:
    versions: tuple[Form, ...] = ("versions",) if table.versioned else ()
    return [(table, form) for form in (*forms, *versions)]
