"""What a fuzzer cannot see, because it judges one answer at a time: parts against wholes, tags against bodies, HEAD against GET.

A judge here is a function of answers, so that each can be shown an answer with the bug that it is there for.
"""

import re
from collections.abc import Callable, Iterable, Iterator

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.api.batches import emission, put
from tests.api.handed import hand_in, make_key
from tests.api.test_moving import wait_for
from tests.client import Client, check
from tests.conftest import Servers, _copy, _Serving
from tests.contract.urls import READS

MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def wrong_etags(answers: Iterable[httpx.Response]) -> list[str]:
    """ETags of two bodies, and bodies of one URL (of whatever server) under two ETags."""
    bodies: dict[str, bytes] = {}
    etags: dict[tuple[bytes, bytes], str] = {}
    wrong = []
    for answer in answers:
        url, etag = answer.request.url.raw_path, answer.headers["etag"]
        if bodies.setdefault(etag, answer.content) != answer.content:
            wrong.append(f"{etag} is of two bodies, one of them {answer.request.url}")
        if etags.setdefault((url, answer.content), etag) != etag:
            wrong.append(f"{answer.request.url} has the same bytes as before and {etag}, another tag")
    return wrong


def wrong_head(got: httpx.Response, head: httpx.Response) -> list[str]:
    """Names of what HEAD says otherwise than GET; `body` if it has one."""
    moving = {"date", "x-request-id", "server-timing"}
    names = {*got.headers, *head.headers} - moving
    wrong = sorted(name for name in names if got.headers.get(name) != head.headers.get(name))
    wrong += ["status"] if got.status_code != head.status_code else []
    return wrong + (["body"] if head.content else [])


def expected_part(asked: str, size: int) -> tuple[int, int, int]:
    """Status, first byte and end that RFC 9110 (14.1.2, 14.2) wants for one `Range`, of a file with bytes in it."""
    # A server may ignore a Range (14.2): this one does if a number has more than 18 digits. It reads over spaces.
    parts = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", asked.replace(" ", ""))
    if parts is None or parts.groups() == ("", ""):
        return 200, 0, size
    first, last = parts[1], parts[2]
    if first == "":
        return (206, max(0, size - int(last)), size) if int(last) else (416, 0, 0)
    if last and int(last) < int(first):
        return 200, 0, size
    if int(first) >= size:
        return 416, 0, 0
    return 206, int(first), min(size, int(last) + 1) if last else size


def wrong_part(asked: str, answer: httpx.Response, whole: bytes) -> list[str]:
    """What is wrong with the answer to one `Range` of this file."""
    status, first, end = expected_part(asked, len(whole))
    if answer.status_code != status:
        return [f"{asked}: {answer.status_code} instead of {status}"]
    wrong = [] if status == 416 or answer.content == whole[first:end] else [f"{asked}: other bytes"]
    told = {200: None, 206: f"bytes {first}-{end - 1}/{len(whole)}", 416: f"bytes */{len(whole)}"}[status]
    return wrong + ([] if answer.headers.get("content-range") == told else [f"{asked}: Content-Range is not {told}"])


@pytest.fixture(scope="module")
def file(api: Client) -> str:
    """URL of a file of the newest snapshot."""
    newest = api.get("/v1/bulk/latest.json").json()
    return f"/v1/bulk/{newest['manifest']}"


@pytest.fixture(scope="module")
def handing_in(servers: Servers, empty_template: str) -> Iterator[tuple[Client, str]]:
    """A server over an empty store, and a publisher's key."""
    for url in _copy(servers, empty_template):
        with _Serving(url, None) as api:
            yield api, make_key(url)


def test_an_etag_changes_exactly_when_the_body_does(
    serve: Callable[..., Client], known: dict[str, str], corpus_database: str
):
    """Over publishes, and over two servers of one store, one of which remembers nothing: behind a balancer both are one."""
    both = [serve(corpus_database), serve(corpus_database, redis_url=None, cache_bytes="0")]
    urls, answers = [known[name] for name in READS], []
    for year in (2021, 2022, None):
        answers += [api.get(url) for api in both for url in (*urls, *urls[:5])]
        if year is not None:
            newest = int(answers[-1].headers["almanac-edition"])
            put(corpus_database, emission("invented-etag", year, 1), on=f"{year + 3}-01-01")
            for api in both:
                wait_for(api, newest + 1, 4)
    assert wrong_etags(answers) == []
    assert len({answer.headers["etag"] for answer in answers}) > 2 * len(urls), "bodies have changed"


@MANY
@given(
    st.from_regex(r"bytes=[0-9]{0,6}-[0-9]{0,6}", fullmatch=True)
    | st.from_regex(r"bytes=[0-9, -]{0,12}", fullmatch=True)
)
@example("bytes=0-0")
@example("bytes=-0")
@example("bytes=999999999999999999-")
@example("bytes=9999999999999999999-")
@example("bytes=" + ",".join(["0-"] * 1000))
@example("bytes=" + ",".join(f"{n}-{n + 9}" for n in range(900)))
def test_any_one_part_of_a_file_is_that_part(api: Client, file: str, asked: str):
    whole = api.get(file)
    asked = asked.strip()
    answer = api.request("GET", file, Range=asked)
    check(answer)
    assert wrong_part(asked, answer, whole.content) == []
    # A range is for GET alone.
    assert wrong_head(whole, api.request("HEAD", file, Range=asked)) == []


@pytest.mark.parametrize(
    ("url", "headers", "status"),
    [
        ("/v1/emissions?year=2022", {}, 200),
        ("/v1/emissions?yaer=2022", {}, 400),
        ("/v1/companies/no-such-company", {}, 404),
        ("/v1/nothing-of-the-sort", {}, 404),
        ("/v1/emissions", {"Accept": "image/png"}, 406),
        ("/v1/emissions?edition=1&as_of=2026-01-01T00:00:00Z", {}, 409),
        ("/v1/companies/invented-absorbed", {}, 308),
        (f"/v1/emissions?q={'a' * 20_000}", {}, 414),
        ("/v1/emissions", {"X_Padding": "a" * 33_000}, 431),
        ("/v1/emissions", {"If_None_Match": "*"}, 304),
        ("/v1/submissions/00000000-0000-4000-8000-000000000000", {}, 401),
    ],
)
def test_head_is_get_without_a_body_whatever_the_answer(api: Client, url: str, headers: dict[str, str], status: int):
    same = {"X_Request_Id": "one"} | headers
    got, head = api.get(url, **same), api.request("HEAD", url, **same)
    assert got.status_code == status
    assert wrong_head(got, head) == []


@settings(MANY, max_examples=25)
@given(st.from_regex(r"[a-z]{1,8}/[a-z.+-]{1,12}(; ?[a-z]{1,4}=[a-z0-9]{1,4})?", fullmatch=True))
@example("application/x-ndjson")
@example("application/json")
@example("application/x-ndjsonx")
@example("text/x-ndjson")
@example("application/x-ndjson/x")
def test_what_is_no_ndjson_is_415(handing_in: tuple[Client, str], kind: str):
    api, token = handing_in
    answer = hand_in(api, token, b"{}", Content_Type=kind)
    wanted = kind.partition(";")[0] == "application/x-ndjson"
    assert answer.status_code == (422 if wanted else 415)


class TestTheJudges:
    """Each sees the bug that it is there for."""

    def test_of_etags(self):
        one, url = _answer("/v1/emissions", b"1", etag='"a"'), "/v1/emissions"
        assert wrong_etags([one, one, _answer(url, b"2", etag='"b"')]) == []
        assert wrong_etags([one, _answer(url, b"2", etag='"a"')]), "the body changed, the tag did not"
        assert wrong_etags([one, _answer(url, b"1", etag='"b"')]), "the tag changed, the body did not"

    def test_of_head(self):
        got = _answer("/livez", b"1", content_length="1")
        assert wrong_head(got, _answer("/livez", b"", content_length="1")) == []
        assert wrong_head(got, got) == ["body"]
        assert wrong_head(got, _answer("/livez", b"", content_length="0")) == ["content-length"]

    @pytest.mark.parametrize(
        ("asked", "status", "content", "told"),
        [
            ("bytes=1-2", 206, b"12", "bytes 1-2/4"),
            ("bytes=-2", 206, b"23", "bytes 2-3/4"),
            ("bytes=1-2,3-3", 200, b"0123", None),
            ("bytes=4-", 416, b"", "bytes */4"),
        ],
    )
    def test_of_parts(self, asked: str, status: int, content: bytes, told: str | None):
        def judged(status: int, content: bytes, told: str | None) -> list[str]:
            return wrong_part(
                asked, _answer("/f", content, status, **({"content_range": told} if told else {})), b"0123"
            )

        assert judged(status, content, told) == []
        assert judged(206 if status == 200 else 200, b"0123", None)
        assert judged(status, content, "bytes 0-1/4")
        assert status == 416 or judged(status, content + b"x", told)


def _answer(url: str, content: bytes, status: int = 200, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    plain = httpx.Response(status, content=content, request=httpx.Request("GET", f"http://x{url}"))
    plain.headers.pop("content-length", None)
    plain.headers.update(named)
    return plain
