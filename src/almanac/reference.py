"""What disclosures refer to, as it is served: documents and metrics."""

import datetime as dt
from typing import Annotated, Literal

from msgspec import Meta, Struct

from almanac.model import Language, MetricCode, Sha256, SourceId, Text


class Source(Struct, frozen=True, kw_only=True):
    """A document that answers come from."""

    id: SourceId
    type: Annotated[str, Meta(description="Sort of document.")]
    title: Annotated[Text, Meta(description="Title of the document.")]
    publisher: Annotated[Text, Meta(description="Who published it.")]
    published_on: Annotated[dt.date, Meta(description="Date of publication; see `published_precision`.")]
    published_precision: Annotated[
        Literal["day", "month", "year"], Meta(description="How exact `published_on` is: day, month or year.")
    ]
    url: Annotated[Text | None, Meta(description="Where it was read; null if it is not online.")]
    sha256: Annotated[Sha256 | None, Meta(description="SHA-256 of the file in hex; null if no file was kept.")]
    language: Annotated[Language, Meta(description="Language (BCP 47).")]
    licence: Annotated[Text, Meta(description="Terms under which its facts may be republished.")]
    redistributable: Annotated[bool, Meta(description="Whether those terms allow the facts in bulk exports.")]
    retrieved_on: Annotated[dt.date | None, Meta(description="When it was read; null if not noted.")]
    versions: Annotated[int, Meta(description="Number of versions that cite it.")]
    answers: Annotated[
        int, Meta(description="Number of questions that it answers, also where it only repeats what was known.")
    ]


class Metric(Struct, frozen=True, kw_only=True):
    """One code of the vocabulary."""

    code: MetricCode
    label: Annotated[str, Meta(description="The metric in words.")]
    unit: Annotated[str, Meta(description="Unit that every value of the metric is served in.")]
    topic: Annotated[str, Meta(description="Topic: ghg, energy, logistics and others.")]
    scope: Annotated[str | None, Meta(description="GHG Protocol scope or scopes; null if none.")]
    scope2_method: Annotated[
        str | None, Meta(description="Scope 2 method: location, market or unspecified; null if no scope 2.")
    ]
    s3_category: Annotated[int | None, Meta(description="Scope 3 category 1 to 15 (16 other); null if none.")]
    period_type: Annotated[str, Meta(description="`duration` for a period, `instant` for a day.")]
    good_when: Annotated[str | None, Meta(description="Direction that is an improvement; null if neither.")]
    esrs: Annotated[str | None, Meta(description="ESRS concept (XBRL taxonomy); null if none.")]
    ifrs: Annotated[str | None, Meta(description="IFRS S2 paragraph; null if none.")]
    notes: Annotated[str | None, Meta(description="Notes, such as the GRI disclosure; null if none.")]
