"""Every answer says how to cite it, for people and for programs, with its documents and its link."""

import re
from collections.abc import Callable

from tests.client import Client
from tests.contract.urls import READS


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


def test_a_list_is_cited_with_its_documents_as_exactly_as_they_are_known(api: Client):
    told = api.get("/v1/claimed-changes?company=zte&metric=ghg.total").json()["meta"]["citation"]
    assert "Based on: ZTE Strives for Sustainable, Digital Future and Joins SBTi (telecoms.com, 2023-12-31)" in told
    claim = api.data("/v1/claimed-changes?company=zte&metric=ghg.total")[0]
    source = api.get(f"/v1/sources/{claim['source']['id']}").json()
    assert source["data"]["published_precision"] == "year"
    assert "(telecoms.com, 2023)" in source["meta"]["citation"], "a document knows how exact its date is"
    assert "Based on: the documents that each row names" in api.get("/v1/emissions").json()["meta"]["citation"]
    assert "telecoms.com" in api.get("/v1/companies/zte/emission-deltas").json()["meta"]["citation"]
