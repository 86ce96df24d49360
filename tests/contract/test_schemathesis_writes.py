"""Fuzzing of what needs a key, with one and with two. Without one, the other runs do it.

Every check is on but one (`fuzzing.py` says why). Of batches only 422 is expected beside the statuses that a well-formed
request may have: no schema says which text is a batch that this store can take.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.handed import make_key
from tests.client import Client
from tests.contract.fuzzing import EXAMPLES, Fuzz, holds

pytestmark = pytest.mark.slow

TEXT_IS_NO_BATCH = """
[checks.positive_data_acceptance]
expected-statuses = [200, 202, 401, 404, 409, 422]
"""
SUBMISSIONS = ("--include-path-regex", "/submissions")
EXPORTS = ("--include-path-regex", "/exports")
TOOK_THE_BODY = '"operation_id":"create_submission","method":"POST","status":422'


def test_writes_hold_with_a_key(serve: Callable[..., Client], empty_database: str, tmp_path: Path):
    api = serve(empty_database, redis_url=None)
    key = {"Authorization": f"Bearer {make_key(empty_database)}"}
    holds(api, tmp_path, Fuzz(headers=key, settings=TEXT_IS_NO_BATCH, options=SUBMISSIONS))
    assert TOOK_THE_BODY in api.log(), "bodies got as far as the batch"


@pytest.mark.parametrize("role", [None, "reader"])
def test_exports_hold_without_a_key_and_with_one(
    serve: Callable[..., Client], corpus_database: str, tmp_path: Path, role: str | None
):
    api = serve(corpus_database, redis_url=None)
    key = {"Authorization": f"Bearer {make_key(corpus_database, role)}"} if role else {}
    holds(api, tmp_path, Fuzz(examples=max(1, EXAMPLES // 2), headers=key, options=EXPORTS))
    for method, status in (("POST", 202), ("GET", 200), ("DELETE", 204)):
        assert re.search(rf'_export","method":"{method}","status":{status},', api.log()), "taken, read, cancelled"


def test_one_key_never_reads_what_another_handed_in(serve: Callable[..., Client], empty_database: str, tmp_path: Path):
    """The check `object_level_authorization`: what one of two publishers made, the other one asks for."""
    api = serve(empty_database, redis_url=None)
    users = {
        "auth": [
            {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {make_key(empty_database)}"}]}
            for name in ("one", "other")
        ]
    }
    (tmp_path / "users.json").write_text(json.dumps(users))
    settings = f"""{TEXT_IS_NO_BATCH}
[auth.wfc]
path = "users.json"
user = "one"
peers = ["one", "other"]
"""
    holds(api, tmp_path, Fuzz(settings=settings, options=SUBMISSIONS))
    assert '"operation_id":"create_submission","method":"POST","status":200' in api.log()
