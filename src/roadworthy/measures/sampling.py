"""How much to check by hand, where to check it, and what the answers say of all the rest."""

from collections.abc import Sequence
from math import ceil

import numpy as np
from msgspec import Struct

from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.limits import Interval
from roadworthy.measures.intervals import quantile_of, square_and_add, wilson

_MOST = 10**9


class Stratum(Struct, frozen=True):
    """A part of the whole: how many there are, how many were checked, how many of these are wrong."""

    size: int
    checked: int
    wrong: int


def sample_size(share: float, *, within: float, level: float = 0.95, among: int | None = None) -> int:
    """How many to draw so that the interval of a share reaches no farther than `within` to either side.

    Args:
        share: the share that is expected; 0.5 is the safest.
        within: wanted half-width, in (0, 0.5).
        level: coverage of the interval.
        among: how many there are in all, if they are few: then fewer suffice.

    Raises:
        MeasureError: if the share is not in [0, 1] or the width not in (0, 0.5).

    Source: Wilson (1927) for the interval; Cochran (1977), Sampling Techniques, section 4.4, for few.

    >>> sample_size(0.5, within=0.05), sample_size(0.02, within=0.01), sample_size(0.5, within=0.05, among=500)
    (381, 1118, 217)
    """
    if not 0 <= share <= 1 or not 0 < within < 0.5:
        raise MeasureError(
            "the share or the wanted width is out of range",
            where="share, within",
            fix="give shares, such as 0.02, 0.01",
        )
    low, high = 1, 2
    while _half(share, high, level) > within and high < _MOST:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _half(share, middle, level) <= within else (middle, high)
    return high if among is None else min(among, ceil(high / (1 + (high - 1) / among)))


def allocate(sizes: Sequence[int], expected: Sequence[float], *, total: int) -> list[int]:
    """Where to check: more where there is more, and more where the share is nearer to a half (Neyman).

    Args:
        sizes: how many each part holds.
        expected: the share of wrong ones expected in each.
        total: to check in all.

    Returns:
        One count for each part, at least 2 (or all that it holds), together about `total`.

    Raises:
        MeasureError: if the lists do not fit.

    Source: Neyman (1934), On the two different aspects of the representative method, J. R. Stat. Soc. 97:558-625.

    >>> allocate([10_000, 200], [0.01, 0.5], total=300)
    [273, 27]
    """
    if len(sizes) != len(expected) or not sizes:
        raise MeasureError("sizes and shares do not fit together", where="sizes", fix="give one share for each part")
    shares = np.clip(np.asarray(expected, dtype=np.float64), 0.001, 0.999)
    weights = np.asarray(sizes, dtype=np.float64) * np.sqrt(shares * (1 - shares))
    wanted = total * weights / max(float(weights.sum()), 1e-12)
    return [min(size, max(2, round(float(count)))) for size, count in zip(sizes, wanted, strict=True)]


def stratified(strata: Sequence[Stratum], *, level: float = 0.95) -> tuple[float, Interval]:
    """The share of wrong ones in the whole, from checks of its parts.

    Returns:
        The weighted share and an interval: the Wilson intervals of the parts, squared and added, narrowed where much of
        a part was checked.

    Raises:
        MeasureError: if a part that holds any was not checked.

    Source: Cochran (1977), sections 5.3 and 2.6; Zou and Donner (2008) for the sum of intervals.

    >>> share, interval = stratified([Stratum(9000, 300, 3), Stratum(1000, 100, 40)])
    >>> round(share, 3), round(interval.low, 3), round(interval.high, 3)
    (0.049, 0.039, 0.068)
    """
    held = [one for one in strata if one.size]
    if not held or any(not one.checked for one in held):
        raise MeasureError("a part was not checked", where="strata", fix="check at least one of each part")
    whole = sum(one.size for one in held)
    parts = [(one.size / whole, one.wrong / one.checked, _narrowed(one, level)) for one in held]
    interval = square_and_add(parts)
    share = sum(weight * part for weight, part, _ in parts)
    return share, Interval(max(0.0, min(interval.low, share)), min(1.0, max(interval.high, share)), level)


def _narrowed(one: Stratum, level: float) -> Interval:
    """The interval of a part, by how much of it is still unknown; nothing is left open where all was checked."""
    share, plain = one.wrong / one.checked, wilson(one.wrong, one.checked, level=level)
    unknown = max(0.0, (one.size - one.checked) / max(one.size - 1, 1)) ** 0.5
    return Interval(share - (share - plain.low) * unknown, share + (plain.high - share) * unknown, level)


def _half(share: float, rows: int, level: float) -> float:
    """The longer side of the interval when `rows` are checked."""
    square = quantile_of(level) ** 2
    if rows <= square:
        return 1.0
    interval = wilson(share * rows, rows, level=level)
    return max(interval.high - share, share - interval.low)
