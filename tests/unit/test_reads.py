"""What is remembered of requests is bounded, and routes are found as the templates say."""

from almanac.kinds import KINDS
from almanac.web import reads as module
from almanac.web import table
from almanac.web.reads import Reads
from almanac.web.respond import Place
from almanac.web.router import Router

OPERATIONS = table.operations(KINDS)
PLACE = Place(operation_id="x", key="k", etag='"t"', head=[])


def test_the_memory_of_requests_is_bounded_in_bytes_and_loses_the_oldest(monkeypatch):
    monkeypatch.setattr(module, "_ROOM", 100_000)
    reads = Reads(None, OPERATIONS, remember=True)
    letters = [(b"/v1/companies/%d" % n, b"q" * (n % 500), b"", "", 1) for n in range(500)]
    for letter in letters:
        reads._remember(letter, PLACE)
        assert reads._bytes <= 100_000
    assert reads.place(letters[0]) is None
    assert reads.place(letters[-1]) is PLACE
    assert 20 < len(reads._places) < 50
    unused = letters[-20]
    assert reads.place(unused) is PLACE
    for n in range(30):
        reads._remember((b"/v1/kinds", b"%d" % n, b"", "", 2), PLACE)
        assert reads.place(unused) is PLACE, "what is asked for stays"


def test_nothing_is_remembered_where_it_is_off():
    reads = Reads(None, OPERATIONS, remember=False)
    reads._remember((b"/v1/kinds", b"", b"", "", 1), PLACE)
    assert reads.place((b"/v1/kinds", b"", b"", "", 1)) is None


def test_every_template_leads_to_its_operation_with_its_parameters():
    router = Router(OPERATIONS)
    assert router.paths == {operation.path for operation in OPERATIONS}
    for operation in OPERATIONS:
        names = operation.params.__struct_fields__
        path = operation.path
        for number, name in enumerate(names):
            path = path.replace("{" + name + "}", f"any-{number}:é")
        found = router.find(path)
        assert found is not None
        assert found[0] is operation
        assert dict(found[1]) == {name: f"any-{number}:é" for number, name in enumerate(names)}
    for path in ("/v1/companies/", "/v1/companies/a/b/c/d", "/v1", "/", "/v1/kinds\n", "x/v1/kinds"):
        assert router.find(path) is None, path
