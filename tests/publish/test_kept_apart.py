"""What a batch may not say, and what a batch that is published again may not undo."""

import pytest

from almanac.errors import BadBatch
from almanac.kinds import KINDS
from almanac.publish.batch import CompanyLine, parse
from almanac.publish.publish import publish
from almanac.store.db import Connection
from tests.publish.build import batch, emission, row, source


@pytest.mark.parametrize(
    "wrong",
    [
        row("indicators", "r", metric="ghg.scope1", period="2022", unit="tCO2e", value=1),
        row("emissions", "r", metric="energy.electricity", period="2022", unit="MWh", value=1),
    ],
)
@pytest.mark.anyio
async def test_a_kind_takes_only_metrics_of_its_topics(connection: Connection, wrong: object):
    with pytest.raises(BadBatch) as refused:
        await publish(connection, batch([source("r", "2023-01-01")], [wrong]), kinds=KINDS, dry_run=True)
    assert "topic" in refused.value.faults[0].detail


@pytest.mark.anyio
async def test_points_measure_only_what_is_given_in_per_cent(connection: Connection):
    said = {"metric": "ghg.scope1", "period": "2022", "compared_period": "2021", "measure": "change_pp"}
    wrong = row("claimed-changes", "r", unit="percentage_point", value=-7, **said)
    with pytest.raises(BadBatch) as refused:
        await publish(connection, batch([source("r", "2023-01-01")], [wrong]), kinds=KINDS, dry_run=True)
    assert refused.value.faults[0].parameter == "row 1: measure"


@pytest.mark.anyio
async def test_an_older_batch_published_again_does_not_rename_the_company_back(connection: Connection):
    old, new = (CompanyLine(id="acme", name=name) for name in ("Old Name", "New Name"))
    first = batch([source("r", "2023-01-01")], [emission("r", "1")], [old])
    await publish(connection, first, kinds=KINDS)
    await publish(connection, batch([], [], [new]), kinds=KINDS)
    again = await publish(connection, first, kinds=KINDS)
    assert again.edition is None
    name = await connection.fetchval("select name from company_record order by edition desc limit 1")
    assert name == "New Name"


@pytest.mark.parametrize("before", [b"", b'{"record":"company","id":"acme","name":"Acme"}\n'])
def test_a_batch_line_stands_first_and_once(before: bytes):
    line = b'{"record":"batch","publisher":"tests"}\n'
    with pytest.raises(BadBatch) as refused:
        parse((line + before + line) if before else line + line, KINDS, "tests")
    assert "first" in refused.value.faults[0].detail


def test_a_fault_names_the_line_of_the_file():
    data = b'\n{"record":"ratings","company":"acme","source":"r","scheme":"cdp","programme":"climate","year":2022,"grade":"A"}'
    parsed = parse(data, KINDS, "tests")
    assert (parsed.rows[0].sheet, parsed.rows[0].row) == ("lines", 2)
