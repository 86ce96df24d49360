"""What a reported number needs beside itself: a value or a reason why not, its year and its decimals."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from almanac.model import decimals_of, window


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
