"""Linear models in closed form or a few Newton steps: yardsticks that cost nearly nothing, not what is released."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.kernel.errors import MeasureError

_ROUNDS = 30
_CLOSE = 1e-6
_MOST_LOGIT = 30.0

Floats = NDArray[np.float64]


class Linear(Struct, frozen=True):
    """A weighted sum of columns and an intercept."""

    weights: Floats
    intercept: float

    def __call__(self, columns: Floats) -> Floats:
        """One number a row: the prediction of `fit_ridge`, the log-odds of `fit_logistic`."""
        return columns @ self.weights + self.intercept


def fit_ridge(columns: Floats, target: Floats, *, penalty: float = 1.0) -> Linear:
    """Least squares with a penalty on the squared weights, not on the intercept.

    Args:
        columns: (rows, k), finite; of about one scale, since the penalty treats all alike.
        target: (rows,), finite.
        penalty: above 0, in rows: as if so many rows said that a weight is 0.

    Raises:
        MeasureError: if there is no row, or lengths differ.

    Source: Hoerl and Kennard (1970), Ridge regression, Technometrics 12:55-67.

    >>> found = fit_ridge(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0]), penalty=1e-9)
    >>> round(float(found.weights[0]), 6), round(found.intercept, 6)
    (2.0, 1.0)
    """
    _demand(columns, target)
    middle, mean = columns.mean(axis=0), float(target.mean())
    moved = columns - middle
    weights = np.linalg.solve(moved.T @ moved + penalty * np.eye(columns.shape[1]), moved.T @ (target - mean))
    return Linear(weights, mean - float(middle @ weights))


def fit_logistic(columns: Floats, target: Floats, *, penalty: float = 1.0) -> Linear:
    """Logistic regression with a penalty on the squared weights, by Newton's method.

    Args:
        columns: (rows, k), finite, of about one scale.
        target: (rows,) of 0 and 1; where all are one class the log-odds are large and finite.
        penalty: above 0; keeps weights finite where the classes part cleanly.

    Raises:
        MeasureError: if there is no row, or lengths differ.

    Source: le Cessie and van Houwelingen (1992), Ridge estimators in logistic regression, Appl. Stat. 41:191-201.

    >>> found = fit_logistic(np.array([[-1.0], [-1.0], [1.0], [1.0]]), np.array([0.0, 1.0, 1.0, 1.0]))
    >>> bool(found.weights[0] > 0)
    True
    """
    _demand(columns, target)
    held = np.column_stack([columns, np.ones(len(columns))])
    shrink = np.append(np.full(columns.shape[1], penalty), 1e-6)
    share = (target.sum() + 0.5) / (len(target) + 1)
    now = np.append(np.zeros(columns.shape[1]), np.log(share / (1 - share)))
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(held @ now, -_MOST_LOGIT, _MOST_LOGIT)))
        slope = held.T @ (chance - target) + shrink * now
        bend = (held * (chance * (1 - chance))[:, None]).T @ held + np.diag(shrink)
        step = np.linalg.solve(bend, slope)
        now = now - step
        if float(np.abs(step).max()) < _CLOSE:
            break
    return Linear(now[:-1], float(now[-1]))


def _demand(columns: Floats, target: Floats) -> None:
    if not len(target) or len(columns) != len(target):
        raise MeasureError(
            f"{len(columns)} rows of columns and {len(target)} of the target",
            where="columns",
            fix="give one target a row",
        )
