"""E-values: evidence that may be looked at as often as one likes.

An e-value is a number of mean at most 1 when nothing is wrong, so seeing 1,000 has a chance of at most 1 in 1,000. An
e-process stays one at every moment, however the moment is chosen. Sums of e-processes begun at different times are
e-detectors: with the alarm at `c`, at least `c` windows pass on average before one false alarm, and at most `T / c` of
the runs of `T` windows see any.

Sources: Vovk and Wang (2021), Ann. Stat. 49:1736-1754; Ramdas et al. (2023), Stat. Sci. 38:576-601; Shin, Ramdas and
Rinaldo (2024), New Engl. J. Stat. Data Sci. 2:229-260 (e-detectors); Wang and Ramdas (2022), J. R. Stat. Soc. B
84:822-852 (e-BH).
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from roadworthy.kernel.errors import MeasureError

Floats = NDArray[np.float64]

CONCENTRATIONS = (16.0, 128.0, 1024.0)
"""How far from the reference the alternatives of the Dirichlet mixture lie: shifts of about 1 / sqrt(c)."""

_ODDS = np.array([1.15, 1.35, 1.75, 2.5, 4.0, 8.0, 20.0, 60.0])
_PSEUDO = 0.5
_RARE = 5
_LOG_GAMMA = np.frompyfunc(math.lgamma, 1, 1)


def log_dirichlet_evidence(
    reference: NDArray[np.int64], counts: NDArray[np.int64], *, concentrations: Sequence[float] = CONCENTRATIONS
) -> Floats:
    """Log e-value that rows counted in fixed bins do not come from where the reference rows came from.

    The likelihood under a mixture of Dirichlets around the reference shares, against the predictive likelihood that
    the reference counts (with Jeffreys' half a count) give: the doubt that a finite reference leaves is part of the
    null. The bins must have been chosen without these reference counts.

    All bins that the reference hit fewer than five times are one cell with their sum and half a count. So a value
    never seen has some mass (no single surprise is infinite evidence), ten bins that cannot occur take no more mass
    than one, and the mass of what is rare is not guessed bin by bin: all three mistakes gave false alarms in every
    run. While that cell is small it is weighed one-sidedly: only more hits in it speak against the null.

    Args:
        reference: counts per bin, (bins,).
        counts: live counts per bin, (..., bins); row order within a window does not matter.
        concentrations: of the alternatives, in rows; those that are not vaguer than the reference itself are left out.

    Returns:
        Log e-values, (...); 0 without rows.

    Raises:
        MeasureError: if the reference is empty or the bins differ.

    Source: a two-sample Bayes factor; Good (1967), J. R. Stat. Soc. B 29:399-431, as a test martingale.

    >>> bool(log_dirichlet_evidence(np.array([500, 500]), np.array([200, 20])) > math.log(1000))
    True
    """
    reference, counts = np.asarray(reference), np.asarray(counts)
    if reference.sum() <= 0 or counts.shape[-1] != len(reference):
        raise MeasureError(
            "no reference counts for these bins",
            where=f"{len(reference)} reference bins, {counts.shape[-1]} live bins",
            fix="build the reference with the same bins and at least one row",
        )
    common = reference >= _RARE
    live, null = counts[..., common].astype(np.float64), reference[common].astype(np.float64) + _PSEUDO
    one_sided = np.zeros(len(null), dtype=bool)
    if not common.all():
        live = np.concatenate([live, counts[..., ~common].sum(axis=-1, keepdims=True)], axis=-1)
        null = np.append(null, reference[~common].sum() + _PSEUDO)
        one_sided = np.append(one_sided, null[-1] < _RARE)
    vague = [c for c in concentrations if c <= reference.sum() / 4] or [reference.sum() / 4]
    against = [_log_dirichlet_multinomial(live, np.where(one_sided, null, c * null / null.sum())) for c in vague]
    return np.asarray(log_mean(np.stack(against)) - _log_dirichlet_multinomial(live, null))


def log_bernoulli_evidence(hits: int, trials: int, *, bound: float) -> float:
    """Log e-value that the mean of `trials` yes-or-no outcomes is above `bound`.

    A mixture of fixed bets on larger odds; each is a supermartingale for every mean up to the bound.

    Args:
        hits: 0 <= hits <= trials.
        trials: outcomes so far, a count.
        bound: the largest mean that is still in order, in [0, 1].

    Source: Waudby-Smith and Ramdas (2024), J. R. Stat. Soc. B 86:1-27; Ville (1939).

    >>> log_bernoulli_evidence(30, 100, bound=0.1) > math.log(1000)
    True
    >>> log_bernoulli_evidence(5, 100, bound=0.1) < 0
    True
    """
    if trials == 0 or bound >= 1:
        return 0.0
    if bound <= 0:
        return math.inf if hits else 0.0
    odds = bound / (1 - bound) * _ODDS
    better = odds / (1 + odds)
    bets = hits * np.log(better / bound) + (trials - hits) * np.log((1 - better) / (1 - bound))
    return float(log_mean(bets))


def calibrate(p: Floats | float) -> Floats:
    """E-values from p-values, by the mixture of all power calibrators.

    Source: Vovk and Wang (2021), equation 2: (1 - p + p log p) / (p log(p)^2), and 1/2 at p = 1.

    >>> [round(float(calibrate(p)), 2) for p in (0.001, 0.05, 1.0)]
    [20.79, 1.78, 0.5]
    """
    p = np.clip(np.asarray(p, dtype=np.float64), 1e-12, 1.0)
    log = np.log(p)
    near_one = log > -1e-3  # the closed form loses all its digits there
    safe = np.where(near_one, -1.0, log)
    exact = (1 - np.exp(safe) + np.exp(safe) * safe) / (np.exp(safe) * safe**2)
    return np.where(near_one, 0.5 - log / 6, exact)


def conformal_detector(statistics: Sequence[float], *, draws: Sequence[float]) -> Floats:
    """Log e-detector over windows: is the latest window stranger than its own past?

    Each window's statistic is ranked among the earlier ones; the ranks are independent and uniform while windows are
    exchangeable, however much rows within a window hang together.

    Args:
        statistics: one number a window, larger is stranger, oldest first.
        draws: one number in (0, 1) a window that breaks ties; the same draws give the same answer.

    Returns:
        Log of the detector after each window; false alarms at `c` come once in `c` windows or more rarely.

    Source: Vovk, Nouretdinov and Gammerman (2003), ICML; Volkhonskiy et al. (2017), PMLR 60:132-153.

    >>> calm = conformal_detector([1.0, 2.0, 1.5, 1.2], draws=[0.5] * 4)
    >>> bool(calm[-1] < math.log(10))
    True
    """
    values = np.asarray(statistics, dtype=np.float64)
    detector = np.empty(len(values))
    log = -math.inf
    for now, value in enumerate(values):
        past = values[:now]
        rank = (np.sum(past > value) + draws[now] * (np.sum(past == value) + 1)) / (now + 1)
        log = float(np.logaddexp(log, 0.0) + np.log(calibrate(rank)))
        detector[now] = log
    return detector


def log_mean(log_e: Floats, axis: int = 0) -> Floats:
    """Log of the average of e-values given by their logs: the average of e-values is one, however they hang together.

    >>> round(float(np.exp(log_mean(np.log([1.0, 3.0])))), 6)
    2.0
    """
    log_e = np.asarray(log_e, dtype=np.float64)
    return np.asarray(np.logaddexp.reduce(log_e, axis=axis) - math.log(log_e.shape[axis]))


def name_by_evidence(log_e: Sequence[float], *, rate: float = 0.05) -> list[int]:
    """Positions to name so that at most a share `rate` of the names is wrong on average, strongest first (e-BH).

    Holds for e-values that hang together in any way.

    Source: Wang and Ramdas (2022).

    >>> name_by_evidence([math.log(500), 0.0, math.log(90), -3.0])
    [0, 2]
    """
    order = np.argsort(-np.asarray(log_e), kind="stable")
    total = len(order)
    named = 0
    for rank, position in enumerate(order, start=1):
        if log_e[position] >= math.log(total / (rate * rank)):
            named = rank
    return [int(position) for position in order[:named]]


def ages(windows: int) -> list[int]:
    """How many windows to look back: 1, 2, 4, ... up to all of them.

    A sum over these starts is at most the sum over all starts, so the e-detector stays one, at logarithmic cost.

    >>> ages(11)
    [1, 2, 4, 8, 11]
    """
    doubling = [1 << power for power in range(windows.bit_length()) if 1 << power <= windows]
    return doubling if not doubling or doubling[-1] == windows else [*doubling, windows]


def _log_dirichlet_multinomial(counts: Floats, alpha: Floats) -> Floats:
    """Log probability of one sequence with these counts, (..., bins) to (...)."""
    rows = counts.sum(axis=-1)
    total = float(alpha.sum())
    whole = math.lgamma(total) - _log_gamma(total + rows)
    return np.asarray(whole + (_log_gamma(alpha + counts) - _log_gamma(alpha)).sum(axis=-1))


def _log_gamma(values: Floats) -> Floats:
    return np.asarray(_LOG_GAMMA(values), dtype=np.float64)
