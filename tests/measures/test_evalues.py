"""E-values: known values, laws, and their guarantee by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.evalues import (
    ages,
    calibrate,
    conformal_detector,
    log_bernoulli_evidence,
    log_dirichlet_evidence,
    log_mean,
    name_by_evidence,
)

ALARM = math.log(20)


def detector(reference, live):
    """Largest log e-detector over windows, live is (windows, bins)."""
    found = -math.inf
    for now in range(len(live)):
        back = np.cumsum(live[: now + 1][::-1], axis=0)[np.array(ages(now + 1)) - 1]
        found = max(found, float(np.logaddexp.reduce(log_dirichlet_evidence(reference, back))))
    return found


def share_of_alarms(shares, *, rows, window, runs=150, windows=10, seed=5):
    rng = np.random.default_rng(seed)
    alarms = 0
    for _ in range(runs):
        reference = rng.multinomial(rows, shares)
        alarms += detector(reference, rng.multinomial(window, shares, size=windows)) >= ALARM + math.log(windows)
    return alarms / runs


@pytest.mark.parametrize(
    "shares",
    [
        np.full(16, 1 / 16),
        np.r_[np.full(8, 0.124), 0.008, np.zeros(10)],
        0.6 ** np.arange(1, 21) / (0.6 ** np.arange(1, 21)).sum(),
    ],
    ids=["even", "empty bins", "long tail"],
)
@pytest.mark.parametrize(("rows", "window"), [(500, 30), (500, 3000), (5000, 300)])
def test_no_more_false_alarms_than_promised(shares, rows, window):
    # 10 windows with the alarm at 200 promise at most 5 %; 150 runs give 5 % + 3.5 % with 97.5 % certainty
    assert share_of_alarms(shares, rows=rows, window=window) <= 0.085


def test_a_shift_is_found_in_one_window():
    reference = np.full(10, 200)
    rng = np.random.default_rng(1)
    assert detector(reference, rng.multinomial(200, np.r_[0.3, np.full(9, 0.7 / 9)], size=1)) > math.log(1000)


def test_with_two_bins_it_is_the_ratio_of_beta_binomials():
    reference, counts = np.array([300, 700]), np.array([30, 20])
    null = betabinom.logpmf(30, 50, 300.5, 700.5)
    mean = 300.5 / 1001
    others = [betabinom.logpmf(30, 50, c * mean, c * (1 - mean)) for c in (16, 128)]
    expected = np.logaddexp.reduce(others) - math.log(2) - null
    assert log_dirichlet_evidence(reference, counts) == pytest.approx(expected, rel=1e-9)


def test_mistake_zero_mass_for_the_unseen_one_surprise_is_no_proof():
    reference = np.array([500, 500, 0])
    assert log_dirichlet_evidence(reference, np.array([60, 60, 1])) < math.log(100)
    assert log_dirichlet_evidence(reference, np.array([60, 60, 30])) > math.log(1000)


def test_mistake_pseudo_counts_on_bins_that_cannot_occur_take_nothing():
    rng = np.random.default_rng(2)
    reference, live = rng.multinomial(2000, [0.25] * 4), rng.multinomial(20_000, [0.25] * 4)
    one, thirty = (
        log_dirichlet_evidence(np.r_[reference, np.zeros(k, int)], np.r_[live, np.zeros(k, int)]) for k in (1, 30)
    )
    assert thirty == pytest.approx(one)
    assert thirty <= log_dirichlet_evidence(reference, live) < 0


def test_mistake_mass_of_rare_bins_is_not_guessed_bin_by_bin():
    shares = np.r_[0.98, np.full(20, 0.001)]
    assert share_of_alarms(shares, rows=500, window=500) <= 0.085


def test_bins_chosen_on_the_counting_rows_fit_them_too_well():
    """Why the reference is split: bins put tightly around its own rows hold fewer new rows than counted."""
    rng = np.random.default_rng(3)
    same, halves = 0, 0
    for _ in range(40):
        reference, live = rng.normal(size=400), rng.normal(size=4000)
        edges = np.sort(np.r_[reference - 1e-3, reference + 1e-3])
        other = np.sort(np.r_[reference[:200] - 1e-3, reference[:200] + 1e-3])
        same += _inside(edges, reference, live) > math.log(100)
        halves += _inside(other, reference[200:], live) > math.log(100)
    assert same == 40
    assert halves <= 2


def _inside(edges, reference, live):
    counts = [np.bincount(np.searchsorted(edges, x) % 2, minlength=2) for x in (reference, live)]
    return log_dirichlet_evidence(*counts)


@given(counts=st.lists(st.integers(0, 50), min_size=4, max_size=4), order=st.permutations(range(4)))
@settings(derandomize=True, max_examples=40)
def test_the_order_of_bins_does_not_matter(counts, order):
    reference, live = np.array([40, 0, 3, 90]), np.array(counts)
    assert log_dirichlet_evidence(reference[order], live[order]) == pytest.approx(
        log_dirichlet_evidence(reference, live), abs=1e-9
    )


def test_no_rows_are_no_evidence():
    assert log_dirichlet_evidence(np.array([5, 9]), np.array([0, 0])) == pytest.approx(0.0)


def test_an_empty_reference_or_other_bins_are_refused():
    with pytest.raises(MeasureError, match="no reference counts"):
        log_dirichlet_evidence(np.array([0, 0]), np.array([1, 1]))
    with pytest.raises(MeasureError, match="no reference counts"):
        log_dirichlet_evidence(np.array([3, 2]), np.array([1, 1, 1]))


@pytest.mark.parametrize("mean", [0.05, 0.1])
def test_bets_on_a_mean_keep_their_promise_at_every_look(mean):
    rng = np.random.default_rng(4)
    alarms = 0
    for _ in range(400):
        hits = np.cumsum(rng.random(300) < mean)
        alarms += max(log_bernoulli_evidence(int(hits[t]), t + 1, bound=0.1) for t in range(0, 300, 5)) >= ALARM
    assert alarms / 400 <= 0.075  # 5 % promised, 2.3 standard errors of 400 runs


def test_bets_find_a_mean_above_the_bound():
    assert log_bernoulli_evidence(40, 200, bound=0.1) > math.log(100)


def test_bounds_of_zero_and_one():
    assert log_bernoulli_evidence(1, 10, bound=0.0) == math.inf
    assert log_bernoulli_evidence(0, 10, bound=0.0) == 0.0
    assert log_bernoulli_evidence(10, 10, bound=1.0) == 0.0
    assert log_bernoulli_evidence(0, 0, bound=0.3) == 0.0


def test_the_calibrator_makes_e_values():
    grid = np.exp(np.linspace(math.log(1e-9), 0, 200_001))
    assert np.trapezoid(calibrate(grid), grid) <= 1.0
    assert np.trapezoid(calibrate(grid), grid) > 0.9
    assert np.all(np.diff(calibrate(grid)) < 1e-6)


def test_windows_that_can_be_exchanged_alarm_no_more_than_promised():
    rng = np.random.default_rng(6)
    alarms = 0
    for _ in range(300):
        # heavy tails and a level that belongs to the run: only ranks matter
        log = conformal_detector(rng.standard_t(2, 40) * 3 + rng.normal() * 10, draws=rng.random(40))
        alarms += log.max() >= math.log(40 / 0.05)
    assert alarms / 300 <= 0.08


def test_windows_that_become_strange_alarm():
    rng = np.random.default_rng(7)
    log = conformal_detector([*rng.normal(size=60), *(rng.normal(size=5) + 8)], draws=[0.5] * 65)
    assert log[59] < math.log(1000) < log[-1]


def test_naming_by_evidence_keeps_false_names_rare():
    rng = np.random.default_rng(8)
    false = []
    for _ in range(300):
        # nulls that hang together: one exponential tilt of one draw for all
        null = rng.normal() - 0.5
        log_e = np.r_[np.full(5, 12.0), np.full(15, null)]
        named = name_by_evidence(log_e.tolist(), rate=0.1)
        assert set(range(5)) <= set(named)
        false.append(sum(position >= 5 for position in named) / max(len(named), 1))
    assert np.mean(false) <= 0.1


def test_averages_are_averages():
    log_e = np.log(np.array([[1.0, 4.0], [3.0, 0.5]]))
    assert np.exp(log_mean(log_e)).tolist() == pytest.approx([2.0, 2.25])


@given(st.integers(1, 5000))
@settings(derandomize=True, max_examples=60)
def test_ages_look_back_from_one_to_all(windows):
    found = ages(windows)
    assert found[0] == 1
    assert found[-1] == windows
    assert len(found) <= windows.bit_length() + 1
    assert found == sorted(set(found))
