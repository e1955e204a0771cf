"""Two models on the same rows, or two groups of rows: is the difference more than chance?"""

from math import comb, lgamma, log, sqrt

import numpy as np
from numpy.typing import NDArray

from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.limits import Interval
from roadworthy.measures.arrays import Values, aligned, binary
from roadworthy.measures.bootstrap import DRAWS, Statistic, bootstrap_interval
from roadworthy.measures.intervals import normal_interval, quantile_of

_EXACT = 1000  # up to here whole-number binomials are cheap; beyond, logarithms keep them from overflowing


def paired_cells(truth: Values, first: Values, second: Values) -> NDArray[np.int64]:
    """Count how two models answered the same rows.

    Returns:
        (2, 2, 2) counts by truth, decision of the first, decision of the second.

    Raises:
        MeasureError: if there are no rows, the columns differ in length, or a value is neither 0 nor 1.

    >>> paired_cells([1, 1, 0], [1, 1, 0], [1, 0, 0]).tolist()
    [[[1, 0], [0, 0]], [[0, 0], [1, 1]]]
    """
    true = binary(truth, name="truth")
    one, two = binary(first, name="first"), binary(second, name="second")
    aligned(true, one, names="truth and first")
    aligned(true, two, names="truth and second")
    return np.bincount(4 * true + 2 * one + two, minlength=8).reshape(2, 2, 2).astype(np.int64)


def mcnemar(only_first: int, only_second: int) -> float:
    """Chance of so uneven a disagreement, or more so, if both models were right equally often (two-sided p-value).

    Args:
        only_first: rows that the first model alone got right.
        only_second: rows that the second model alone got right.

    Returns:
        The exact binomial p-value, in (0, 1]; 1 where they never disagree.

    Raises:
        MeasureError: if a count is negative.

    Source: McNemar (1947), Psychometrika 12:153-157; exact form: Cochran (1950), Biometrika 37:256-266.

    >>> mcnemar(8, 1)
    0.0390625
    """
    if min(only_first, only_second) < 0:
        raise MeasureError("a count of disagreements is negative", where="mcnemar", fix="give counts of 0 or more")
    total, fewer = only_first + only_second, min(only_first, only_second)
    if total <= _EXACT:
        tail = sum(comb(total, k) for k in range(fewer + 1)) / (1 << total)
    else:
        logs = [lgamma(total + 1) - lgamma(k + 1) - lgamma(total - k + 1) for k in range(fewer + 1)]
        tail = float(np.sum(np.exp(np.array(logs) - total * log(2))))
    return min(1.0, 2 * tail)


def fisher_more(hits_a: int, trials_a: int, hits_b: int, trials_b: int) -> float:
    """Chance of so many hits in a, or more, if both shares were equal (one-sided p-value).

    Args:
        hits_a: hits in the first group; trials_a: its rows.
        hits_b: hits in the second group; trials_b: its rows.

    Raises:
        MeasureError: if hits are outside [0, trials].

    Source: Fisher (1935), J. R. Stat. Soc. 98:39-82.

    >>> round(fisher_more(8, 10, 1, 10), 5)
    0.00274
    """
    if not (0 <= hits_a <= trials_a and 0 <= hits_b <= trials_b):
        raise MeasureError("hits are more than trials", where="fisher_more", fix="give 0 <= hits <= trials")
    hits, rows = hits_a + hits_b, trials_a + trials_b
    last = min(hits, trials_a)
    start = log_comb(trials_a, hits_a) + log_comb(trials_b, hits_b) - log_comb(rows, hits)
    k = np.arange(hits_a, last, dtype=np.float64)
    # each next term of the hypergeometric law follows from the one before
    steps = np.log((trials_a - k) / (k + 1)) + np.log((hits - k) / (trials_b - hits + k + 1))
    terms = start + np.concatenate([[0.0], np.cumsum(steps)])
    return min(1.0, float(np.sum(np.exp(terms))))


def log_comb(among: int, chosen: int) -> float:
    """Logarithm of the number of ways to choose, for 0 <= chosen <= among.

    >>> round(log_comb(5, 2), 4)
    2.3026
    """
    return lgamma(among + 1) - lgamma(chosen + 1) - lgamma(among - chosen + 1)


def paired_cost_difference(
    cells: NDArray[np.int64], *, false_positive: float, false_negative: float, level: float = 0.95
) -> tuple[float, Interval]:
    """How much less a row costs with the first model than with the second, with its interval.

    Args:
        cells: from `paired_cells`.
        false_positive: cost of calling a negative row positive, at least 0.
        false_negative: cost of calling a positive row negative, at least 0.
        level: coverage of the interval.

    Returns:
        Mean cost of the second minus the first, in the unit of the costs; above 0 the first is better. Four rows are
        added to the spread, one for each kind of disagreement, so that models that never disagreed on some kind of
        row are not taken for equal on it.

    Raises:
        MeasureError: if there are no rows, or a cost is negative.

    Source: Bonett and Price (2012), J. Educ. Behav. Stat. 37:479-488 (adjusted Wald interval for paired shares),
    here for costs that differ by kind of error.

    >>> cells = paired_cells([1] * 40 + [0] * 60, [1] * 40 + [0] * 60, [1] * 20 + [0] * 80)
    >>> value, interval = paired_cost_difference(cells, false_positive=10, false_negative=1)
    >>> value, interval.low < value < interval.high
    (0.2, True)
    """
    rows = int(cells.sum())
    if rows == 0:
        raise MeasureError("the cost of no rows is not defined", where="cells", fix="give at least one row")
    if min(false_positive, false_negative) < 0:
        raise MeasureError("a cost is negative", where="costs", fix="give costs of at least 0")
    seen = np.array([cells[0, 0, 1], cells[0, 1, 0], cells[1, 1, 0], cells[1, 0, 1]], dtype=np.float64)
    worth = np.array([false_positive, -false_positive, false_negative, -false_negative])
    value = float(worth @ seen) / rows
    added = seen + 1
    mean = float(worth @ added) / (rows + 4)
    spread = float(worth**2 @ added) / (rows + 4) - mean**2
    found = normal_interval(mean, sqrt(max(spread, 0.0) / (rows + 4)), level=level)
    return value, Interval(min(found.low, value), max(found.high, value), level)


def paired_difference(
    cells: NDArray[np.int64], measure: Statistic, *, draws: int = DRAWS, seed: int = 0, level: float = 0.95
) -> tuple[float, Interval]:
    """Difference of any confusion measure between two models on the same rows, first minus second.

    Args:
        cells: from `paired_cells`.
        measure: (draws, 4) counts tp, fp, fn, tn to (draws,) numbers, such as `f_beta_of` or `mcc_of`.
        draws: number of redrawn tables. seed: the same seed gives the same interval.
        level: coverage of the interval.

    Raises:
        MeasureError: if there are no rows, or the measure is not defined on a redrawn table.

    Source: Efron (1979); the eight cells are redrawn together, so rows stay paired.

    >>> cells = paired_cells([1, 0] * 50, [1, 0] * 50, [1, 1] * 50)
    >>> value, interval = paired_difference(cells, lambda c: (c[:, 0] + c[:, 3]) / c.sum(axis=1))
    >>> value, interval.low > 0.3
    (0.5, True)
    """
    quantile_of(level)

    def difference(tables: NDArray[np.float64]) -> NDArray[np.float64]:
        by = tables.reshape(-1, 2, 2, 2)
        one, two = by.sum(axis=3), by.sum(axis=2)
        return measure(_cells_of(one)) - measure(_cells_of(two))

    flat = cells.reshape(-1)
    interval = bootstrap_interval(flat, difference, draws=draws, seed=seed, level=level)
    value = float(difference(flat[np.newaxis, :].astype(np.float64))[0])
    return value, Interval(min(interval.low, value), max(interval.high, value), level)


def _cells_of(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Counts by (truth, decision) in the order tp, fp, fn, tn."""
    return np.stack([table[:, 1, 1], table[:, 0, 1], table[:, 1, 0], table[:, 0, 0]], axis=1)
