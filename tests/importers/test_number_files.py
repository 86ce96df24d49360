"""The real files of numbers: every row is accounted for, the store takes all, twice makes nothing, the bundled facts stand."""

import datetime as dt
from collections import Counter
from typing import Any

import msgspec
import pytest

from almanac.importers.identity import Index, load_index
from almanac.importers.registry import IMPORTERS, find
from almanac.kinds import KINDS
from almanac.publish.publish import publish
from almanac.store.db import PUBLISHER, Connection, connect
from tests.conftest import SHARED
from tests.importers.numbers import FILES, real

pytestmark = pytest.mark.slow

_NOW = "select distinct on (disclosure_id) disclosure_id, op, body from change order by disclosure_id, known_from desc, seq desc"


@pytest.mark.parametrize("name", FILES)
def test_every_row_is_accounted_for(name: str):
    batch, report = real(name)
    sheets = {sheet.name: sheet for sheet in report.sheets if sheet.profile}
    expected = FILES[name][2]
    if "" in expected:
        expected = {next(iter(sheets)): expected[""]}
    assert {key: sheet.rows for key, sheet in sheets.items()} == expected
    for sheet in sheets.values():
        assert sheet.rows == sheet.imported + sum(sheet.rejected.values())
    assert Counter(one.sheet for one in batch.raw) == expected
    assert len({one.key for one in batch.raw}) == len(batch.raw)
    rejected = Counter(line.row for line in report.of("rejected", "blank", "duplicate") if line.column is None)
    assert max(rejected.values(), default=0) <= len(sheets)
    assert not [line for line in report.lines if not line.reason]


@pytest.mark.parametrize("name", FILES)
def test_every_answer_leads_to_its_raw_row(name: str):
    batch, _ = real(name)
    raw = {one.key for one in batch.raw}
    assert [row for row in batch.rows if (row.source, row.sheet, row.row) not in raw] == []
    assert {one.source for one in batch.raw} <= set(batch.sources)


async def _import_all(connection: Connection) -> list[int | None]:
    editions: list[int | None] = []
    for name in FILES:
        batch, _ = real(name, await load_index(connection, ""))
        editions.append((await publish(connection, batch, kinds=KINDS)).edition)
    return editions


@pytest.mark.anyio
async def test_a_second_import_into_an_empty_store_publishes_nothing(empty_database: str):
    connection = await connect(empty_database, PUBLISHER)
    first, second = await _import_all(connection), await _import_all(connection)
    await connection.close()
    assert first == list(range(1, len(FILES) + 1))
    assert set(second) == {None}


@pytest.mark.anyio
async def test_all_files_over_the_bundled_records_change_no_bundled_number(corpus_database: str):
    connection = await connect(corpus_database, PUBLISHER)
    before = {row["disclosure_id"]: row for row in await connection.fetch(_NOW)}
    editions = await _import_all(connection)
    after = {row["disclosure_id"]: row for row in await connection.fetch(_NOW)}
    await connection.close()
    assert None not in editions
    assert [(before[key], after[key]) for key in before if _value(before[key]) != _value(after[key])] == []


def _value(row: Any) -> Any:
    body = msgspec.json.decode(row["body"])
    return row["op"] == "withdraw", body.get("value"), body.get("grade"), body.get("status")


def test_a_company_of_several_files_is_one_company():
    index = Index()
    named = {name: {line.id for line in real(name, index)[0].companies} for name in FILES}
    everyone = set().union(*named.values())
    assert {"nokia-group", "microsoft", "aes", "eni", "alphabet"} <= everyone
    assert not {f"{slug}-2" for slug in everyone} & everyone


def test_no_file_is_dated_before_it_was_known():
    for name in FILES:
        batch, report = real(name)
        for row in batch.rows:
            day = row.known_from or batch.sources[row.source].published_on
            assert day <= report.released
            period = getattr(row, "period", "")
            assert not period.isdigit() or row.known_from or dt.date(int(period), 12, 31) <= day


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_recognised_by_one_importer_and_says_when_it_was_published(name: str):
    path = SHARED / "data" / name
    if not path.exists():
        pytest.skip(f"shared/data/{name} is absent")
    assert [one for one in IMPORTERS if one.recognise(path)] == [FILES[name][0]]
    assert find(path).released == dt.date.fromisoformat(FILES[name][1])
