"""Vocabulary shared by every kind: identifiers, time, quantities, sources and the header of a version.

Sources of the rules: ISO 17442 (LEI), ISO 6166 (ISIN), ISO 8601 (periods), DESIGN section 2 (words).
Everything here is immutable data; nothing here knows PostgreSQL or HTTP.
"""

import datetime as dt
import functools
import hashlib
import re
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

encode = msgspec.json.Encoder(decimal_format="number").encode
"""The one JSON encoder: decimals are numbers that keep the reported digits."""

# Free text never carries control characters: PostgreSQL refuses NUL, and the rest breaks CSV and terminals.
TEXT = r"^[^\x00-\x1f\x7f]+$"

CompanyId = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=80,
        description="Company id: a short slug that stays with the company for ever, renamed or not.",
        examples=["zte"],
    ),
]
CompanyRef = Annotated[
    str,
    Meta(
        pattern=r"^([a-z0-9]+(-[a-z0-9]+)*|lei:[A-Z0-9]{18}[0-9]{2}|isin:[A-Z]{2}[A-Z0-9]{9}[0-9])$",
        max_length=80,
        description="A company: its slug, or `lei:` or `isin:` and the identifier (check digits are verified).",
        examples=["zte", "lei:3003004FBGVVG1CW5U45", "isin:CNE000000TK5"],
    ),
]
DisclosureId = Annotated[
    str,
    Meta(
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
        max_length=36,
        description="Disclosure id: a UUID (version 8) made from company, kind and natural key; it never changes.",
    ),
]
SourceId = Annotated[
    str,
    Meta(
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
        max_length=36,
        description="Source id: a UUID (version 8) made from what identifies the document; it never changes.",
    ),
]
KindName = Annotated[
    str,
    Meta(
        pattern=r"^[a-z]+(-[a-z]+)*$",
        max_length=40,
        description="Kind of disclosure, as in `/v1/kinds`.",
        examples=["targets"],
    ),
]
MetricCode = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$",
        max_length=60,
        description="Metric code of `/v1/metrics`, for example gross scope 1 as `ghg.scope1`.",
        examples=["ghg.scope1", "energy.electricity"],
    ),
]
Period = Annotated[
    str,
    Meta(
        pattern=r"^(\d{4}|FY\d{4}|\d{4}-\d{2}-\d{2}(--\d{4}-\d{2}-\d{2})?)$",
        max_length=22,
        description=(
            "Period that the answer is about: `2022` is the calendar year, `FY2022` a financial year ending in 2022 whose "
            "dates the source does not give, `2022-04-01--2023-03-31` exact dates (ISO 8601), `2022-12-31` one day."
        ),
        examples=["2022", "FY2023", "2022-04-01--2023-03-31"],
    ),
]
Year = Annotated[int, Meta(ge=1900, le=2200, description="Calendar year.", examples=[2022])]
ReportingYear = Annotated[
    int, Meta(ge=1900, le=2200, description="Reporting year: the year in which the period ends.", examples=[2022])
]
EditionNumber = Annotated[
    int, Meta(ge=0, le=2_147_483_647, description="Edition: the number of a publish and of the corpus after it.")
]
Seq = Annotated[int, Meta(ge=0, le=9_007_199_254_740_991, description="Position in the change feed; dense, from 1.")]
VersionNumber = Annotated[int, Meta(ge=1, le=2_147_483_647, description="Version within its disclosure, from 1.")]
Text = Annotated[str, Meta(pattern=TEXT, min_length=1, max_length=400)]
FieldName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Instant = Annotated[dt.datetime, Meta(tz=True)]
Language = Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$", max_length=40)]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", max_length=64)]
SchemeCode = Annotated[str, Meta(pattern=r"^[a-z0-9_]+$", max_length=40)]
LongText = Annotated[str, Meta(pattern=r"^[^\x00]+$", min_length=1, max_length=8000)]
Country = Annotated[
    str,
    Meta(pattern=r"^[A-Z]{2}$", max_length=2, description="ISO 3166-1 alpha-2 code of the country.", examples=["CN"]),
]
Op = Annotated[
    Literal["add", "restate", "backfill", "correct", "withdraw"],
    Meta(
        description=(
            "What this version did: `add` first answer; `restate` a later document gives another answer; `backfill` an "
            "older document was loaded late; `correct` we had mis-transcribed; `withdraw` no answer any more."
        )
    ),
]
MissingReason = Annotated[
    Literal["not_disclosed", "not_applicable", "not_evaluated", "not_available", "withheld", "ratio_only", "illegible"],
    Meta(description="Why there is no value; null exactly when there is one."),
]
Qualifier = Annotated[
    Literal["exact", "about", "more_than", "at_least", "less_than", "at_most"],
    Meta(
        description=(
            "How the source words the number's precision, applied to its size: `more_than` with -14.72 says that the "
            "reduction was more than 14.72."
        )
    ),
]


class Window(Struct, frozen=True):
    """First and last day of a period; None where the source gives only the financial year."""

    start: dt.date | None
    end: dt.date | None
    year: int


@functools.lru_cache(maxsize=4096)
def window(period: str) -> Window:
    """Days that a period text stands for; ValueError if a date does not exist or the interval runs backwards."""
    if period.startswith("FY"):
        return Window(None, None, int(period[2:]))
    if len(period) == 4:
        year = int(period)
        return Window(dt.date(year, 1, 1), dt.date(year, 12, 31), year)
    first, _, last = period.partition("--")
    start, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
    if start > end:
        raise ValueError(f"the period {period} ends before it starts")
    return Window(start, end, end.year)


def uuid8(parts: Sequence[object]) -> str:
    """Deterministic UUID version 8 (RFC 9562) of a list of JSON values; the same list gives the same id for ever."""
    raw = bytearray(hashlib.sha256(encode(list(parts))).digest()[:16])
    raw[6] = raw[6] & 0x0F | 0x80
    raw[8] = raw[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


def plain(number: Decimal) -> Decimal:
    """The number without exponent and zero without a sign, digits kept; ValueError if it is not finite or beyond 30 digits."""
    if not number.is_finite():
        raise ValueError("the number is not finite")
    if number.adjusted() > 30 or len(number.as_tuple().digits) > 30 or number.adjusted() < -30:
        raise ValueError("the number has more than 30 digits")
    return Decimal(format(number or number.copy_abs(), "f"))


def decimals_of(number: Decimal) -> int:
    """Digits after the point as reported: 7.50 has 2."""
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def lei_ok(value: str) -> bool:
    """ISO 17442: 18 alphanumerics and two check digits, modulo 97 of the digit string is 1."""
    return bool(re.fullmatch(r"[A-Z0-9]{18}[0-9]{2}", value)) and int("".join(str(int(c, 36)) for c in value)) % 97 == 1


def isin_ok(value: str) -> bool:
    """ISO 6166: two letters, nine alphanumerics and a Luhn digit over the letters written as numbers."""
    if not re.fullmatch(r"[A-Z]{2}[A-Z0-9]{9}[0-9]", value):
        return False
    digits = "".join(str(int(c, 36)) for c in value)
    doubled = (sum(divmod(int(d) * (2 if i % 2 else 1), 10)) for i, d in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0


class SourceRef(Struct, frozen=True, kw_only=True):
    """The document that an answer comes from, short form; `/v1/sources/{id}` has the rest."""

    id: SourceId
    title: Annotated[Text, Meta(description="Title of the document.")]
    publisher: Annotated[Text, Meta(description="Who published the document.")]
    published_on: Annotated[dt.date, Meta(description="Date of publication.")]
    url: Annotated[Text | None, Meta(description="Where the document was read; null if it is not online.")]
    licence: Annotated[Text, Meta(description="Terms under which the document's facts may be republished.")]


class Disclosure(Struct, frozen=True, kw_only=True):
    """One version of one disclosure: what a source answered. The kind's own fields follow the header."""

    id: DisclosureId
    kind: Annotated[str, Meta(description="Kind of disclosure, as in `/v1/kinds`.")]
    company: CompanyId
    company_name: Annotated[Text, Meta(description="Name of the company when this version was published.")]
    version: VersionNumber
    edition: EditionNumber
    seq: Seq
    op: Op
    changed: Annotated[
        list[FieldName], Meta(description="Fields that differ from the answer before; empty for the first answer.")
    ]
    known_from: Annotated[dt.date, Meta(description="Date from which the world could know this answer.")]


class Evidence(Struct, frozen=True, kw_only=True):
    """Where in the source the answer stands; closes every version."""

    page: Annotated[
        Text | None, Meta(description="Page or pages as printed, for example 32 or 32-34; null if unpaged.")
    ]
    quote: Annotated[
        LongText | None, Meta(description="The words of the source that give the answer; null if a table.")
    ]
    as_reported: Annotated[
        LongText | None,
        Meta(
            description="The answer as spelled or with the unit used by the source, before normalisation; null if not kept."
        ),
    ]
    note: Annotated[LongText | None, Meta(description="Editor's note on ambiguity or mapping; null if none.")]
    source: SourceRef


class Content(Struct, frozen=True, kw_only=True):
    """Own fields of a kind.

    A default says what a submission may leave out; the wire shape has none.
    A subclass may refuse impossible combinations in `__post_init__` with ValueError.
    """


class Filter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a caller may narrow one kind by; each name is an own field compared for equality."""


class Timed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The two axes of time, taken by every read; each defaults to the newest."""

    edition: (
        Annotated[
            int,
            Meta(
                ge=0,
                le=2_147_483_647,
                description="Answer as of this edition. Not together with `as_of`.",
                examples=[12],
            ),
        ]
        | UnsetType
    ) = UNSET
    as_of: (
        Annotated[
            dt.datetime,
            Meta(
                tz=True,
                description="Answer as this service would have given at this instant (RFC 3339).",
                examples=["2026-01-31T12:00:00Z"],
            ),
        ]
        | UnsetType
    ) = UNSET
    known_on: (
        Annotated[
            dt.date,
            Meta(description="Only what had been published in the world by this date.", examples=["2023-09-01"]),
        ]
        | UnsetType
    ) = UNSET
    min_edition: (
        Annotated[
            int,
            Meta(
                ge=0,
                le=2_147_483_647,
                description=(
                    "Never answer with an older edition than this: wait up to 2 s for it, then 503. Give the newest "
                    "`meta.edition` that you have seen."
                ),
                examples=[12],
            ),
        ]
        | UnsetType
    ) = UNSET
