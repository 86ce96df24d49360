"""The process that writes Parquet may be ended from outside, as a system does that runs out of memory."""

import asyncio
import gzip
import os
import signal
from pathlib import Path

import pytest

from almanac.bulk import parquet
from almanac.columns import Column
from almanac.errors import Unavailable

COLUMNS = (Column(name="id", type="string", description="A name.", required=True),)


def written(folder: Path) -> int:
    (folder / "flat.csv.gz").write_bytes(gzip.compress(b"id\none\ntwo\n"))
    return asyncio.run(parquet.convert(folder / "flat.csv.gz", folder / "typed.parquet", COLUMNS))


def test_one_that_died_is_replaced(tmp_path: Path):
    assert written(tmp_path) == 2
    (process,) = parquet._process()._processes.values()
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert written(tmp_path) == 2


def test_one_that_dies_again_and_again_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(parquet, "write", _dies)
    with pytest.raises(Unavailable, match="ended twice"):
        written(tmp_path)
    monkeypatch.undo()
    assert written(tmp_path) == 2, "and the next file is not lost to it"


def _dies(*_: object) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0
