"""Logistic regression of a few scores, by Newton's method: for calibration, blending and the search's objective."""

import numpy as np
from numpy.typing import NDArray

from roadworthy.bundle.calibrator import sigmoid

_ROUNDS = 100
_CLOSE = 1e-10


def fit_logit(
    columns: NDArray[np.float64],
    target: NDArray[np.float64],
    *,
    weights: NDArray[np.float64] | None = None,
    ridge: float = 1e-3,
) -> NDArray[np.float64]:
    """Slopes of each column, none below 0, and the intercept last.

    A column whose best slope is negative is given 0: all columns here are scores, of which more means more positive.

    Args:
        columns: (rows, k).
        target: (rows,) in [0, 1]; a share between is a softened label.
        weights: (rows,) weight of each row; all alike if None.
        ridge: penalty on the squared slopes, not on the intercept; finite slopes even where classes part cleanly.

    Returns:
        float64 (k + 1,).

    >>> slope, intercept = fit_logit(np.array([[-1.0], [1.0]]), np.array([0.1, 0.9]), ridge=0.0)
    >>> round(float(slope), 4), abs(round(float(intercept), 4))
    (2.1972, 0.0)
    """
    rows, width = columns.shape
    weights = np.ones(rows) if weights is None else weights
    used = np.arange(width)
    while True:
        found = _newton(np.column_stack([columns[:, used], np.ones(rows)]), target, weights, ridge)
        if not len(used) or found[:-1].min() >= 0.0:
            break
        used = np.delete(used, int(np.argmin(found[:-1])))
    slopes = np.zeros(width + 1)
    slopes[used], slopes[-1] = found[:-1], found[-1]
    return slopes


def weighted_log_loss(
    log_odds: NDArray[np.float64], target: NDArray[np.float64], weights: NDArray[np.float64]
) -> float:
    """Mean of -log(probability given to the truth), in nats.

    >>> weighted_log_loss(np.zeros(2), np.array([0.0, 1.0]), np.ones(2)).__round__(4)
    0.6931
    """
    return float(np.average(np.logaddexp(0.0, log_odds) - target * log_odds, weights=weights))


def _newton(
    columns: NDArray[np.float64], target: NDArray[np.float64], weights: NDArray[np.float64], ridge: float
) -> NDArray[np.float64]:
    penalty = np.full(columns.shape[1], ridge)
    penalty[-1] = 0.0
    mean = np.clip(np.average(target, weights=weights), 1e-9, 1 - 1e-9)
    now = np.zeros(columns.shape[1])
    now[-1] = np.log(mean / (1 - mean))
    loss = _objective(columns, target, weights, penalty=penalty, at=now)
    for _ in range(_ROUNDS):
        chance = sigmoid(columns @ now)
        slope = columns.T @ (weights * (chance - target)) + penalty * now
        bend = (columns * (weights * chance * (1 - chance))[:, None]).T @ columns + np.diag(penalty + 1e-9)
        step = np.linalg.solve(bend, slope)
        size, before = 1.0, loss
        while size > 1e-6:
            loss = _objective(columns, target, weights, penalty=penalty, at=now - size * step)
            if loss <= before:
                break
            size /= 2
        else:
            return now
        now = now - size * step
        if before - loss <= _CLOSE * (1 + abs(before)):
            break
    return now


def _objective(
    columns: NDArray[np.float64],
    target: NDArray[np.float64],
    weights: NDArray[np.float64],
    *,
    penalty: NDArray[np.float64],
    at: NDArray[np.float64],
) -> float:
    log_odds = columns @ at
    loss = weights @ (np.logaddexp(0.0, log_odds) - target * log_odds)
    return float(loss + 0.5 * penalty @ (at * at))
