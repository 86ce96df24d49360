"""What an operation says of itself, it says without looking at its types anew: every request asks."""

from urllib.parse import quote_plus

import msgspec
import pytest

from almanac.kinds import KINDS
from almanac.web import params, represent, table


def test_forms_are_chosen_without_inspecting_types_again(monkeypatch: pytest.MonkeyPatch):
    operations = table.operations(KINDS)
    first = [represent.offered(one) for one in operations]

    def inspected(*types: object) -> None:
        raise AssertionError(f"{types} were inspected again")

    monkeypatch.setattr(msgspec.inspect, "type_info", inspected)
    assert [represent.offered(one) for one in operations] == first
    assert len({len(forms) for forms in first}) > 1, "some are tables, and some are not"


def test_parameters_are_parsed_without_inspecting_types_again(monkeypatch: pytest.MonkeyPatch):
    shapes = {one.query for one in table.operations(KINDS)}
    first = {shape: params.parse_query(shape, b"") for shape in shapes if _optional(shape)}

    def inspected(*types: object) -> None:
        raise AssertionError(f"{types} were inspected again")

    monkeypatch.setattr(msgspec.structs, "fields", inspected)
    assert len(first) > 5
    assert {shape: params.parse_query(shape, b"") for shape in first} == first


def _optional(shape: type[msgspec.Struct]) -> bool:
    return not any(field.required for field in msgspec.structs.fields(shape))


def test_names_of_parameters_stand_in_urls_as_they_are():
    """`address.encoded` quotes values alone."""
    names = {name for one in table.operations(KINDS) for name in one.query.__struct_encode_fields__}
    assert names
    assert {name for name in names if quote_plus(name) != name} == set()
