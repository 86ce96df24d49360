"""`/v1/changes/stream`: every change once, in order, as it is published; bounded in number, time and memory."""

import json
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlparse

import httpx
import msgspec
import pytest
from msgspec import Raw, Struct

from tests.api.batches import emission, put
from tests.api.test_moving import wait_for
from tests.client import Client, check
from tests.conftest import _Serving

Serve = Callable[..., Client]

LONG = {"stream_max_ms": "60000"}
PATH = "/v1/changes/stream"


class Event(Struct, frozen=True):
    """One event as a client takes it in (WHATWG HTML, 9.2.6)."""

    id: str
    sort: str
    data: str


def events(lines: Iterator[str]) -> Iterator[Event]:
    """Events of a stream, those without data too."""
    id_, sort, data = "", "message", []
    for line in lines:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            yield Event(id_, sort, "\n".join(data))
            sort, data = "message", []
        elif name == "id":
            id_ = value
        elif name == "event":
            sort = value
        elif name == "data":
            data.append(value)


def told(text: str) -> list[Event]:
    """Events of a stream that has ended."""
    return list(events(iter(text.removesuffix("\n").split("\n"))))


def changes(text: str) -> list[Event]:
    return [one for one in told(text) if one.sort == "change"]


def feed(api: Client, query: str = "") -> list[bytes]:
    """The rows of the feed as it has them."""
    content = api.get(f"/v1/changes?limit=1000{query}").content
    return [
        bytes(row)
        for row in msgspec.json.decode(msgspec.json.decode(content, type=dict[str, Raw])["data"], type=list[Raw])
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "query", ["", "after=200", "kind=ratings", "company=zte", "op=withdraw", "kind=emissions&company=zte"]
)
def test_it_has_the_rows_of_the_feed_byte_for_byte_and_says_where_to_go_on(
    serve: Serve, corpus_database: str, query: str
):
    api = serve(corpus_database, stream_max_ms="4000")
    answer = api.get(f"{PATH}?{query}")
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.startswith("retry: 2000\n\n")
    found = changes(answer.text)
    assert [one.data.encode() for one in found] == feed(api, f"&{query}")
    assert [one.id for one in found] == [str(json.loads(one.data)["seq"]) for one in found]
    last = told(answer.text)[-1]
    newest = api.data("/v1/editions?limit=1")[0]["last_seq"]
    assert (last.sort, last.id, json.loads(last.data)) == ("reconnect", str(newest), {"after": newest})


def test_it_goes_on_after_the_last_event_that_was_received(api: Client):
    newest = api.data("/v1/editions?limit=1")[0]["last_seq"]
    for query, headers in ((f"?after={newest - 1}", {}), ("?after=1", {"Last_Event_ID": str(newest - 1)})):
        assert [one.id for one in changes(api.get(PATH + query, **headers).text)][:1] in ([], [str(newest)])
    assert changes(api.get(PATH, Last_Event_ID=str(newest)).text) == []


@pytest.mark.parametrize("value", ["x", "-1", "1.0", "01", "", "99999999999999999999", "1,2"])
def test_an_id_that_it_did_not_give_is_refused(api: Client, value: str):
    answer = api.get(PATH, Last_Event_ID=value)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "Last-Event-ID"


@pytest.mark.parametrize(
    ("query", "accept", "status"),
    [
        ("nope=1", "*/*", 400),
        ("company=no-such-company", "*/*", 404),
        ("company=invented-absorbed", "*/*", 404),
        ("", "application/json", 406),
    ],
)
def test_what_cannot_be_streamed_is_refused_before_it_begins(api: Client, query: str, accept: str, status: int):
    last = api.data("/v1/editions?limit=1")[0]["last_seq"]
    answer = api.get(f"{PATH}?after={last}&{query}", Accept=accept)
    assert answer.status_code == status


@pytest.mark.slow
def test_changes_come_as_they_are_published(serve: Serve, empty_database: str):
    api = serve(empty_database, pool_max_size="1", **LONG)
    with httpx.stream("GET", f"{api.base}{PATH}", timeout=30) as answer:
        check_head(answer)
        coming = (one for one in events(answer.iter_lines()) if one.sort == "change")
        for edition in range(1, 6):
            published = time.monotonic()
            put(empty_database, emission("a", 2022, edition), on=f"2025-01-0{edition}")
            one = next(coming)
            assert time.monotonic() - published < 3
            assert (one.id, json.loads(one.data)["value"]) == (str(edition), edition)
            assert api.get("/v1/companies").status_code == 200, "the only connection is free"


@pytest.mark.slow
def test_a_silent_stream_gives_signs_of_life_that_say_how_far_it_got(serve: Serve, empty_database: str):
    api = serve(empty_database, **LONG)
    put(empty_database, emission("a", 2022, 1))
    wait_for(api, 1, 5)
    with httpx.stream("GET", f"{api.base}{PATH}?kind=ratings", timeout=30) as answer:
        lines = answer.iter_lines()
        assert [next(lines) for _ in range(5)] == ["retry: 2000", "", ": edition 1", "id: 1", ""]


@pytest.mark.slow
def test_no_more_streams_than_may_and_a_place_is_free_again_when_one_ends_or_breaks(serve: Serve, empty_database: str):
    api = serve(empty_database, streams_max="2", **LONG)
    for _ in range(3):
        lines = [broken_off(api) for _ in range(2)]
        open_streams(api, 2)
        refused = api.get(PATH)
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        for line in lines:
            line.close()
        open_streams(api, 0)
    assert api.request("HEAD", PATH).status_code == 200
    open_streams(api, 0)


@pytest.mark.slow
def test_a_thousand_callers_that_hang_up_at_once_leave_no_place_taken(serve: Serve, empty_database: str):
    api = serve(empty_database, streams_max="50", **LONG)
    for _ in range(1000):
        line = broken_off(api)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")  # closes with RST
        line.close()
    open_streams(api, 0)
    assert '"event":"unhandled"' not in api.log()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_ends_tells_everybody_to_come_again(empty_database: str, number: signal.Signals):
    server = _Serving(empty_database, None, **LONG)
    with server as api, ThreadPoolExecutor(5) as pool:
        put(empty_database, emission("a", 2022, 1))
        wait_for(api, 1, 5)
        streams = [pool.submit(api.get, PATH) for _ in range(5)]
        open_streams(api, 5)
        began = time.monotonic()
        server.process.send_signal(number)
        texts = [one.result(10).text for one in streams]
        server.process.wait(10)
        assert time.monotonic() - began < 5
    for text in texts:
        got = [one.id for one in changes(text)]
        assert got in ([], ["1"])
        last = re.fullmatch(
            r'retry: 2000\n\n.*retry: \d+\nid: (\d)\nevent: reconnect\ndata: {"after":(\d)}\n\n', text, re.DOTALL
        )
        assert last
        assert last[1] == last[2] == (got[-1] if got else "0"), "it goes on after what was received"


def check_head(answer: httpx.Response) -> None:
    """The head of a stream that is not read to its end, against the contract."""
    check(httpx.Response(answer.status_code, headers=answer.headers, request=answer.request, text="retry: 2000\n\n"))


def broken_off(api: Client, buffer_bytes: int | None = None) -> socket.socket:
    """A connection on which a stream was asked for, and nothing is read."""
    place = urlparse(api.base)
    line = socket.socket()
    if buffer_bytes is not None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
    line.connect((place.hostname, place.port))
    line.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return line


def open_streams(api: Client, expected: int) -> None:
    """Wait until so many streams are open."""
    deadline = time.monotonic() + 10
    while (found := gauge(api)) != expected:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def gauge(api: Client) -> int:
    lines = api.get("/metrics").text.splitlines()
    return next(int(float(line.rpartition(" ")[2])) for line in lines if line.startswith("almanac_streams{"))
