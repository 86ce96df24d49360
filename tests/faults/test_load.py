"""The load finds what it is there to find: each fault that it looks for, from a server that makes it on purpose."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.faults.load import Load
from tests.faults.proxy import NONE, Fault, Proxy

_GOOD = [("7", '"a"', b'{"data":[],"meta":{"edition":7}}')]


@contextmanager
def answering(
    answers: list[tuple[str, str, bytes]], status: str = "200 OK", length: int | None = None
) -> Iterator[int]:
    """A server of these editions, ETags and bodies in turn, the last one for ever; its port."""
    left = list(answers)

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(ConnectionError):
                while self.rfile.readline():
                    while self.rfile.readline().strip():
                        pass
                    edition, etag, body = left.pop(0) if len(left) > 1 else left[0]
                    head = f"HTTP/1.1 {status}\r\nAlmanac-Edition: {edition}\r\nETag: {etag}\r\n"
                    self.wfile.write(f"{head}Content-Length: {length or len(body)}\r\n\r\n".encode() + body)
                    if length:
                        return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def _asked(port: int, seconds: float = 0.2) -> Load:
    with Load([port], ["/"], rate=50, clients=1, holds=lambda _edition, body: b"elsewhere" not in body) as load:
        load.during("it", seconds)
    assert load.answers
    return load


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        pytest.param([("7", '"a"', b'{"meta":{"edition":6}}')], "says 6 in its body and 7 above it", id="mixed"),
        pytest.param([*_GOOD, ("6", '"b"', b'{"meta":{"edition":6}}')], "of edition 6 after one of 7", id="back"),
        pytest.param([*_GOOD, ("7", '"a"', _GOOD[0][2] + b" ")], "other bytes", id="other"),
        pytest.param([("7", '"a"', b'{"data":"elsewhere","meta":{"edition":7}}')], "not of edition 7", id="of another"),
    ],
)
def test_an_answer_that_does_not_hold_is_found(answers: list[tuple[str, str, bytes]], found: str):
    with answering(answers) as port:
        assert found in _asked(port).wrong()[0]


def test_no_answer_and_half_an_answer_are_found():
    with answering(_GOOD, length=1000) as port:
        assert "Incomplete" in _asked(port).wrong()[0]
    with answering(_GOOD, status="500 Internal Server Error") as port:
        assert "neither an answer nor 503" in _asked(port).wrong()[0]
    with answering(_GOOD, status="503 Service Unavailable") as port:
        assert "when to try again" in _asked(port).wrong()[0]


def test_what_is_well_answered_is_not_found_wrong():
    with answering(_GOOD) as port:
        load = _asked(port)
    assert not load.wrong()
    assert set(load.statuses("it")) == {200}


def test_the_proxy_does_what_it_says():
    with answering(_GOOD) as port, Proxy(("127.0.0.1", port)) as proxy:
        assert not _asked(proxy.port).wrong()
        proxy.fault = Fault(delay_s=0.05)
        late = _asked(proxy.port, 0.5)
        assert not late.wrong()
        assert min(one.seconds for one in late.answers) >= 0.1
        proxy.fault = Fault(bytes_per_s=1000)
        assert min(one.seconds for one in _asked(proxy.port, 0.5).answers) >= 0.1
        proxy.fault = Fault(cut_after=60)
        assert "Incomplete" in _asked(proxy.port).wrong()[0]
        proxy.fault = Fault(black_hole=True)
        with Load([proxy.port], ["/"], rate=50, clients=1) as load:
            load.during("nothing", 0.2)
            assert not load.answers
            proxy.reset()
            load.during("reset", 0.1)
            proxy.fault = NONE
            proxy.reset()
        assert "Reset" in load.wrong()[0]
