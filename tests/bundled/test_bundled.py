"""The bundled records as a whole: publishable, sourced, licensed, and rich enough to show what the service is for."""

import datetime as dt
import itertools
import re
from collections import defaultdict
from fractions import Fraction

import pytest

from almanac.company import check as check_digits
from almanac.kinds import KINDS
from almanac.publish.batch import parse, read
from tests.bundled.corpus import DATA, FILES, batches, corpus, histories

README = (DATA / "README.md").read_text("utf-8")
NOT_CLEARED = {"Science Based Targets initiative", "CDP"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_name_gives_its_place_and_the_readme_names_its_family(path):
    assert re.fullmatch(r"\d\d-[a-z0-9-]+\.ndjson", path.name)
    families = re.findall(r"^\| `(\d\d-[a-z0-9-]+)\*?` \|", README, re.MULTILINE)
    assert [family for family in families if path.name.startswith(family)] != []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_a_batch(path):
    batch = read(path, KINDS)
    assert batch.rows
    assert batch.note


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_publish_step_refuses_no_row(path):
    (checked,) = (one for one in corpus() if one.path == path)
    # Metric known, unit the metric's own, company known, nothing from the future, one answer a source and disclosure.
    assert checked.faults == []
    assert len(checked.candidates) == len(checked.batch.rows), "a row is there twice"


def test_every_source_has_a_licence_and_a_date_that_is_past():
    for path, batch in batches():
        assert batch.sources, path.name
        for source in batch.sources.values():
            assert source.licence.strip(), source
            assert source.published_on <= dt.datetime.now(dt.UTC).date(), source


def test_every_source_line_is_cited():
    for path, batch in batches():
        assert {row.source for row in batch.rows} == set(batch.sources), path.name


def test_a_date_known_to_the_month_or_year_is_its_last_day():
    for _, batch in batches():
        for source in batch.sources.values():
            after = source.published_on + dt.timedelta(days=1)
            if source.published_precision != "day":
                assert after.day == 1, source
            if source.published_precision == "year":
                assert after.month == 1, source


def test_a_source_without_clearance_is_not_redistributed():
    held = {s.publisher: s.redistributable for _, b in batches() for s in b.sources.values()}
    assert {publisher for publisher, free in held.items() if not free} == NOT_CLEARED


def test_at_least_thirty_companies_beside_zte_have_facts():
    assert len({c.company for checked in corpus() for c in checked.candidates} - {"zte"}) >= 30


def test_at_least_twenty_emissions_are_restated_by_a_later_source():
    pairs = [pair for answers in histories("emissions").values() for pair in itertools.pairwise(answers)]
    restated = [new for old, new in pairs if new.content.value != old.content.value and new.source.id != old.source.id]
    assert len(restated) >= 20
    assert len({c.company for c in restated}) >= 10


def test_at_least_ten_commitments_change_their_status():
    changed = {
        (new.company, old.content.status, new.content.status)
        for answers in histories("commitments").values()
        for old, new in itertools.pairwise(answers)
        if old.content.status != new.content.status
    }
    assert len(changed) >= 10
    assert ("amazon", "active", "removed") in changed
    assert ("alphabet", "active", "targets_set") in changed


def test_at_least_three_companies_have_a_change_on_two_bases():
    bases: dict[str, set[str]] = defaultdict(set)
    series = {(c[0].company, c[0].content.metric, c[0].content.segment, c[0].content.year): c for c in _levels()}
    for (company, metric, segment, year), current in series.items():
        before = series.get((company, metric, segment, year - 1))
        if before and _change(before[0], current[0]) != _change(before[-1], current[-1]):
            bases[company].add(metric)
    assert len(bases) >= 3, bases
    assert "aes" in bases


def test_the_check_digits_of_every_lei_and_isin_hold():
    assert {scheme for _, scheme, _ in _identifiers()} == {"lei", "isin", "sbti_id"}
    assert [one for one in _identifiers() if check_digits(one[1], one[2]) is False] == []


def test_an_identifier_belongs_to_one_company():
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for company, scheme, value in _identifiers():
        owners[scheme, value].add(company)
    assert {key: held for key, held in owners.items() if len(held) > 1} == {}


def test_a_company_keeps_its_name_from_file_to_file():
    names: dict[str, set[str]] = defaultdict(set)
    for _, batch in batches():
        for line in batch.companies:
            names[line.id].add(line.name)
    assert {company: held for company, held in names.items() if len(held) > 1} == {}


def test_the_folder_stays_small_and_names_nobodys_computer():
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 1_500_000
    for path in FILES:
        assert not re.search(r"file:///|[A-Z]:/|/Users/|/home/", path.read_text("utf-8")), path.name


def test_the_example_of_the_readme_is_a_batch():
    example = re.search(r"```ndjson\n(.*?)```", README, re.DOTALL)[1]
    batch = parse(example.encode(), KINDS, "reader")
    assert len(example.splitlines()) == 6
    assert [type(row).__struct_config__.tag for row in batch.rows] == ["emissions", "claimed-changes", "ratings"]


def _identifiers():
    return {(c.id, i.scheme, i.value) for _, b in batches() for c in b.companies for i in c.identifiers}


def _levels():
    return [answers for answers in histories("emissions").values() if answers[0].content.value is not None]


def _change(before, current):
    return Fraction(current.content.value) / Fraction(before.content.value) if before.content.value else None
