"""Ratings: the grade that a rater gave a company for one programme and year.

Source of the CDP scale: CDP scoring levels, A and A- leadership, B management, C awareness, D disclosure, F failure to
provide information; until 2015 performance bands A, A-, B, C, D and E. A rating is the rater's; it is restated here,
never computed.
"""

from decimal import Decimal
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from almanac.kind import Kind, Values
from almanac.model import TEXT, Content, Filter, ReportingYear, Text

Scheme = Annotated[
    str, Meta(pattern=r"^[a-z0-9_]+$", max_length=40, description="Rater, for example `cdp`.", examples=["cdp"])
]
Programme = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9_]+$",
        max_length=40,
        description="What was rated: for `cdp` one of climate, forests, water, supplier_engagement.",
        examples=["climate"],
    ),
]
Grade = Annotated[
    str,
    Meta(
        pattern=TEXT,
        max_length=80,
        min_length=1,
        description="Grade as the rater writes it; CDP's performance bands until 2015 go down to E.",
        examples=["A-"],
    ),
]

_CDP = ("A", "A-", "B", "B-", "C", "C-", "D", "D-", "F")
_LAST_E = 2015
_BANDS = {"A": "leadership", "B": "management", "C": "awareness", "D": "disclosure", "F": "failure"}


class Rating(Content, frozen=True, kw_only=True):
    """The grade a rater published for one company, programme and year."""

    scheme: Scheme
    programme: Programme
    year: ReportingYear
    subject: Annotated[
        Text | None,
        Meta(description="Who was rated, if not the company itself, for example its foundation; null if it was."),
    ] = None
    grade: Annotated[Grade | None, Meta(description="Grade; null if the rater gave none: see `response_status`.")] = (
        None
    )
    grade_rank: Annotated[
        int | None, Meta(description="Place of the grade on the rater's scale, 1 best; null for an unknown scale.")
    ]
    band: Annotated[str | None, Meta(description="The rater's name for the level of the grade; null if unknown.")]
    score: Annotated[
        Decimal | None,
        Meta(description="Points, as the rater publishes them, without a unit; null if it publishes none."),
    ] = None
    response_status: Annotated[
        Text | None, Meta(description="Whether the company answered, in the rater's words; null if not said.")
    ] = None
    consecutive_years: Annotated[
        Annotated[int, Meta(ge=1, le=200)] | None,
        Meta(description="For how many years in a row the source says that the grade was held; null if not said."),
    ] = None

    def __post_init__(self) -> None:
        """A rating says something."""
        if self.grade is None and self.score is None and self.response_status is None:
            raise ValueError("give at least one of `grade`, `score` and `response_status`")
        if self.scheme == "cdp" and self.grade is not None and self.grade not in _CDP:
            if self.grade != "E":
                raise ValueError(f"`grade` of cdp is one of {', '.join(_CDP)}; until {_LAST_E} also E")
            if self.year > _LAST_E:
                raise ValueError(f"`grade` of cdp is E until {_LAST_E} only")


def _rank(row: Values) -> int | None:
    """Below D there was E, and today there is D-: they have the same place, so that a grade keeps its rank."""
    grade = "D-" if row.get("grade") == "E" else row.get("grade")
    return _CDP.index(grade) + 1 if row["scheme"] == "cdp" and grade in _CDP else None


def _band(row: Values) -> Any:
    return _BANDS.get(row["grade"][0]) if _rank(row) else None


class RatingFilter(Filter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Narrows ratings."""

    scheme: Scheme | UnsetType = UNSET
    programme: Programme | UnsetType = UNSET
    year: ReportingYear | UnsetType = UNSET
    grade: Grade | UnsetType = UNSET


KIND = Kind(
    stem="ratings",
    table="rating",
    title="Ratings",
    about="Grades given by raters such as CDP, by programme and year.",
    content=Rating,
    key=("scheme", "programme", "year", "subject"),
    filter=RatingFilter,
    derived={"grade_rank": _rank, "band": _band},
    example={"scheme": "cdp", "programme": "climate", "year": 2022, "grade": "A-"},
)
