"""How columns hang together, read out of the sample of rows: correlations by scale, and what is missing together.

The sample is uniform over the distinct rows; each is weighed by how often it stands, so that figures are of the table.
With 512 rows a correlation is known to about 0.1 either side; where all distinct rows are in the sample it is exact.
"""

import math
from collections.abc import Iterator, Mapping
from statistics import NormalDist
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.kernel.limits import Interval
from roadworthy.kernel.scales import Operation, Scale, allows
from roadworthy.measures.profile.column import ColumnProfile
from roadworthy.measures.profile.keys import key_numbers
from roadworthy.measures.profile.profile import Profile
from roadworthy.measures.profile.rows import Cells
from roadworthy.measures.profile.strings import Strings

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_CATEGORIES = 50
_FEWEST = 10
_GUESSED = {
    "number": Scale.CONTINUOUS,
    "integer": Scale.DISCRETE,
    "date": Scale.DATETIME,
    "datetime": Scale.DATETIME,
    "duration": Scale.CONTINUOUS,
    "boolean": Scale.BINARY,
    "text": Scale.NOMINAL,
}


class Association(Struct, frozen=True):
    """How strongly two columns hang together.

    Attributes:
        first, second: the columns.
        measure: `pearson` of two quantities; `spearman` where one has an order only; `cramer` (V without its bias) of
            two columns of names; `eta` (correlation ratio) of names and a quantity.
        value: in [-1, 1], or [0, 1] for names.
        interval: where that of the table lies, for correlations.
        rows: of the sample that it rests on.
    """

    first: str
    second: str
    measure: str
    value: float
    interval: Interval | None
    rows: int


class Missing(Struct, frozen=True):
    """Columns that are missing together in a row, and about how many rows of the table that is."""

    columns: tuple[str, ...]
    rows: int
    share: float


def associations(
    profile: Profile, *, scales: Mapping[str, str] | None = None, level: float = 0.95
) -> list[Association]:
    """All pairs of columns whose scales allow it, the strongest first.

    Args:
        profile: whose `scales` are asked; where they say nothing, the kind decides.
        scales: that go before those of the profile.
        level: of the intervals.
    """
    known = {**profile.scales, **(scales or {})}
    found = {
        name: scale
        for name, column in profile.columns.items()
        if (scale := known.get(name) or _guessed(column)) is not None
    }
    weights = profile.sample.counts.astype(np.float64)
    ordered = {name: scale for name, scale in found.items() if allows(scale, Operation.ORDER)}
    named = {name: scale for name, scale in found.items() if scale in {Scale.NOMINAL, Scale.BINARY}}
    numbers = {name: values for name in ordered if (values := _numbers(profile, name)) is not None}
    codes = {name: number for name in named if (number := _codes(profile, name)) is not None}
    pairs = [
        *_correlations(numbers, ordered, weights, level=1.0 if profile.sample.whole else level),
        *_names(codes, weights),
        *_ratios(codes, numbers, ordered, weights),
    ]
    return sorted(pairs, key=lambda pair: (-abs(pair.value), pair.first, pair.second))


def missing_together(profile: Profile) -> list[Missing]:
    """Sets of columns that are missing in the same rows, the most frequent first; NaN counts as missing.

    >>> from roadworthy.measures.profile.profile import empty_profile
    >>> missing_together(empty_profile())
    []
    """
    sample = profile.sample
    names = list(profile.columns)
    if not len(sample) or not names:
        return []
    lacking = np.column_stack([~_present(profile, name) for name in names])
    sets, place = np.unique(lacking, axis=0, return_inverse=True)
    rows = np.bincount(place.reshape(-1), weights=sample.counts)
    shares = rows / rows.sum()
    found = [
        Missing(tuple(name for name, gone in zip(names, one, strict=True) if gone), round(share * profile.rows), share)
        for one, share in zip(sets.tolist(), shares.tolist(), strict=True)
    ]
    return sorted(found, key=lambda one: (-one.rows, one.columns))


def _guessed(column: ColumnProfile) -> Scale | None:
    scale = _GUESSED.get(column.kind)
    few = column.distinct.value <= _CATEGORIES
    return scale if scale not in {Scale.NOMINAL, Scale.BINARY} or few else None


def _cells(profile: Profile, name: str) -> Iterator[tuple[str, Cells]]:
    for tag in profile.states[name].states:
        cells = profile.sample.cells.get((name, tag))
        if cells is not None:
            yield tag, cells


def _present(profile: Profile, name: str) -> NDArray[np.bool_]:
    there = np.zeros(len(profile.sample), dtype=np.bool_)
    for tag, cells in _cells(profile, name):
        there |= cells.present
        if tag == "number" and not isinstance(cells.content, Strings):
            there &= ~(cells.present & np.isnan(key_numbers(tag)(cells.content)))
    return there


def _numbers(profile: Profile, name: str) -> Floats | None:
    """Values of the sample, NaN where there is no finite one; None if they are not all of one kind of number."""
    held = [(tag, cells) for tag, cells in _cells(profile, name) if cells.present.any()]
    if len(held) != 1:
        return None
    tag, cells = held[0]
    if isinstance(cells.content, Strings):
        return None
    values = key_numbers(tag)(cells.content)
    return np.where(cells.present & np.isfinite(values), values, np.nan)


def _codes(profile: Profile, name: str) -> Codes | None:
    """A number for each value of the sample, -1 where there is none; None if there are too many."""
    held = [(tag, cells) for tag, cells in _cells(profile, name) if cells.present.any()]
    if len(held) != 1:
        return None
    cells = held[0][1]
    content: list[Any] = cells.content.texts() if isinstance(cells.content, Strings) else cells.content.tolist()
    known = {value: number for number, value in enumerate(dict.fromkeys(content))}
    codes = np.array([known[value] for value in content], dtype=np.int64)
    return np.where(cells.present, codes, -1) if len(known) <= _CATEGORIES + 1 else None


def _correlations(
    numbers: Mapping[str, Floats], scales: Mapping[str, str], weights: Floats, *, level: float
) -> Iterator[Association]:
    names = list(numbers)
    if len(names) < 2:
        return
    plain = np.column_stack([numbers[name] for name in names])
    values = _correlated(plain, weights)
    ranks = _correlated(np.column_stack([_ranked(numbers[name]) for name in names]), weights)
    for one in range(len(names)):
        for two in range(one + 1, len(names)):
            exact = all(allows(scales[names[at]], Operation.CORRELATION) for at in (one, two))
            value = float((values if exact else ranks)[one, two])
            held = _worth(plain, weights, one, two, whole=level == 1.0)
            if not math.isfinite(value) or held < _FEWEST:
                continue
            measure = "pearson" if exact else "spearman"
            interval = _fisher(value, held, level=level)
            yield Association(names[one], names[two], measure, value, interval, int(held))


def _worth(values: Floats, weights: Floats, one: int, two: int, *, whole: bool) -> float:
    """How many rows a pair of columns rests on; of a sample that is weighed, how many unweighed ones it is worth."""
    held = weights[np.isfinite(values[:, one]) & np.isfinite(values[:, two])]
    if whole or not len(held):
        return float(held.sum())
    return float(held.sum() ** 2 / (held**2).sum())


def _correlated(values: Floats, weights: Floats) -> Floats:
    """Weighed correlations of all pairs of columns over the rows that both have."""
    there = np.isfinite(values)
    # values about their means and in units of their spread, so that squares do not overflow
    middle = np.where(there.any(axis=0), np.nanmedian(np.where(there.any(axis=0), values, 0.0), axis=0), 0.0)
    filled = np.where(there, values - middle, 0.0)
    spread = np.abs(filled).max(axis=0, initial=0.0)
    filled /= np.where(spread > 0, spread, 1.0)
    held = there.astype(np.float64)
    weighed = held * weights[:, None]
    total = weighed.T @ held
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (filled * weights[:, None]).T @ held / total
        square = (filled**2 * weights[:, None]).T @ held / total - mean**2
        cross = (filled * weights[:, None]).T @ filled / total - mean * mean.T
        found = np.clip(cross / np.sqrt(square * square.T), -1, 1)
    return np.where(square * square.T > 1e-24, found, np.nan)


def _ranked(values: Floats) -> Floats:
    """Mean ranks; NaN stays."""
    there = np.isfinite(values)
    _, place, counts = np.unique(values[there], return_inverse=True, return_counts=True)
    ranks = np.full(len(values), np.nan)
    ranks[there] = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return ranks


def _fisher(value: float, rows: float, *, level: float) -> Interval:
    """Source: Fisher (1921), Metron 1:3-32."""
    if abs(value) >= 1 or level == 1.0:
        return Interval(value, value, level=level)
    middle, half = math.atanh(value), NormalDist().inv_cdf(0.5 + level / 2) / math.sqrt(max(rows - 3, 1))
    return Interval(math.tanh(middle - half), math.tanh(middle + half), level=level)


def _names(codes: Mapping[str, Codes], weights: Floats) -> Iterator[Association]:
    names = list(codes)
    for at, one in enumerate(names):
        for two in names[at + 1 :]:
            both = (codes[one] >= 0) & (codes[two] >= 0)
            table = _crossed(codes[one][both], codes[two][both], weights[both])
            if both.sum() >= _FEWEST and min(table.shape) > 1:
                yield Association(one, two, "cramer", _cramer(table, int(both.sum())), None, int(both.sum()))


def _crossed(one: Codes, two: Codes, weights: Floats) -> Floats:
    first, row = np.unique(one, return_inverse=True)
    second, column = np.unique(two, return_inverse=True)
    table = np.zeros((len(first), len(second)))
    np.add.at(table, (row, column), weights)
    return table


def _cramer(table: Floats, rows: int) -> float:
    """Cramer's V less what chance makes of it.

    Source: Bergsma (2013), J. Korean Stat. Soc. 42:323-328.
    """
    share = table / table.sum()
    expected = share.sum(axis=1, keepdims=True) * share.sum(axis=0, keepdims=True)
    phi = float(((share - expected) ** 2 / expected).sum())
    height, width = table.shape
    phi = max(phi - (height - 1) * (width - 1) / (rows - 1), 0.0)
    height_, width_ = height - (height - 1) ** 2 / (rows - 1), width - (width - 1) ** 2 / (rows - 1)
    least = min(height_, width_) - 1
    return min(math.sqrt(phi / least), 1.0) if least > 0 else 0.0


def _ratios(
    codes: Mapping[str, Codes], numbers: Mapping[str, Floats], scales: Mapping[str, str], weights: Floats
) -> Iterator[Association]:
    for name, groups in codes.items():
        for other, values in numbers.items():
            both = (groups >= 0) & np.isfinite(values)
            if name == other or both.sum() < _FEWEST or not allows(scales[other], Operation.VARIANCE):
                continue
            value = _eta(groups[both], values[both], weights[both])
            if value is not None:
                yield Association(name, other, "eta", value, None, int(both.sum()))


def _eta(groups: Codes, values: Floats, weights: Floats) -> float | None:
    """Root of the share of the variance that lies between groups, less what chance makes of it.

    Source: Kelley (1935), Proc. Natl. Acad. Sci. 21:554-559 (epsilon squared).
    """
    values = values - np.median(values)
    scale = float(np.abs(values).max())
    if scale == 0:
        return None
    values = values / scale
    _, place = np.unique(groups, return_inverse=True)
    totals = np.bincount(place, weights=weights)
    means = np.bincount(place, weights=weights * values) / totals
    middle = float((weights * values).sum() / weights.sum())
    whole = float((weights * (values - middle) ** 2).sum())
    within = float((weights * (values - means[place]) ** 2).sum())
    rows, sets = len(values), len(totals)
    if whole <= 0 or rows <= sets:
        return None
    return math.sqrt(max(1 - within / (rows - sets) * (rows - 1) / whole, 0.0))
