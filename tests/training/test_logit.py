"""The small logistic regression, against scikit-learn's."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from roadworthy.training.logit import fit_logit, weighted_log_loss


def test_agrees_with_scikit_learn_on_weighted_rows() -> None:
    rng = np.random.default_rng(3)
    columns = rng.normal(size=(400, 2))
    truth = (columns @ [1.0, 2.0] + rng.logistic(size=400) > 0).astype(float)
    weights = rng.random(400) + 0.1
    oracle = LogisticRegression(C=2.0, tol=1e-9, max_iter=1000).fit(columns, truth, sample_weight=weights)
    ours = fit_logit(columns, truth, weights=weights, ridge=0.5)
    assert ours == pytest.approx([*oracle.coef_[0], *oracle.intercept_], abs=1e-5)


def test_a_score_that_points_the_wrong_way_gets_no_weight() -> None:
    rng = np.random.default_rng(4)
    good = rng.normal(size=500)
    truth = (good + rng.logistic(size=500) > 0).astype(float)
    slopes = fit_logit(np.column_stack([good, rng.normal(size=500) - truth]), truth)
    assert slopes[0] > 0
    assert slopes[1] == 0


def test_classes_that_part_cleanly_give_finite_slopes() -> None:
    columns = np.concatenate([np.full(50, -30.0), np.full(50, 30.0)])[:, None]
    slopes = fit_logit(columns, np.repeat([0.0, 1.0], 50))
    assert np.isfinite(slopes).all()
    assert slopes[0] > 0


def test_log_loss_is_that_of_scikit_learn() -> None:
    log_odds, target = np.array([-1.0, 0.3, 2.0]), np.array([0.0, 1.0, 1.0])
    chance = 1 / (1 + np.exp(-log_odds))
    expected = -np.average(np.log(np.where(target == 1, chance, 1 - chance)), weights=[1, 2, 3])
    assert weighted_log_loss(log_odds, target, np.array([1.0, 2.0, 3.0])) == pytest.approx(expected)
