"""Routes against the contract, both ways, and the methods of every path."""

import re

import httpx
import pytest

from almanac.app import create_app
from almanac.settings import Secret, Settings
from tests.client import DOCUMENT, Client
from tests.conftest import ROOT
from tests.contract.urls import OPERATIONS, OWNED

ALLOW = {"GET", "HEAD", "OPTIONS"}
REFUSED = ("POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY", "PROPFIND", "FOO")


def test_every_route_is_in_the_contract_and_the_reverse():
    edge = create_app(Settings(database_url=Secret("postgresql://nowhere/x")))
    methods = {re.sub(r":str\}", "}", route.path): {*route.methods} - {"OPTIONS"} for route in edge._app.routes}
    assert not methods.keys() & edge._reads.paths, "one path, one router"
    methods |= {path: {"GET"} for path in edge._reads.paths}
    assert methods == {path: {method.upper() for method in at} for path, at in DOCUMENT["paths"].items()}


def test_the_tests_of_this_folder_ask_for_every_operation_of_the_inventory(known: dict[str, str]):
    inventory = (ROOT / "openapi/v1.txt").read_text().splitlines()
    assert {line.split()[2] for line in inventory} == {*known, *OWNED}
    assert {line.split()[1] for line in inventory} == {*OPERATIONS.values(), *(path for _, path in OWNED.values())}


@pytest.mark.parametrize("name", OPERATIONS)
def test_head_is_get_without_a_body(api: Client, known: dict[str, str], name: str):
    got, head = api.get(known[name]), api.request("HEAD", known[name])
    assert got.status_code == head.status_code == 200
    assert not head.content
    assert _stable(head) == _stable(got)


@pytest.mark.parametrize("name", OPERATIONS)
def test_options_says_what_is_allowed_and_lets_browsers_in(api: Client, known: dict[str, str], name: str):
    answer = api.request("OPTIONS", known[name], Origin="https://example.org", Access_Control_Request_Method="GET")
    assert answer.status_code == 204
    assert set(answer.headers["allow"].split(", ")) == ALLOW
    assert answer.headers["access-control-allow-methods"] == answer.headers["allow"]
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "If-None-Match" in answer.headers["access-control-allow-headers"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_other_methods_are_405_with_allow(api: Client, known: dict[str, str], name: str):
    for method in REFUSED:
        answer = api.request(method, known[name])
        assert answer.status_code == 405, method
        assert answer.json()["type"] == "/problems/method-not-allowed"
        assert set(answer.headers["allow"].split(", ")) == ALLOW


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
def test_a_path_that_is_none_is_404_by_every_method(api: Client, method: str):
    assert api.request(method, "/v1/nothing-of-the-sort").status_code == 404


def _stable(answer: httpx.Response) -> dict[str, str]:
    # A transfer coding is of the connection, and HEAD has nothing to code (RFC 9112 6.1).
    moving = ("date", "x-request-id", "server-timing", "transfer-encoding")
    counters = ("content-length",) if answer.request.url.path == "/metrics" else ()
    return {name: value for name, value in answer.headers.items() if name not in moving + counters}
