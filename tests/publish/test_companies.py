"""Company lines: what is new is added, nothing is lost, the slug stays."""

import datetime as dt
from typing import Any

import msgspec
import pytest

from almanac.company import CompanyHead
from almanac.publish.batch import Classification, CompanyLine, Identifier, Name
from almanac.publish.companies import merge
from almanac.store.db import Connection
from almanac.store.queries import QUERIES
from tests.publish.build import batch, emission, put, source
from tests.publish.store import versions

pytestmark = pytest.mark.anyio

REPORT = source("r1", "2023-05-01")
LEI = "3003004FBGVVG1CW5U45"


async def head(connection: Connection, edition: int) -> CompanyHead:
    (row,) = await connection.fetch(QUERIES["companies/list"], edition, None, 2, None, None, None)
    return msgspec.json.decode(row["body"], type=CompanyHead)


async def publish_lines(connection: Connection, *lines: CompanyLine, rows: Any = ()) -> int | None:
    return (await put(connection, batch([REPORT] if rows else [], rows, lines))).edition


async def test_a_rename_keeps_the_slug_and_records_the_former_name(connection: Connection):
    await publish_lines(connection, CompanyLine(id="acme", name="Acme Corp.", country="SE"), rows=[emission("r1", "1")])
    await publish_lines(connection, CompanyLine(id="acme", name="Zenith AB"))
    found = await head(connection, 2)
    assert (found.id, found.name, found.country) == ("acme", "Zenith AB", "SE")
    assert [(one.name, one.type) for one in found.names] == [("Acme Corp.", "former")]
    assert (found.first_edition, found.updated_edition) == (1, 2)
    assert (await head(connection, 1)).name == "Acme Corp.", "what was served at edition 1 still is"


async def test_versions_carry_the_name_of_their_time(connection: Connection):
    await publish_lines(connection, CompanyLine(id="acme", name="Acme"), rows=[emission("r1", "1")])
    await publish_lines(connection, CompanyLine(id="acme", name="Zenith"), rows=[emission("r1", "2", period="2021")])
    assert [one["company_name"] for one in await versions(connection)] == ["Acme", "Zenith"]


async def test_a_former_name_is_still_found(connection: Connection):
    await publish_lines(connection, CompanyLine(id="acme", name="Acme Corp."))
    await publish_lines(connection, CompanyLine(id="acme", name="Zenith AB"))
    for name in ("acme", "zenith"):
        rows = await connection.fetch(QUERIES["companies/search"], 2, None, 5, None, None, None, name, "")
        assert len(rows) == 1
    assert not await connection.fetch(QUERIES["companies/search"], 1, None, 5, None, None, None, "zenith", "")


async def test_a_failing_identifier_is_kept_and_marked(connection: Connection):
    broken = LEI[:-1] + "6"
    given = [
        Identifier(scheme="lei", value=broken),
        Identifier(scheme="lei", value=LEI),
        Identifier(scheme="sbti_id", value="7"),
    ]
    await publish_lines(connection, CompanyLine(id="acme", name="Acme", identifiers=given))
    found = {one.value: one.check_ok for one in (await head(connection, 1)).identifiers}
    assert found == {broken: False, LEI: True, "7": None}
    assert [row["company_id"] for row in await connection.fetch(QUERIES["companies/resolve"], 1, f"lei:{LEI}")] == [
        "acme"
    ]
    assert not await connection.fetch(QUERIES["companies/resolve"], 1, f"lei:{broken}")


async def test_lines_add_and_take_nothing_away(connection: Connection):
    one = CompanyLine(id="acme", name="Acme", names=[Name(name="Acme Ltd", type="legal")], country="SE")
    two = CompanyLine(id="acme", name="Acme", classes=[Classification(scheme="sbti_sector", code="Steel")])
    await publish_lines(connection, one)
    await publish_lines(connection, two)
    found = await head(connection, 2)
    assert ([n.name for n in found.names], [c.code for c in found.classes]) == (["Acme Ltd"], ["Steel"])
    assert await publish_lines(connection, one) is None, "nothing new"
    assert await publish_lines(connection, two) is None


async def test_two_lines_of_one_batch_are_one_company(connection: Connection):
    lines = [CompanyLine(id="acme", name="Acme"), CompanyLine(id="acme", name="Acme", country="SE")]
    assert await publish_lines(connection, *lines) == 1
    assert (await head(connection, 1)).country == "SE"


async def test_an_edition_of_companies_alone_keeps_the_newest_date(connection: Connection):
    await publish_lines(connection, CompanyLine(id="acme", name="Acme"), rows=[emission("r1", "1")])
    await publish_lines(connection, CompanyLine(id="other", name="Other"))
    rows = await connection.fetch(QUERIES["editions/since"], 0)
    assert [row["known_to"] for row in rows] == [dt.date(2023, 5, 1)] * 2


def test_merging_the_same_lines_again_changes_nothing():
    line = CompanyLine(
        id="acme", name="Acme", names=[Name(name="A")], identifiers=[Identifier(scheme="lei", value=LEI)]
    )
    (made,) = merge([line], {}, 1)
    assert merge([line], {"acme": made}, 2) == []
    (renamed,) = merge([CompanyLine(id="acme", name="B")], {"acme": made}, 2)
    assert merge([CompanyLine(id="acme", name="B")], {"acme": renamed}, 3) == []
