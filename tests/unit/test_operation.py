"""What an operation says of itself, it says without looking at its types anew: every request asks."""

import msgspec
import pytest

from almanac.kinds import KINDS
from almanac.web import represent, table


def test_forms_are_chosen_without_inspecting_types_again(monkeypatch: pytest.MonkeyPatch):
    operations = table.operations(KINDS)
    first = [represent.offered(one) for one in operations]

    def inspected(*types: object) -> None:
        raise AssertionError(f"{types} were inspected again")

    monkeypatch.setattr(msgspec.inspect, "type_info", inspected)
    assert [represent.offered(one) for one in operations] == first
    assert len({len(forms) for forms in first}) > 1, "some are tables, and some are not"
