"""How far apart two distributions lie."""

import numpy as np
from numpy.typing import NDArray

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.arrays import Values, aligned, counts, real


def psi(expected: Values, observed: Values) -> float:
    """Population stability index of two tables of counts over the same bins, in nats; 0 is equal.

    Half a row is added to each bin that either side filled, so that an empty bin gives a large number and not
    infinity; bins that both left empty are no bins and are left out.

    Args:
        expected: count of each bin in the reference.
        observed: count of each bin now, in the same order.

    Raises:
        MeasureError: if a side counts nothing, a count is negative, or the bins differ in number.

    Source: Siddiqi (2006), Credit Risk Scorecards; it is the symmetric divergence of Jeffreys (1946).

    >>> round(psi([50, 50], [80, 20]), 3)
    0.406
    """
    first, second = _pair(expected, observed)
    filled = (first > 0) | (second > 0)
    p, q = _smoothed(first[filled]), _smoothed(second[filled])
    return float(np.sum((q - p) * np.log(q / p)))


def jensen_shannon(first: Values, second: Values) -> float:
    """Jensen-Shannon distance of two tables of counts over the same bins, in [0, 1]; a metric.

    Raises:
        MeasureError: as `psi`.

    Source: Lin (1991), IEEE Trans. Inf. Theory 37:145-151; its root is a metric: Endres and Schindelin (2003), IEEE
    Trans. Inf. Theory 49:1858-1860. Logarithms to base 2.

    >>> jensen_shannon([1, 0], [0, 1])
    1.0
    """
    one, two = _pair(first, second)
    p, q = one / one.sum(), two / two.sum()
    middle = (p + q) / 2
    divergence = (_relative(p, middle) + _relative(q, middle)) / 2
    return float(np.sqrt(min(max(divergence, 0.0), 1.0)))


def total_variation(first: Values, second: Values) -> float:
    """Share of rows that would have to move to make two tables of counts alike, in [0, 1].

    Raises:
        MeasureError: as `psi`.

    >>> round(total_variation([50, 50], [80, 20]), 9)
    0.3
    """
    one, two = _pair(first, second)
    return float(np.sum(np.abs(one / one.sum() - two / two.sum())) / 2)


def ks(first: Values, second: Values) -> float:
    """Largest distance of two cumulative distributions, from two samples; in [0, 1]. O(n log n).

    Raises:
        MeasureError: if a sample is empty or not finite.

    Source: Smirnov (1939), Bull. Math. Univ. Moscou 2.

    >>> ks([1, 2, 3, 4], [2, 3, 4, 5])
    0.25
    """
    one, two = np.sort(real(first, name="first")), np.sort(real(second, name="second"))
    every = np.concatenate([one, two])
    gaps = _below(one, every) - _below(two, every)
    return float(np.max(np.abs(gaps)))


def ks_counts(first: Values, second: Values) -> float:
    """Largest distance of two cumulative distributions, from counts over the same ordered bins; in [0, 1].

    It is at most the distance of the samples that were counted.

    Raises:
        MeasureError: as `psi`.

    >>> round(ks_counts([50, 50], [80, 20]), 9)
    0.3
    """
    one, two = _pair(first, second)
    return float(np.max(np.abs(np.cumsum(one) / one.sum() - np.cumsum(two) / two.sum())))


def wasserstein(first: Values, second: Values) -> float:
    """Mean distance that the values of one sample must move to become the other, in the unit of the values.

    Raises:
        MeasureError: as `ks`.

    Source: Vallender (1974), Theory Probab. Appl. 18:784-786 (area between cumulative distributions).

    >>> wasserstein([0, 1], [5, 6])
    5.0
    """
    one, two = np.sort(real(first, name="first")), np.sort(real(second, name="second"))
    every = np.sort(np.concatenate([one, two]))
    gaps = np.abs(_below(one, every[:-1]) - _below(two, every[:-1]))
    return float(np.sum(gaps * np.diff(every)))


def wasserstein_counts(values: Values, first: Values, second: Values) -> float:
    """As `wasserstein`, from counts at the same ascending values.

    Raises:
        MeasureError: as `psi`, or if the values do not ascend.

    >>> wasserstein_counts([0, 1, 5], [2, 0, 0], [0, 0, 2])
    5.0
    """
    places = real(values, name="values")
    one, two = _pair(first, second)
    aligned(places, one, names="values and counts")
    if bool(np.any(np.diff(places) <= 0)):
        raise MeasureError("the values of the bins do not ascend", where="values", fix="sort the bins by value")
    gaps = np.abs(np.cumsum(one) / one.sum() - np.cumsum(two) / two.sum())[:-1]
    return float(np.sum(gaps * np.diff(places)))


def _pair(first: Values, second: Values) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    one, two = counts(first, name="first"), counts(second, name="second")
    aligned(one, two, names="the two tables of counts")
    return one, two


def _smoothed(table: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((table + 0.5) / (table.sum() + 0.5 * len(table)), dtype=np.float64)


def _relative(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    there = p > 0
    return float(np.sum(p[there] * np.log2(p[there] / q[there])))


def _below(ordered: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of a sorted sample at or below each place."""
    return np.asarray(np.searchsorted(ordered, places, side="right") / len(ordered), dtype=np.float64)
