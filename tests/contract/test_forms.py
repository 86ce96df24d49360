"""Every form of a read: the same rows and values, whole or an error, and nothing that a spreadsheet runs."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almanac.kind import Kind
from almanac.kinds import KINDS
from almanac.web.delimited import guarded
from tests.client import DOCUMENT, Client, check
from tests.conftest import ROOT
from tests.contract.tables import assert_same, assert_sheet, cells, decoded, pages, unguarded
from tests.contract.urls import READS

COLUMNS = dict(line.split(" ", 1) for line in (ROOT / "openapi/columns.txt").read_text().splitlines())
LISTS = sorted(COLUMNS)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_(url: str, suffix: str) -> str:
    """The URL with a suffix to its path."""
    path, mark, query = url.partition("?")
    return f"{path}{suffix}{mark}{query}"


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
        return decoded(api.get(f"{url}?limit=1000").content)["data"]
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


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/csv", "text/csv; header=present; charset=utf-8"),
        ("text/csv;q=0.5, application/x-ndjson;q=0.7", "application/x-ndjson"),
        ("application/x-ndjson;q=0, application/json;q=0, text/*", "text/csv; header=present; charset=utf-8"),
        (XLSX, XLSX),
        ("application/x-bibtex", "application/x-bibtex"),
        ("text/html, */*;q=0.1", "application/json"),
    ],
)
def test_accept_chooses_the_form(api: Client, accept: str, media_type: str):
    answer = api.get("/v1/ratings", Accept=accept)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert "Accept" in answer.headers["vary"]
    assert api.get("/v1/ratings.json", Accept=accept).headers["content-type"] == "application/json", "the suffix wins"


def test_a_form_that_there_is_not_is_refused_with_those_on_offer(api: Client, known: dict[str, str]):
    refused = api.get(as_(known["read_source"], ".csv"))
    assert refused.status_code == 406
    assert refused.json()["errors"][0]["allowed"] == [".json", ".bib", ".ris", ".csl.json"]
    assert refused.json()["instance"] == as_(known["read_source"], ".csv")
    assert api.get(known["read_source"], Accept="text/csv").status_code == 406
    assert api.request("GET", "/v1/emissions.pdf").status_code == 404
    assert api.request("GET", "/v1/nothing.csv").status_code == 404


def test_suffixes_take_the_methods_of_the_path(api: Client):
    head = api.request("HEAD", "/v1/ratings.csv")
    answer = api.get("/v1/ratings.csv")
    sent = {name: value for name, value in answer.headers.items() if name not in ("date", "x-request-id")}
    assert {name: value for name, value in head.headers.items() if name in sent} == sent
    assert head.content == b""
    refused = api.request("POST", "/v1/ratings.csv")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert api.request("OPTIONS", "/v1/ratings.csv").headers["allow"] == "GET, HEAD, OPTIONS"
    assert api.get("/v1/ratings.csv", If_None_Match=answer.headers["etag"]).status_code == 304
    etags = {api.get(f"/v1/ratings{suffix}").headers["etag"] for suffix in ("", ".csv", ".ndjson", ".xlsx", ".bib")}
    assert len(etags) == 5, "no two forms share an ETag"


def test_links_and_redirects_keep_the_form(api: Client):
    answer = api.get("/v1/ratings.csv?limit=2")
    assert answer.links["permalink"]["url"].startswith("/v1/ratings.csv?edition=")
    assert answer.links["describedby"]["url"].startswith("/v1/ratings.metadata.json?edition=")
    assert api.get(answer.links["permalink"]["url"]).content == answer.content
    described = api.get(answer.links["describedby"]["url"]).json()
    assert described["resources"][0]["row_count"] == 2
    moved = api.get("/v1/companies/invented-absorbed.csv")
    assert (moved.status_code, moved.headers["location"]) == (308, "/v1/companies/invented-keeper.csv")


def test_a_byte_order_mark_goes_with_csv_only(api: Client):
    plain, marked = api.get("/v1/ratings.csv").content, api.get("/v1/ratings.csv?bom=1").content
    assert marked == b"\xef\xbb\xbf" + plain
    assert api.get("/v1/ratings?bom=1").content == marked, "who asks for the mark asks for CSV"
    for url, accept in (("/v1/ratings.json?bom=1", "*/*"), ("/v1/ratings?bom=1", "application/json")):
        refused = api.get(url, Accept=accept)
        assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (409, "bom")
    assert api.get("/v1/ratings.csv?bom=0").status_code == 400


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


def test_every_answer_says_how_to_cite_it(api: Client, known: dict[str, str]):
    for name in READS:
        answer = api.get(known[name])
        meta = answer.json()["meta"]
        assert meta["citation"].endswith(answer.links["permalink"]["url"]), name
        assert f"In: Almanac, edition {meta['edition']}, published" in meta["citation"]


def test_a_disclosure_is_cited_with_its_document(api: Client):
    claim = next(one for one in api.data("/v1/claimed-changes?company=zte") if one["metric"] == "ghg.total")
    url = f"/v1/disclosures/{claim['id']}"
    told = api.get(url).json()["meta"]["citation"]
    source = claim["source"]
    assert told.startswith("ZTE Corporation: Claimed changes, ghg.total 2022")
    assert f"Based on: {source['title']} ({source['publisher']}, {source['published_on']})" in told
    (item,) = api.get(f"{url}.csl.json").json()
    assert (item["type"], item["version"].split(",")[0]) == (
        "dataset",
        f"edition {api.get(url).json()['meta']['edition']}",
    )
    assert source["title"] in item["note"]
    ris = api.get(f"{url}.ris").text
    assert ris.startswith("TY  - DATA\r\n")
    assert ris.endswith("ER  - \r\n")
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) for line in ris.split("\r\n")[:-1])
    bib = api.get(f"{url}.bib").text
    assert re.fullmatch(r"@misc\{[a-z0-9-]+,\n(  [a-z]+ = \{.*\},\n)+\}\n", bib)
    assert item["URL"] in bib
    other = api.get(f"{url}.csl.json?edition=1").json()[0]["id"]
    assert other != item["id"], "two citations never have one key"
    assert f"UR  - {item['URL']}" in ris


def test_citations_are_absolute_where_the_service_knows_its_address(serve: Callable[..., Client], corpus_database: str):
    server = serve(corpus_database, redis_url=None, public_url="https://almanac.example")
    (item,) = server.get("/v1/companies/zte.csl.json").json()
    assert item["URL"].startswith("https://almanac.example/v1/companies/zte?edition=")
    (resource,) = server.get("/v1/ratings.metadata.json").json()["resources"]
    assert resource["path"].startswith("https://almanac.example/v1/ratings.csv?edition=")
    assert "https://" not in server.get("/v1/ratings", Host="evil.example").json()["meta"]["citation"].replace(
        "https://almanac.example", ""
    )


def test_every_form_of_every_read_is_described_as_it_comes(api: Client, known: dict[str, str]):
    for name in READS:
        content = DOCUMENT["paths"][READS[name]]["get"]["responses"]["200"]["content"]
        for media_type, said in content.items():
            answer = api.request("GET", known[name], Accept=media_type)
            check(answer)
            assert answer.status_code == 200, (name, media_type)
            assert answer.headers["content-type"].split(";")[0] == media_type
            assert said["schema"]


def test_a_list_is_cited_with_its_documents_as_exactly_as_they_are_known(api: Client):
    told = api.get("/v1/claimed-changes?company=zte&metric=ghg.total").json()["meta"]["citation"]
    assert "Based on: ZTE Strives for Sustainable, Digital Future and Joins SBTi (telecoms.com, 2023-12-31)" in told
    claim = api.data("/v1/claimed-changes?company=zte&metric=ghg.total")[0]
    source = api.get(f"/v1/sources/{claim['source']['id']}").json()
    assert source["data"]["published_precision"] == "year"
    assert "(telecoms.com, 2023)" in source["meta"]["citation"], "a document knows how exact its date is"
    assert "Based on: the documents that each row names" in api.get("/v1/emissions").json()["meta"]["citation"]
    assert "telecoms.com" in api.get("/v1/companies/zte/emission-deltas").json()["meta"]["citation"]


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


def test_pages_say_that_they_are_pages(api: Client):
    for suffix in (".csv", ".xlsx"):
        assert f'-page{suffix}"' in api.get(f"/v1/ratings{suffix}?limit=2").headers["content-disposition"]
        assert "-page" not in api.get(f"/v1/ratings{suffix}").headers["content-disposition"]
    feed = api.get("/v1/changes.csv?limit=5")
    rest = api.get(feed.links["next"]["url"])
    assert cells(feed.content)[1] + cells(rest.content)[1] == cells(api.get("/v1/changes.csv?limit=10").content)[1]
    assert "next" not in api.get("/v1/changes.csv").links


def test_what_accept_chose_is_in_its_links(api: Client):
    answer = api.get("/v1/ratings?limit=2", Accept="text/csv")
    for name in ("permalink", "next"):
        assert answer.links[name]["url"].startswith("/v1/ratings.csv?")
    assert api.get(answer.links["permalink"]["url"]).content == answer.content
    assert answer.headers["etag"] == api.get("/v1/ratings.csv?limit=2").headers["etag"], "one answer, one ETag"


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("/v1/emissions.xls", "/v1/emissions.xlsx"),
        ("/v1/emissions.CSV", "/v1/emissions.csv"),
        ("/v1/emissions.zip", "/v1/emissions"),
        ("/v1/companies/ZTE", "zte"),
        ("/v1/emissions?company=Alphabet Inc.", "alphabet-inc"),
        ("/v1/emissions?metric=GHG.SCOPE1", "ghg.scope1"),
        ("/v1/companies?country=cn", "CN"),
    ],
)
def test_a_slip_is_answered_with_what_was_meant(api: Client, url: str, meant: str):
    refused = api.request("GET", url)
    assert refused.status_code in (400, 404)
    assert refused.json()["errors"][0]["suggestion"] == meant
