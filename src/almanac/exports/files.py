"""The files of exports where snapshots are published: scratch of each worker, files by content, and what nobody names removed."""

import json
import re
import shutil
from collections.abc import Collection
from pathlib import Path

from almanac.bulk.written import File
from almanac.store.bulk_place import SORTS, Name, Place, Sort

# Names of exports: snapshots give their files others, so what an exporter is about to publish is never looked at.
_OURS = re.compile(r"almanac-[a-z0-9-]+-edition-[0-9]+\.(csv\.gz|ndjson\.gz|parquet|xlsx)", re.ASCII)


class ExportFiles:
    """What exports do in the folder."""

    def __init__(self, folder: Place) -> None:
        self._folder = folder
        self._work = folder.root / "exports"
        self._read: dict[tuple[Sort, str], set[Name]] = {}

    def scratch(self, worker: str) -> Path:
        """An empty folder for a worker's file."""
        home = self._work / worker
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        return home

    def clear(self, worker: str) -> None:
        """Remove what a worker was writing."""
        shutil.rmtree(self._work / worker, ignore_errors=True)

    def left(self) -> set[str]:
        """Workers of which there is a folder."""
        return {path.name for path in self._work.iterdir()} if self._work.is_dir() else set()

    def bring(self, path: Path, file: File) -> None:
        """Do what takes long of `adopt`."""
        self._folder.bring(path, file.sha256)

    def adopt(self, path: Path, file: File) -> None:
        """Let a finished file be served."""
        self._folder.adopt(path, file.sha256)

    def sweep(self, named: Collection[Name]) -> None:
        """Remove the files of exports that are neither among those named, by digest and name, nor in a manifest."""
        unnamed = {file for file in self._folder.files() if _OURS.fullmatch(file[1]) and file not in named}
        for file in unnamed - self._published() if unnamed else ():
            self._folder.drop(*file)

    def _published(self) -> set[Name]:
        """Every file that a manifest names. A manifest never changes, so each is read once."""
        packages: list[tuple[Sort, str]] = [(sort, one) for sort in SORTS for one in self._folder.packages(sort)]
        self._read = {one: self._read.get(one) or self._named(*one) for one in packages}
        return {file for files in self._read.values() for file in files}

    def _named(self, sort: Sort, package: str) -> set[Name]:
        manifest = json.loads(self._folder.document(sort, package) or b'{"resources": []}')
        return {(one["hash"].removeprefix("sha256:"), one["path"]) for one in manifest["resources"]}
