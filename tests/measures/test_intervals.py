from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.limits import Interval, Limit, Verdict, parse_limit
from roadworthy.measures.intervals import (
    newcombe,
    normal_interval,
    quantile_of,
    ratio_interval,
    rows_to_decide,
    rows_to_narrow,
    shared_level,
    square_and_add,
    wilson,
)

shares = st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95, 0.99, 0.9999])
def test_quantile_agrees_with_scipy(level):
    assert quantile_of(level) == pytest.approx(stats.norm.ppf((1 + level) / 2), abs=1e-9)


@pytest.mark.parametrize(
    ("hits", "trials"), [(0, 1), (1, 1), (0, 100), (18, 20), (18, 30), (92, 100), (1, 1245), (50, 50)]
)
@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_wilson_agrees_with_scipy(hits, trials, level):
    oracle = stats.binomtest(hits, trials).proportion_ci(level, method="wilson")
    ours = wilson(hits, trials, level=level)
    assert ours.low == pytest.approx(oracle.low, abs=1e-9)
    assert ours.high == pytest.approx(oracle.high, abs=1e-9)


@given(shares)
@settings(derandomize=True, max_examples=200)
def test_wilson_lies_in_the_unit_interval_and_holds_the_share(share):
    hits, trials = share
    found = wilson(hits, trials)
    assert 0 <= found.low <= hits / trials <= found.high <= 1
    assert found.high > found.low


@given(shares)
@settings(derandomize=True, max_examples=100)
def test_wilson_of_misses_is_the_mirror_of_wilson_of_hits(share):
    hits, trials = share
    found, mirror = wilson(hits, trials), wilson(trials - hits, trials)
    assert found.low == pytest.approx(1 - mirror.high, abs=1e-12)


@pytest.mark.parametrize("trials", [10, 20, 50, 200])
@pytest.mark.parametrize("share", [0.05, 0.3])
def test_wilson_holds_the_truth_as_often_as_it_says(trials, share):
    """Exact coverage by summing over all outcomes: no simulation noise."""
    hits = np.arange(trials + 1)
    chance = stats.binom.pmf(hits, trials, share)
    held = [wilson(int(k), trials).low <= share <= wilson(int(k), trials).high for k in hits]
    assert chance @ np.array(held) > 0.91


@pytest.mark.parametrize(
    ("a", "n", "b", "m", "low", "high"),
    # Newcombe (1998), table II, method 10
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (0, 10, 0, 10, -0.2775, 0.2775),
        (10, 10, 0, 20, 0.6791, 1.0),
        (10, 10, 0, 10, 0.6075, 1.0),
    ],
)
def test_newcombe_agrees_with_the_paper(a, n, b, m, low, high):
    found = newcombe(a, n, b, m)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_newcombe_holds_the_truth_as_often_as_it_says():
    one, two, n, m = 0.9, 0.7, 20, 30
    first, second = stats.binom.pmf(np.arange(n + 1), n, one), stats.binom.pmf(np.arange(m + 1), m, two)
    held = sum(
        first[a] * second[b]
        for a in range(n + 1)
        for b in range(m + 1)
        if newcombe(a, n, b, m).low <= one - two <= newcombe(a, n, b, m).high
    )
    assert held > 0.93


def _score_by_search(a, n, b, m, ratio):
    """Largest binomial likelihood under share_a = ratio * share_b by a fine grid, and the score statistic there."""
    top = min(1.0, 1 / ratio)
    p = np.linspace(1e-9, top - 1e-9, 400_001)
    q = np.clip(ratio * p, 1e-15, 1 - 1e-15)
    like = a * np.log(q) + (n - a) * np.log(1 - q) + b * np.log(p) + (m - b) * np.log(1 - p)
    p, q = p[np.argmax(like)], q[np.argmax(like)]
    return (a / n - ratio * b / m) ** 2 / (q * (1 - q) / n + ratio**2 * p * (1 - p) / m)


@pytest.mark.parametrize(("a", "n", "b", "m"), [(36, 40, 16, 80), (3, 10, 5, 12), (1, 30, 4, 25)])
def test_the_ends_of_a_ratio_are_where_the_score_test_just_rejects(a, n, b, m):
    found = ratio_interval(a, n, b, m)
    for end in (found.low, found.high):
        assert _score_by_search(a, n, b, m, end) == pytest.approx(quantile_of(0.95) ** 2, rel=1e-3)


def test_a_ratio_is_defined_where_a_count_is_none_or_all():
    assert ratio_interval(0, 10, 5, 10).low == 0
    assert 0.5 < ratio_interval(0, 10, 5, 10).high < 1
    assert ratio_interval(5, 10, 0, 10).high == inf
    assert ratio_interval(5, 10, 0, 10).low > 1
    full = ratio_interval(5, 5, 5, 5)
    assert full.low == pytest.approx(1 / full.high)
    assert full.low < 0.7
    assert ratio_interval(0, 10, 0, 10) == Interval(0.0, inf)


@pytest.mark.parametrize(("one", "two", "n", "m"), [(0.3, 0.3, 20, 40), (0.9, 0.8, 15, 15), (0.1, 0.3, 30, 20)])
def test_a_ratio_holds_the_truth_as_often_as_it_says(one, two, n, m):
    first, second = stats.binom.pmf(np.arange(n + 1), n, one), stats.binom.pmf(np.arange(m + 1), m, two)
    held = 0.0
    for a in range(n + 1):
        for b in range(m + 1):
            if first[a] * second[b] > 1e-6:
                found = ratio_interval(a, n, b, m)
                held += first[a] * second[b] * (found.low <= one / two <= found.high)
    assert held > 0.93


@pytest.mark.parametrize(
    ("hits", "trials", "limit", "total"),
    [(0, 1245, "<= 0.001", 3838), (18, 20, ">= 0.95", 73), (99, 100, ">= 0.9999", 100), (0, 10, "<= 0.3", 10)],
)
def test_rows_to_decide_of_known_cases(hits, trials, limit, total):
    assert rows_to_decide(hits, trials, parse_limit(limit)) == total - trials


@given(shares, st.floats(0.001, 0.999), st.sampled_from(["<=", ">=", "<", ">"]))
@settings(derandomize=True, max_examples=300)
def test_rows_to_decide_is_the_least_number_that_decides(share, bound, op):
    hits, trials = share
    limit = Limit(op, bound)
    more = rows_to_decide(hits, trials, limit)
    rate = hits / trials
    if more is None:
        assert abs(rate - bound) < 1e-6
    elif more == 0:
        assert limit.judge(rate, wilson(hits, trials)) is not Verdict.CANNOT_TELL
    else:
        total = trials + more
        assert limit.judge(rate, wilson(min(rate * (total + 1), total + 1), total + 1)) is not Verdict.CANNOT_TELL
        before = total - 1
        if before > trials:
            assert limit.judge(rate, wilson(min(rate * before, before), before)) is Verdict.CANNOT_TELL


def test_no_number_of_rows_decides_a_share_that_lies_on_its_bound():
    assert rows_to_decide(18, 20, Limit(">=", 0.9)) is None
    assert rows_to_decide(0, 20, Limit("==", 0.0)) is None
    assert rows_to_decide(0, 20, Limit("<=", 0.0)) is None
    assert rows_to_decide(1, 20, Limit("==", 0.0)) == 0
    assert rows_to_decide(18, 20, Limit(">=", 0.9, "point")) == 0


def test_rows_to_narrow_follows_the_root_of_the_rows():
    limit = Limit(">=", 0.94)
    assert rows_to_narrow(0.95, Interval(0.93, 0.97), limit, rows=100) == 300
    assert rows_to_narrow(0.93, Interval(0.91, 0.97), limit, rows=100) == 1500
    assert rows_to_narrow(0.97, Interval(0.95, 0.99), limit, rows=100) == 0
    assert rows_to_narrow(0.94, Interval(0.93, 0.97), limit, rows=100) is None


def test_normal_interval_and_sum_of_parts():
    found = normal_interval(10.0, 2.0, level=0.9)
    assert found.high - 10 == pytest.approx(2 * stats.norm.ppf(0.95), abs=1e-9)
    both = square_and_add([(1.0, 3.0, Interval(2.0, 5.0)), (-2.0, 1.0, Interval(0.5, 2.0))])
    assert both == Interval(1.0 - sqrt(1 + 4), 1.0 + sqrt(4 + 1))
    assert 1 - shared_level(0.95, 10) == pytest.approx(0.005)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: wilson(0, 0),
        lambda: wilson(3, 2),
        lambda: wilson(-1, 2),
        lambda: wilson(1, 2, level=1.0),
        lambda: newcombe(0, 0, 1, 2),
        lambda: ratio_interval(1, 2, 0, 0),
        lambda: rows_to_decide(0, 0, Limit("<=", 0.1)),
        lambda: normal_interval(0.0, -1.0),
    ],
)
def test_what_has_no_interval_is_refused(ask):
    with pytest.raises(MeasureError):
        ask()
