"""Right and wrong answers counted: every measure of a yes-or-no decision is read from four counts.

The formulas work on arrays of counts too, so that a bootstrap of thousands of tables costs one call.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.measures.arrays import Values, aligned, binary

Counts = NDArray[np.float64]
"""One count of each of many tables."""


class Confusion(Struct, frozen=True):
    """How often truth and decision met.

    Attributes:
        tp: positive and called positive. fp: negative but called positive.
        fn: positive but called negative. tn: negative and called negative. All are counts of at least 0.
    """

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def rows(self) -> int:
        """All rows."""
        return self.tp + self.fp + self.fn + self.tn

    @property
    def positives(self) -> int:
        """Rows that are positive in truth."""
        return self.tp + self.fn

    @property
    def negatives(self) -> int:
        """Rows that are negative in truth."""
        return self.fp + self.tn

    @property
    def cells(self) -> NDArray[np.int64]:
        """The counts in the order tp, fp, fn, tn."""
        return np.array([self.tp, self.fp, self.fn, self.tn], dtype=np.int64)


class Share(NamedTuple):
    """A share before it is divided: `hits` of `trials`."""

    hits: int
    trials: int


class _ShareOf(NamedTuple):
    hits: Callable[[Confusion], int]
    trials: Callable[[Confusion], int]
    missing: str


_SHARES: dict[str, _ShareOf] = {
    "accuracy": _ShareOf(lambda c: c.tp + c.tn, lambda c: c.rows, "there are no rows"),
    "error_rate": _ShareOf(lambda c: c.fp + c.fn, lambda c: c.rows, "there are no rows"),
    "precision": _ShareOf(lambda c: c.tp, lambda c: c.tp + c.fp, "nothing was called positive"),
    "recall": _ShareOf(lambda c: c.tp, lambda c: c.positives, "no row is positive"),
    "specificity": _ShareOf(lambda c: c.tn, lambda c: c.negatives, "no row is negative"),
    "false_positive_rate": _ShareOf(lambda c: c.fp, lambda c: c.negatives, "no row is negative"),
    "false_negative_rate": _ShareOf(lambda c: c.fn, lambda c: c.positives, "no row is positive"),
    "negative_predictive_value": _ShareOf(lambda c: c.tn, lambda c: c.tn + c.fn, "nothing was called negative"),
    "selection_rate": _ShareOf(lambda c: c.tp + c.fp, lambda c: c.rows, "there are no rows"),
    "prevalence": _ShareOf(lambda c: c.positives, lambda c: c.rows, "there are no rows"),
}
SHARES: tuple[str, ...] = tuple(_SHARES)
"""The measures that are a share of some of the rows, so that Wilson's interval is theirs."""


def confusion(truth: Values, decision: Values) -> Confusion:
    """Count the four ways in which truth and decision meet.

    Args:
        truth: 0 or 1 per row, 1 is the positive class.
        decision: 0 or 1 per row, in the same order.

    Raises:
        MeasureError: if there are no rows, the columns differ in length, or a value is neither 0 nor 1.

    >>> confusion([1, 1, 0, 0], [1, 0, 1, 0])
    Confusion(tp=1, fp=1, fn=1, tn=1)
    """
    true, said = binary(truth, name="truth"), binary(decision, name="decision")
    aligned(true, said, names="truth and decision")
    tn, fp, fn, tp = np.bincount(2 * true + said, minlength=4).tolist()
    return Confusion(tp=tp, fp=fp, fn=fn, tn=tn)


def share(measure: str, counted: Confusion) -> Share:
    """Hits and trials of a measure that is a share (one of `SHARES`).

    Raises:
        MeasureError: if no such share is known, or it has no trials (recall without positives).

    >>> share("precision", Confusion(tp=18, fp=2, fn=12, tn=68))
    Share(hits=18, trials=20)
    """
    if measure not in _SHARES:
        raise MeasureError(f"{measure!r} is no share of rows", where="measure", fix=did_you_mean(measure, _SHARES))
    of = _SHARES[measure]
    trials = of.trials(counted)
    if trials == 0:
        raise MeasureError(
            f"{measure.replace('_', ' ')} is not defined: {of.missing}",
            where=str(counted),
            fix="measure it on rows where it is, or use another measure",
        )
    return Share(of.hits(counted), trials)


def accuracy(counted: Confusion) -> float:
    """Share of right decisions, in [0, 1]. Misleads where one class is rare.

    Raises:
        MeasureError: if there are no rows.

    >>> accuracy(Confusion(tp=23, fp=1, fn=7, tn=69))
    0.92
    """
    return _divided(share("accuracy", counted))


def error_rate(counted: Confusion) -> float:
    """Share of wrong decisions, in [0, 1]; 1 minus accuracy.

    Raises:
        MeasureError: if there are no rows.

    >>> error_rate(Confusion(tp=23, fp=1, fn=7, tn=69))
    0.08
    """
    return _divided(share("error_rate", counted))


def precision(counted: Confusion) -> float:
    """Share of the rows called positive that are positive, in [0, 1].

    Raises:
        MeasureError: if nothing was called positive.

    >>> precision(Confusion(tp=18, fp=2, fn=12, tn=68))
    0.9
    """
    return _divided(share("precision", counted))


def recall(counted: Confusion) -> float:
    """Share of the positive rows that were called positive, in [0, 1]; also sensitivity or true-positive rate.

    Raises:
        MeasureError: if no row is positive.

    >>> recall(Confusion(tp=18, fp=2, fn=12, tn=68))
    0.6
    """
    return _divided(share("recall", counted))


def specificity(counted: Confusion) -> float:
    """Share of the negative rows that were called negative, in [0, 1].

    Raises:
        MeasureError: if no row is negative.

    >>> specificity(Confusion(tp=0, fp=1, fn=0, tn=3))
    0.75
    """
    return _divided(share("specificity", counted))


def false_positive_rate(counted: Confusion) -> float:
    """Share of the negative rows that were called positive, in [0, 1]; 1 minus specificity.

    Raises:
        MeasureError: if no row is negative.

    >>> false_positive_rate(Confusion(tp=0, fp=1, fn=0, tn=3))
    0.25
    """
    return _divided(share("false_positive_rate", counted))


def false_negative_rate(counted: Confusion) -> float:
    """Share of the positive rows that were called negative, in [0, 1]; 1 minus recall.

    Raises:
        MeasureError: if no row is positive.

    >>> false_negative_rate(Confusion(tp=3, fp=0, fn=1, tn=0))
    0.25
    """
    return _divided(share("false_negative_rate", counted))


def f_beta(counted: Confusion, *, beta: float = 1.0) -> float:
    """Weighted harmonic mean of precision and recall, in [0, 1]; recall counts `beta` times as much.

    Where something is positive but nothing was called so (or the reverse) it is 0.

    Raises:
        MeasureError: if nothing is positive and nothing was called positive, or beta is not above 0.

    Source: van Rijsbergen (1979), Information Retrieval, chapter 7.

    >>> round(f_beta(Confusion(tp=18, fp=2, fn=12, tn=68), beta=0.5), 4)
    0.8182
    """
    if not beta > 0:
        raise MeasureError(f"beta is {beta:g}", where="beta", fix="give a number above 0; 1 is the F1 score")
    if counted.tp + counted.fp + counted.fn == 0:
        raise MeasureError(
            "the F score is not defined: no row is positive and nothing was called positive",
            where=str(counted),
            fix="measure it on rows that hold positives",
        )
    return float(f_beta_of(counted.cells.astype(np.float64), beta=beta))


def f1(counted: Confusion) -> float:
    """Harmonic mean of precision and recall, in [0, 1].

    Raises:
        MeasureError: as `f_beta`.

    >>> round(f1(Confusion(tp=18, fp=2, fn=12, tn=68)), 2)
    0.72
    """
    return f_beta(counted)


def balanced_accuracy(counted: Confusion) -> float:
    """Mean of recall and specificity, in [0, 1]; 0.5 for any answer that ignores the input.

    Raises:
        MeasureError: if a class is missing.

    >>> balanced_accuracy(Confusion(tp=0, fp=0, fn=1, tn=99))
    0.5
    """
    return (recall(counted) + specificity(counted)) / 2


def mcc(counted: Confusion) -> float:
    """Correlation of truth and decision, in [-1, 1] (Matthews; phi).

    It is 0 where everything was called the same, as such an answer carries nothing about the truth.

    Raises:
        MeasureError: if a class is missing in the truth.

    Source: Matthews (1975), Biochim. Biophys. Acta 405:442-451.

    >>> mcc(Confusion(tp=50, fp=0, fn=0, tn=50))
    1.0
    """
    if not counted.positives or not counted.negatives:
        raise MeasureError(
            "the Matthews correlation is not defined: one class is missing",
            where=str(counted),
            fix="measure it on rows of both classes",
        )
    return float(mcc_of(counted.cells.astype(np.float64)))


def expected_cost(counted: Confusion, *, false_positive: float, false_negative: float) -> float:
    """Mean cost of a row, in the unit of the costs.

    Args:
        counted: the four counts.
        false_positive: cost of calling a negative row positive, at least 0.
        false_negative: cost of calling a positive row negative, at least 0.

    Raises:
        MeasureError: if there are no rows, or a cost is negative.

    >>> expected_cost(Confusion(tp=23, fp=1, fn=7, tn=69), false_positive=10, false_negative=1)
    0.17
    """
    if counted.rows == 0:
        raise MeasureError("the cost of no rows is not defined", where=str(counted), fix="give at least one row")
    if min(false_positive, false_negative) < 0:
        raise MeasureError("a cost is negative", where="costs", fix="give costs of at least 0")
    return (counted.fp * false_positive + counted.fn * false_negative) / counted.rows


def f_beta_of(cells: Counts, *, beta: float = 1.0) -> Counts:
    """The F score of many tables at once.

    Args:
        cells: (..., 4) counts in the order tp, fp, fn, tn.
        beta: weight of recall, above 0.

    Returns:
        (...) scores; 0 for a table in which nothing is positive and nothing was called so.

    >>> f_beta_of(np.array([[18.0, 2, 12, 68], [0, 0, 0, 5]])).tolist()
    [0.72, 0.0]
    """
    tp, fp, fn = cells[..., 0], cells[..., 1], cells[..., 2]
    top, bottom = (1 + beta**2) * tp, (1 + beta**2) * tp + beta**2 * fn + fp
    return np.divide(top, bottom, out=np.zeros_like(bottom), where=bottom > 0)


def mcc_of(cells: Counts) -> Counts:
    """The Matthews correlation of many tables at once.

    Args:
        cells: (..., 4) counts in the order tp, fp, fn, tn.

    Returns:
        (...) correlations; 0 for a table in which a row or a column is empty.

    >>> mcc_of(np.array([[5.0, 0, 0, 5], [5, 5, 0, 0]])).tolist()
    [1.0, 0.0]
    """
    tp, fp, fn, tn = (cells[..., place] for place in range(4))
    top = tp * tn - fp * fn
    # roots are taken before the product: four counts of a million each would leave float64's exact range
    bottom = np.sqrt((tp + fp) * (tp + fn)) * np.sqrt((tn + fp) * (tn + fn))
    correlation: Counts = np.divide(top, bottom, out=np.zeros_like(bottom), where=bottom > 0)
    return correlation.clip(-1.0, 1.0)


def _divided(of: Share) -> float:
    return of.hits / of.trials
