"""Fitting calibrators on out-of-fold scores, and choosing between them by cross-validation."""

from collections.abc import Callable

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from roadworthy.bundle.calibrator import Beta, Calibrator, Isotonic, Platt
from roadworthy.training.logit import fit_logit

Fit = Callable[[NDArray[np.float64], NDArray[np.int8]], Calibrator]


def fit_platt(scores: NDArray[np.float64], truth: NDArray[np.int8]) -> Platt:
    """A logistic curve through softened labels. Source: Platt (1999); a slope is never below 0."""
    slope, intercept = fit_logit(scores[:, None], softened(truth))
    return Platt(slope=float(slope), intercept=float(intercept))


def fit_beta(scores: NDArray[np.float64], truth: NDArray[np.int8]) -> Beta:
    """A beta calibration through softened labels. Source: Kull, Silva Filho, Flach (2017)."""
    columns = np.column_stack([-np.logaddexp(0.0, -scores), np.logaddexp(0.0, scores)])
    low, high, intercept = fit_logit(columns, softened(truth))
    return Beta(low=float(low), high=float(high), intercept=float(intercept))


def fit_isotonic(scores: NDArray[np.float64], truth: NDArray[np.int8]) -> Isotonic:
    """The best monotone steps, joined by lines; never surer than the rows allow (one in rows + 2)."""
    fitted = IsotonicRegression(out_of_bounds="clip").fit(scores, truth)
    least = 1.0 / (len(truth) + 2)
    return Isotonic(
        scores=tuple(float(value) for value in fitted.X_thresholds_),
        probabilities=tuple(float(value) for value in np.clip(fitted.y_thresholds_, least, 1 - least)),
    )


SHAPES: dict[str, Fit] = {"platt": fit_platt, "beta": fit_beta, "isotonic": fit_isotonic}
"""Simplest first."""


class Chosen(Struct, frozen=True, kw_only=True):
    """The calibrator, its shape's name, and the cross-validated log loss of every shape (nats a row)."""

    calibrator: Calibrator
    shape: str
    losses: dict[str, float]


def choose_calibration(scores: NDArray[np.float64], truth: NDArray[np.int8], fold: NDArray[np.int64]) -> Chosen:
    """The simplest shape, unless another is better by more than two standard errors over the folds.

    Args:
        scores: out-of-fold raw scores. truth: 0 or 1. fold: number of the fold of each row.
    """
    table = {name: _losses(fit, scores, truth, fold) for name, fit in SHAPES.items()}
    best = "platt"
    for name in list(SHAPES)[1:]:
        gain = table[best] - table[name]
        if gain.mean() > 2 * gain.std(ddof=1) / np.sqrt(len(gain)):
            best = name
    losses = {name: float(values.mean()) for name, values in table.items()}
    return Chosen(calibrator=SHAPES[best](scores, truth), shape=best, losses=losses)


def softened(truth: NDArray[np.int8]) -> NDArray[np.float64]:
    """Labels a little inside 0 and 1, by Laplace's rule in each class.

    >>> softened(np.int8([1, 1, 0])).tolist()
    [0.75, 0.75, 0.3333333333333333]
    """
    positives = int(truth.sum())
    negatives = len(truth) - positives
    return np.where(truth == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))


def _losses(
    fit: Fit, scores: NDArray[np.float64], truth: NDArray[np.int8], fold: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Log loss of each fold under the calibration fitted on the others."""
    losses = []
    for number in np.unique(fold):
        held = fold == number
        chance = np.clip(fit(scores[~held], truth[~held])(scores[held]), 1e-15, 1 - 1e-15)
        losses.append(-np.log(np.where(truth[held] == 1, chance, 1 - chance)).mean())
    return np.array(losses)
