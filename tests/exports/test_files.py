"""A file holds the rows of its list, all and no others, as the list gives them."""

import csv
import io
import json
from decimal import Decimal

import pyarrow.parquet
import pytest
from python_calamine import CalamineWorkbook

from almanac.kinds import KINDS
from tests.bulk.published import WITHHELD
from tests.exports.orders import Shop

FILTERS = [
    ("emissions", {"metric": "ghg.scope1"}),
    ("emissions", {"company": "zte", "year": 2022}),
    ("emissions", {"known_on": "2021-06-30"}),
    ("commitments", {"company": "zte", "scheme": "sbti"}),
]
each_list = pytest.mark.parametrize(("kind", "filters"), [*((kind.name, {}) for kind in KINDS), *FILTERS], ids=str)


def query(filters: dict) -> str:
    return "&".join(f"{name}={value}" for name, value in filters.items())


def kept(shop: Shop, rows: list[dict]) -> list[dict]:
    """Rows that may be given on."""
    closed = shop.closed()
    return [row for row in rows if row["source"]["id"] not in closed]


@each_list
def test_the_lines_are_those_of_the_pages(shop: Shop, kind: str, filters: dict):
    made = shop.made(kind, "ndjson.gz", **filters)
    whole = shop.pages(kind, query(filters))
    rows = kept(shop, whole)
    assert [json.loads(line) for line in shop.lines(made)] == rows
    assert (made["file"]["rows"], made["file"]["withheld"]) == (len(rows), len(whole) - len(rows))
    assert (made["rows_total"], made["rows_done"]) == (len(whole), len(whole))
    listed = shop.api.get(f"/v1/{kind}.ndjson?edition={made['edition']}&{query(filters)}").content
    if len(rows) == len(whole):
        assert b"".join(shop.lines(made)) == listed, "byte for byte"
    assert made["columns"] == []


@each_list
def test_the_cells_are_those_of_the_list_as_csv(shop: Shop, kind: str, filters: dict):
    made = shop.made(kind, "csv.gz", **filters)
    listed = shop.api.get(f"/v1/{kind}.csv?edition={made['edition']}&{query(filters)}").text
    text = b"".join(shop.lines(made)).decode()
    assert made["columns"] == next(csv.reader(io.StringIO(listed)))
    if made["file"]["withheld"]:
        rows = list(csv.reader(io.StringIO(listed, newline="")))
        closed, place = shop.closed(), rows[0].index("source_id")
        assert list(csv.reader(io.StringIO(text, newline=""))) == [row for row in rows if row[place] not in closed]
    else:
        assert text == listed, "byte for byte"


def test_what_may_not_be_given_on_is_counted_and_not_there(shop: Shop):
    made = shop.made("emissions", "ndjson.gz", company=WITHHELD)
    assert (made["file"]["rows"], made["file"]["withheld"], made["rows_total"]) == (0, 1, 1)
    assert len(shop.pages("emissions", f"company={WITHHELD}")) == 1, "control: the list shows it"
    assert shop.made("targets", "csv.gz")["file"]["withheld"] > 0


def test_parquet_has_the_columns_of_the_csv_typed(shop: Shop):
    made = shop.made("emissions", "parquet")
    table = pyarrow.parquet.read_table(io.BytesIO(shop.file(made)))
    rows = kept(shop, shop.pages("emissions"))
    names = [name for name in table.column_names if not name.endswith("_exact")]
    assert names == made["columns"]
    assert table.num_rows == made["file"]["rows"] == len(rows)
    assert table.column("id").to_pylist() == [row["id"] for row in rows]
    assert table.column("quote").to_pylist() == [row["quote"] for row in rows], "no apostrophes"
    values = [
        exact if value is None else value
        for value, exact in zip(
            table.column("value").to_pylist(), map(_number, table.column("value_exact").to_pylist()), strict=True
        )
    ]
    listed = [json.loads(line, parse_float=Decimal)["value"] for line in _lines(shop)]
    assert values == [None if value is None else Decimal(value) for value in listed]


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _lines(shop: Shop) -> list[bytes]:
    return shop.lines(shop.made("emissions", "ndjson.gz"))


def test_a_workbook_has_the_sheets_of_the_list(shop: Shop):
    filters = {"company": "alphabet"}
    made = shop.made("emissions", "xlsx", **filters)
    listed = shop.api.get(f"/v1/emissions.xlsx?edition={made['edition']}&{query(filters)}").content
    ours, theirs = (CalamineWorkbook.from_filelike(io.BytesIO(one)) for one in (shop.file(made), listed))
    assert ours.sheet_names == theirs.sheet_names == ["Data", "Dictionary", "Citation"]
    for name in ("Data", "Dictionary"):
        assert ours.get_sheet_by_name(name).to_python() == theirs.get_sheet_by_name(name).to_python()
    told = dict(row[:2] for row in ours.get_sheet_by_name("Citation").to_python()[:7])
    assert told["Citation"] == made["citation"]
    assert told["Rows"] == str(made["file"]["rows"])


def test_an_export_says_how_to_cite_it(shop: Shop):
    made = shop.made("ratings", "csv.gz", company="zte")
    meta = shop.api.get(f"/v1/ratings?company=zte&edition={made['edition']}").json()["meta"]
    assert (made["citation"], made["licence"]) == (meta["citation"], meta["licence"])


@pytest.mark.parametrize("form", ["csv.gz", "ndjson.gz", "parquet", "xlsx"])
def test_a_file_is_served_as_the_bulk_files_are(shop: Shop, form: str):
    made = shop.made("ratings", form)
    url, whole = made["file"]["url"], shop.file(made)
    answer = shop.api.get(url)
    assert answer.headers["etag"] == f'"{made["file"]["sha256"]}"'
    assert "immutable" in answer.headers["cache-control"]
    assert shop.api.get(url, Range="bytes=10-19").content == whole[10:20]
    assert shop.api.get(url, If_None_Match=answer.headers["etag"]).status_code == 304
    assert not list((shop.folder / "exports").iterdir()), "nothing is left of the work"


def test_an_older_edition_gives_the_older_rows(shop: Shop):
    answer = shop.order("emissions", "ndjson.gz", {"edition": 2})
    shop.work()
    made = shop.read(answer)
    assert made["edition"] == 2
    assert [json.loads(line) for line in shop.lines(made)] == shop.pages("emissions", "edition=2")
