"""What speaks for a company being the one that a row is about: sums, caps, and names that only begin alike."""

from typing import Any

import pytest

from almanac.importers.evidence import SURE, Claim, Context, Known, alike, weigh
from almanac.importers.identity import Index
from almanac.publish.batch import Classification, CompanyLine, Identifier

LEI = "529900T8BM49AURSDO55"
OTHER_LEI = "5493001KJTIIGC8Y1R12"
ISIN = "US0378331005"


def known(name: str = "Borealis Foods", country: str | None = "SE", *others: str, **identifiers: str) -> Known:
    return Known(
        id="known",
        name=name,
        country=country,
        names=dict.fromkeys(others, "alias") | {name: "name"},
        identifiers=dict.fromkeys(identifiers.items(), True),
    )


def claim(name: str = "Borealis Foods", country: str | None = "SE", **more: Any) -> Claim:
    return Claim(register="sbti_id", number=None, name=name, country=country, **more)


def score(one: Known, other: Claim, **context: Any) -> float:
    return weigh(one, other, Context(**context)).score


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("Lenovo", "Lenovo Group Limited", 2),
        ("Nokia Oyj", "Nokia", 2),
        ("CVS Health", "CVS Caremark", 1),
        ("Advanced Micro Dev", "Advanced Micro Devices", 1),
        ("Deutsche Bahn AG", "Deutsche Bank", 0),
        ("China Resources Beer", "China Steel", 0),
        ("T-Mobile", "T. Rowe Price", 0),
        ("BXP", "Boston Properties", 0),
    ],
)
def test_names_that_begin_alike_are_told_from_those_that_many_begin_with(one: str, other: str, how: int):
    assert alike(one, other) == alike(other, one) == how


def test_lei_comes_before_isin_and_isin_before_a_name():
    by_lei, by_isin = (
        score(known("Borealis", "NO", **{s: v}), claim(**{s: v})) for s, v in (("lei", LEI), ("isin", ISIN))
    )
    by_name = score(known(), claim())
    assert by_lei > by_isin > by_name > score(known("Nova", "SE", "Borealis Foods"), claim()) > SURE


def test_an_identifier_under_an_unlike_name_is_a_doubt_and_both_together_are_more_than_a_name():
    nova = known("Nova", "SE", lei=LEI, isin=ISIN)
    assert score(nova, claim(lei=LEI)) < SURE
    assert score(nova, claim(isin=ISIN)) < SURE
    assert score(nova, claim(lei=LEI, isin=ISIN)) > score(known(), claim())


def test_a_shared_identifier_says_little():
    assert score(known("Borealis", "NO", isin=ISIN), claim(isin=ISIN)) > SURE
    assert score(known("Borealis", "NO", isin=ISIN), claim(isin=ISIN), shared=frozenset({"isin"})) < SURE


def test_another_number_or_lei_tells_apart_whatever_speaks_for_it():
    numbered = known(lei=LEI, isin=ISIN, sbti_id="2")
    said = Claim(register="sbti_id", number="1", name="Borealis Foods", country="SE", lei=LEI, isin=ISIN)
    assert score(numbered, said) < SURE
    assert score(known(lei=OTHER_LEI), claim(lei=LEI)) < SURE


def test_without_a_country_a_name_needs_the_sector():
    food = frozenset({("sbti_sector", "Food")})
    placeless = known(country=None)
    placeless.classes |= food
    assert score(placeless, claim()) < SURE
    assert score(placeless, claim(), classes=food) > SURE
    assert score(placeless, claim(), classes=frozenset({("sbti_sector", "Banks")})) < SURE
    kind = frozenset({("sbti_organisation_type", "Corporate")})
    placeless.classes |= kind
    assert score(placeless, claim(), classes=kind) < SURE


def test_a_company_that_more_speaks_for_wins_and_the_other_is_named():
    index = Index()
    index.learn(CompanyLine(id="old", name="Nova", country="SE", identifiers=[Identifier(scheme="lei", value=LEI)]))
    index.learn(CompanyLine(id="namesake", name="Borealis Foods", country="SE"))
    found = index.match(claim("Nova Foods", lei=LEI))
    assert (found.company, found.candidates) == ("old", ())
    found = index.match(claim("Borealis Foods", lei=LEI))
    assert found.company == "namesake"
    assert [(one.company, one.how) for one in found.candidates] == [("old", "lei")]


def test_a_sector_of_the_row_finds_a_company_without_a_country():
    index = Index()
    food = Classification(scheme="sbti_sector", code="Food")
    index.learn(CompanyLine(id="b", name="Borealis Foods", classes=[food]))
    assert index.match(claim()).company is None
    assert index.match(claim(), [("sbti_sector", "Food")]).company == "b"
