"""What deltas cost: a whole list of them has thousands of series, and one request must not hold up the others."""

from decimal import Decimal
from types import SimpleNamespace

from almanac.deltas import deltas


class Name(str):
    """A company that counts how often it is compared."""

    __slots__ = ()
    compared = 0

    def __eq__(self, other: object) -> bool:
        Name.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def level(company: int, year: int) -> SimpleNamespace:
    return SimpleNamespace(
        id=f"{company}-{year}", seq=company * 100 + year, version=1, op="add", kind="emissions", company=Name(f"c{company}"),
        metric="ghg.scope1", period=str(year), value=Decimal(year), decimals=0, unit="tCO2e", qualifier="exact",
        known_from=f"{year}-06-30", source=SimpleNamespace(id=f"s{company}"), segment=None,
    )  # fmt: skip


def comparisons(companies: int) -> int:
    """How often companies are compared to find the deltas of so many."""
    Name.compared = 0
    found = deltas([level(company, year) for company in range(companies) for year in range(2018, 2023)], [])
    assert len(found) == companies * 4
    return Name.compared


def test_twice_the_levels_cost_twice_the_work():
    once, twice = comparisons(50), comparisons(100)
    assert once > 0
    assert twice <= 2.2 * once
