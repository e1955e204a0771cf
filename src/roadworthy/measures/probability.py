"""Whether a probability means what it says."""

from math import erfc, sqrt

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.limits import Interval
from roadworthy.measures.arrays import Values, aligned, binary, probabilities, real
from roadworthy.measures.intervals import normal_interval, quantile_of, wilson

_LEAST = float(np.finfo(np.float64).eps)
_HALVINGS = 20


class Bin(Struct, frozen=True):
    """Rows of like probability, and how many of them were positive.

    Attributes:
        probability: their mean probability; share: of them that are positive, with its Wilson `interval`.
        rows: how many; at least 1.
    """

    probability: float
    share: float
    interval: Interval
    rows: int


def brier(truth: Values, probability: Values) -> float:
    """Mean squared distance of probability and truth, in [0, 1]; 0 is best.

    Args:
        truth: 0 or 1 per row.
        probability: of the positive class per row, in [0, 1].

    Raises:
        MeasureError: if there are no rows, the columns differ in length, or a probability is outside [0, 1].

    Source: Brier (1950), Mon. Weather Rev. 78:1-3.

    >>> round(brier([1, 0], [0.9, 0.2]), 6)
    0.025
    """
    return float(np.mean(brier_losses(truth, probability)))


def brier_losses(truth: Values, probability: Values) -> NDArray[np.float64]:
    """The squared distance of each row; `brier` is their mean.

    Raises:
        MeasureError: as `brier`.

    >>> brier_losses([1, 0], [1.0, 0.5]).tolist()
    [0.0, 0.25]
    """
    true, said = _pair(truth, probability)
    return (said - true) ** 2


def log_loss(truth: Values, probability: Values) -> float:
    """Mean negative log-likelihood of the truth, in nats; 0 is best.

    A probability of exactly 0 or 1 is moved inside by 2.2e-16, so that one sure mistake costs 36 nats and not infinity.

    Raises:
        MeasureError: as `brier`.

    >>> round(log_loss([1, 0], [0.9, 0.2]), 4)
    0.1643
    """
    return float(np.mean(log_losses(truth, probability)))


def log_losses(truth: Values, probability: Values) -> NDArray[np.float64]:
    """The negative log-likelihood of each row, in nats; `log_loss` is their mean.

    Raises:
        MeasureError: as `brier`.

    >>> log_losses([1], [1.0]).round(9).tolist()
    [0.0]
    """
    true, said = _pair(truth, probability)
    of_truth = np.where(true == 1, said, 1 - said)
    losses: NDArray[np.float64] = -np.log(np.clip(of_truth, _LEAST, 1 - _LEAST))
    return losses


def mean_interval(losses: Values, *, level: float = 0.95) -> Interval:
    """Interval of the mean of losses of at least 0; never below 0.

    Two rows are added to the spread, one at each end of what was seen, which widens the interval where rows are few.

    Raises:
        MeasureError: if there are fewer than 2 rows, since one shows no spread, or a loss is not finite.

    Source: after Agresti and Caffo (2000), Am. Stat. 54:280-288, who add a hit and a miss.

    >>> interval = mean_interval([0.0, 1.0, 0.0, 1.0])
    >>> round(interval.low, 2), round(interval.high, 2)
    (0.06, 0.94)
    """
    array = real(losses, name="losses")
    if len(array) == 1:
        raise MeasureError("one row shows no spread", where="losses", fix="give at least 2 rows")
    mean = float(array.mean())
    ends = np.array([array.min(), array.max()])
    squares = float(np.sum((array - mean) ** 2) + np.sum((ends - mean) ** 2))
    rows = len(array) + 2
    found = normal_interval(mean, sqrt(squares / (rows - 1) / rows), level=level)
    return Interval(max(0.0, found.low), found.high, level)


def reliability(truth: Values, probability: Values, *, bins: int = 10, level: float = 0.95) -> list[Bin]:
    """Rows in bins of equal count by probability, each with its share of positives; lowest first.

    Rows of one probability stay in one bin, so there may be fewer bins than asked for.

    Raises:
        MeasureError: as `brier`, or if fewer than 1 bin is asked for.

    Source: DeGroot and Fienberg (1983), The Statistician 32:12-22 (reliability diagrams).

    >>> [(bin.probability, bin.share, bin.rows) for bin in reliability([0, 0, 1, 1], [0.1, 0.1, 0.8, 0.8], bins=2)]
    [(0.1, 0.0, 2), (0.8, 1.0, 2)]
    """
    true, said = _pair(truth, probability)
    rows, mass, hits = _binned(true, said, bins=bins)
    return [
        Bin(total / count, hit / count, wilson(hit, count, level=level), int(count))
        for count, total, hit in zip(rows.tolist(), mass.tolist(), hits.tolist(), strict=True)
    ]


def ece(truth: Values, probability: Values, *, bins: int = 10) -> float:
    """Expected calibration error: mean distance of probability and share over `reliability` bins, in [0, 1].

    Even a perfectly calibrated model has one above 0 on a finite sample; `ece_interval` corrects for that.

    Raises:
        MeasureError: as `reliability`.

    Source: Naeini, Cooper and Hauskrecht (2015), AAAI, 2901-2907; bins of equal count: Nixon et al. (2019), CVPR
    Workshops.

    >>> round(ece([0, 0, 1, 1], [0.1, 0.1, 0.8, 0.8], bins=2), 3)
    0.15
    """
    true, said = _pair(truth, probability)
    rows, mass, hits = _binned(true, said, bins=bins)
    return float(np.sum(np.abs(mass - hits)) / np.sum(rows))


def ece_interval(  # two arrays and four ordinary settings, all with defaults
    truth: Values, probability: Values, *, bins: int = 10, draws: int = 1000, seed: int = 0, level: float = 0.95
) -> Interval:
    """Interval of `ece` that knows of its upward bias on a finite sample; holds the estimate.

    The lower bound is the least true error under which so large an estimate is not too rare; the true error is taken
    to lie in the bins that stand out. It is 0 for a model that may be perfect. The upper bound is that of bins redrawn
    around what was seen, with two rows more in each (one of either class): rather wide than narrow.

    Measured coverage: 92 to 100 % over calibrated, shifted, over-confident and locally wrong models, 100 to 4,000 rows.

    Raises:
        MeasureError: as `reliability`.

    Source: bias of the plain error: Broecker (2012), Clim. Dyn. 39:655-667; lower bound: inversion of a simulated
    test, after Davison and Hinkley (1997), section 5.6.

    >>> interval = ece_interval([0, 0, 1, 1] * 50, [0.0, 0.0, 0.8, 0.8] * 50, bins=2)
    >>> round(interval.low, 2), interval.high < 0.2
    (0.06, True)
    """
    quantile_of(level)
    true, said = _pair(truth, probability)
    rows, mass, hits = _binned(true, said, bins=bins)
    variance = _binned(true, said, bins=bins, weigh=said * (1 - said))[1] / rows**2
    weight, gaps = rows / rows.sum(), np.abs(mass - hits) / rows
    noise = np.random.default_rng(seed).standard_normal((draws, len(rows)))
    share = (hits + 1) / (rows + 2)
    redrawn = np.abs(gaps + np.sqrt(share * (1 - share) / (rows + 2)) * noise) @ weight
    seen, top = float(gaps @ weight), (1 + level) / 2
    high = float(np.quantile(redrawn, top))
    low = _least_error(weight, gaps, np.sqrt(variance) * noise, top=top)
    return Interval(min(low, seen), min(1.0, max(high, seen)), level)


def calibration_test(truth: Values, probability: Values) -> float:
    """Chance of probabilities so far off, or further, if they meant what they say (two-sided p-value).

    Raises:
        MeasureError: as `brier`, or if every probability is exactly 0, 0.5 or 1, on which the test says nothing.

    Source: Spiegelhalter (1986), Stat. Med. 5:421-433.

    >>> calibration_test([0, 1] * 50, [0.1, 0.9] * 50) < 0.01
    True
    """
    true, said = _pair(truth, probability)
    variance = float(np.sum((1 - 2 * said) ** 2 * said * (1 - said)))
    if variance == 0:
        raise MeasureError(
            "the calibration test says nothing: every probability is 0, 0.5 or 1",
            where="probability",
            fix="give probabilities, not decisions",
        )
    return erfc(abs(float(np.sum((true - said) * (1 - 2 * said)))) / sqrt(variance) / sqrt(2))


def _pair(truth: Values, probability: Values) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    true, said = binary(truth, name="truth"), probabilities(probability)
    aligned(true, said, names="truth and probability")
    return true, said


def _least_error(
    weight: NDArray[np.float64], gaps: NDArray[np.float64], noise: NDArray[np.float64], *, top: float
) -> float:
    """The least true error whose estimates reach the one seen often enough, by halving."""
    seen = float(gaps @ weight)
    pattern = np.where(gaps > 2 * noise.std(axis=0), gaps, 0.0)
    pattern = pattern / (pattern @ weight) if pattern.any() else np.ones_like(gaps)

    def reached(error: float) -> bool:
        return float(np.quantile(np.abs(error * pattern + noise) @ weight, top)) >= seen

    if reached(0.0):
        return 0.0
    low, high = 0.0, seen
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return low


def _binned(
    true: NDArray[np.int8], said: NDArray[np.float64], *, bins: int, weigh: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Rows, summed probability (or summed `weigh`) and positives of each bin that holds any row."""
    if bins < 1:
        raise MeasureError(f"{bins} bins hold nothing", where="bins", fix="ask for at least 1 bin")
    edges = np.unique(np.quantile(said, np.arange(1, bins) / bins, method="lower"))
    place = np.searchsorted(edges, said, side="left")
    rows = np.bincount(place, minlength=len(edges) + 1).astype(np.float64)
    mass = np.bincount(place, said if weigh is None else weigh, len(edges) + 1).astype(np.float64)
    hits = np.bincount(place, true, len(edges) + 1).astype(np.float64)
    filled = rows > 0
    return rows[filled], mass[filled], hits[filled]
