"""The digest of a set of lines: any order, any way to it, and nothing else gives the same."""

import hashlib
import random

from hypothesis import given
from hypothesis import strategies as st

from almanac import digest

lines = st.sets(st.binary(min_size=32, max_size=32), max_size=12)


@given(lines, lines, st.randoms(use_true_random=False))
def test_it_depends_on_what_is_there_and_not_on_the_way_to_it(first: set, then: set, chance: random.Random):
    at_once = digest.updated(digest.EMPTY, come=then)
    by_steps = digest.updated(digest.EMPTY, come=chance.sample(sorted(first), len(first)))
    by_steps = digest.updated(by_steps, gone=first - then, come=then - first)
    assert by_steps == at_once
    assert (digest.updated(digest.EMPTY, come=first) == at_once) == (first == then)


def test_the_recipe_of_the_readme_gives_it():
    """What a partner writes in four lines, without this package."""
    held = [b'{"id":"a"}', b'{"id":"b"}']
    total = 0
    for line in held:
        total += int.from_bytes(hashlib.shake_128(hashlib.sha256(line).digest()).digest(512), "big")
    recipe = hashlib.sha256((total % 2**4096).to_bytes(512, "big")).hexdigest()
    assert recipe == digest.text(digest.updated(digest.EMPTY, come=[hashlib.sha256(line).digest() for line in held]))


def test_no_lines_have_a_digest():
    assert digest.text(digest.EMPTY) == hashlib.sha256(bytes(512)).hexdigest()


def test_a_line_twice_is_not_a_line_once_and_two_are_not_none():
    """Control: an XOR of hashes would fail both."""
    one = hashlib.sha256(b"x").digest()
    once, twice = (digest.updated(digest.EMPTY, come=[one] * times) for times in (1, 2))
    assert len({digest.EMPTY, once, twice}) == 3
