"""Editions come out under load: nobody is told of an older one after a newer one, and no body has of two."""

import re
import time
from collections.abc import Iterator

import pytest

from tests.conftest import Servers, _copy
from tests.faults.conftest import COMPANIES, figure, fill, serving
from tests.faults.load import Load
from tests.faults.valkey import Valkey

pytestmark = pytest.mark.slow

EDITIONS = 8
SEEN_S = 1
_VALUE = re.compile(rb'"value":(\d+)')
LISTS = [*(f"/v1/emissions?company={name}" for name in COMPANIES), *(f"/v1/companies/{name}" for name in COMPANIES[:5])]


@pytest.fixture
def own(servers: Servers, empty_template: str) -> Iterator[str]:
    """URL of a database of this test's own with one edition."""
    for url in _copy(servers, empty_template):
        fill(url)
        yield url


def _of_one(edition: int, body: bytes) -> bool:
    """Whether every value is what this edition said: thousands of its number."""
    return {int(value) // 1000 - 2 for value in _VALUE.findall(body)} == {edition}


@pytest.mark.parametrize("how", ["kept", "conditional", "anew", "workers"])
def test_no_client_goes_back_and_no_body_has_of_two_editions(own: str, valkey: Valkey, how: str):
    """Connections that are kept; questions with a condition; connections opened anew, to one worker and to two."""
    with serving(own, valkey.url, workers="2" if how == "workers" else "1") as server:
        paths = LISTS[:: 40 if how == "conditional" else 1]
        load = Load(
            [server.port],
            paths,
            rate=60,
            keep=how not in ("anew", "workers"),
            conditional=how == "conditional",
            holds=_of_one,
        )
        late: list[float] = []
        with load:
            time.sleep(0.5)
            for times in range(2, EDITIONS + 1):
                edition, said = fill(own, times), time.perf_counter() - load.start
                time.sleep(0.3)
                late += [one.at - said for one in list(load.answers) if one.at > said and 0 < one.edition < edition]
            time.sleep(SEEN_S)
    assert not load.wrong()
    assert set(load.statuses("before")) <= {200, 304}
    assert how != "conditional" or load.statuses("before")[304]
    assert load.newest == EDITIONS
    figure(f"publishing, {how}", answers=len(load.answers), seen_after_ms=max(late, default=0) * 1000)
    assert max(late, default=0) < SEEN_S
