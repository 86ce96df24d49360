"""What workers tell each other, and the numbers that they have."""

import multiprocessing
import signal
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from almanac.store import board as module
from almanac.store.board import SHEET_BYTES, Board
from almanac.store.told import place


def _work(path: Path, pipe: Connection) -> None:
    """A worker that says its number and writes what it is told."""
    board = Board(path, 3)
    pipe.send(board.number)
    while True:
        board.write(pipe.recv())
        pipe.send(None)


class Worker:
    def __init__(self, path: Path) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("fork").Process(target=_work, args=(path, theirs), daemon=True)
        self.process.start()
        self.number = self.pipe.recv()

    def write(self, content: bytes) -> None:
        self.pipe.send(content)
        self.pipe.recv()

    def end(self) -> None:
        assert self.process.pid is not None
        self.process.kill()
        self.process.join()
        assert self.process.exitcode == -signal.SIGKILL


def test_each_reads_what_the_others_say_and_a_number_goes_to_the_next_when_its_worker_ends(
    monkeypatch: pytest.MonkeyPatch,
):
    path = place(3 * SHEET_BYTES)
    assert path is not None
    first, second = Worker(path), Worker(path)
    own = Board(path, 3)
    assert (first.number, second.number, own.number) == (0, 1, 2)
    assert own.others() == []
    first.write(b"one")
    second.write(b"two, which is longer")
    second.write(b"two")
    assert own.others() == [b"one", b"two"]
    second.end()
    next_one = Worker(path)
    assert next_one.number == 1
    next_one.write(b"three")
    assert own.others() == [b"one", b"three"]
    own._map[SHEET_BYTES + module._HEAD.size] ^= 1
    assert own.others() == [b"one"], "what is half written is left out"
    monkeypatch.setattr(module, "_GONE_S", 0)
    assert own.others() == [], "and what nobody writes on any more"
    first.end()
    next_one.end()


def test_one_process_alone_has_a_sheet_and_nobody_to_read():
    board = Board()
    board.write(b"x" * 1000)
    assert (board.number, board.others()) == (0, [])
    with pytest.raises(AssertionError):
        board.write(bytes(SHEET_BYTES))
