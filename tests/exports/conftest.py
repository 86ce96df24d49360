"""A shop over the bundled and the awkward records, and one answer that may not be given on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bulk.published import withheld
from tests.conftest import Servers, _copy, _Serving
from tests.exports.orders import Shop, running


@pytest.fixture(autouse=True)
def workers() -> Iterator[None]:
    """None outlives its test."""
    yield
    while running:
        process = running.pop()
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def shop(servers: Servers, corpus_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("bulk")
    for url in _copy(servers, corpus_template):
        withheld(url)
        with _Serving(url, None, bulk_dir=str(folder)) as api:
            yield Shop(api, url, folder)
