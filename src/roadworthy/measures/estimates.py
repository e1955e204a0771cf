"""Intervals of the confusion measures that are no plain share.

A bootstrap of the four counts is the usual way, and it fails where it matters most: with no error seen, every redrawn
table is without error too, and ten clean rows prove perfection. These intervals keep their width there.
"""

from roadworthy.kernel.limits import Interval
from roadworthy.measures.bootstrap import DRAWS, posterior_interval
from roadworthy.measures.classification import Confusion, Share, expected_cost, f1, mcc, mcc_of, share
from roadworthy.measures.intervals import square_and_add, wilson


def jaccard(counted: Confusion) -> Share:
    """True positives among the rows that are positive or were called so; F1 is 2j / (1 + j) of this share j.

    Raises:
        MeasureError: if nothing is positive and nothing was called positive.

    >>> jaccard(Confusion(tp=18, fp=2, fn=12, tn=68))
    Share(hits=18, trials=32)
    """
    f1(counted)
    return Share(counted.tp, counted.tp + counted.fp + counted.fn)


def f1_interval(counted: Confusion, *, level: float = 0.95) -> Interval:
    """Interval of the F1 score, in [0, 1]; holds the estimate.

    F1 grows with the share of true positives among the rows that are positive or were called so, and that is a plain
    share: Wilson's interval of it, carried over.

    Raises:
        MeasureError: if nothing is positive and nothing was called positive.

    Source: Wilson (1927); the share is the index of Jaccard (1901).

    >>> interval = f1_interval(Confusion(tp=18, fp=2, fn=12, tn=68))
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.565, 0.836)
    """
    found = wilson(*jaccard(counted), level=level)
    return Interval(2 * found.low / (1 + found.low), 2 * found.high / (1 + found.high), level)


def balanced_accuracy_interval(counted: Confusion, *, level: float = 0.95) -> Interval:
    """Interval of the balanced accuracy, in [0, 1]; recall and specificity rest on different rows, so they add up.

    Raises:
        MeasureError: if a class is missing.

    Source: Zou and Donner (2008), Stat. Med. 27:1693-1702.

    >>> interval = balanced_accuracy_interval(Confusion(tp=10, fp=0, fn=0, tn=10))
    >>> round(interval.low, 2), interval.high
    (0.8, 1.0)
    """
    of = [share("recall", counted), share("specificity", counted)]
    return square_and_add([(0.5, hits / trials, wilson(hits, trials, level=level)) for hits, trials in of])


def expected_cost_interval(
    counted: Confusion, *, false_positive: float, false_negative: float, level: float = 0.95
) -> Interval:
    """Interval of the mean cost of a row, in the unit of the costs, never below 0.

    Slightly wide, as the two kinds of error are taken for independent.

    Raises:
        MeasureError: if there are no rows, or a cost is negative.

    Source: Zou and Donner (2008), Stat. Med. 27:1693-1702.

    >>> interval = expected_cost_interval(Confusion(tp=5, fp=0, fn=0, tn=5), false_positive=10, false_negative=1)
    >>> interval.low, round(interval.high, 1)
    (0.0, 2.8)
    """
    expected_cost(counted, false_positive=false_positive, false_negative=false_negative)
    kinds = [(false_positive, counted.fp), (false_negative, counted.fn)]
    parts = [(cost, seen / counted.rows, wilson(seen, counted.rows, level=level)) for cost, seen in kinds]
    found = square_and_add(parts)
    return Interval(max(0.0, found.low), found.high, level)


def mcc_interval(counted: Confusion, *, draws: int = DRAWS, seed: int = 0, level: float = 0.95) -> Interval:
    """Interval of the Matthews correlation, in [-1, 1]; holds the estimate.

    Raises:
        MeasureError: if a class is missing in the truth.

    Source: `posterior_interval` of the four counts.

    >>> mcc_interval(Confusion(tp=10, fp=0, fn=0, tn=10)).low < 0.9
    True
    """
    mcc(counted)
    return posterior_interval(counted.cells, mcc_of, draws=draws, seed=seed, level=level)
