"""Real releases of the SBTi register in any order: the same rows are about the same companies, and answer alike on every day."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
import pytest
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from python_calamine import CalamineWorkbook

from almanac.importers import registry, sbti
from almanac.store.db import PUBLISHER, connect
from tests.conftest import SHARED, Servers, _copy

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
RELEASES = ("2022-09-01", "2023-01-05", "2024-05-02", "2025-02-20", "c2025-03-13")
ORDERS = {"2024 last": (0, 1, 3, 4, 2), "newest first": (4, 3, 2, 1, 0), "mixed": (3, 0, 4, 1, 2)}
HEADER = ("id", "version", "company", "company_name", "edition", "op", "known_from", "seq", "changed", "source", "page",
          "quote", "note", "as_reported")  # fmt: skip

Answers = dict[dt.date, dict[frozenset[tuple[str, int]], dict[str, Any]]]


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The companies of each release whose names begin with S, as releases of their own."""
    folder = tmp_path_factory.mktemp("cut")
    found = []
    for release in RELEASES:
        path = SHARED / f"data/sbti/sbti_companies_{release}.xlsx"
        if not path.exists():
            pytest.skip(f"shared/data/sbti/{path.name} is absent")
        header, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        place = next(n for n, name in enumerate(header) if name.casefold().replace("_", " ") == "company name")
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("Worksheet")
        for row in (header, *(one for one in rows if str(one[place]).casefold().startswith("s"))):
            sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell) if isinstance(cell, str) else cell for cell in row])
        found.append(folder / f"{path.stem.replace('_c', '_')}.xlsx")
        book.save(found[-1])
    return found


async def loaded(url: str, files: list[Path], order: tuple[int, ...]) -> Answers:
    """By day, the answers of each company; a company is the rows that are about it."""
    connection = await connect(url, PUBLISHER)
    for one in order:
        await registry.run(connection, registry.find(files[one]), registry.Options(hold_share=1.0))
    kept = await connection.fetch("select s.title, r.row, r.company_id from raw_row r join source s using (source_id)")
    changes = await connection.fetch("select * from change order by known_from, seq")
    await connection.close()
    rows: dict[str, set[tuple[str, int]]] = {}
    for row in kept:
        rows.setdefault(row["company_id"], set()).add((row["title"], row["row"]))
    found: Answers = {}
    for file in files:
        day = registry.find(file).released
        held: dict[tuple[str, str], Any] = {}
        for change in (one for one in changes if one["known_from"] <= day):
            own = {name: value for name, value in msgspec.json.decode(change["body"]).items() if name not in HEADER}
            held[change["company_id"], change["natural_key"] + change["kind"]] = (
                None if change["op"] == "withdraw" else own
            )
        found[day] = {}
        for (company, question), own in held.items():
            if own is not None:
                found[day].setdefault(frozenset(rows[company]), {})[question] = own
    return found


@pytest.fixture(scope="module")
def in_order(servers: Servers, empty_template: str, cut: list[Path]) -> Iterator[Answers]:
    for url in _copy(servers, empty_template):
        yield asyncio.run(loaded(url, cut, tuple(range(len(cut)))))


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
async def test_any_order_gives_the_same(
    empty_database: str, cut: list[Path], in_order: Answers, order: tuple[int, ...]
):
    assert {day: len(companies) > 200 for day, companies in in_order.items()} == dict.fromkeys(in_order, True)
    found = await loaded(empty_database, cut, order)
    for day, companies in in_order.items():
        assert found[day] == companies, day


async def test_without_the_replay_it_does_not(
    empty_database: str, cut: list[Path], in_order: Answers, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delattr(sbti, "prepare")
    assert await loaded(empty_database, cut, ORDERS["2024 last"]) != in_order
