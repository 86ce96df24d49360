"""Every fact of the ZTE article is served, word for word as the article has it, and nothing that it does not say."""

import re
from decimal import Decimal

import pytest

from almanac.kinds import KINDS
from almanac.publish.batch import read
from tests.bundled.corpus import DATA, ROOT

ARTICLE = ROOT.parent / "shared/seed/zte-2022-sustainability-article.txt"
ROWS = read(DATA / "01-zte-article.ndjson", KINDS).rows
WORDS = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8"}
NUMBERS = ("value", "value_pct", "base_year", "target_year", "horizon_year", "consecutive_years", "score", "deadline")
CITED = ("quote", "as_reported", "name", "category", "coverage", "wording")

CLAIM = {"period": "2022", "compared_period": "2021", "measure": "change_pct", "unit": "percent"}
ORGANISATION = {"subject": "organisation", "coverage": "multiple R&D centers and manufacturing facilities"}
SHENZHEN = {"issuer": "Touching Shenzhen Care Action program", "category": "contributions to the community"}
FACTS = [
    ("claimed-changes", {"metric": "ghg.total", "value": Decimal("-7.5"), "qualifier": "exact"} | CLAIM),
    ("claimed-changes", {"metric": "ghg.scope3.c11", "value": Decimal("-14.72"), "qualifier": "more_than"} | CLAIM),
    ("claimed-changes", {"metric": "energy.electricity", "value": Decimal("-6.4"), "qualifier": "exact"} | CLAIM),
    (
        "claimed-changes",
        {"metric": "energy.total", "value": -7, "qualifier": "about", "segment": "value chain development"} | CLAIM,
    ),
    ("claimed-changes", {"metric": "logistics.air_freight.ratio", "value": -61, "qualifier": "exact"} | CLAIM),
    ("targets", {"scheme": "company", "term": "net_zero", "target_year": 2050, "status": "announced"}),
    ("commitments", {"scheme": "company", "type": "net_zero", "horizon_year": 2050, "status": "announced"}),
    ("commitments", {"scheme": "sbti", "type": "membership", "status": "active"}),
    ("commitments", {"scheme": "company", "type": "alignment_1_5c", "status": "announced", "horizon_year": None}),
    ("ratings", {"scheme": "cdp", "programme": "climate", "year": 2022, "grade": "A-", "subject": None}),
    (
        "ratings",
        {"scheme": "fti", "programme": "transparency", "subject": "ZTE Foundation", "consecutive_years": 6},
    ),
    *[
        ("certifications", {"standard": standard} | ORGANISATION)
        for standard in ("ISO 9001", "TL 9000", "QC 080000", "ESD", "ISO 45001", "ISO 14001", "ISO 22301")
    ],
    ("certifications", {"standard": "NESAS CCS-GI", "subject": "product", "subject_name": None}),
    ("awards", {"name": "Environmental Leadership Award", "issuer": "CDP China", "year": 2022}),
    (
        "awards",
        {
            "name": "Top 30 Enterprises of Supply Chain Digitalization and Carbon Neutral Solutions in 2022",
            "year": 2022,
        },
    ),
    (
        "awards",
        {
            "name": "Sustainable Development Contribution Award",
            "issuer": "5th Finance and Economics Longevity Awards",
            "year": None,
        },
    ),
    ("awards", {"name": "Top 10 Philanthropic Organizations", "year": None} | SHENZHEN),
    ("awards", {"name": "Top 10 Innovative Projects", "year": None} | SHENZHEN),
    ("indicators", {"metric": "suppliers.audited.count", "period": "2022", "value": 109, "qualifier": "exact"}),
    ("indicators", {"metric": "partners.digital_transformation.count", "value": 500, "qualifier": "more_than"}),
    ("indicators", {"metric": "initiatives.decarbonisation.count", "value": 10, "qualifier": "exact"}),
    ("indicators", {"metric": "patents.applications.cumulative", "value": 85000, "qualifier": "exact"}),
    ("indicators", {"metric": "patents.granted.cumulative", "value": 43000, "qualifier": "about"}),
    ("indicators", {"metric": "reports.sustainability.consecutive_years", "value": 15, "unit": "years"}),
]


@pytest.fixture(scope="module")
def article():
    if not ARTICLE.exists():
        pytest.skip(f"the article {ARTICLE} is absent: no quote was checked")
    return ARTICLE.read_text("utf-8")


def each_row(test):
    return pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{_kind(row)}-{ROWS.index(row) + 1}")(test)


@each_row
def test_the_quote_stands_in_the_article(row, article):
    assert row.quote in article


@each_row
def test_every_text_given_as_the_articles_stands_in_it(row, article):
    texts = {field: getattr(row, field, None) for field in CITED}
    assert {field: text for field, text in texts.items() if text and text not in article} == {}


@each_row
def test_each_number_served_appears_in_its_quote(row):
    served = {field: getattr(row, field, None) for field in NUMBERS}
    if "no year" not in (row.note or ""):
        served["year"] = getattr(row, "year", None)
    said = _numbers(row.quote)
    missing = {field: v for field, v in served.items() if v is not None and str(v).lstrip("-") not in said}
    assert missing == {}


@each_row
def test_more_than_and_about_are_kept(row):
    value = getattr(row, "value", None)
    if value is None:
        return
    number = re.escape(f"{abs(value):,}")
    hedge = re.search(rf"(more than|about) {number}(?![\d,.]*\d)", row.quote)
    assert row.qualifier == {"more than": "more_than", "about": "about", None: "exact"}[hedge and hedge[1]]


@pytest.mark.parametrize(("kind", "fields"), FACTS, ids=lambda part: part if isinstance(part, str) else None)
def test_each_fact_of_the_article_is_served_once(kind, fields):
    assert len([row for row in ROWS if _says(row, kind, fields)]) == 1


@each_row
def test_nothing_is_served_that_is_not_on_the_list(row):
    assert [fields for kind, fields in FACTS if _says(row, kind, fields)] != []


def test_what_is_ambiguous_says_so():
    notes = {row.metric: row.note for row in ROWS if _kind(row) == "claimed-changes"}
    assert "percentage points" in notes["logistics.air_freight.ratio"]
    assert "does not say consumption of what" in notes["energy.total"]


def _kind(row):
    return type(row).__struct_config__.tag


def _says(row, kind, fields):
    return _kind(row) == kind and all(getattr(row, name) == value for name, value in fields.items())


def _numbers(text):
    digits = {number.replace(",", "") for number in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text)}
    return digits | {WORDS[word] for word in re.findall(r"[a-z]+", text.lower()) if word in WORDS}
