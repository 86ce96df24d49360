"""The number that workers share."""

import multiprocessing
from pathlib import Path

from almanac.store.told import Told, place


def _tell(path: Path, edition: int) -> None:
    Told(path).tell(edition)


def test_what_one_process_says_another_reads_and_it_only_grows():
    path = place()
    assert path is not None
    one = Told(path)
    for edition, newest in ((3, 3), (2, 3), (4, 4)):
        other = multiprocessing.get_context("spawn").Process(target=_tell, args=(path, edition))
        other.start()
        other.join()
        assert one.newest == newest
    assert Told().newest == 0
