"""Marks what may grow within v1, so that programs made from the contract keep a place for values that they do not know."""

from typing import Any, cast

Json = dict[str, Any]

MARK = "x-growing"


def mark(part: Any) -> Any:
    """The schema with every enumeration of several values, and every choice of several shapes, marked as one that may grow.

    An enumeration of one value names its shape (`kind`), and null beside one shape says unknown: neither grows.
    """
    if isinstance(part, list):
        return [mark(one) for one in cast("list[Any]", part)]
    if not isinstance(part, dict):
        return part
    marked: Json = {name: mark(value) for name, value in cast("Json", part).items()}
    several = [one for one in marked.get("enum", marked.get("oneOf", [])) if one is not None]
    return marked | {MARK: True} if len(several) > 1 else marked
