"""The metrics that are served are those of metrics.csv, and the shared vocabulary is part of them."""

import csv
from pathlib import Path

import pytest

from almanac.store.db import Connection
from almanac.store.migrate import _load_metrics
from almanac.store.queries import QUERIES
from tests.client import Client
from tests.conftest import ROOT, SHARED

pytestmark = pytest.mark.anyio

OWN = ROOT / "src/almanac/data/metrics.csv"
PARTNERS = SHARED / "vocabulary/metrics.csv"


def read(path: Path) -> list[dict[str, object]]:
    """Rows of a vocabulary file with blanks as null."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [{name: text or None for name, text in row.items()} for row in csv.DictReader(file)]
    return [row | {"s3_category": row["s3_category"] and int(row["s3_category"])} for row in rows]


def test_the_metrics_served_are_those_of_the_file(api: Client):
    assert api.data("/v1/metrics") == sorted(read(OWN), key=lambda row: row["code"])


async def test_the_metrics_stored_are_those_of_the_file(owner: Connection):
    rows = [dict(row) for row in await owner.fetch(QUERIES["metrics/list"])]
    assert rows == sorted(read(OWN), key=lambda row: row["code"])


async def test_loading_again_takes_new_words_and_touches_nothing_else(owner: Connection):
    await owner.execute("update metric set label = 'old' where code = 'ghg.total'")
    before = {row["code"]: row["at"] for row in await owner.fetch("select code, ctid::text as at from metric")}
    await _load_metrics(owner)
    after = {row["code"]: row["at"] for row in await owner.fetch("select code, ctid::text as at from metric")}
    assert [code for code in after if after[code] != before[code]] == ["ghg.total"]
    label = await owner.fetchval("select label from metric where code = 'ghg.total'")
    assert label == next(row["label"] for row in read(OWN) if row["code"] == "ghg.total")


def test_codes_are_unique():
    codes = [row["code"] for row in read(OWN)]
    assert len(set(codes)) == len(codes)


@pytest.mark.skipif(
    not PARTNERS.exists(), reason=f"{PARTNERS.parent.name}/{PARTNERS.name} of the partners is not beside us"
)
def test_the_shared_vocabulary_is_part_of_ours():
    shared, own = ({row["code"]: row for row in read(path)} for path in (PARTNERS, OWN))
    assert sorted(set(shared) - set(own)) == []
    assert [code for code, row in shared.items() if own[code]["unit"] != row["unit"]] == []
