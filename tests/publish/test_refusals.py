"""A batch is published whole or not at all: what is wrong is named, and nothing is written."""

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from almanac.errors import BadBatch, Fault
from almanac.kinds import KINDS
from almanac.publish.batch import Batch, parse
from almanac.store.db import PUBLISHER, Connection, connect
from tests.conftest import Servers
from tests.publish.build import batch, emission, put, row, source
from tests.publish.store import sizes

pytestmark = pytest.mark.anyio

REPORT = source("r1", "2023-05-01")
GOOD = emission("r1", "1", period="2020")
TOMORROW = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)


@pytest.fixture
async def connection(servers: Servers, empty_template: str) -> AsyncIterator[Connection]:
    """A publisher's connection to a database that stays empty: one serves every test here."""
    opened = await connect(servers.database(empty_template), PUBLISHER)
    yield opened
    await opened.close()


async def refused(connection: Connection, one: Batch) -> Sequence[Fault]:
    before = await sizes(connection)
    with pytest.raises(BadBatch) as caught:
        await put(connection, one)
    assert await sizes(connection) == before == dict.fromkeys(before, 0), "nothing is written"
    return caught.value.faults


@pytest.mark.parametrize(
    ("wrong", "field", "value"),
    [
        (emission("r1", "1", company="nobody"), "company", "nobody"),
        (emission("r9", "1"), "source", "r9"),
        (emission("00000000-0000-8000-8000-000000000000", "1"), "source", "00000000-0000-8000-8000-000000000000"),
        (emission("zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz", "1"), "source", "zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz"),
        (emission("r1", "1", metric="ghg.scope9"), "metric", "ghg.scope9"),
        (emission("r1", "1", unit="ktCO2e"), "unit", "ktCO2e"),
        (emission("r1", "1", known_from=str(TOMORROW)), "known_from", str(TOMORROW)),
    ],
    ids=["company", "source", "source id", "no id", "metric", "unit", "known_from"],
)
async def test_a_refusal_names_row_field_and_value(connection: Connection, wrong: Any, field: str, value: str):
    (fault,) = await refused(connection, batch([REPORT], [GOOD, wrong]))
    assert (fault.parameter, fault.value) == (f"row 2: {field}", value)
    assert fault.detail


@pytest.mark.parametrize(
    ("fields", "said_"),
    [
        ({"period": "2022-02-30"}, "day"),
        ({"period": "2023-01-01--2022-12-31"}, "ends before it starts"),
        ({"missing_reason": "withheld"}, "exactly one"),
    ],
)
async def test_a_combination_that_cannot_be_names_the_row(connection: Connection, fields: dict[str, str], said_: str):
    (fault,) = await refused(connection, batch([REPORT], [emission("r1", "1", **fields)]))
    assert fault.parameter == "row 1"
    assert said_ in fault.detail
    assert "ghg.scope1" in (fault.value or "")


async def test_every_fault_is_named_not_the_first(connection: Connection):
    rows = [emission("r1", "1", metric="x"), GOOD, emission("r9", "1"), emission("r1", "1", company="nobody")]
    faults = await refused(connection, batch([REPORT], rows))
    assert [fault.parameter for fault in faults] == ["row 1: metric", "row 3: source", "row 4: company"]


async def test_one_source_gives_one_answer_in_a_batch(connection: Connection):
    faults = await refused(connection, batch([REPORT], [emission("r1", "1"), GOOD, emission("r1", "2")]))
    (fault,) = faults
    assert fault.parameter == "row 3"
    assert "row 1" in fault.detail
    assert "ghg.scope1|2022" in (fault.value or "")


async def test_there_must_be_an_answer_to_withdraw(connection: Connection):
    (fault,) = await refused(connection, batch([REPORT], [emission("r1", "1", withdrawn=True)]))
    assert fault.parameter == "row 1"
    assert "no answer to withdraw" in fault.detail


async def test_an_absolute_change_has_the_unit_of_the_metric(connection: Connection):
    fields = {"metric": "ghg.scope1", "period": "2022", "compared_period": "2021", "value": -7}
    bad = row("claimed-changes", "r1", measure="change_abs", unit="percent", **fields)
    (fault,) = await refused(connection, batch([REPORT], [bad]))
    assert fault.parameter == "row 1: unit"


def test_a_line_that_is_none_of_the_format_is_named():
    lines = [
        b'{"record": "batch", "publisher": "tests"}',
        b'{"record": "emissions", "company": "acme"}',
        b"",
        b'{"record": "emission"}',
        b"not json",
        b'\xff{"record": "batch"}',
    ]
    with pytest.raises(BadBatch) as caught:
        parse(b"\n".join(lines), KINDS, "tests")
    assert [fault.parameter for fault in caught.value.faults] == ["line 2", "line 4", "line 5", "line 6"]
    assert caught.value.faults[2].value == "not json"


@pytest.mark.parametrize(
    "line",
    [
        b'{"record":"company","id":"acme\\n","name":"Acme"}',
        b'{"record":"company","id":"acme","name":"Acme","names":[{"name":"A"},{"name":"B\\n"}]}',
        b'{"record":"awards","company":"acme","source":"r","name":"Award\\n"}',
    ],
)
def test_a_line_feed_at_the_end_of_a_text_is_refused(line: bytes):
    """`$` of a pattern matches before it; PostgreSQL's check of a company id does not, and the batch would end in a 500."""
    with pytest.raises(BadBatch) as caught:
        parse(line, KINDS, "tests")
    assert "line feed" in caught.value.faults[0].detail
    assert parse(line.replace(b"\\n", b""), KINDS, "tests")


def test_a_source_key_stands_for_one_document():
    line = b'{"record":"source","key":"k","type":"other","title":"%s","publisher":"p","published_on":"2023-01-01","licence":"l"}'
    assert parse(line % b"a" + b"\n" + line % b"a", KINDS, "tests").sources
    with pytest.raises(BadBatch, match="1 lines"):
        parse(line % b"a" + b"\n" + line % b"b", KINDS, "tests")
