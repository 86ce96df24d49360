"""One run against the product is what it says: all answers from the layer that was asked for, whatever the quota of a caller."""

import asyncio
import shutil
from pathlib import Path

import pytest
from bench import machine, place, synthetic, wrk
from bench.contenders import Starter
from bench.layers import Layers
from bench.once import Once
from bench.points import Point

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("wrk") is None, reason=wrk.INSTALL),
]
PATHS = [f"/v1/companies/{synthetic.company_id(number)}" for number in range(1, 9)]


@pytest.mark.parametrize(("room", "layer"), [("1000000", "near"), ("0", "miss")])
def test_every_answer_comes_from_the_layer_that_is_measured(empty_database: str, tmp_path: Path, room: str, layer: str):
    asyncio.run(synthetic.fill(empty_database, 8, migrated=True))
    plan = machine.Plan(None, None, None)
    starter, notes = Starter(tmp_path, plan.server), []
    try:
        server = starter.product("product", empty_database, None, {"ALMANAC_CACHE_BYTES": room})
        assert len(list(place.fetch(server.port, PATHS))) == len(PATHS)
        point = Point(name="p", title="", server="product", requests=PATHS, connections=4, layer=layer)
        file = wrk.save(tmp_path / "requests", point.requests)
        found = Once(point, server, file, Layers(server.process.log), None, plan, 1, notes)()
        other = Point(name="p", title="", server="product", requests=PATHS, connections=4, layer="far")
        Once(other, server, file, Layers(server.process.log), None, plan, 1, notes)()
    finally:
        starter.stop()
    assert found["rps"] > 0
    assert found["bytes"] > 3_000
    assert found[f"from_{layer}"] > 0.99
    assert found.get("server_us", 1) > 0
    (note,) = notes
    assert note.startswith("p: answers came from "), "what came from elsewhere is told"
    assert server.process.exit_code is not None


def test_an_answer_that_is_refused_is_no_measurement(empty_database: str, tmp_path: Path):
    asyncio.run(synthetic.fill(empty_database, 1, migrated=True))
    plan = machine.Plan(None, None, None)
    starter = Starter(tmp_path, plan.server)
    try:
        server = starter.product("product", empty_database, None, {})
        point = Point(name="gone", title="", server="product", requests=["/v1/companies/nobody"], connections=2)
        file = wrk.save(tmp_path / "requests", point.requests)
        with pytest.raises(RuntimeError, match=r"gone: .* refusals"):
            Once(point, server, file, Layers(server.process.log), None, plan, 1, [])()
    finally:
        starter.stop()
