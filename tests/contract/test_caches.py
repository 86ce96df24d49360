"""Caches make answers faster, never different: with Redis gone, with no room in memory, cold and warm."""

from collections.abc import Callable

import pytest

from tests.client import Client
from tests.contract.urls import READS

pytestmark = pytest.mark.slow


def test_every_answer_is_the_same_bytes_without_redis_and_without_room(
    api: Client, serve: Callable[..., Client], corpus_database: str, known: dict[str, str]
):
    bare = serve(corpus_database, redis_url=None, cache_bytes="0")
    lost = serve(corpus_database, redis_url="redis://127.0.0.1:1/0", cache_bytes="0")
    for name in READS:
        wanted = api.get(known[name])
        for server in (api, bare, lost):
            answer = server.get(known[name])
            assert answer.status_code == 200
            assert answer.content == wanted.content, name
            assert answer.headers["etag"] == wanted.headers["etag"]
    assert '"event":"unhandled"' not in bare.log() + lost.log()
    assert '"cache":"near"' not in bare.log()
    assert '"event":"cache_unavailable"' in lost.log()
