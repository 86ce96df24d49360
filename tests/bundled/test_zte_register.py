"""ZTE in the SBTi register, release by release: what changed, when the world could know, and what changed silently."""

import datetime as dt

import pytest

from tests.bundled.corpus import batches, histories


@pytest.fixture
def told():
    def of(kind, *fields, **where):
        answers = next(
            answers
            for answers in histories(kind).values()
            if answers[0].company == "zte"
            and all(getattr(answers[0].content, name) == value for name, value in where.items())
        )
        return [(str(a.known_from), *(getattr(a.content, name) for name in fields)) for a in answers]

    return of


def test_the_deadline_of_the_net_zero_commitment_moved_before_targets_were_set(told):
    assert told("commitments", "status", "published_on", "deadline", scheme="sbti", type="net_zero") == [
        ("2023-08-18", "active", "2023-05-11", dt.date(2025, 5, 11)),
        ("2023-11-16", "active", "2023-05-11", dt.date(2025, 5, 31)),
        ("2024-05-02", "targets_set", None, None),
    ]


@pytest.mark.parametrize(
    ("term", "year", "ambition"), [("near_term", 2030, "1.5C"), ("long_term", 2050, "1.5C"), ("net_zero", 2050, None)]
)
def test_the_date_of_a_target_was_revised_silently(told, term, year, ambition):
    fields = ("published_on", "status", "target_year", "ambition")
    assert told("targets", *fields, scheme="sbti", term=term, reference="headline") == [
        ("2024-05-02", "2024-04", "targets_set", year, ambition),
        ("2025-02-20", "2024-05", "targets_set", year, ambition),
        ("2025-03-13", "2024-05-16", "targets_set", year, ambition),
    ]


@pytest.mark.parametrize(
    ("term", "reference", "numbers"),
    [
        ("near_term", "scope-1-2-absolute-2030", [52, 2021, 2030, ["1", "2"]]),
        ("near_term", "scope-3-use-of-sold-products-intensity-2030", [52, 2021, 2030, ["3"]]),
        ("long_term", "scope-1-2-absolute-2040", [90, 2021, 2040, ["1", "2"]]),
        ("long_term", "scope-3-absolute-long-term", [90, 2021, None, ["3"]]),
        ("net_zero", "value-chain-2050", [None, None, 2050, []]),
    ],
)
def test_a_single_target_is_served_with_what_its_wording_says(told, term, reference, numbers):
    fields = ("value_pct", "base_year", "target_year", "scopes", "wording")
    (_, *said, wording), *later = told("targets", *fields, scheme="sbti", term=term, reference=reference)
    assert (said, later) == (numbers, [])
    assert numbers[0] is None or f"{numbers[0]}%" in wording
    assert "ZTE Corporation" in wording
    assert "\n" not in wording


def test_the_identifiers_come_with_the_release_that_first_gives_them():
    given = {}
    for path, batch in batches():
        for line in batch.companies:
            for one in line.identifiers if line.id == "zte" else []:
                given.setdefault((one.scheme, one.value), path.stem[-10:])
    assert given == {
        ("isin", "CNE000000TK5"): "2023-08-18",
        ("lei", "3003004FBGVVG1CW5U45"): "2025-03-13",
        ("sbti_id", "40006632"): "2025-03-13",
    }
