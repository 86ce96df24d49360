"""A delta brings a copy of any edition of its span to its end: the same lines as the snapshot there, byte for byte."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from almanac.bulk.snapshot import snapshot
from almanac.kinds import KINDS
from almanac.store.bulk_folder import BulkFolder
from tests.bulk.published import history, lines
from tests.conftest import Servers, _copy

pytestmark = pytest.mark.slow

VERSIONED = [*(kind.name for kind in KINDS), "companies"]
KEYS = dict.fromkeys([*VERSIONED, "sources"], ("id",)) | {"identifiers": ("company", "scheme", "value")}
Copy = dict[tuple[str, ...], bytes]


def applied(copy: Copy, delta: Path, table: str) -> Copy:
    """What a partner does: some lines taken out, then some put in, by their key."""
    gone = {next(iter(json.loads(line).values())) for line in held(delta, table, "deletes")}
    return {key: line for key, line in copy.items() if key[0] not in gone} | by_key(
        held(delta, table, "upserts"), table
    )


def held(folder: Path, table: str, form: str = "current") -> list[bytes]:
    return lines(folder, f"{table}-{form}-0001")


def by_key(found: list[bytes], table: str) -> Copy:
    said = [(json.loads(line), line) for line in found]
    return {tuple(one[name] for name in KEYS[table]): line for one, line in said}


def in_order(copy: Copy) -> list[bytes]:
    """As the files are sorted: by company and then by key, which each line says."""
    said = [(json.loads(line).get("company", ""), key, line) for key, line in copy.items()]
    return [line for _, _, line in sorted(said)]


@pytest.fixture(scope="module")
def story(
    servers: Servers, empty_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, int]]:
    """A folder with the snapshot of every edition of a random history, and the newest edition."""
    folder = tmp_path_factory.mktemp("story")

    async def publish(url: str) -> int:
        last = await history(url, 5, 5)
        for edition in range(1, last + 1):
            assert (await snapshot(url, BulkFolder(folder), KINDS, edition=edition)).status == "made"
        return last

    for url in _copy(servers, empty_template):
        yield folder, asyncio.run(publish(url))


def test_snapshot_and_deltas_give_the_later_snapshot(story: tuple[Path, int]):
    folder, last = story
    for table in KEYS:
        copy = by_key(held(folder / "snapshots/1", table), table)
        versions = held(folder / "snapshots/1", table, "versions") if table in VERSIONED else []
        for edition in range(2, last + 1):
            delta = folder / f"deltas/{edition - 1}-{edition}"
            copy = applied(copy, delta, table)
            versions += held(delta, table, "versions") if table in VERSIONED else []
            assert in_order(copy) == held(folder / f"snapshots/{edition}", table), (table, edition)
        assert table not in VERSIONED or sorted(versions) == sorted(
            held(folder / f"snapshots/{last}", table, "versions")
        )
    assert any(manifest(folder, edition)["deleted"]["rows"] for edition in range(1, last + 1)), (
        "something was withdrawn"
    )


def test_a_long_delta_fits_a_copy_of_any_edition_that_it_spans(story: tuple[Path, int]):
    """Every span of 1, 7 and 31 days begins at the oldest snapshot here: one file for whoever missed any step."""
    folder, last = story
    longest = folder / f"deltas/1-{last}"
    spans = {delta["since"]: delta["days"] for delta in manifest(folder, last)["deltas"]}
    assert spans == {last - 1: [], 1: [1, 7, 31]}
    for edition in range(1, last + 1):
        for table in KEYS:
            copy = by_key(held(folder / f"snapshots/{edition}", table), table)
            assert in_order(applied(copy, longest, table)) == held(folder / f"snapshots/{last}", table), (
                edition,
                table,
            )


def test_without_its_deletes_the_copy_would_differ(story: tuple[Path, int], tmp_path: Path):
    """Control: the comparison above sees a delete that was not announced."""
    folder, last = story
    differs = False
    for edition in range(1, last):
        delta = shutil.copytree(folder / f"deltas/{edition}-{edition + 1}", tmp_path / f"x{edition}")
        shutil.copy(folder / "deltas/1-2/metrics-deletes-0001.ndjson.gz", delta / "emissions-deletes-0001.ndjson.gz")
        copy = applied(by_key(held(folder / f"snapshots/{edition}", "emissions"), "emissions"), delta, "emissions")
        differs = differs or in_order(copy) != held(folder / f"snapshots/{edition + 1}", "emissions")
    assert differs


def manifest(folder: Path, edition: int) -> dict:
    return json.loads((folder / f"snapshots/{edition}/datapackage.json").read_bytes())
