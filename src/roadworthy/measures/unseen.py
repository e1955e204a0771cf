"""What a sample says of what it does not hold: bounds on rare events, on values never met, on extremes to come."""

from collections.abc import Callable
from functools import lru_cache
from math import exp, lgamma, log, log1p, sqrt

import numpy as np
from numpy.typing import NDArray

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.arrays import Values, real
from roadworthy.measures.intervals import quantile_of

_HALVINGS = 100
_TERMS = 400
_MANY = 1_000  # singletons from which the Poisson count is as good as normal
_TINY = 1e-300
_BENT = 1.0  # standard deviation of the excess over its mean: 1 for an exponential tail, more for a heavy one
_FARTHEST = 50.0


def share_above(hits: int, trials: int, *, level: float = 0.95) -> float:
    """The largest share that a count still allows: one-sided, exact (Clopper-Pearson).

    Args:
        hits: 0 <= hits <= trials.
        trials: at least 1.
        level: coverage of the bound, in (0, 1).

    Returns:
        A share in [0, 1]; with no hit, about 3 / trials at 95 % (the rule of three).

    Raises:
        MeasureError: if there are no trials, or the hits are not among them.

    Source: Clopper and Pearson (1934), Biometrika 26:404-413; Hanley and Lippman-Hand (1983), If nothing goes wrong,
    is everything all right?, JAMA 249:1743-1745.

    >>> round(share_above(0, 1000), 5), round(share_above(3, 1000), 5)
    (0.00299, 0.00774)
    """
    _counts(hits, trials)
    if hits == trials:
        return 1.0
    if hits == 0:
        return float(1 - (1 - level) ** (1 / trials))
    return _rising(lambda share: beta_share(share, hits + 1, trials - hits) >= level)


def chance_of_more(hits: int, trials: int, *, share: float) -> float:
    """How likely at least `hits` in `trials` are, where each comes with chance `share`.

    Returns:
        A probability in [0, 1]; 1 for no hits.

    Raises:
        MeasureError: if there are no trials, or the hits are not among them.

    >>> round(chance_of_more(3, 1000, share=0.001), 4)
    0.0802
    """
    _counts(hits, trials)
    if hits == 0:
        return 1.0
    return beta_share(min(max(share, 0.0), 1.0), hits, trials - hits + 1)


def unseen_share(singletons: int, total: int, *, twice: int = 0, level: float = 0.95) -> float:
    """An upper bound on the share of coming values that were never met, from how many were met once and twice.

    The expected share of the unseen is that of the singletons (Good-Turing). Their count is close to Poisson, so its
    exact upper bound carries over; what the share itself varies by adds Esty's term for values met twice. Simulations
    in the tests hold it to its level.

    Args:
        singletons: different values that were met once.
        total: values met, at least 1.
        twice: different values that were met twice.
        level: coverage of the bound, in (0.5, 1).

    Raises:
        MeasureError: if there are no values, or more singletons than values.

    Source: Good (1953), The population frequencies of species and the estimation of population parameters, Biometrika
    40:237-264; Garwood (1936), Fiducial limits for the Poisson distribution, Biometrika 28:437-442; Esty (1983), A
    normal limit law for a nonparametric estimator of the coverage of a random sample, Ann. Stat. 11:905-912.

    >>> round(unseen_share(0, 1000), 4), round(unseen_share(5, 1000), 4)
    (0.003, 0.0105)
    """
    _counts(singletons, total)

    errors = quantile_of(2 * level - 1)
    more = errors * (sqrt(singletons + 2 * twice + 1) - sqrt(singletons + 1))
    if singletons > _MANY:
        return min(1.0, (singletons + errors * sqrt(singletons + 1) + 1 + more) / total)
    return min(1.0, (_mean_above(singletons, level) + more) / total)


@lru_cache(maxsize=4096)
def _mean_above(count: int, level: float) -> float:
    """The largest mean that a Poisson count still allows."""

    def beyond(mean: float) -> bool:
        return sum(exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(count + 1)) <= 1 - level

    low, high = 1e-9, 10.0 * (count + 2)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if beyond(middle) else (middle, high)
    return high


def reach(values: Values, *, chance: float = 0.01) -> tuple[float, float]:
    """Bounds that as many coming values as were seen stay within, but for a chance of `chance` on each side.

    Beyond a high order statistic the excess of most distributions is nearly exponential, that of heavy tails on the
    scale of logarithms. Both are fitted to the last 10 % (10 to 200 values) of each side, and the wider one counts.
    An end that many values share (hours from 0 to 23) is taken for a wall and not moved. In simulations of 500 values
    the chance is kept on light tails; on lognormal and Pareto tails it is up to 0.06 instead of 0.01.

    Args:
        values: at least 30 numbers.
        chance: of any coming value beyond one bound, in (0, 1).

    Returns:
        Lower and upper bound, around all values.

    Raises:
        MeasureError: if there are fewer than 30 values.

    Source: Pickands (1975), Statistical inference using extreme order statistics, Ann. Stat. 3:119-131; Hill (1975),
    A simple general approach to inference about the tail of a distribution, Ann. Stat. 3:1163-1174.

    >>> low, high = reach(np.arange(24).repeat(100))
    >>> (low, high)
    (0.0, 23.0)
    """
    array = np.sort(real(values, name="values"))
    if len(array) < 30:
        raise MeasureError("fewer than 30 values say nothing of extremes", where="values", fix="give more rows")
    return -_upper(-array[::-1], chance), _upper(array, chance)


def _upper(rising: NDArray[np.float64], chance: float) -> float:
    """How far the upper end may reach."""
    end, count = float(rising[-1]), len(rising)
    if int((rising == end).sum()) >= max(5, count // 500) or end == rising[0]:
        return end
    taken = min(max(count // 10, 10), 200)
    base, farther = float(rising[-taken - 1]), -log(chance)
    excess = rising[-taken:] - base
    linear = float(excess.mean()) * farther
    if base <= 0 or float(excess.std()) < _BENT * float(excess.mean()):
        return end + linear
    steepness = float(np.log(rising[-taken:] / base).mean())
    return end + max(linear, end * (exp(min(steepness * farther, _FARTHEST)) - 1))


def beta_share(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function: the share of a Beta(a, b) distribution below `x`.

    Source: Lentz's continued fraction, as in Press et al. (2007), Numerical Recipes, section 6.4.

    >>> round(beta_share(0.5, 2, 3), 4)
    0.6875
    """
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_share(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    return front * _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    d = 1 / _away(1 - (a + b) * x / (a + 1))
    c, value = 1.0, d
    for m in range(1, _TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1 / _away(1 + step * d)
            c = _away(1 + step / c)
            value *= d * c
        if abs(d * c - 1) < 1e-13:
            break
    return value


def _away(number: float) -> float:
    """Not so near to nothing that dividing by it would fail."""
    return number if abs(number) > _TINY else _TINY


def _rising(holds: Callable[[float], bool]) -> float:
    """The least share for which a condition holds, by halving."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _counts(hits: int, trials: int) -> None:
    if trials < 1 or not 0 <= hits <= trials:
        raise MeasureError(
            f"{hits} of {trials} is no count", where="hits, trials", fix="give 0 <= hits <= trials, and trials >= 1"
        )
