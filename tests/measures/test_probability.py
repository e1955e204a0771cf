import numpy as np
import pytest
from sklearn import metrics as oracle
from sklearn.calibration import calibration_curve

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.probability import (
    brier,
    calibration_test,
    ece,
    ece_interval,
    log_loss,
    mean_interval,
    reliability,
)


def drawn(rows, *, seed, off=0.0, only_above=0.0):
    """Truth that is positive with the probability said, moved by `off` where that probability is above some value."""
    rng = np.random.default_rng(seed)
    said = rng.beta(1, 2, rows)
    return (rng.random(rows) < np.clip(said + off * (said > only_above), 0, 1)).astype(int), said


def test_losses_agree_with_scikit_learn():
    truth, said = drawn(500, seed=1)
    assert brier(truth, said) == pytest.approx(oracle.brier_score_loss(truth, said), abs=1e-9)
    assert log_loss(truth, said) == pytest.approx(oracle.log_loss(truth, said), abs=1e-9)


def test_a_sure_mistake_costs_much_but_not_infinitely():
    assert log_loss([1], [0.0]) == pytest.approx(36.04, abs=0.01)
    assert log_loss([1], [1.0]) == pytest.approx(0, abs=1e-9)


def test_bins_agree_with_scikit_learn():
    truth, said = drawn(1000, seed=2)
    share, mean = calibration_curve(truth, said, n_bins=10, strategy="quantile")
    bins = reliability(truth, said)
    assert sum(each.rows for each in bins) == 1000
    assert [each.rows for each in bins] == [100] * 10
    assert [each.share for each in bins] == pytest.approx(share, abs=0.011)
    assert [each.probability for each in bins] == pytest.approx(mean, abs=0.005)


def test_rows_of_one_probability_stay_together():
    bins = reliability([0, 1, 0, 1, 1, 1], [0.2] * 4 + [0.9] * 2, bins=5)
    assert [(each.rows, each.share) for each in bins] == [(4, 0.5), (2, 1.0)]
    assert reliability([1, 0], [0.5, 0.5])[0].rows == 2


def test_a_known_calibration_error():
    truth = [1] * 30 + [0] * 70 + [1] * 90 + [0] * 10
    assert ece(truth, [0.2] * 100 + [0.8] * 100, bins=2) == pytest.approx(0.1)


@pytest.mark.parametrize(("off", "only_above"), [(0.0, 0.0), (0.1, 0.0), (-0.3, 0.68)])
@pytest.mark.parametrize("rows", [100, 1000])
def test_the_interval_of_the_calibration_error_holds_the_truth_as_often_as_it_says(off, only_above, rows):
    """The true error is 0, in all bins, or in the highest bin alone."""
    true = ece(*drawn(400_000, seed=9, off=off, only_above=only_above)) if off else 0.0
    held = 0
    for seed in range(80):
        found = ece_interval(*drawn(rows, seed=seed, off=off, only_above=only_above), draws=200)
        held += found.low <= true <= found.high
    assert held / 80 > 0.88


def test_the_plain_error_of_a_perfect_model_is_above_nought_and_its_interval_knows():
    truth, said = drawn(300, seed=4)
    assert ece(truth, said) > 0.02
    assert ece_interval(truth, said).low == 0


def test_ten_rows_that_fit_do_not_prove_calibration():
    assert ece_interval([0] * 5 + [1] * 5, [0.0] * 5 + [1.0] * 5).high > 0.05


def test_calibration_test_has_its_level_and_sees_a_shift():
    chances = [calibration_test(*drawn(500, seed=seed)) for seed in range(400)]
    assert 0.02 < np.mean(np.array(chances) < 0.05) < 0.09
    assert np.mean([calibration_test(*drawn(500, seed=seed, off=0.1)) < 0.05 for seed in range(50)]) > 0.9


def test_mean_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    held = sum(found.low <= 1.0 <= found.high for found in (mean_interval(rng.gamma(2, 0.5, 40)) for _ in range(400)))
    assert held / 400 > 0.92


def test_what_is_not_defined_is_refused():
    with pytest.raises(MeasureError, match="no probability"):
        brier([1], [1.1])
    with pytest.raises(MeasureError, match="0 bins"):
        reliability([1], [0.5], bins=0)
    with pytest.raises(MeasureError, match="says nothing"):
        calibration_test([0, 1], [0.0, 1.0])
    with pytest.raises(MeasureError, match="no spread"):
        mean_interval([0.5])
