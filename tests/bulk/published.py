"""What the tests of this folder publish, and how they read what was written."""

import gzip
from pathlib import Path

from almanac.publish import editors
from almanac.store.db import PUBLISHER, connect
from tests.api.batches import emission, put_lines
from tests.publish import build
from tests.publish.build import batch, put, source
from tests.publish.store import newest
from tests.publish.test_editors import BOTH, decide, merge
from tests.publish.test_state_digest import publish_at_random

WITHHELD = "invented-closed"


def withheld(url: str) -> None:
    """An answer of a source that may be given on, then one of a source that may not."""
    company = {"record": "company", "id": WITHHELD, "name": "Invented Closed Ltd"}
    terms = ((True, "2023-01-01", 100), (False, "2024-01-01", 90))
    for open_, on, value in terms:
        source = {
            "record": "source",
            "key": "s",
            "type": "other",
            "title": f"Invented, {'open' if open_ else 'closed'}",
            "publisher": "Invented for tests",
            "published_on": on,
            "licence": "Invented terms",
            "redistributable": open_,
        }
        put_lines(url, source, company, emission(WITHHELD, 2022, value))


async def history(url: str, seed: int, batches: int) -> int:
    """Publish answers that come, change and go, and a merge that is undone and made again; the newest edition."""
    connection = await connect(url, PUBLISHER)
    await publish_at_random(connection, seed, batches)
    await put(connection, batch([source("n", "2021-01-01")], [build.emission("n", "5", company="nokia-oyj")], BOTH))
    merged = await merge(connection)
    await decide(connection, editors.undo, merged.edition)
    await merge(connection, keep="into")
    last = await newest(connection)
    await connection.close()
    return last


def lines(folder: Path, name: str) -> list[bytes]:
    """Lines of a file of a package."""
    return gzip.decompress((folder / f"{name}.ndjson.gz").read_bytes()).splitlines(keepends=True)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below, by its place."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
