"""`openapi/README.md` against the service: every code, kind and header is in it, and it names none that is gone."""

import re

import pytest

from almanac.kinds import KINDS
from almanac.web.problems import SORTS
from almanac.web.schema import HEADERS
from tests.api.raw import send
from tests.client import DOCUMENT, Client
from tests.conftest import ROOT

TEXT = (ROOT / "openapi/README.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^#{2,3} ([^\n]+)\n\n(.*?)(?=^#{2,3} |\Z)", TEXT, re.MULTILINE | re.DOTALL))


def rows(section: str) -> list[str]:
    """First cells of the table of a section."""
    return re.findall(r"^\| `([^`]+)` \|", SECTIONS[section], re.MULTILINE)


def test_every_problem_code_has_a_section_that_begins_with_its_status():
    problems = TEXT.partition("## Problems")[2].partition("## Known quirks")[0]
    codes = re.findall(r"^### (.+)$", problems, re.MULTILINE)
    assert codes == list(SORTS)
    for code, sort in SORTS.items():
        assert SECTIONS[code].startswith(str(sort.status))
        assert ("`Retry-After`" in SECTIONS[code]) == (sort.retry_after_s is not None)


def test_every_kind_is_in_the_table_and_none_that_is_gone():
    assert rows("Kinds") == [kind.name for kind in KINDS]


def test_every_header_of_the_contract_is_in_the_table_and_none_that_is_gone():
    assert set(rows("Headers")) == {*HEADERS, "Allow"}


def test_every_path_parameter_and_field_that_it_names_exists():
    named = set(re.findall(r"`(/[a-z0-9_/{}.-]+)`", TEXT)) | set(re.findall(r"`(?:GET|POST) (/[^`]+)`", TEXT))
    paths = {re.sub(r"\{kind\}", kind.name, path) for path in named for kind in KINDS}
    assert paths <= set(DOCUMENT["paths"])
    parameters = {p["name"] for at in DOCUMENT["paths"].values() for said in at.values() for p in said["parameters"]}
    assert set(re.findall(r"`([a-z_]+)=", TEXT)) | {"edition", "as_of", "known_on", "limit", "after"} <= parameters
    meta = {
        name
        for shape in ("PageMeta", "FeedMeta", "MovedMeta")
        for name in DOCUMENT["components"]["schemas"][shape]["properties"]
    }
    assert set(re.findall(r"`meta\.([a-z_]+)`", TEXT)) <= meta


def test_what_is_deprecated_can_say_so_where_browsers_read_it_and_nothing_is_now(api: Client):
    named = set(re.findall(r"`([A-Z][A-Za-z]+)` \(RFC", SECTIONS["Deprecation"]))
    assert named == {"Deprecation", "Sunset"}
    assert named <= set(api.get("/").headers["access-control-expose-headers"].split(", "))
    assert "12 months" in SECTIONS["Deprecation"]
    said = [one for at in DOCUMENT["paths"].values() for one in at.values()]
    assert ("Nothing is deprecated now." in SECTIONS["Deprecation"]) == (not any("deprecated" in one for one in said))


def test_relations_of_links_are_those_that_are_sent(api: Client):
    (row,) = re.findall(r"^\| `Link` \|(.*)\|$", TEXT, re.MULTILINE)
    sent = {
        rel
        for url in ("/", "/v1/emissions.csv?limit=1")
        for rel in re.findall(r'rel="([^"]+)"', api.get(url).headers["link"])
    }
    assert set(re.findall(r"`([a-z-]+)`", row)) == sent


def test_quirks_are_as_it_says(api: Client):
    assert api.data("/v1/frames/ghg.scope1/2022-13-01") == []
    assert api.data("/v1/emissions?cursor=1.1.999999999") == []
    assert api.data("/v1/changes?kind=no-such-kind") == []
    assert "1.000E-9" in api.get("/v1/companies/invented-cjk/emissions").text
    assert api.data("/v1/kinds?edition=0") == api.data("/v1/kinds")


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [(b"/" + b"a" * 70_000, b"", 414), (b"/v1/kinds", b"X-A: 1\r\n" * 101, 431), (b"/v1/kinds", b": x\r\n", 400)],
)
def test_what_the_http_server_refuses_itself_has_no_body_as_it_says(
    api: Client, target: bytes, headers: bytes, status: int
):
    reply = send(api.base, target, headers=headers)
    assert (reply.status, reply.body) == (status, b"")
    assert b"x-request-id" not in reply.head
