"""The report: medians, ratios within a round, targets met or not; every promise is measured or says why it is not."""

import json
import re

import msgspec
import pytest
from bench import pgbench, points, report
from bench.place import Corpus
from bench.report import TARGETS, Target
from msgspec import UNSET

# The table of the promise: each line with its bounds.
PROMISED = {
    "in-process hit against granian raw ASGI": [0.8],
    "304 against granian raw ASGI": [0.85],
    "in-process hit against (PostgREST|Datasette|FastAPI)": [5, 15, 60],
    "cold profile against (PostgREST|Datasette|FastAPI)": [1.5, 4, 15],
    "cold filtered list of 100 against (PostgREST|Datasette|FastAPI)": [2, 5, 10],
    "the least that a cold (profile|list) can cost against": [UNSET] * 6,
    "Redis hit against a bare Litestar handler": [0.9],
    "cold profile against pgbench": [0.6],
    "as-of .* against current, p99": [1.5, 1.5],
    "list page at depth": [1.3],
    "4,000,000 versions against 400,000": [1.5],
    "goodput under 5 x overload": [UNSET],
    "memory after 30 minutes": [UNSET],
}
CORPUS = Corpus("", 2_000, 80, 130_000, 104_000, "2025-05-29")


def _runs(*rates: float, measure: str = "rps") -> list[dict[str, float]]:
    return [{measure: rate} for rate in rates]


def test_a_ratio_is_the_median_of_those_within_a_round():
    # The second round was slow for both: medians of each side would say 900 / 1000.
    runs = {"hit": _runs(900, 80, 1000), "raw": _runs(1000, 100, 2000)}
    judged = report.judge(Target(what="", of="hit", against="raw", at_least=0.8), runs)
    assert (judged.ratio, judged.lowest, judged.highest) == (0.8, 0.5, 0.9)
    assert judged.met is True


@pytest.mark.parametrize(("bound", "met"), [(2.0, True), (2.001, False)])
def test_at_least_is_met_from_the_bound_on(bound: float, met: bool):
    runs = {"hit": _runs(200), "raw": _runs(100)}
    assert report.judge(Target(what="", of="hit", against="raw", at_least=bound), runs).met is met


@pytest.mark.parametrize(("bound", "met"), [(1.3, True), (1.299, False)])
def test_at_most_is_met_up_to_the_bound(bound: float, met: bool):
    runs = {"deep": _runs(1.3, measure="p50_ms"), "first": _runs(1.0, measure="p50_ms")}
    target = Target(what="", of="deep", against="first", measure="p50_ms", at_most=bound)
    assert report.judge(target, runs).met is met


def test_what_is_only_to_compare_with_is_neither_met_nor_unmet():
    without = Target(what="the least", of="hit", against="raw")
    judged = report.judge(without, {"hit": _runs(1), "raw": _runs(4)})
    assert (judged.ratio, judged.bound, judged.met) == (0.25, "", None)


def test_what_was_not_measured_is_neither_met_nor_unmet_and_says_why():
    judged = report.judge(Target(what="", of="hit", against="raw", at_least=1), {"hit": _runs(1)})
    assert (judged.ratio, judged.met) == (None, None)
    assert judged.why_not == "not measured: raw"


def test_every_promise_has_its_bounds_and_is_measured_or_says_why_not():
    asked = [
        *points.profiles(CORPUS, ["tag"] * points.WARM),
        *points.lists(points.Lists([], [])),
        *points.times(CORPUS),
    ]
    names = {point.name for point in [*asked, *points.pages(CORPUS, 0, range(20))]} | {"pgbench"}
    found = 0
    for pattern, bounds in PROMISED.items():
        targets = [one for one in TARGETS if re.search(f"(^|, ){pattern}", one.what)]
        assert [b if (b := one.at_least) is not UNSET else one.at_most for one in targets] == bounds, pattern
        assert all({one.of, one.against} <= names or one.why_not for one in targets), pattern
        found += len(targets)
    assert found == len(TARGETS)


def test_the_report_has_medians_every_target_and_is_whole_in_both_forms():
    runs = {"hit": [{"rps": r, "p50_ms": 1, "from_near": 1} for r in (3, 1, 2)], "raw": _runs(4, 4, 4)}
    built = report.build(
        runs, {"hit": "product, in-process hit"}, machine={"cores": 2}, notes=["a note"], about="of it"
    )
    assert built["points"]["hit"]["median"] == {"rps": 2, "p50_ms": 1, "from_near": 1}
    told = json.loads(report.encode(built))
    assert [one["what"] for one in told["targets"]] == [one.what for one in TARGETS]
    text = report.markdown(built)
    assert "| in-process hit against granian raw ASGI | at least 0.8 x | 0.50 x | 0.25 to 0.75 | **no** |" in text
    assert "| product, in-process hit | 2 | 1.00 | - | - | - | - | near 100% |" in text
    unmeasured = [one for one in built["targets"] if one.met is None]
    assert len(unmeasured) == len(TARGETS) - 1
    assert all(f"| {one.what} | {one.bound} | - | - | {one.why_not} |" in text for one in unmeasured)
    assert "- a note" in text


def test_pgbench_is_given_the_statement_of_the_product():
    sql = pgbench.profile()
    assert "$" not in sql
    assert all(name in sql for name in (":edition", ":known_on", ":number"))


def test_only_the_sizes_of_the_promise_are_held_against_it():
    few, many = (msgspec.structs.replace(CORPUS, versions=n) for n in (391_000, 3_910_000))
    assert points.scale_names(few, many) == ("page_small", "page_large")
    assert points.scale_names(CORPUS, many) == ("page_small", "page_large"), "fewer is harder"
    for pair in ((many, many), (few, CORPUS), (few, msgspec.structs.replace(CORPUS, versions=1_300_000))):
        assert points.scale_names(*pair) == ("page_few", "page_many")
