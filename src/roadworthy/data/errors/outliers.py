"""Numbers far beyond what the tail of their own column allows."""

from math import log

import numpy as np
from numpy.typing import NDArray

from roadworthy.data.errors.coded import Coded
from roadworthy.data.errors.signals import Hint, Signal, at_values
from roadworthy.data.errors.units import factor

_FEWEST = 50
_DISTINCT = 10
_TAIL = (0.80, 0.975)
_CERTAIN = 4.0
_GAP = 2.5
_MIRRORED = 0.02
_CAP = 5
_CODE = 4


def outliers(column: Coded) -> list[Signal]:
    """Numbers that even a heavy tail, as heavy as the column's own, would hardly hold.

    The tail between two high quantiles gives its scale, once straight and once in logarithms (as a Pareto tail); the
    more forgiving one judges. So incomes and prices, whose tails are long, are left alone, and an age of 468 is not.

    Source: the exponential and Pareto tails of Hill (1975), Ann. Stat. 3:1163-1174, from quantiles rather than
    extremes, so that the errors that are looked for do not set the scale.
    """
    if column.number_share < 0.9 or column.present < _FEWEST or len(column.values) < _DISTINCT:
        return []
    if _codes(column):
        return []
    known = ~np.isnan(column.numbers)
    values, weights = column.numbers[known], column.counts[known]
    order = np.argsort(values)
    values, weights, codes = values[order], weights[order], np.flatnonzero(known)[order]
    hints = _beyond(values, weights, codes) | _beyond(-values[::-1], weights[::-1], codes[::-1])
    hints |= _negative(values, weights, codes)
    return at_values("outlier", column, hints)


def _codes(column: Coded) -> bool:
    """Whole numbers of one length, four digits or more, name things; they measure nothing."""
    lengths = np.array([len(value) for value in column.values])
    usual = np.bincount(lengths, weights=column.counts)
    whole = column.counts[[value.isdigit() for value in column.values]].sum()
    return bool(usual.argmax() >= _CODE and usual.max() >= 0.9 * column.present and whole >= 0.9 * column.present)


def _beyond(values: NDArray[np.float64], weights: NDArray[np.int64], codes: NDArray[np.int64]) -> dict[int, Hint]:
    """The upper end; `values` ascending. A value that holds half of the rows (a zero for "none") is left out."""
    kept = weights <= 0.5 * weights.sum()
    values, weights, codes = values[kept], weights[kept], codes[kept]
    if len(values) < _DISTINCT or weights.sum() < _FEWEST:
        return {}
    low, high = (_quantile(values, weights, q) for q in _TAIL)
    if high <= low:
        return {}
    middle, spread = _quantile(values, weights, 0.5), log((1 - _TAIL[0]) / (1 - _TAIL[1]))
    with np.errstate(divide="ignore", invalid="ignore"):
        heavy = np.log(values) if low > 0 else values
        scales = [(values - low) / (high - low) * spread]
        scales.append(
            (heavy - heavy[np.searchsorted(values, low)]) / (log(high / low) if low > 0 else high - low) * spread
        )
    excess = np.maximum(np.fmin(*scales), 0.0)
    apart = _behind_gap(excess, values > high)
    if apart.sum() == 1 and weights[apart][0] > _CAP:
        # one value at the end that stands there often is where somebody cut the scale
        return {}
    score = excess - log(weights.sum() * (1 - _TAIL[0]))
    hints = {}
    for at in np.flatnonzero(apart & (score > 0)):
        name = factor(float(values[at] / middle)) if middle else ""
        likelihood = 0.9 * (1 - float(np.exp(-(score[at] + _GAP) / _CERTAIN)))
        hints[int(codes[at])] = Hint(likelihood, None, f"far beyond the rest{f', by {name}' if name else ''}")
    return hints


def _behind_gap(excess: NDArray[np.float64], tail: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Values behind a gap in the tail that is wider than chance would leave."""
    gaps = np.diff(excess, prepend=excess[0])
    wide = np.flatnonzero(tail & (gaps >= _GAP))
    return np.arange(len(excess)) >= wide[0] if len(wide) else np.zeros(len(excess), dtype=bool)


def _negative(values: NDArray[np.float64], weights: NDArray[np.int64], codes: NDArray[np.int64]) -> dict[int, Hint]:
    """Few negative numbers that mirror the positive ones: a sign that slipped in, not the low end of a scale."""
    negative = values < 0
    if not 0 < weights[negative].sum() <= _MIRRORED * weights.sum():
        return {}
    usual = _quantile(values[~negative], weights[~negative], 0.5)
    lowest = _quantile(values[~negative], weights[~negative], 0.02)
    mirrored = -_quantile(values[negative], weights[negative], 0.5)
    if lowest <= 0 or mirrored < 0.6 * usual:
        return {}
    return {int(codes[at]): Hint(0.8, None, "negative, which hardly any other is") for at in np.flatnonzero(negative)}


def _quantile(values: NDArray[np.float64], weights: NDArray[np.int64], share: float) -> float:
    return float(values[min(np.searchsorted(np.cumsum(weights), share * weights.sum()), len(values) - 1)])
