"""Little's test of whether measured columns are missing completely at random."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from roadworthy.measures.tails import chi2_sf

_ROUNDS = 200
_CLOSE = 1e-6
_MOST_PATTERNS = 500
_RIDGE = 1e-9

Floats = NDArray[np.float64]


class LittleTest(NamedTuple):
    """The statistic is chi-square distributed with so many degrees of freedom if values are missing at random."""

    statistic: float
    degrees: int
    p_value: float
    patterns: int


def little(values: Floats) -> LittleTest | None:
    """Whether the means of what is there differ between patterns of missing values.

    Means and covariances under normality come from an EM over the patterns. The test is asymptotic: patterns of few
    rows and heavy tails make it reject too often, so its p-value is evidence beside the tests of single columns.

    Args:
        values: (rows, columns), nan where missing.

    Returns:
        None where it does not apply: one pattern alone, a column without spread, or more than 500 patterns.

    Source: Little (1988), A test of missing completely at random for multivariate data with missing values, J. Am.
    Stat. Assoc. 83:1198-1202.

    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(500, 2)); x[x[:, 0] > 1, 1] = np.nan
    >>> little(x).p_value < 1e-6
    True
    """
    kept = values[~np.isnan(values).all(axis=1)]
    spread = np.nanstd(kept, axis=0) if len(kept) else np.zeros(0)
    if not len(spread) or not bool(np.all(spread > 0)):
        return None
    scaled = (kept - np.nanmean(kept, axis=0)) / spread
    masks, which = np.unique(~np.isnan(scaled), axis=0, return_inverse=True)
    if not 2 <= len(masks) <= _MOST_PATTERNS:
        return None
    groups = [(mask, scaled[which == at][:, mask]) for at, mask in enumerate(masks)]
    mean, covariance = _em(groups, scaled.shape[1], len(scaled))
    statistic, degrees = 0.0, -scaled.shape[1]
    for mask, rows in groups:
        away = rows.mean(axis=0) - mean[mask]
        statistic += len(rows) * float(away @ np.linalg.solve(covariance[np.ix_(mask, mask)], away))
        degrees += int(mask.sum())
    return LittleTest(statistic, degrees, chi2_sf(statistic, degrees), len(masks)) if degrees > 0 else None


def _em(groups: list[tuple[NDArray[np.bool_], Floats]], width: int, rows: int) -> tuple[Floats, Floats]:
    """Mean and covariance of a normal distribution of which each pattern shows some columns."""
    mean, covariance = np.zeros(width), np.eye(width)
    for _ in range(_ROUNDS):
        sums, squares = np.zeros(width), np.zeros((width, width))
        for mask, seen in groups:
            full, left = _expected(mask, seen, mean, covariance)
            sums += full.sum(axis=0)
            squares += full.T @ full + len(seen) * left
        before, mean = mean, sums / rows
        old, covariance = covariance, squares / rows - np.outer(sums, sums) / rows**2 + _RIDGE * np.eye(width)
        if max(float(np.abs(mean - before).max()), float(np.abs(covariance - old).max())) < _CLOSE:
            break
    return mean, covariance


def _expected(mask: NDArray[np.bool_], seen: Floats, mean: Floats, covariance: Floats) -> tuple[Floats, Floats]:
    """Rows of one pattern with the expectation of what they lack, and the covariance that is left of it."""
    full, left = np.tile(mean, (len(seen), 1)), np.zeros_like(covariance)
    full[:, mask] = seen
    if mask.all():
        return full, left
    gain = np.linalg.solve(covariance[np.ix_(mask, mask)], covariance[np.ix_(mask, ~mask)])
    full[:, ~mask] += (seen - mean[mask]) @ gain
    left[np.ix_(~mask, ~mask)] = covariance[np.ix_(~mask, ~mask)] - covariance[np.ix_(~mask, mask)] @ gain
    return full, left
