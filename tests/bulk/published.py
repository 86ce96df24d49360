"""What the tests of this folder publish, and how they read what was written."""

import gzip
from pathlib import Path

from tests.api.batches import emission, put_lines

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


def lines(folder: Path, name: str) -> list[bytes]:
    """Lines of a file of a package."""
    return gzip.decompress((folder / f"{name}.ndjson.gz").read_bytes()).splitlines(keepends=True)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below, by its place."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
