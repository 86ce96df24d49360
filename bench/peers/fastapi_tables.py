"""Tables of the FastAPI peer as SQLAlchemy has them."""

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

Texts = ARRAY(TEXT)


class Base(DeclarativeBase):
    __table_args__ = {"schema": "peers"}  # noqa: RUF012 - as SQLAlchemy has it


class Company(Base):
    __tablename__ = "company"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    country: Mapped[str | None]
    body: Mapped[dict[str, Any]] = mapped_column(JSON)


class Source(Base):
    __tablename__ = "source"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    publisher: Mapped[str]
    published_on: Mapped[dt.date]
    url: Mapped[str | None]
    licence: Mapped[str]


class Answer(Base):
    __abstract__ = True
    disclosure_id: Mapped[UUID] = mapped_column(primary_key=True)
    company_id: Mapped[str]
    version: Mapped[int]
    edition: Mapped[int]
    seq: Mapped[int]
    op: Mapped[str]
    known_from: Mapped[dt.date]
    page: Mapped[str | None]
    quote: Mapped[str | None]
    as_reported: Mapped[str | None]
    note: Mapped[str | None]
    source_id: Mapped[UUID] = mapped_column(ForeignKey(Source.id))


class Emission(Answer):
    __tablename__ = "emission"
    source: Mapped[Source] = relationship()
    metric: Mapped[str]
    period: Mapped[str]
    year: Mapped[int]
    gas: Mapped[str | None]
    boundary: Mapped[str | None]
    geography: Mapped[str | None]
    segment: Mapped[str | None]
    value: Mapped[Decimal | None]
    qualifier: Mapped[str]
    unit: Mapped[str]
    decimals: Mapped[int | None]
    missing_reason: Mapped[str | None]
    basis: Mapped[str]
    gwp_set: Mapped[str | None]
    restatement_reason: Mapped[str | None]
    assurance: Mapped[str | None]
    quality_flags: Mapped[list[str]] = mapped_column(Texts)


class Target(Answer):
    __tablename__ = "target"
    source: Mapped[Source] = relationship()
    scheme: Mapped[str]
    term: Mapped[str]
    reference: Mapped[str]
    target_kind: Mapped[str | None]
    status: Mapped[str]
    value_pct: Mapped[Decimal | None]
    base_year: Mapped[int | None]
    target_year: Mapped[int | None]
    year_type: Mapped[str | None]
    scopes: Mapped[list[str]] = mapped_column(Texts)
    coverage_pct: Mapped[Decimal | None]
    intensity_metric: Mapped[str | None]
    ambition: Mapped[str | None]
    wording: Mapped[str | None]
    validation: Mapped[str | None]
    published_on: Mapped[str | None]
    status_reason: Mapped[str | None]


class Rating(Answer):
    __tablename__ = "rating"
    source: Mapped[Source] = relationship()
    scheme: Mapped[str]
    programme: Mapped[str]
    year: Mapped[int]
    subject: Mapped[str | None]
    grade: Mapped[str | None]
    grade_rank: Mapped[int | None]
    band: Mapped[str | None]
    score: Mapped[Decimal | None]
    response_status: Mapped[str | None]
    consecutive_years: Mapped[int | None]


class Commitment(Answer):
    __tablename__ = "commitment"
    source: Mapped[Source] = relationship()
    scheme: Mapped[str]
    type: Mapped[str]
    status: Mapped[str]
    published_on: Mapped[str | None]
    deadline: Mapped[dt.date | None]
    horizon_year: Mapped[int | None]
    wording: Mapped[str | None]
    reason: Mapped[str | None]
