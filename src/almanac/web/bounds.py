"""Bounds and formats that follow from what a schema says already, so that generated clients choose types that fit."""

from typing import Any, cast

Json = dict[str, Any]

# The largest whole number that every JSON client holds exactly (RFC 8259, section 6).
_MOST = 2**53 - 1
_INT32 = 2**31 - 1
# RFC 3339: a date; an instant with nine digits of a second and an offset.
_LONGEST = {"date": 10, "date-time": 35}


def add(part: Any) -> Any:
    """The document with lengths of dates and instants, and bounds and formats of whole numbers."""
    if isinstance(part, list):
        return [add(one) for one in cast("list[Any]", part)]
    if not isinstance(part, dict):
        return part
    found = cast("Json", part)
    told: Json = {name: value if name.startswith("example") else add(value) for name, value in found.items()}
    types = told.get("type")
    if types in ("integer", ["integer", "null"]) and "enum" not in told:
        told = {"minimum": 0, "maximum": _MOST} | told
        told["format"] = "int32" if told["maximum"] <= _INT32 else "int64"
    elif types in ("string", ["string", "null"]) and told.get("format") in _LONGEST:
        told = {"maxLength": _LONGEST[told["format"]]} | told
    return told
