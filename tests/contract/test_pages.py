"""The pages for people: every link answers, every claim is true, and nothing but the own stylesheet is let in."""

import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest

from almanac.settings import Settings
from almanac.web import limits
from almanac.web.pages import PATHS
from tests.api.raw import send
from tests.client import Client
from tests.contract.test_headers import links

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
PAGES = ["/", "/problems", "/problems/bad-parameter", "/docs"]


class Page(HTMLParser):
    """What a page links to, loads and claims."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[dict[str, str]] = []
        self.loaded: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.claims: dict[str, int] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.attributes |= given.keys()
        if tag == "a":
            self.links.append(given)
        elif tag in ("link", "script", "img"):
            self.loaded.append(given.get("href") or given["src"])
        elif tag == "data":
            self.claims[given["id"]] = int(given["value"])


def page(api: Client, url: str) -> Page:
    """A page as a browser gets it."""
    answer = api.get(url, Accept=BROWSER)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    return Page(answer.text)


def within(text: str, id_: str) -> str:
    """Text of the element with an id that holds no other element."""
    return unescape(re.findall(rf'id="{id_}"[^>]*>([^<]*)<', text)[0])


@pytest.mark.parametrize("url", PAGES)
def test_every_link_of_a_page_answers_with_what_it_says(api: Client, url: str):
    found = page(api, url)
    for link in found.links:
        target = urljoin(url, link["href"])
        if target.startswith("#"):
            continue
        assert target.startswith("/"), "a page leads nowhere else"
        answer = api.get(target, Accept=BROWSER if link.get("type") in (None, "text/html") else "*/*")
        assert answer.status_code == 200, target
        if "type" in link:
            assert answer.headers["content-type"].split(";")[0] == link["type"], target
    for loaded in found.loaded:
        assert api.get(loaded).status_code == 200, loaded


@pytest.mark.parametrize("url", PAGES)
def test_a_page_lets_in_its_own_stylesheet_and_no_script_of_its_own(api: Client, url: str):
    found, policy = page(api, url), api.get(url, Accept=BROWSER).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "style" not in found.tags | found.attributes
    assert not [name for name in found.attributes if name.startswith("on")]
    if url == "/docs":
        assert "script-src 'self'" in policy
        return
    assert "script" not in found.tags
    assert "style-src 'self';" in policy
    assert "script-src" not in policy


def test_the_landing_page_tells_the_claim_of_zte_as_the_api_does(api: Client):
    text = api.get("/", Accept=BROWSER).text
    (delta,) = api.data("/v1/companies/zte/emission-deltas?year=2022&metric=ghg.total")
    claim = delta["claim"]
    value = str(claim["value"]).replace("-", "\N{MINUS SIGN}")
    assert f'<p class="figure">{value} %</p>' in text
    assert within(text, "quote") == claim["quote"]
    assert within(text, "source") == claim["source"]["title"]
    source = api.data(f"/v1/sources/{claim['source']['id']}")
    assert source["published_precision"] == "year", "the page says no more than is known"
    assert f'<time datetime="{source["published_on"][:4]}">' in text
    assert claim["source"]["publisher"] in text
    assert within(text, "verdict") == delta["verdict"]
    (held,) = api.data("/v1/companies/alphabet/emission-deltas?year=2020&metric=ghg.scope1")
    computed = {one["basis"]: f"{-one['change_pct']:.1f}" for one in held["computed"]}
    assert within(text, "first") == computed["as_first_published"]
    assert within(text, "restated") == computed["as_restated"]
    moved = [api.data(f"/v1/companies/zte/commitments?known_on={day}") for day in ("2023-09-01", "2023-12-15")]
    assert moved[0][0]["deadline"] != moved[1][0]["deadline"], "a register moved this deadline"


def test_the_landing_page_names_the_limits_that_hold(api: Client):
    claims = page(api, "/").claims
    assert api.get(f"/v1/emissions?limit={claims['limit']}").status_code == 200
    assert api.get(f"/v1/emissions?limit={claims['limit'] + 1}").status_code == 400
    target = b"/v1/companies?q="
    room = claims["target"] - len(target) + 1  # the question mark is not counted
    assert send(api.base, target + b"a" * room).status == 400, "too long a value, in a URL that is not"
    assert send(api.base, target + b"a" * (room + 1)).status == 414
    own = len(b"hostxconnectionclosex-a")
    room = claims["headers"] - own
    assert send(api.base, b"/v1/kinds", headers=b"X-A: " + b"a" * room + b"\r\n").status == 200
    assert send(api.base, b"/v1/kinds", headers=b"X-A: " + b"a" * (room + 1) + b"\r\n").status == 431
    assert claims["query"] == Settings().statement_timeout_ms
    assert claims["table"] == Settings().list_max_rows
    assert (f"{claims['anonymous']}/6s", f"{claims['key']}/6s") == (limits.ANONYMOUS, limits.KEY)
    assert claims.keys() == {"limit", "target", "headers", "query", "table", "anonymous", "key"}


def test_five_requests_to_try_are_shown_as_they_run(api: Client):
    text = api.get("/", Accept=BROWSER).text.partition('id="try"')[2].partition("<h2")[0]
    shown = re.findall(r'<li><a href="([^"]+)"><code>([^<]+)</code>', text)
    assert len(shown) == 5
    assert all(href == words for href, words in shown)


@pytest.mark.parametrize(
    ("accept", "html"),
    [(BROWSER, True), ("text/html", True), ("*/*", False), ("", False), ("application/json", False),
     ("text/html;q=0.1, application/json", False), ("text/html;q=0", False), ("image/png", False)],
)  # fmt: skip
@pytest.mark.parametrize("url", ["/", "/problems", "/problems/not-found"])
def test_people_get_html_and_programs_json(api: Client, url: str, accept: str, html: bool):
    answer = api.get(url, Accept=accept)
    assert answer.headers["content-type"].split(";")[0] == ("text/html" if html else "application/json")
    assert answer.headers["vary"] == "Accept"


@pytest.mark.parametrize("url", [path for path in PATHS if "{" not in path])
def test_a_page_says_where_the_contract_is(api: Client, url: str):
    found = links(api.get(url))
    assert found == {"service-desc": "/openapi.json", "service-doc": "/docs", "api-catalog": "/.well-known/api-catalog"}


def test_the_catalogue_and_the_text_for_models_lead_to_what_is_there(api: Client):
    linkset = api.get("/.well-known/api-catalog").json()["linkset"]
    relations = [(name, many) for about in linkset for name, many in about.items() if name != "anchor"]
    targets = [(one["href"], one["type"]) for _, many in relations for one in many]
    assert {name for name, _ in relations} == {"service-desc", "service-doc", "status", "item"}
    for target, media_type in targets:
        assert api.get(target).headers["content-type"].split(";")[0] == media_type
    text = api.get("/llms.txt").text
    assert text.startswith("# Almanac\n\n> ")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert api.get(target).status_code == 200, target
    parameters = {p["name"] for p in api.get("/openapi.json").json()["paths"]["/v1/emissions"]["get"]["parameters"]}
    assert {"known_on", "edition", "as_of", "limit", "cursor"} <= parameters & set(re.findall(r"`([a-z_]+)`", text))


def test_browsers_find_an_icon_and_crawlers_their_rules(api: Client):
    assert api.get("/favicon.ico").content.startswith(b"\0\0\1\0")
    assert "User-agent: *\nAllow: /\n" in api.get("/robots.txt").text
