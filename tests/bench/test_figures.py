"""What `make bench` makes of its numbers: quantiles, medians of the rounds' own ratios, one table."""

from dataclasses import replace

import pytest

from bench.figures import Limits, Promise, Round, figure, kept
from bench.load import Sample
from bench.names import EMPTY, FEW, GATEWAY, MANY, RUN, SITE, WRITE, empty_beside, named
from bench.promises import PROMISES
from bench.reading import COUNT, DEEP, IS_FOLLOWED
from bench.statistics import median, quantile
from bench.suite import Plan, Results
from bench.table import Report, aligned, as_text

LIMITS = Limits(
    verifications=20_000,
    verification_ms=0.1,
    commits=4_000,
    commit_ms=0.25,
    rows_by_16=40_000,
    rows_by_64=90_000,
)
SAMPLE = Sample(rate=1_000, p50_ms=1.0, p99_ms=2.0, generator=0.01, server=0.5)
NEEDED = {16: 1_800, 64: 2_600}
"""Of these limits, 0.09 V and 0.13 V, which are less than 0.8 R and 1.1 R."""


def at(rate: float, **changes: float) -> Sample:
    return replace(SAMPLE, rate=rate, **changes)


def whole_round(factor: float = 1.0) -> Round:
    """A round that keeps every promise, those about limits by `factor` and no more."""
    samples = {
        named(GATEWAY, WRITE, 1): at(900, p50_ms=1.05 / factor),
        **{named(GATEWAY, WRITE, lanes): at(rate * factor, p99_ms=5.0) for lanes, rate in NEEDED.items()},
        **{named(RUN, WRITE, lanes): at(0.9 * rate * factor) for lanes, rate in NEEDED.items()},
        **{named(SITE, WRITE, lanes): at(0.4 * rate * factor) for lanes, rate in NEEDED.items()},
        **{named(where, EMPTY, 16): at(3_000) for where in (FEW, MANY)},
        **{
            named(where, read, 16): at(1_200 * factor)
            for where in (FEW, MANY)
            for read in (IS_FOLLOWED, COUNT)
        },
    }
    return Round(LIMITS, samples)


def test_a_quantile_is_the_smallest_value_that_covers_its_part() -> None:
    hundred = [float(value) for value in range(1, 101)]
    assert quantile(hundred, 0.5) == 50
    assert quantile(hundred, 0.99) == 99
    assert quantile(hundred, 1.0) == 100
    assert quantile([7.0], 0.99) == 7
    with pytest.raises(ValueError, match="at least one"):
        quantile([], 0.5)


def test_a_median_does_not_ask_for_order() -> None:
    assert median([5.0, 1.0, 4.0, 2.0, 3.0]) == 3
    assert median([4.0, 1.0]) == 2.5
    with pytest.raises(ValueError, match="at least one"):
        median([])


def test_a_ratio_is_taken_in_its_own_round_before_the_median_is() -> None:
    """A round in which the machine was slow has slow limits as well, and moves nothing."""
    name, empty = named(GATEWAY, WRITE, 16), named(GATEWAY, EMPTY, 16)

    def one(speed: float) -> Round:
        limits = replace(LIMITS, verifications=20_000 * speed, commits=4_000 * speed)
        return Round(limits, {name: at(2_000 * speed), empty: at(5_000 * speed)})

    found = figure(name, [one(0.1), one(1), one(0.5)], empty)
    assert (found.of_v, found.of_r, found.of_empty) == (0.1, 0.5, 0.4)
    assert found.sample.rate == 1_000
    assert figure(name, [one(1)], None).of_empty is None


@pytest.mark.parametrize(("factor", "verdict"), [(1.0001, "kept"), (0.999, "MISSED")])
def test_every_promise_about_a_rate_is_kept_from_its_bound_on_and_missed_below(
    factor: float, verdict: str
) -> None:
    """Those that hold two figures against each other which fall together are not moved by both."""
    rounds = [whole_round(factor)]
    verdicts = {promise.text: kept(promise, rounds).verdict for promise in PROMISES}
    bounds = [
        text
        for text in verdicts
        if "R and" in text or "raw commit and verification" in text or "empty POST" in text
    ]
    assert len(bounds) == 5
    assert {verdicts[text] for text in bounds} == {verdict}


def test_a_slower_site_a_tail_and_a_larger_graph_each_miss_their_own_promise() -> None:
    samples = dict(whole_round(1.001).samples)
    samples[named(RUN, WRITE, 16)] = at(0.8 * NEEDED[16])
    samples[named(SITE, WRITE, 64)] = at(0.3 * NEEDED[64])
    samples[named(GATEWAY, WRITE, 16)] = at(NEEDED[16], p50_ms=1.0, p99_ms=5.1)
    samples[named(MANY, COUNT, 16)] = at(900)
    missed = [
        promise.text for promise in PROMISES if kept(promise, [Round(LIMITS, samples)]).verdict == "MISSED"
    ]
    assert missed == [
        "gateway, 16 connections: p99 at most 5 times p50",
        "run /graphql, 16 connections: 0.85 of the gateway's",
        "run /api, 64 connections: a third of the gateway's",
        "followerCount, many edges: at most 1.2 times what few take",
    ]


def test_what_was_not_measured_is_neither_kept_nor_missed() -> None:
    [deep] = [promise for promise in PROMISES if promise.text.startswith(f"{DEEP}, many")]
    assert kept(deep, [whole_round()]).verdict == "not measured"


def test_a_promise_goes_by_the_median_of_the_rounds() -> None:
    promise = Promise("p", lambda each: each.limits.commits / 4_000)
    rounds = [Round(replace(LIMITS, commits=commits), {}) for commits in (100, 4_000, 8_000)]
    assert kept(promise, rounds).reached == 1


def test_the_site_is_held_against_the_empty_post_of_its_own_server() -> None:
    assert empty_beside(named(SITE, WRITE, 64)) == named(RUN, EMPTY, 64)
    assert empty_beside(named(FEW, COUNT, 16)) == named(FEW, EMPTY, 16)


def test_columns_stand_under_each_other() -> None:
    assert aligned([("figure", "a second"), ("a", "1"), ("longer", "12,345")]) == [
        "figure  a second",
        "a              1",
        "longer    12,345",
    ]


def test_the_table_has_every_figure_limit_and_promise() -> None:
    results = Results(rounds=[whole_round(), whole_round()], starts_s=[0.5, 2.0, 0.7])
    report = Report.of(Plan(rounds=2, many_edges=0), results, {"cores": "2"})
    text = as_text(report)
    assert [line for line in text.splitlines() if line.startswith("gateway, follow or unfollow, 16")] == [
        "gateway, follow or unfollow, 16          1,800    1.00    5.00  0.090  0.45           50%         1%"
    ]
    for part in (
        "20,000 raw P-256",
        "4,000 raw durable commits",
        "cores 2",
        *(each.text for each in PROMISES),
    ):
        assert part in text
    assert {each.text: each.verdict for each in report.promises}[
        "gateway: start to first answer in 1 s"
    ] == "kept"


def test_a_moment_in_which_others_take_the_machine_moves_no_limit() -> None:
    busy = Limits(
        verifications=900, verification_ms=2.2, commits=80, commit_ms=9, rows_by_16=500, rows_by_64=700
    )
    assert Limits.median([busy, LIMITS, LIMITS]) == LIMITS
