"""Suffixes and `Accept`: which form comes, what is refused, and links that keep it."""

import pytest

from tests.client import DOCUMENT, Client, check
from tests.contract.tables import as_, cells
from tests.contract.urls import READS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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


MOVING = {"date", "server-timing", "x-request-id"}


def test_suffixes_take_the_methods_of_the_path(api: Client):
    head = api.request("HEAD", "/v1/ratings.csv")
    answer = api.get("/v1/ratings.csv")
    sent = {name: value for name, value in answer.headers.items() if name not in MOVING}
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


def test_every_form_of_every_read_is_described_as_it_comes(api: Client, known: dict[str, str]):
    for name in READS:
        content = DOCUMENT["paths"][READS[name]]["get"]["responses"]["200"]["content"]
        for media_type, said in content.items():
            answer = api.request("GET", known[name], Accept=media_type)
            check(answer)
            assert answer.status_code == 200, (name, media_type)
            assert answer.headers["content-type"].split(";")[0] == media_type
            assert said["schema"]


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
