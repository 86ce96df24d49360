"""What holds for every kind of disclosure: a new kind arrives with these tests already written."""

from collections import Counter
from urllib.parse import quote

import jsonschema_rs
import msgspec
import pytest

from almanac.kind import Kind
from almanac.kinds import KINDS
from almanac.web.schema import example
from tests.client import DOCUMENT, Client

kinds = pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])


def walk(api: Client, url: str, limit: int) -> list[dict]:
    """Every item of a list, page by page."""
    joint = "&" if "?" in url else "?"
    found, following = [], f"{url}{joint}limit={limit}"
    while following:
        answer = api.get(following)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["data"]) <= limit
        found += page["data"]
        cursor = page["meta"]["next_cursor"]
        assert len(page["data"]) == limit or cursor is None, "a page with more to come is full"
        following = f"{url}{joint}limit={limit}&cursor={cursor}" if cursor else None
    return found


@kinds
def test_pages_give_each_row_once_in_one_order_at_any_limit(api: Client, kind: Kind):
    whole = walk(api, f"/v1/{kind.name}", 500)
    assert whole
    assert len({row["id"] for row in whole}) == len(whole)
    assert walk(api, f"/v1/{kind.name}", 37) == whole
    counts = Counter(row["company"] for row in whole)
    company, count = max(((c, n) for c, n in counts.items() if n <= 30), key=lambda pair: pair[1])
    own = [row for row in whole if row["company"] == company]
    for limit in range(1, 8):
        assert walk(api, f"/v1/companies/{company}/{kind.name}", limit) == own, f"{count} rows at limit {limit}"
        assert walk(api, f"/v1/{kind.name}?company={company}", limit) == own


@kinds
def test_each_filter_gives_all_rows_that_match_and_no_other(api: Client, kind: Kind):
    whole = walk(api, f"/v1/{kind.name}", 500)
    for name in kind.filter.__struct_fields__:
        values = Counter(row[name] for row in whole if row[name] is not None)
        assert values, f"no bundled or awkward row has {name}"
        for value in (values.most_common()[0][0], values.most_common()[-1][0]):
            wanted = [row for row in whole if row[name] == value]
            assert walk(api, f"/v1/{kind.name}?{name}={quote(str(value))}", 500) == wanted, f"{name}={value}"
            company = wanted[0]["company"]
            own = [row for row in wanted if row["company"] == company]
            url = f"/v1/companies/{company}/{kind.name}?{name}={quote(str(value))}"
            assert walk(api, url, 500) == own, f"{company} {name}={value}"


@kinds
def test_two_filters_both_hold(api: Client, kind: Kind):
    (row, *_) = api.data(f"/v1/{kind.name}?limit=1")
    given = {name: row[name] for name in kind.filter.__struct_fields__ if row[name] is not None}
    query = "&".join(f"{name}={quote(str(value))}" for name, value in {**given, "company": row["company"]}.items())
    for found in api.data(f"/v1/{kind.name}?{query}"):
        assert {name: found[name] for name in given} == given


@kinds
@pytest.mark.parametrize("bad", ["nope=1", "{0}=", "{0}", "{0}=null", "{0}=a%00", "{0}=%zz", "{0}=%FF", "limit=0"])
def test_a_bad_parameter_is_400_and_named(api: Client, kind: Kind, bad: str):
    names = [*kind.filter.__struct_fields__, "company", "known_on"]
    for name in names if "{0}" in bad else names[:1]:
        query = bad.format(name)
        if bad == "{0}=null" and _takes_any_text(kind, name):
            continue
        answer = api.get(f"/v1/{kind.name}?{query}")
        if bad == "{0}=null" and name == "company":
            assert answer.status_code == 404, "null could be a slug"
            continue
        assert answer.status_code == 400, query
        assert answer.json()["errors"][0]["parameter"] == query.partition("=")[0]


@kinds
def test_a_repeated_parameter_is_400_and_named(api: Client, kind: Kind):
    (row, *_) = api.data(f"/v1/{kind.name}?limit=1")
    for name, value in {"company": row["company"], "limit": 2, "edition": 1}.items():
        answer = api.get(f"/v1/{kind.name}?{name}={value}&{name}={value}")
        assert answer.status_code == 400
        assert answer.json()["errors"] == [
            {"parameter": name, "value": str(value), "detail": "is given twice; give it once"}
            | dict.fromkeys(("allowed", "suggestion"))
        ]


@kinds
def test_a_company_that_is_not_there_is_404_and_one_without_answers_is_empty(api: Client, kind: Kind):
    for url in (f"/v1/companies/no-such-company/{kind.name}", f"/v1/{kind.name}?company=no-such-company"):
        assert api.get(url).status_code == 404
    covered = {row["company"] for row in walk(api, f"/v1/{kind.name}", 500)}
    other = next(c["id"] for c in walk(api, "/v1/companies", 500) if c["id"] not in covered)
    assert api.data(f"/v1/companies/{other}/{kind.name}") == []


@kinds
def test_a_row_is_the_answer_of_its_disclosure_and_its_last_version(api: Client, kind: Kind):
    (row, *_) = api.data(f"/v1/{kind.name}?limit=1")
    assert row["kind"] == kind.name
    assert api.data(f"/v1/disclosures/{row['id']}") == row
    assert api.data(f"/v1/disclosures/{row['id']}/versions/{row['version']}") == row
    assert row in api.data(f"/v1/disclosures/{row['id']}/versions")
    assert row in walk(api, f"/v1/companies/{row['company']}/history?kind={kind.name}", 500)
    assert api.data(f"/v1/changes?after={row['seq'] - 1}&limit=1") == [row]
    assert api.data(f"/v1/sources/{row['source']['id']}")["title"] == row["source"]["title"]


@kinds
def test_the_example_satisfies_its_schema_and_stands_in_the_document(kind: Kind):
    component = DOCUMENT["components"]["schemas"][kind.content.__name__]
    validator = jsonschema_rs.Draft202012Validator({**component, "components": DOCUMENT["components"]})
    validator.validate(example(kind))
    assert component["examples"] == [example(kind)]
    assert set(component["required"]) == set(component["properties"]), "every key is always there"


@kinds
def test_the_kind_is_listed_with_its_fields(api: Client, kind: Kind):
    (info,) = [one for one in api.data("/v1/kinds") if one["kind"] == kind.name]
    assert info["fields"] == list(kind.fields)
    assert info["key"] == list(kind.key)


def _takes_any_text(kind: Kind, name: str) -> bool:
    field = next((f for f in msgspec.structs.fields(kind.filter) if f.name == name), None)
    if field is None:
        return False
    try:
        msgspec.convert("null", field.type)
    except msgspec.ValidationError:
        return False
    return True
