"""What a reported number needs beside itself: a value or a reason why not, its year, its decimals, doubts about it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any, Literal

from msgspec import Meta

from almanac.model import decimals_of, window

QualityFlag = Literal["over_1_gt", "jump_1000"]
QualityFlags = Annotated[
    list[QualityFlag],
    Meta(
        description=(
            "Why the value is hard to believe; empty for most. It is published as its source states it all the same. "
            "`over_1_gt`: more than 1 Gt for one company and period. `jump_1000`: a thousand times or more away from what "
            "the same file gives for the years around it, so that a unit may be mistaken. More flags may be added."
        )
    ),
]


def check(value: Decimal | None, missing_reason: str | None) -> None:
    """Refuse both and neither of value and missing reason (ValueError)."""
    if (value is None) == (missing_reason is None):
        raise ValueError("give exactly one of `value` and `missing_reason`")


DERIVED: Mapping[str, Callable[[Mapping[str, Any]], Any]] = MappingProxyType(
    {
        "year": lambda row: window(row["period"]).year,
        "decimals": lambda row: None if row.get("value") is None else decimals_of(row["value"]),
    }
)
