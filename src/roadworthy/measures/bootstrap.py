"""Intervals by redrawing, for numbers that no formula covers.

A bootstrap of the rows of a test set changes nothing but the counts of a table (confusion cells, or cells of two
models side by side). Drawing those counts from a multinomial law is exactly the same thing, and thousands of times
cheaper than drawing rows.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.limits import Interval
from roadworthy.measures.arrays import Values, counts
from roadworthy.measures.intervals import quantile_of

Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""A number of each of many tables: (draws, cells) counts in, (draws,) numbers out."""

DRAWS = 2000


def bootstrap_interval(
    cells: Values, statistic: Statistic, *, draws: int = DRAWS, seed: int = 0, level: float = 0.95
) -> Interval:
    """Percentile interval of a statistic of a table of counts: the row bootstrap, exactly.

    It cannot see what did not happen: a cell of 0 stays 0 in every draw, so a table without errors gets an interval
    of no width. Where that matters use `posterior_interval`.

    Args:
        cells: counts of the table, flat.
        statistic: vectorised over tables, defined on every one of them.
        draws: number of tables drawn, at least 100.
        seed: the same seed gives the same interval.
        level: coverage, in (0, 1).

    Raises:
        MeasureError: if the table is empty, or a draw has no defined value.

    Source: Efron (1979), Ann. Stat. 7:1-26; percentile interval.

    >>> interval = bootstrap_interval([50, 50], lambda tables: tables[:, 0] / tables.sum(axis=1))
    >>> round(interval.low, 1), round(interval.high, 1)
    (0.4, 0.6)
    """
    table = counts(cells, name="cells")
    rows = int(table.sum())
    drawn = np.random.default_rng(seed).multinomial(rows, table / table.sum(), size=_enough(draws))
    return _percentiles(statistic(drawn.astype(np.float64)), level=level)


def posterior_interval(
    cells: Values, statistic: Statistic, *, draws: int = DRAWS, seed: int = 0, level: float = 0.95
) -> Interval:
    """Interval of a statistic of a table of counts that also holds at the edges, where a cell is 0.

    Shares of the cells are drawn from the Dirichlet law that the counts and Jeffreys' prior (half a row a cell) give.
    It holds the observed value.

    Raises:
        MeasureError: as `bootstrap_interval`.

    Source: Brown, Cai and DasGupta (2001), Stat. Sci. 16:101-133 (Jeffreys' prior); Goutte and Gaussier (2005), ECIR,
    LNCS 3408:345-359 (scores of a confusion table).

    >>> interval = posterior_interval([10, 0], lambda tables: tables[:, 0] / tables.sum(axis=1))
    >>> round(interval.low, 2), interval.high
    (0.79, 1.0)
    """
    table = counts(cells, name="cells")
    shares = np.random.default_rng(seed).dirichlet(table + 0.5, size=_enough(draws))
    found = _percentiles(statistic(shares * table.sum()), level=level)
    seen = float(statistic(table[np.newaxis, :])[0])
    return Interval(min(found.low, seen), max(found.high, seen), level)


def _enough(draws: int) -> int:
    if draws < 100:
        raise MeasureError(f"{draws} draws give no interval", where="draws", fix="draw at least 100, better 2000")
    return draws


def _percentiles(drawn: NDArray[np.float64], *, level: float) -> Interval:
    quantile_of(level)  # refuses a level that is no coverage
    if not bool(np.all(np.isfinite(drawn))):
        raise MeasureError(
            "the statistic is not defined on some redrawn tables",
            where="statistic",
            fix="give it a value there, or measure it on more rows",
        )
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]).tolist()
    return Interval(low, high, level)
