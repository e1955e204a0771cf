"""Yardstick models against scikit-learn."""

import numpy as np
import pytest
import sklearn.linear_model

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.linear import fit_logistic, fit_ridge

RANDOM = np.random.default_rng(3)
COLUMNS = RANDOM.normal(size=(300, 4))
SCORES = COLUMNS @ np.array([1.0, -2.0, 0.5, 0.0]) + 0.3 + RANDOM.normal(size=300)


def test_ridge_is_ridge() -> None:
    ours = fit_ridge(COLUMNS, SCORES, penalty=3.0)
    theirs = sklearn.linear_model.Ridge(alpha=3.0).fit(COLUMNS, SCORES)
    np.testing.assert_allclose(ours.weights, theirs.coef_, rtol=1e-8)
    assert ours.intercept == pytest.approx(theirs.intercept_)
    np.testing.assert_allclose(ours(COLUMNS), theirs.predict(COLUMNS))


def test_logistic_is_logistic() -> None:
    answers = (SCORES > 0).astype(float)
    ours = fit_logistic(COLUMNS, answers, penalty=2.0)
    theirs = sklearn.linear_model.LogisticRegression(C=0.5, tol=1e-10, max_iter=1000).fit(COLUMNS, answers)
    np.testing.assert_allclose(ours.weights, theirs.coef_[0], rtol=1e-4)
    assert ours.intercept == pytest.approx(theirs.intercept_[0], rel=1e-3)


def test_classes_that_part_cleanly_and_one_class_alone_stay_finite() -> None:
    parted = fit_logistic(COLUMNS[:, :1], (COLUMNS[:, 0] > 0).astype(float))
    assert np.isfinite(parted.weights).all()
    assert np.isfinite(fit_logistic(COLUMNS, np.ones(300))(COLUMNS)).all()


def test_lengths_must_fit() -> None:
    with pytest.raises(MeasureError, match="300 rows of columns and 2 of the target"):
        fit_ridge(COLUMNS, np.ones(2))
