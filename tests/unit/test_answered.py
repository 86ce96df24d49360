"""Answered requests wait for each other a little, and none is lost: not the last ones, nor those of a loop that has ended."""

import asyncio
import datetime as dt
import json
import time

import pytest

from almanac.web import answered as module
from almanac.web.answered import Answered


def done(number: int, seconds: float = 0.0002) -> module.Done:
    return time.perf_counter(), "read_company", "GET", 200, seconds, "near", 5, b"request-%d" % number


def told(capfd: pytest.CaptureFixture[str]) -> list[dict]:
    return [json.loads(line) for line in capfd.readouterr().err.splitlines()]


def at(line: dict) -> float:
    return dt.datetime.fromisoformat(line["ts"]).timestamp()


def test_many_are_told_one_line_each_in_their_order_with_their_own_times(capfd: pytest.CaptureFixture[str]):
    async def serve() -> None:
        for number in range(150):
            one.add(done(number))
            if number % 40 == 0:
                await asyncio.sleep(0.005)
        await asyncio.sleep(3 * module._WITHIN_S)

    one, began = Answered(), time.time()
    asyncio.run(serve())
    lines = told(capfd)
    assert [line["request_id"] for line in lines] == [f"request-{number}" for number in range(150)]
    assert lines[0] | {"ts": ""} == {
        "ts": "", "event": "request_done", "operation_id": "read_company", "method": "GET", "status": 200,
        "duration_ms": 0.2, "cache": "near", "bytes": 5, "request_id": "request-0",
    }  # fmt: skip
    assert [line["ts"] for line in lines] == sorted(line["ts"] for line in lines)
    assert abs(at(lines[0]) - began) < 5
    assert one.counted() == {("read_company", 200, "near"): [0, 150, *[0] * 9, pytest.approx(150 * 0.0002)]}


def test_each_has_the_time_at_which_it_ended_not_the_one_at_which_it_was_told(capfd: pytest.CaptureFixture[str]):
    async def serve() -> None:
        early, late = done(1), done(2)
        one.add((late[0] - 0.05, *early[1:]))
        one.add(late)
        one.settle()

    one = Answered()
    asyncio.run(serve())
    first, second = told(capfd)
    assert at(second) - at(first) == pytest.approx(0.05, abs=0.002)


def test_a_few_are_told_soon_and_nothing_is_held_back(capfd: pytest.CaptureFixture[str]):
    async def serve() -> None:
        one.add(done(1))
        assert told(capfd) == []
        await asyncio.sleep(3 * module._WITHIN_S)
        assert len(told(capfd)) == 1
        one.add(done(2))
        assert sum(one.counted()["read_company", 200, "near"][:-1]) == 2, "who asks for counts is told of all"

    one = Answered()
    asyncio.run(serve())


def test_those_of_a_loop_that_has_ended_are_told_with_the_next(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "_WITHIN_S", 3600)

    async def serve(number: int) -> None:
        one.add(done(number))

    one = Answered()
    asyncio.run(serve(1))
    time.sleep(2 * module._LATE_S)
    assert told(capfd) == []
    asyncio.run(serve(2))
    assert [line["request_id"] for line in told(capfd)] == ["request-1", "request-2"]


def test_an_answer_longer_than_every_bound_is_counted(capfd: pytest.CaptureFixture[str]):
    async def serve() -> None:
        one.add(done(1, seconds=9.0))

    one = Answered()
    asyncio.run(serve())
    assert one.counted() == {("read_company", 200, "near"): [*[0] * 10, 1, 9.0]}
