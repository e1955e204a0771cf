"""Where the true value lies: intervals for shares, differences, ratios and means.

A share is never given a Wald interval: at 20 rows and a true share of 0.05 it holds the truth in 64 % of repetitions
instead of 95 %, and it says "exactly 0" when no hit was seen.
"""

from collections.abc import Callable
from functools import lru_cache
from math import ceil, exp, floor, inf, log, sqrt
from statistics import NormalDist

from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.limits import Interval, Limit, Verdict

_MOST_ROWS = 10**15  # beyond this no one collects rows, and float64 counts are no longer whole
_HALVINGS = 200


@lru_cache(maxsize=256)
def quantile_of(level: float) -> float:
    """How many standard errors reach to both sides of a two-sided interval of that coverage.

    Args:
        level: coverage, in (0, 1).

    Raises:
        MeasureError: if the level is not in (0, 1).

    >>> round(quantile_of(0.95), 4)
    1.96
    """
    if not 0 < level < 1:
        raise MeasureError(f"{level:g} is no coverage", where="level", fix="give a number in (0, 1), such as 0.95")
    return -NormalDist().inv_cdf((1 - level) / 2)


def shared_level(level: float, judged: int) -> float:
    """The level of each interval so that all `judged` of them hold at once with coverage `level` (Bonferroni).

    >>> round(shared_level(0.95, 5), 6)
    0.99
    """
    return 1 - (1 - level) / max(judged, 1)


def wilson(hits: float, trials: float, *, level: float = 0.95) -> Interval:
    """Interval for a share seen `hits` times in `trials`.

    Args:
        hits: 0 <= hits <= trials, a count (effective counts may be fractions).
        trials: above 0, a count.
        level: coverage, in (0, 1).

    Returns:
        Bounds in [0, 1] that hold hits / trials.

    Raises:
        MeasureError: if there are no trials, since no share was measured, or hits are outside [0, trials].

    Source: Wilson (1927), Probable inference, J. Am. Stat. Assoc. 22:209-212.

    >>> round(wilson(0, 100).high, 3)
    0.037
    """
    _share(hits, trials)
    square = quantile_of(level) ** 2
    share = hits / trials
    centre = (share + square / (2 * trials)) / (1 + square / trials)
    half = sqrt(square * (share * (1 - share) / trials + square / (4 * trials**2))) / (1 + square / trials)
    low = 0.0 if hits == 0 else min(max(0.0, centre - half), share)
    high = 1.0 if hits == trials else max(min(1.0, centre + half), share)
    return Interval(low, high, level)


def newcombe(hits_a: float, trials_a: float, hits_b: float, trials_b: float, *, level: float = 0.95) -> Interval:
    """Interval for the difference of two independent shares, a minus b.

    Returns:
        Bounds in [-1, 1] that hold the observed difference.

    Raises:
        MeasureError: as `wilson`, for either share.

    Source: Newcombe (1998), Interval estimation for the difference between independent proportions, Stat. Med.
    17:873-890, method 10 (square-and-add of two Wilson intervals).

    >>> interval = newcombe(56, 70, 48, 80)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.0524, 0.3339)
    """
    parts = [
        (1.0, hits_a / trials_a if trials_a else 0.0, wilson(hits_a, trials_a, level=level)),
        (-1.0, hits_b / trials_b if trials_b else 0.0, wilson(hits_b, trials_b, level=level)),
    ]
    return square_and_add(parts)


def square_and_add(parts: list[tuple[float, float, Interval]]) -> Interval:
    """Interval for a weighted sum of independent numbers, from the interval of each.

    Args:
        parts: weight, value and interval of each number; at least one, all of one level.

    Returns:
        Bounds that hold the weighted sum of the values. Numbers that fall together (cells of one table) make it
        slightly too wide, never too narrow.

    Source: Zou and Donner (2008), Construction of confidence limits about effect measures: a general approach, Stat.
    Med. 27:1693-1702 (MOVER).

    >>> square_and_add([(2.0, 0.5, Interval(0.4, 0.6))])
    Interval(low=0.8, high=1.2, level=0.95)
    """
    value = sum(weight * estimate for weight, estimate, _ in parts)
    below = above = 0.0
    for weight, estimate, interval in parts:
        down, up = (weight * (estimate - interval.low)) ** 2, (weight * (interval.high - estimate)) ** 2
        below, above = below + (down if weight > 0 else up), above + (up if weight > 0 else down)
    return Interval(value - sqrt(below), value + sqrt(above), parts[0][2].level)


def ratio_interval(hits_a: float, trials_a: float, hits_b: float, trials_b: float, *, level: float = 0.95) -> Interval:
    """Interval for the ratio of two independent shares, a over b.

    The score interval is safe for small samples: unlike the interval from the standard error of the log ratio it is
    defined when a count is 0 or full, and keeps its coverage there.

    Returns:
        Bounds in [0, infinity]; `high` is infinite when b was never hit, `low` is 0 when a was never hit.

    Raises:
        MeasureError: as `wilson`, for either share.

    Source: Koopman (1984), Confidence intervals for the ratio of two binomial proportions, Biometrics 40:513-517;
    closed form of the constrained shares by Miettinen and Nurminen (1985), Stat. Med. 4:213-226.

    >>> interval = ratio_interval(36, 40, 16, 80)
    >>> round(interval.low, 2), round(interval.high, 2)
    (2.94, 7.15)
    """
    _share(hits_a, trials_a)
    _share(hits_b, trials_b)
    square = quantile_of(level) ** 2

    def inside(log_ratio: float) -> bool:
        return _ratio_score(hits_a, trials_a, hits_b, trials_b, exp(log_ratio)) <= square

    if hits_a and hits_b:
        middle = log((hits_a / trials_a) / (hits_b / trials_b))
    else:
        middle = log(((hits_a + 0.5) / (trials_a + 0.5)) / ((hits_b + 0.5) / (trials_b + 0.5)))
    low = 0.0 if hits_a == 0 else exp(_edge(inside, middle, -60.0))
    high = inf if hits_b == 0 else exp(_edge(inside, middle, 60.0))
    return Interval(low, high, level)


def normal_interval(mean: float, standard_error: float, *, level: float = 0.95) -> Interval:
    """Interval for a mean of many rows, by the central limit theorem.

    Args:
        mean: the observed mean.
        standard_error: of the mean, at least 0, in the unit of the mean.
        level: coverage, in (0, 1).

    Raises:
        MeasureError: if the standard error is negative.

    >>> interval = normal_interval(10.0, 1.0)
    >>> round(interval.low, 2), round(interval.high, 2)
    (8.04, 11.96)
    """
    if standard_error < 0:
        raise MeasureError("a standard error is negative", where="standard_error", fix="give the root of a variance")
    half = quantile_of(level) * standard_error
    return Interval(mean - half, mean + half, level)


def rows_to_decide(hits: float, trials: float, limit: Limit, *, level: float = 0.95) -> int | None:
    """How many more trials at the same share until the Wilson interval decides the limit.

    The bound leaves the Wilson interval of a share p when the score test rejects it, that is when
    n (p - bound)^2 > z^2 bound (1 - bound); so the answer is in closed form.

    Args:
        hits: seen so far.
        trials: so far, above 0.
        limit: on the share.
        level: coverage of the interval.

    Returns:
        A count, 0 if the limit is decided already; None if no number of rows at this share decides it (the share
        equals the bound, or the limit asks for a share of exactly 0 or 1 that has held so far).

    Raises:
        MeasureError: as `wilson`.

    >>> rows_to_decide(0, 1245, Limit("<=", 0.001)) + 1245
    3838
    """
    share = hits / trials if trials else 0.0
    decided = limit.judge(share, wilson(hits, trials, level=level)) is not Verdict.CANNOT_TELL
    if decided:
        return 0
    bound = limit.bound
    if share == bound or not 0 < bound < 1:
        return None
    needed = quantile_of(level) ** 2 * bound * (1 - bound) / (share - bound) ** 2
    if needed > _MOST_ROWS:
        return None
    return max(1, floor(needed) + 1 - floor(trials))


def rows_to_narrow(value: float, interval: Interval, limit: Limit, *, rows: int) -> int | None:
    """How many more rows until an interval that narrows with the root of the rows decides the limit; an estimate.

    Args:
        value: the estimate; interval: its interval on `rows` rows.
        limit: what is asked of the value.
        rows: on which the interval rests, above 0.

    Returns:
        A count, 0 if decided already, None if the value equals the bound or no sensible number decides.

    >>> rows_to_narrow(0.95, Interval(0.93, 0.97), Limit(">=", 0.94), rows=100)
    300
    """
    if limit.judge(value, interval) is not Verdict.CANNOT_TELL:
        return 0
    distance = abs(value - limit.bound)
    side = value - interval.low if limit.bound < value else interval.high - value
    if distance == 0 or side == 0:
        return None
    needed = rows * (side / distance) ** 2 - rows
    # a hair of rounding must not turn 300 into 301
    return max(1, ceil(needed - 1e-9 * rows)) if needed < _MOST_ROWS else None


def _share(hits: float, trials: float) -> None:
    if not trials > 0:
        raise MeasureError("a share of no trials is not defined", where="trials", fix="measure at least one row")
    if not 0 <= hits <= trials:
        raise MeasureError(
            f"{hits:g} hits in {trials:g} trials is no share", where="hits", fix="give 0 <= hits <= trials"
        )


def _ratio_score(hits_a: float, trials_a: float, hits_b: float, trials_b: float, ratio: float) -> float:
    """Squared score statistic of the hypothesis share_a = ratio * share_b."""
    total = trials_a + trials_b
    a, b, c = total * ratio, -(trials_a * ratio + hits_a + trials_b + hits_b * ratio), hits_a + hits_b
    root = sqrt(max(b * b - 4 * a * c, 0.0))
    share_b = min(max(2 * c / (-b + root), 0.0), 1.0)
    share_a = min(ratio * share_b, 1.0)
    variance = share_a * (1 - share_a) / trials_a + ratio**2 * share_b * (1 - share_b) / trials_b
    gap = hits_a / trials_a - ratio * hits_b / trials_b
    if gap == 0:
        return 0.0
    return gap**2 / variance if variance > 0 else inf


def _edge(inside: Callable[[float], bool], start: float, end: float) -> float:
    """The last place from `start` towards `end` that is still inside, by halving."""
    good, bad = start, end
    for _ in range(_HALVINGS):
        middle = (good + bad) / 2
        if middle in {good, bad}:
            break
        good, bad = (middle, bad) if inside(middle) else (good, middle)
    return good
