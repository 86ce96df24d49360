"""Which company a row is about. Companies are never merged on a doubt, and every doubt is told."""

import datetime as dt

import pytest

from almanac.company import CompanyHead, CompanyIdentifier, CompanyName, check
from almanac.importers.evidence import SURE, Claim
from almanac.importers.identity import Index, Match
from almanac.importers.slugs import slug
from almanac.model import lei_ok
from almanac.publish.batch import CompanyLine, Identifier

LEI = "529900T8BM49AURSDO55"
OTHER_LEI = "5493001KJTIIGC8Y1R12"
ISIN = "US0378331005"


def head(
    slug: str, name: str, country: str | None = "SE", names: tuple[str, ...] = (), **identifiers: str
) -> CompanyHead:
    return CompanyHead(
        id=slug,
        name=name,
        country=country,
        names=[CompanyName(name=one, lang="en", type="former") for one in names],
        identifiers=[CompanyIdentifier(scheme=s, value=v, check_ok=check(s, v)) for s, v in identifiers.items()],
        classes=[],
        first_edition=1,
        updated_edition=1,
    )


def claim(name: str = "Borealis Foods AB", country: str | None = "SE", number: str | None = "1", **more: str) -> Claim:
    return Claim(register="sbti_id", number=number, name=name, country=country, **more)


def candidates(found: Match) -> list[str]:
    return [one.company for one in found.candidates]


def test_the_examples_have_good_check_digits():
    assert lei_ok(LEI)
    assert lei_ok(OTHER_LEI)


def test_the_register_number_comes_first():
    index = Index([head("a", "Alpha", sbti_id="1"), head("b", "Borealis Foods", lei=LEI)])
    assert index.match(claim(lei=LEI)).company == "a"


@pytest.mark.parametrize(
    ("name", "how"),
    [("Borealis Foods Ltd", "name"), ("BOREALIS FOODS", "name"), ("Boréalis-Foods S.A.", "name")],
)
def test_a_name_matches_whatever_its_legal_form_case_and_accents(name: str, how: str):
    found = Index([head("b", "Borealis Foods AB")]).match(claim(name))
    assert (found.company, found.how) == ("b", how)


def test_a_former_name_matches():
    assert Index([head("n", "Nova", names=("Borealis Foods",))]).match(claim()).company == "n"


def test_group_is_part_of_a_name():
    assert Index([head("b", "Borealis Foods Group")]).match(claim()).company is None


@pytest.mark.parametrize("country", ["NO", None])
def test_a_name_alone_is_not_enough_in_another_or_an_unknown_country(country: str | None):
    assert Index([head("b", "Borealis Foods")]).match(claim(country=country)).company is None


def test_a_lei_matches_when_the_names_are_alike():
    index = Index([head("b", "Borealis", "NO", lei=LEI)])
    found = index.match(claim(lei=LEI))
    assert (found.company, found.how) == ("b", "lei")


def test_a_lei_on_an_unlike_name_is_a_doubt():
    found = Index([head("n", "Nova Bank", lei=LEI)]).match(claim(lei=LEI))
    assert (found.company, candidates(found)) == (None, ["n"])
    assert found.candidates[0].score < SURE


def test_lei_and_isin_together_outweigh_an_unlike_name():
    assert Index([head("n", "Nova", lei=LEI, isin=ISIN)]).match(claim(lei=LEI, isin=ISIN)).company == "n"


def test_a_failing_lei_matches_nothing():
    bad = LEI[:-1] + "6"
    assert Index([head("b", "Borealis", "NO", lei=bad)]).match(claim(lei=bad)).company is None


def test_an_isin_needs_a_like_name_and_one_company():
    one = Index([head("b", "Borealis", "NO", isin=ISIN)])
    assert one.match(claim(isin=ISIN)).company == "b"
    assert one.match(claim("Nova", isin=ISIN)).company is None
    two = Index([head("b", "Borealis", "NO", isin=ISIN), head("c", "Borealis Foods", "FI", isin=ISIN)])
    assert candidates(two.match(claim("Nova", isin=ISIN))) == ["b", "c"]


def test_another_number_of_the_register_tells_companies_apart():
    index = Index([head("b", "Borealis Foods", sbti_id="2", lei=LEI)])
    found = index.match(claim(lei=LEI))
    assert (found.company, candidates(found)) == (None, ["b"])


def test_another_lei_tells_companies_apart_unless_name_and_isin_agree():
    assert Index([head("b", "Borealis Foods", lei=LEI)]).match(claim(lei=OTHER_LEI)).company is None
    index = Index([head("b", "Borealis Foods", lei=LEI, isin=ISIN)])
    assert index.match(claim(lei=OTHER_LEI, isin=ISIN)).company == "b"


def test_two_companies_of_one_name_are_a_doubt():
    index = Index([head("b", "Borealis Foods"), head("b-2", "Borealis Foods Ltd")])
    assert candidates(index.match(claim("Borealis-Foods"))) == ["b", "b-2"]


def test_the_index_learns():
    index = Index()
    index.learn(CompanyLine(id="b", name="Borealis", identifiers=[Identifier(scheme="sbti_id", value="1")]))
    assert index.match(claim()).company == "b"


def test_a_question_is_known_from_the_day_after_its_first_answer():
    index = Index()
    question = ("b", "targets", "sbti|near_term|headline")
    index.learn_answers([question], dt.date(2025, 3, 13))
    assert not index.knows(question, dt.date(2025, 3, 13))
    assert index.knows(question, dt.date(2025, 3, 14))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Borealis Foods AB", "borealis-foods"),
        ("Smørrebrød & Söhne GmbH", "smorrebrod-and-sohne"),
        ("北极食品", "company-7"),
        ("Inc.", "inc"),
        ("Very " * 30, "-".join(["very"] * 12)),
    ],
)
def test_slugs(name: str, expected: str):
    assert slug(name, "7") == expected


def test_a_taken_slug_gets_the_country_or_the_number():
    index = Index([head("borealis-foods", "Borealis Foods", "NO")])
    assert index.free_slug(claim()) == "borealis-foods-se"
    assert index.free_slug(claim(country="NO")) == "borealis-foods-1"
