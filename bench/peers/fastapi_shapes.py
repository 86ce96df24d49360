"""Shapes of what the FastAPI peer answers: the fields of the product's answers."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Source(Shape):
    id: UUID
    title: str
    publisher: str
    published_on: dt.date
    url: str | None
    licence: str


class Answer(Shape):
    id: UUID = Field(validation_alias="disclosure_id")
    company: str = Field(validation_alias="company_id")
    version: int
    edition: int
    seq: int
    op: str
    known_from: dt.date
    page: str | None
    quote: str | None
    as_reported: str | None
    note: str | None
    source: Source


class Emission(Answer):
    metric: str
    period: str
    year: int
    gas: str | None
    boundary: str | None
    geography: str | None
    segment: str | None
    value: Decimal | None
    qualifier: str
    unit: str
    decimals: int | None
    missing_reason: str | None
    basis: str
    gwp_set: str | None
    restatement_reason: str | None
    assurance: str | None
    quality_flags: list[str]


class Target(Answer):
    scheme: str
    term: str
    reference: str
    target_kind: str | None
    status: str
    value_pct: Decimal | None
    base_year: int | None
    target_year: int | None
    year_type: str | None
    scopes: list[str]
    coverage_pct: Decimal | None
    intensity_metric: str | None
    ambition: str | None
    wording: str | None
    validation: str | None
    published_on: str | None
    status_reason: str | None


class Rating(Answer):
    scheme: str
    programme: str
    year: int
    subject: str | None
    grade: str | None
    grade_rank: int | None
    band: str | None
    score: Decimal | None
    response_status: str | None
    consecutive_years: int | None


class Commitment(Answer):
    scheme: str
    type: str
    status: str
    published_on: str | None
    deadline: dt.date | None
    horizon_year: int | None
    wording: str | None
    reason: str | None


class Identifier(Shape):
    scheme: str
    value: str
    check_ok: bool | None


class Newest(Shape):
    emissions: Emission | None
    targets: Target | None
    ratings: Rating | None
    commitments: Commitment | None


class Coverage(Shape):
    kind: str
    disclosures: int
    first_known_from: dt.date
    last_known_from: dt.date


class Profile(Shape):
    id: str
    name: str
    country: str | None
    identifiers: list[Identifier]
    newest: Newest
    coverage: list[Coverage]


class Emissions(Shape):
    data: list[Emission]
