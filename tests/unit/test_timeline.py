"""What a statement makes: the answer at a date does not depend on when a document was loaded."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.shelf import Shelf, Statement

DAYS = range(12)
answers = st.sampled_from(["a", "b", "c", "GONE"])


def held(shelf: Shelf) -> list[str | None]:
    return [shelf.answer(day) for day in DAYS]


def expected(statements: Sequence[Statement]) -> list[str | None]:
    """On each day the newest word of the source that spoke last; of two on one day the one loaded last.

    A source that says what it said before says nothing.
    """
    last: dict[str, tuple[int, Statement]] = {}
    for order, one in enumerate(statements):
        if one.source not in last or last[one.source][1] != one:
            last[one.source] = (order, one)
    found = []
    for day in DAYS:
        spoken = [(one.day, order, one.answer) for order, one in last.values() if one.day <= day]
        answer = max(spoken)[2] if spoken else None
        found.append(None if answer is None or answer.isupper() else answer)
    return found


@st.composite
def sources(draw: st.DrawFn) -> list[Statement]:
    """One statement of each of a few sources, each from a day of its own."""
    days = draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=7, unique=True))
    return [Statement(f"s{day}", day, draw(answers)) for day in days]


def load(statements: Sequence[Statement]) -> Shelf:
    shelf = Shelf()
    for one in statements:
        shelf.publish(one)
    return shelf


@settings(max_examples=200, deadline=None)
@given(sources(), st.randoms(use_true_random=False))
def test_any_order_of_loading_gives_the_same_answer_at_every_date(statements: list[Statement], random: object):
    shuffled = list(statements)
    random.shuffle(shuffled)
    assert held(load(shuffled)) == held(load(statements)) == expected(statements)


@settings(max_examples=100, deadline=None)
@given(sources(), st.integers(0, 7))
def test_one_batch_or_several_give_the_same_answers(statements: list[Statement], cut: int):
    shelf = Shelf()
    shelf.publish(*statements[:cut])
    shelf.publish(*statements[cut:])
    assert held(shelf) == expected(statements)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.builds(Statement, st.sampled_from("pqrst"), st.just(0), answers), max_size=12))
def test_corrections_leave_what_each_source_said_last(spoken: list[Statement]):
    """Each source keeps its day; what it says changes as often as we correct ourselves."""
    statements = [Statement(one.source, "pqrst".index(one.source) * 2, one.answer) for one in spoken]
    assert held(load(statements)) == expected(statements)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.builds(Statement, st.sampled_from("pqrst"), st.just(0), answers), max_size=12))
def test_of_two_sources_on_one_day_the_later_loaded_one_holds(spoken: list[Statement]):
    day = {"p": 1, "q": 4, "r": 4, "s": 4, "t": 8}
    statements = [Statement(one.source, day[one.source], one.answer) for one in spoken]
    assert held(load(statements)) == expected(statements)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.builds(Statement, st.sampled_from("pqrst"), st.sampled_from(DAYS), answers), max_size=10))
def test_a_corrected_date_moves_the_answer(statements: list[Statement]):
    assert held(load(statements)) == expected(statements)


@settings(max_examples=100, deadline=None)
@given(sources())
def test_saying_it_all_again_makes_nothing(statements: list[Statement]):
    shelf = load(statements)
    before = len(shelf.versions)
    assert [shelf.publish(one) for one in statements] == [[] for _ in statements]
    assert len(shelf.versions) == before


@pytest.mark.parametrize(
    ("statements", "ops"),
    [
        ([("s1", 1, "a")], ["add"]),
        ([("s1", 1, "a"), ("s2", 2, "b")], ["restate"]),
        ([("s1", 1, "a"), ("s2", 2, "a")], []),
        ([("s2", 2, "b"), ("s1", 1, "a")], ["backfill"]),
        ([("s1", 1, "a"), ("s1", 1, "b")], ["correct"]),
        ([("s1", 1, "a"), ("s2", 2, "GONE")], ["withdraw"]),
        ([("s1", 1, "a"), ("s2", 2, "GONE"), ("s3", 3, "a")], ["restate"]),
        ([("s1", 1, "a"), ("s3", 3, "a"), ("s2", 2, "b")], ["backfill", "backfill"]),
    ],
)
def test_each_op_is_told_from_the_others(statements: list[tuple[str, int, str]], ops: list[str]):
    *before, last = [Statement(*one) for one in statements]
    assert load(before).publish(last) == ops


def test_another_quote_of_the_same_answer_corrects_the_version_that_it_made():
    shelf = load([Statement("s1", 1, "a")])
    assert shelf.publish(Statement("s1", 1, "a", note="page 3, not 2")) == ["correct"]


def test_forgetting_confirmations_would_be_seen():
    """Control: a store that drops what only confirmed answers wrongly once an older document comes."""
    shelf = load([Statement("s1", 1, "a"), Statement("s3", 3, "a")])
    del shelf._said[1]
    shelf.publish(Statement("s2", 2, "b"))
    assert (
        shelf.answer(3)
        == "b"
        != expected([Statement("s1", 1, "a"), Statement("s2", 2, "b"), Statement("s3", 3, "a")])[3]
    )
