"""Cells that do not fit the rest of their row: robust, fast, and quiet on clean data.

Each column is held against what the other columns lead one to expect, by a regression from a robust correlation
matrix; what is left over is measured in robust standard deviations. How large a leftover may be is read from
the bulk of the column's own leftovers: their tail is continued to where one clean table in a hundred has a value.
"""

from math import exp, log

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.arrays import Values, real

Matrix = NDArray[np.float64]

_MAD = 1.4826
_INNER, _OUTER = 1.5, 4.0
_RIDGE = 0.01
_LEAST_ROWS = 100
_BULK_ROWS = 100_000  # rows from which the bulk is read; all rows are held against it
_BULK, _EDGE = 0.15, 0.02
_NORMAL, _HEAVY = (
    0.26,
    0.39,
)  # slopes on logarithmic scales: normal .24, Student t of 5 .34, exponential .36, t of 3 .43
_CAUTION, _MORE = 1.25, 14.0
_LEAST = 5.0


class Leftover(Struct, frozen=True, eq=False):
    """What each cell is beyond what its row lead one to expect.

    Attributes:
        size: (rows, columns), in robust standard deviations of the column's leftovers; NaN where a cell is missing.
        expected: (rows, columns), in the unit of the matrix that was given.
    """

    size: Matrix
    expected: Matrix


def robust_scale(values: Values) -> tuple[float, float]:
    """Median and median absolute deviation, the latter brought to the scale of a standard deviation.

    Returns:
        Both in the unit of the values; the deviation is 0 where more than half of the values are equal.

    Source: Hampel (1974), The influence curve and its role in robust estimation, J. Am. Stat. Assoc. 69:383-393.

    >>> robust_scale([1, 2, 3, 4, 1000])
    (3.0, 1.4826)
    """
    array = real(values, name="values")
    centre = float(np.median(array))
    return centre, _MAD * float(np.median(np.abs(array - centre)))


def wrap(scores: Matrix) -> Matrix:
    """Standard scores as they are up to 1.5, brought down smoothly to 0 at 4 and beyond.

    Source: Raymaekers and Rousseeuw (2021), Fast robust correlation for high-dimensional data, Technometrics
    63:184-198.

    >>> wrap(np.array([0.5, -1.5, 4.0, 100.0])).round(3).tolist()
    [0.5, -1.5, 0.0, 0.0]
    """
    first, second = 1.540793, 0.8622731
    size = np.abs(scores)
    bent = first * np.tanh(second * (_OUTER - size))
    return np.asarray(np.sign(scores) * np.where(size <= _INNER, size, np.where(size < _OUTER, bent, 0.0)))


def leftovers(matrix: Matrix, beside: Matrix | None = None) -> Leftover:
    """Every cell held against the other cells of its row.

    Args:
        matrix: (rows, columns) of quantities, roughly symmetric; NaN where missing. At least 100 rows.
        beside: (rows, more) of numbers that are only expected from, such as 0 and 1 for categories.

    Raises:
        MeasureError: if there are too few rows, or a column is constant for more than half of them.

    Source: as Rousseeuw and Van den Bossche (2018), Detecting deviating data cells, Technometrics 60:135-145, with the
    robust correlations of `wrap`.

    >>> size = np.random.default_rng(0).normal(0, 1, 500)
    >>> table = np.column_stack([size, 2 * size])
    >>> table[7, 1] = -table[7, 1] + 3
    >>> int(np.abs(leftovers(table).size[:, 1]).argmax())
    7
    """
    rows, columns = matrix.shape
    if rows < _LEAST_ROWS:
        raise MeasureError(f"{rows} rows show no bulk", where="matrix", fix=f"give {_LEAST_ROWS} rows or more")
    step = max(1, rows // _BULK_ROWS)
    scales = [robust_scale(column[~np.isnan(column)]) for column in matrix[::step].T]
    centre, spread = (np.array(part) for part in zip(*scales, strict=True))
    if not bool((spread > 0).all()):
        where = f"column {int(np.argmin(spread > 0))}"
        raise MeasureError("a column is constant for more than half of its rows", where=where, fix="leave it out")
    present = ~np.isnan(matrix)
    scores = np.where(present, (matrix - centre) / spread, 0.0)
    more = [_standard(beside)] if beside is not None and beside.shape[1] else []
    # a value that is odd by itself tells nothing of the others; all others are taken as they are
    limits = np.array([tail_limit(column[there]) for column, there in zip(scores.T, present.T, strict=True)])
    seen = np.column_stack([np.where(np.abs(scores) <= limits, scores, 0.0), *more])
    bent = np.column_stack([wrap(scores[::step]), *(part[::step] for part in more)])
    expected = seen @ _weights(bent, columns)
    rest = np.where(present, scores - expected, np.nan)
    bulk = rest[::step]
    middle = np.nanmedian(bulk, axis=0)
    deviation = _MAD * np.nanmedian(np.abs(bulk - middle), axis=0)
    return Leftover((rest - middle) / np.maximum(deviation, 1e-12), (expected + middle) * spread + centre)


def _weights(bent: Matrix, columns: int) -> Matrix:
    """Regression weights of each of the first columns on all others, itself left out."""
    products = bent.T @ bent / len(bent)
    products[np.diag_indices_from(products)] += _RIDGE
    weights = np.zeros((products.shape[0], columns))
    for place in range(columns):
        others = np.delete(np.arange(products.shape[0]), place)
        weights[others, place] = np.linalg.solve(products[np.ix_(others, others)], products[others, place])
    return weights


def tail_limit(sizes: Values, *, chance: float = 0.01) -> float:
    """How large the largest of these may be in clean data, but for `chance`; read from all but the largest 2 %.

    The tail is continued as that of a Weibull distribution from the 85 % to the 98 % quantile; where it falls off much
    more slowly than an exponential one, as that of a Pareto distribution. The limit is set a quarter higher, and more
    the heavier the tail is, since the bulk says little of heavy ones; it is at least 5.

    Args:
        sizes: absolute leftovers, at least 100.
        chance: that clean data of this size exceed the limit, in (0, 1).

    Raises:
        MeasureError: if there are too few sizes.

    >>> bulk = np.abs(np.random.default_rng(0).normal(0, 1, 10_000))
    >>> bool(bulk.max() < tail_limit(bulk) < 8)
    True
    """
    array = np.abs(real(sizes, name="sizes"))
    if len(array) < _LEAST_ROWS:
        raise MeasureError(f"{len(array)} values have no tail", where="sizes", fix=f"give {_LEAST_ROWS} or more")
    start, end = (max(float(np.quantile(array, 1 - share)), 1e-9) for share in (_BULK, _EDGE))
    rare = chance / len(array)
    slope = log(end / start) / log(_BULK / _EDGE)
    if slope > _HEAVY:
        limit = end * exp(min(slope * log(_EDGE / rare), 50.0))
    else:
        bend = log(end / start) / log(log(1 / _EDGE) / log(1 / _BULK))
        limit = end * (log(1 / rare) / log(1 / _EDGE)) ** bend
    return max((_CAUTION + _MORE * max(slope - _NORMAL, 0.0)) * limit, _LEAST)


def _standard(beside: Matrix) -> Matrix:
    spread = beside.std(axis=0)
    kept = spread > 0
    return np.asarray((beside[:, kept] - beside[:, kept].mean(axis=0)) / spread[kept])
