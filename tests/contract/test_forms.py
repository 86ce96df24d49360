"""Every form of a list: the same rows and values, whole or an error, and nothing that a spreadsheet runs."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almanac.kind import Kind
from almanac.kinds import KINDS
from almanac.web.delimited import guarded
from tests.client import DOCUMENT, Client
from tests.conftest import ROOT
from tests.contract.tables import as_, assert_same, assert_sheet, cells, decoded, pages, unguarded
from tests.contract.urls import READS, also

COLUMNS = dict(line.split(" ", 1) for line in (ROOT / "openapi/columns.txt").read_text().splitlines())
LISTS = sorted(COLUMNS)


def filled(api: Client, url: str, name: str) -> str:
    """The URL, about a company that has what is listed."""
    kind = next((kind for kind in KINDS if name == f"list_company_{kind.stem}"), None)
    return url.replace("/zte", f"/{api.data(f'/v1/{kind.name}?limit=1')[0]['company']}") if kind else url


def whole(api: Client, url: str, name: str) -> list[dict]:
    """The rows of a list as JSON: page by page, or as the other list that a company's page stands for."""
    if name == "read_company":
        return pages(api, f"{url}/disclosures", 500)
    if any(one["name"] == "limit" for one in DOCUMENT["paths"][READS[name]]["get"]["parameters"]):
        if name != "list_changes":
            return pages(api, url, 7)
        return decoded(api.get(also(url, "limit=1000")).content)["data"]
    return decoded(api.get(url).content)["data"]


@pytest.mark.parametrize("name", LISTS)
def test_every_form_of_a_list_has_the_rows_and_values_of_its_pages(api: Client, known: dict[str, str], name: str):
    url = filled(api, known[name], name)
    rows = whole(api, url, name)
    assert rows
    flat = api.get(as_(url, ".csv"))
    header, texts = cells(flat.content)
    assert flat.headers["x-total-count"] == str(len(rows)) == str(len(texts))
    for row, line in zip(rows, texts, strict=True):
        assert_same(row, header, line)
    lines = api.get(as_(url, ".ndjson"))
    assert [decoded(line) for line in lines.content.splitlines()] == rows
    assert_sheet(api.get(as_(url, ".xlsx")).content, header, texts)


@pytest.mark.parametrize("name", LISTS)
def test_columns_stand_in_the_published_order_and_are_described(api: Client, known: dict[str, str], name: str):
    assert api.get(as_(known[name], ".csv")).text.split("\r\n", 1)[0] == COLUMNS[name]
    package = api.get(as_(known[name], ".metadata.json")).json()
    (resource,) = package["resources"]
    fields = resource["schema"]["fields"]
    assert ",".join(field["name"] for field in fields) == COLUMNS[name]
    assert all(field["description"] for field in fields)
    csv = api.get(
        f"{READS[name].rpartition('/')[0]}/{resource['path']}" if "{" not in READS[name] else as_(known[name], ".csv")
    )
    assert resource["row_count"] == len(cells(csv.content)[1])
    assert re.search(r"In: Almanac, edition \d+", package["citation"])


@pytest.mark.slow
@given(
    kind=st.sampled_from(KINDS),
    place=st.integers(0, 1000),
    wanted=st.integers(0, 255),
    how=st.sampled_from([(time, limit) for time in ("", "first", "edition", "known_on") for limit in (1, 2, 50)]),
)
@settings(max_examples=60, deadline=None)
def test_any_filter_and_time_gives_the_same_in_every_form(
    answer: Callable[[Kind, int], dict], *, kind: Kind, place: int, wanted: int, how: tuple[str, int], api: Client
):
    time, limit = how
    row = answer(kind, place)
    offered = ("company", *kind.filter.__struct_fields__)
    names = [name for bit, name in enumerate(offered) if wanted >> bit & 1]
    query = {name: row[name] for name in names if row.get(name) is not None}
    query |= {"": {}, "first": {"edition": 1}, "edition": {"edition": row["edition"]}}.get(
        time, {"known_on": row["known_from"]}
    )
    url = f"/v1/{kind.name}?{urlencode(query)}".rstrip("?")
    if api.get(url).status_code == 404:  # a company, or a metric, that there was not yet
        assert {api.get(as_(url, suffix)).status_code for suffix in (".csv", ".ndjson", ".xlsx")} == {404}
        return
    rows = pages(api, url, limit)
    header, texts = cells(api.get(as_(url, ".csv")).content)
    assert len(rows) == len(texts)
    for one, line in zip(rows, texts, strict=True):
        assert_same(one, header, line)
    assert [decoded(line) for line in api.get(as_(url, ".ndjson")).content.splitlines()] == rows


@pytest.fixture(scope="module")
def answer(api: Client) -> Callable[[Kind, int], dict]:
    """Any current answer of a kind."""
    everything = {kind.name: pages(api, f"/v1/{kind.name}", 500) for kind in KINDS}
    return lambda kind, place: everything[kind.name][place % len(everything[kind.name])]


def test_pages_of_a_table_are_the_whole_one(api: Client):
    header, texts = cells(api.get("/v1/emissions.csv").content)
    found: list[list[str]] = []
    following: str | None = "/v1/emissions.csv?limit=40"
    while following:
        page = api.get(following)
        assert "x-total-count" not in page.headers, "a page is not the whole"
        assert cells(page.content)[0] == header
        found += cells(page.content)[1]
        following = page.links.get("next", {}).get("url")
    assert found == texts


def test_a_whole_list_that_is_too_long_is_an_error_and_never_cut(
    serve: Callable[..., Client], corpus_database: str, api: Client
):
    rows = len(cells(api.get("/v1/ratings.csv").content)[1])
    for most, status in ((rows, 200), (rows - 1, 400)):
        server = serve(corpus_database, redis_url=None, list_max_rows=str(most))
        for suffix in (".csv", ".ndjson", ".xlsx", ".metadata.json"):
            answer = server.get(f"/v1/ratings{suffix}")
            assert answer.status_code == status, suffix
            assert status == 200 or answer.json()["type"] == "/problems/answer-too-large"
        assert server.get("/v1/ratings").status_code == server.get("/v1/ratings.csv?limit=3").status_code == 200


def test_what_a_spreadsheet_would_run_is_a_text_in_every_table(api: Client):
    name = '=1+1;DROP "Invented", <b>&amp;\u202eLtd</b>'
    flat = api.get("/v1/companies.csv")
    header, rows = cells(flat.content)
    assert f"'{name}" in {row[header.index("name")] for row in rows}
    assert_sheet(api.get("/v1/companies.xlsx").content, header, rows)
    assert name in {decoded(line)["name"] for line in api.get("/v1/companies.ndjson").content.splitlines()}, (
        "it is exact"
    )


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "'", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_the_guard_stands_before_each_mark(first: str):
    assert guarded(f"{first}1") == f"'{first}1"


@given(st.text())
def test_the_guard_can_be_taken_away(text: str):
    assert unguarded(guarded(text)) == text
    assert not re.match("[=+\\-@\t\r\n]", guarded(text))


def test_numbers_are_never_guarded(api: Client):
    header, rows = cells(api.get("/v1/claimed-changes.csv?company=zte").content)
    values = {row[header.index("value")] for row in rows}
    assert {"-6.4", "-14.72", "-7.5"} <= values


def test_a_spreadsheet_has_the_same_bytes_from_another_server(serve: Callable[..., Client], corpus_database: str):
    one, other = (serve(corpus_database, redis_url=None).get("/v1/emissions.xlsx") for _ in range(2))
    assert one.content == other.content
    assert one.headers["etag"] == other.headers["etag"]


def test_every_unit_that_a_column_names_is_a_column(api: Client, known: dict[str, str]):
    named = 0
    for name in LISTS:
        (resource,) = api.get(as_(known[name], ".metadata.json")).json()["resources"]
        columns = {field["name"] for field in resource["schema"]["fields"]}
        for field in resource["schema"]["fields"]:
            for unit in re.findall(r"as in the column `(\w+)`", field.get("unit", "")):
                assert unit in columns, (name, field["name"])
                named += 1
    assert named


def test_short_numbers_are_numbers_in_a_spreadsheet(api: Client):
    """Of 16 digits not every number comes back as it went in; 15 always do."""
    import io

    import openpyxl

    header, rows = cells(api.get("/v1/emission-deltas.csv").content)
    sheet = openpyxl.load_workbook(io.BytesIO(api.get("/v1/emission-deltas.xlsx").content))["Data"]
    numbers = [n for n, name in enumerate(header) if name.endswith(("_pct", "_value", "_abs"))]
    texts = [row[n] for row in rows for n in numbers]
    held = [line[n].value for line in sheet.iter_rows(min_row=2) for n in numbers]
    assert len(texts) == len(held)
    wrong = [text for text, value in zip(texts, held, strict=True) if text and not isinstance(value, int | float)]
    assert [text for text in wrong if len(text.strip("-0.").replace(".", "")) <= 15] == []
    assert sum(bool(text) for text in texts) > 1000
