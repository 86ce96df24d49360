"""Requests of fools and attackers: each is refused by name or answered, and none is ever a fault of ours."""

import json
from string import ascii_letters
from urllib.parse import quote

import pytest

from tests.api.raw import exchange, send
from tests.client import Client

LONG = "a" * 100_000


@pytest.fixture(scope="module", autouse=True)
def _no_fault(api: Client):
    yield
    assert '"event":"unhandled"' not in api.log()
    assert "Traceback" not in api.log()


# URL, parameter that the answer names, words of what is allowed or wrong.
BAD = [
    ("/v1/companies?q=%00", "q", "control character"),
    ("/v1/companies?q=zte%00", "q", "control character"),
    ("/v1/companies?q=a%0D%0AX-Y:%20z", "q", "control character"),
    ("/v1/companies?q=%zz", "q", "starts no escape"),
    ("/v1/companies?q=%", "q", "starts no escape"),
    ("/v1/companies?q=%C0%AF", "q", "UTF-8"),
    ("/v1/companies?q=%E0%80%AF", "q", "UTF-8"),
    ("/v1/companies?q=%ED%A0%80", "q", "UTF-8"),
    ("/v1/companies?q=%FF", "q", "UTF-8"),
    ("/v1/companies?%FF=1", "%FF", "UTF-8"),
    (f"/v1/companies?q={'a' * 201}", "q", "200"),
    ("/v1/companies?limit=0", "limit", "1 to"),
    ("/v1/companies?limit=-1", "limit", "1 to"),
    ("/v1/companies?limit=501", "limit", "1 to 500"),
    ("/v1/companies?limit=1e1", "limit", "whole number"),
    ("/v1/companies?limit=5.0", "limit", "whole number"),
    ("/v1/companies?limit=05", "limit", "whole number"),
    ("/v1/companies?limit=0x10", "limit", "whole number"),
    ("/v1/companies?limit=1_0", "limit", "whole number"),
    ("/v1/companies?limit=+5", "limit", "whole number"),
    ("/v1/companies?limit=%2B5", "limit", "whole number"),
    ("/v1/companies?limit=5%0A", "limit", "control character"),
    (f"/v1/companies?limit={quote(chr(0x665))}", "limit", "whole number"),
    (f"/v1/companies?limit={quote(chr(0xFF15))}", "limit", "whole number"),
    ("/v1/companies?limit=NaN", "limit", "whole number"),
    ("/v1/companies?limit=true", "limit", "whole number"),
    ("/v1/emissions?year=99999999999999999999", "year", "whole number"),
    ("/v1/emissions?year=9223372036854775808", "year", "1900 to 2200"),
    ("/v1/emissions?year=null", "year", "whole number"),
    ("/v1/emissions?year=", "year", "no value"),
    ("/v1/emissions?year", "year", "no value"),
    ("/v1/emissions?=2022", "", "is no parameter"),
    ("/v1/emissions?year=2022&year=2023", "year", "twice"),
    ("/v1/emissions?year=2022&%79ear=2022", "year", "twice"),
    ("/v1/emissions?year=2022;limit=1", "year", "whole number"),
    ("/v1/emissions?year[]=2022", "year[]", "is no parameter"),
    ("/v1/emissions?YEAR=2022", "YEAR", "is no parameter"),
    ("/v1/emissions?basis=guessed", "basis", "allowed values"),
    ("/v1/emissions?metric=GHG", "metric", "form that is wanted"),
    ("/v1/companies?cursor=x", "cursor", "form that is wanted"),
    ("/v1/companies?cursor=1.1", "cursor", "form that is wanted"),
    ("/v1/companies?cursor=-1.1.1", "cursor", "form that is wanted"),
    (f"/v1/companies?cursor={quote(f'{chr(0x661)}.1.1')}", "cursor", "form that is wanted"),
    ("/v1/companies?as_of=9999-99-99", "as_of", "RFC 3339"),
    ("/v1/companies?as_of=2026-01-31", "as_of", "RFC 3339"),
    ("/v1/companies?as_of=2026-01-31T12:00:00", "as_of", "RFC 3339"),
    ("/v1/companies?as_of=2026-02-30T12:00:00Z", "as_of", "exists"),
    ("/v1/companies?as_of=2026-01-31T12:00:00+02:00", "as_of", "%2B"),
    ("/v1/companies?as_of=1600000000", "as_of", "RFC 3339"),
    ("/v1/companies?known_on=2023-02-29", "known_on", "no date"),
    ("/v1/companies?known_on=0000-01-01", "known_on", "no date"),
    ("/v1/companies?known_on=20230101", "known_on", "no date"),
    ("/v1/companies?known_on=2023-W01-1", "known_on", "no date"),
    ("/v1/companies?edition=2147483648", "edition", "2147483647"),
    ("/v1/companies/lei:123", "company", "lei:"),
    ("/v1/companies/ZTE", "company", "form that is wanted"),
    ("/v1/companies/zte%00", "company", "control character"),
    ("/v1/companies/%2e%2e", "company", "form that is wanted"),
    ("/v1/disclosures/x", "id", "form that is wanted"),
    ("/v1/disclosures/00000000-0000-8000-8000-000000000000/versions/0", "n", "1 to"),
    ("/v1/disclosures/00000000-0000-8000-8000-000000000000/diff", "from", "needed"),
    ("/v1/companies/zte/diff?to=1", "from", "needed"),
    ("/v1/editions/2147483648", "n", "2147483647"),
    ("/v1/frames/ghg.scope1/22", "period", "form that is wanted"),
    ("/v1/changes?after=9007199254740992", "after", "9007199254740991"),
    ("/v1/changes?after=99999999999999999999", "after", "more digits"),
    ("/v1/companies?country=Sweden", "country", "such as CN"),
    ("/livez?nope=1", "nope", "is no parameter"),
]


@pytest.mark.parametrize(("url", "parameter", "words"), BAD, ids=[url[4:44] for url, *_ in BAD])
def test_a_bad_value_is_400_with_its_name_its_value_and_what_is_right(
    api: Client, url: str, parameter: str, words: str
):
    reply = send(api.base, url.encode())
    problem = json.loads(reply.body)
    assert reply.status == 400
    assert problem["type"] == "/problems/bad-parameter"
    assert parameter in {error["parameter"] for error in problem["errors"]}
    assert any(words in error["detail"] for error in problem["errors"])
    for secret in ("Traceback", "asyncpg", "select ", "codec", "/src/"):
        assert secret not in reply.body.decode()


@pytest.mark.parametrize(
    ("typed", "meant"), [("yaer", "year"), ("compny", "company"), ("limt", "limit"), ("asof", "as_of")]
)
def test_a_mistyped_name_is_answered_with_the_name_that_was_meant(api: Client, typed: str, meant: str):
    (error,) = api.get(f"/v1/emissions?{typed}=2022").json()["errors"]
    assert error["parameter"] == typed
    assert error["value"] == "2022"
    assert error["suggestion"] == meant
    assert {"year", "company", "cursor", "edition", "as_of", "known_on"} <= set(error["allowed"])


@pytest.mark.parametrize(
    ("url", "value", "meant"),
    [
        ("/v1/commitments?type=net_zeroo", "net_zeroo", "net_zero"),
        ("/v1/targets?ambition=1.5c", "1.5c", "1.5C"),
        ("/v1/emissions?metric=ghg.scpoe1", "ghg.scpoe1", "ghg.scope1"),
        ("/v1/frames/ghg.scop1/2022", "ghg.scop1", "ghg.scope1"),
        ("/v1/companies/ztee", "ztee", "zte"),
        ("/v1/emissions?company=ericson", "ericson", "ericsson"),
        ("/v1/emision", "/v1/emision", "/v1/emissions"),
        ("/companies/zte", "/companies/zte", "/v1/companies/zte"),
        ("/v1/companys/zte/emissions", "/v1/companys/zte/emissions", "/v1/companies/zte/emissions"),
        ("/v1/companies/", "/v1/companies/", "/v1/companies"),
        ("/V1//companies", "/V1//companies", "/v1/companies"),
        ("/v1/companys/%3Cb%3E%0A", "/v1/companys/<b>\n", "/v1/companies/%3Cb%3E%0A"),
    ],
)
def test_a_mistyped_value_metric_company_or_path_is_answered_with_the_one_that_was_meant(
    api: Client, url: str, value: str, meant: str
):
    (error,) = json.loads(send(api.base, url.encode()).body)["errors"]
    assert error["value"] == value
    assert error["suggestion"] == meant


@pytest.mark.parametrize(
    "url",
    [
        "/v1/companies/qqqqqqqq",
        "/v1/companies/isin:XX",
        "/v1/companies/lei:123",
        "/v1/frames/zzzzzz/2022",
        "/.git/config",
        "/v1/targets?ambition=zzz",
        "/a/b/c/d/e/f/g",
    ],
)
def test_what_is_near_nothing_has_no_suggestion(api: Client, url: str):
    (error,) = json.loads(send(api.base, url.encode()).body)["errors"]
    assert error["suggestion"] is None


def test_a_problem_stays_small_whatever_was_asked(api: Client):
    names = "&".join(f"{a}{b}=1" for a in ascii_letters for b in ascii_letters)
    for url in (f"/v1/emissions?{names}", f"/v1/emissions?{'y' * 8000}={'x' * 8000}", f"/v1/{'a/' * 8000}"):
        reply = send(api.base, url[:16_000].encode())
        assert reply.status in (400, 404)
        assert len(reply.body) < 20_000
    problem = api.get(f"/v1/emissions?{names}").json()
    assert len(problem["errors"]) == 50
    assert problem["detail"].endswith("`aX` and 2654 more.")


def test_a_name_near_nothing_has_no_suggestion_and_every_fault_is_told_at_once(api: Client):
    errors = api.get("/v1/emissions?zzzzzz=1&limit=0&year=x").json()["errors"]
    assert [error["parameter"] for error in errors] == ["zzzzzz", "limit", "year"]
    assert errors[0]["suggestion"] is None


@pytest.mark.parametrize(
    "path",
    ["/v1/companies/zte%2Fawards", "/v1/companies/zte%5Cawards", "//v1//companies", "/v1//companies", "/v1/companies/",
     "/v1/../v1/companies", "/v1/./companies", "/v1/companies/..", "/v1/companies/zte/%2e%2e/x", "/v1/companies/%zz",
     "/v1/companies;x=1", "/V1/companies", "/v1", "/v1/", "/v2/companies", "/schema", "/docs/..%2fapp.py", "/docs/nope",
     "/problems/nope", "/.git/config", "/v1/companies/zte/nope", "/v1/frames/no.such/2022",
     "/v1/companies/lei:3003004FBGVVG1CW5U46", "*"],
)  # fmt: skip
def test_a_path_that_is_not_exact_is_404(api: Client, path: str):
    reply = send(api.base, path.encode())
    assert reply.status == 404
    assert json.loads(reply.body)["type"] == "/problems/not-found"


@pytest.mark.parametrize(
    "q", ["';--", "%", "_", "\\", "🍀", "\u202e", "...", "a" * 200, "=cmd|' /C calc'!A0", "🍀" * 200]
)
def test_any_words_may_be_searched_for(api: Client, q: str):
    assert isinstance(api.data(f"/v1/companies?q={quote(q)}"), list)


def test_raw_utf_8_and_empty_pairs_are_understood(api: Client):
    assert send(api.base, "/v1/companies?q=Zéro".encode()).status == 200
    assert send(api.base, b"/v1/companies?&&limit=1&").status == 200


@pytest.mark.parametrize(("target", "status"), [(b"/v1/companies?q=" + b"a" * 20_000, 414), (b"/" + b"a" * 20_000, 414),
                                               (b"/v1/companies?q=" + LONG.encode(), 414)])  # fmt: skip
def test_a_url_that_is_too_long_is_414(api: Client, target: bytes, status: int):
    reply = send(api.base, target)
    assert reply.status == status
    if len(target) < 65_536:
        assert json.loads(reply.body)["type"] == "/problems/uri-too-long"


@pytest.mark.parametrize("method", [b"FOO", b"get", b"TRACE", b"CONNECT", b"A" * 2000])
def test_an_unknown_method_is_405(api: Client, method: bytes):
    reply = send(api.base, b"/v1/kinds", method)
    assert reply.status == 405
    assert b"allow: GET, HEAD, OPTIONS" in reply.head
    assert len(reply.body) < 500


@pytest.mark.parametrize(
    "headers",
    [b"X-A: " + b"a" * 500_000, b"X-A: \xff\xfe", b"Accept: \xff\xfe", b"Accept: application/json;q=nan", b"Accept: ,;,",
     b"If-None-Match: \xff", b"If-None-Match: " + b'"a", ' * 5000 + b'"b"', b"Range: bytes=0-1", b"X-Request-Id: \xff",
     b"Content-Length: 3\r\nContent-Type: application/json", b"Accept-Encoding: gzip;q=nan", b"Expect: 100-continue",
     b"Cookie: a=b", b"Authorization: Basic \xff", b"\r\n".join(b"X-%d: 1" % number for number in range(300))],
)  # fmt: skip
def test_strange_headers_are_ignored_or_refused(api: Client, headers: bytes):
    reply = send(api.base, b"/v1/kinds", headers=headers + b"\r\n")
    assert reply.status in (200, 400, 406, 431)


def test_the_host_of_an_absolute_request_never_shows_in_an_answer(api: Client):
    reply = send(api.base, b"http://evil.example/v1/companies?limit=1", headers=b"X-Forwarded-Host: evil.example\r\n")
    assert reply.status == 200
    assert b"evil" not in reply.head + reply.body


@pytest.mark.parametrize(
    "request_",
    [
        b"\x00\x01\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /v1/kinds x HTTP/1.1\r\n\r\n",
        b"GET v1/kinds HTTP/1.1\r\nConnection: close\r\n\r\n",
    ],
)
def test_what_is_no_http_is_400_or_cut(api: Client, request_: bytes):
    assert exchange(api.base, request_).status in (0, 400)
