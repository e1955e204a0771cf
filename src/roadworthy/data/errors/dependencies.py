"""Columns that decide others: approximate functional dependencies, discovered from the data.

A dependency is believed if knowing the columns on its left says nearly everything about the one on its right: measured
without the row itself (a group of one says nothing), against how well the most frequent value alone would do, and
without the cells that are suspected already (a typo breaks every dependency, and would hide them all).

Source: g3 of Kivinen and Mannila (1995), Theor. Comput. Sci. 149:129-149; lambda of Goodman and Kruskal (1954), J. Am.
Stat. Assoc. 49:732-764.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.data.errors.coded import Coded

SAMPLE = 20_000
_MOST_COLUMNS = 40
_MOST_PAIRED = 16
_LEAST_CONFIDENCE = 0.9
_LEAST_GAIN = 0.85
_LEAST_HINT = 0.1
_LEAST_COVERED = 0.5
_FEWEST_ROWS = 30
_EXPLAINED = 4


class Groups(Struct, frozen=True):
    """Rows counted by what decides and what is decided.

    Attributes:
        group: for each row its group, -1 if a deciding value is missing.
        cell: for each row the place of its (group, value) in the counts below, -1 if it has none.
        size: how many rows with a value each group has.
        count: how many rows each (group, value) has. owner, value: which group and value that is.
        top, second: the largest and second largest count of each group. mode: the value of the largest.
    """

    group: NDArray[np.int64]
    cell: NDArray[np.int64]
    size: NDArray[np.int64]
    count: NDArray[np.int64]
    owner: NDArray[np.int64]
    value: NDArray[np.int64]
    top: NDArray[np.int64]
    second: NDArray[np.int64]
    mode: NDArray[np.int64]


class Dependency(Struct, frozen=True, kw_only=True):
    """Columns that decide another.

    Attributes:
        left: the columns that decide. right: the column that is decided.
        confidence: share of rows (in groups of two or more) that hold the most frequent value of their group.
        gain: how much of the doubt that the most frequent value leaves is removed, at most 1.
        belief: how likely it is a rule of the world rather than a habit of the data.
        broken: rows that break it.
    """

    left: tuple[str, ...]
    right: str
    confidence: float
    gain: float
    belief: float
    broken: int


def discover(columns: Sequence[Coded], masked: Mapping[str, NDArray[np.bool_]]) -> list[Dependency]:
    """All dependencies with one column on the left, and those with two where one does not do.

    Args:
        columns: the table.
        masked: for each column the rows whose cell is suspected already.
    """
    if not columns or columns[0].rows < _FEWEST_ROWS:
        return []
    codes = {column.name: _clean(column, masked) for column in columns}
    deciding = [column.name for column in columns if _decides(column)][:_MOST_COLUMNS]
    decided = [column.name for column in columns if _decided(column)][:_MOST_COLUMNS]
    gains = {(left, right): measure((left,), right, codes) for left in deciding for right in decided if left != right}
    found = [one for one in gains.values() if one and _believed(one)]
    singles = {(one.left[0], one.right): one for one in found}
    few = sorted(deciding, key=lambda name: -int(codes[name].max(initial=0)))[:_MOST_PAIRED]
    hints = {edge for edge, one in gains.items() if one and one.gain >= _LEAST_HINT}
    for pair in combinations(sorted(few, key=deciding.index), 2):
        if pair not in singles and pair[::-1] not in singles:
            for right in decided:
                if right not in pair and any((one, right) in hints for one in pair):
                    _add_pair(pair, right, codes, singles=singles, found=found)
    return found


def _add_pair(
    pair: tuple[str, str],
    right: str,
    codes: Mapping[str, NDArray[np.int64]],
    *,
    singles: dict[tuple[str, str], Dependency],
    found: list[Dependency],
) -> None:
    """A pair counts where no single column does, or where the second explains what breaks the first.

    What is explained by a further column was no rule, and is taken out.
    """
    parts = [singles[one, right] for one in pair if (one, right) in singles]
    if not parts and any(known == right for _, known in singles):
        return
    better = measure(pair, right, codes) if all(one.broken >= _EXPLAINED for one in parts) else None
    if better is None or not _believed(better) or any(better.broken > one.broken / _EXPLAINED for one in parts):
        return
    found.append(better)
    for one in parts:
        if one in found:
            found.remove(one)


def _believed(one: Dependency) -> bool:
    return one.confidence >= _LEAST_CONFIDENCE and one.gain >= _LEAST_GAIN


def measure(left: tuple[str, ...], right: str, codes: Mapping[str, NDArray[np.int64]]) -> Dependency | None:
    """How well the columns on the left decide the one on the right; None where too few rows share a group to tell."""
    groups = grouped([codes[name] for name in left], codes[right])
    shared = groups.size >= 2
    rows = int(groups.size[shared].sum())
    if rows < max(_LEAST_COVERED * len(groups.group), _FEWEST_ROWS) or (groups.size >= 3).sum() < 2:
        return None
    top = int(groups.top[shared].sum())
    # without the row itself: a value alone in its group is not foretold
    foretold = groups.top[shared & (groups.top >= 2)].sum() / rows
    usual = np.bincount(codes[right][codes[right] >= 0]).max() / max((codes[right] >= 0).sum(), 1)
    gain = float((foretold - usual) / (1 - usual)) if usual < 1 else 0.0
    belief = float(np.clip((gain - 0.8) / 0.18, 0, 1)) * _structure(groups) if gain >= _LEAST_GAIN else 0.0
    return Dependency(left=left, right=right, confidence=top / rows, gain=gain, belief=belief, broken=rows - top)


def _structure(groups: Groups) -> float:
    """Errors stand alone in their groups; where the values that break a rule come repeatedly, it is no rule."""
    size, top = groups.size[groups.owner], groups.top[groups.owner]
    minor = (groups.count < top) & (size >= 3)
    alone = minor & ((groups.count == 1) | (groups.count <= 0.02 * size))
    singles, repeats = groups.count[alone].sum(), groups.count[minor & ~alone].sum()
    return float((singles + 1) / (singles + 2 * repeats + 1))


def grouped(left: Sequence[NDArray[np.int64]], right: NDArray[np.int64]) -> Groups:
    """Rows counted by the values that decide (all must be there) and the value that is decided."""
    group = _joint(left)
    width = int(right.max(initial=0)) + 1
    both = (group >= 0) & (right >= 0)
    cell = np.full(len(group), -1, dtype=np.int64)
    keys, places, count = np.unique(group[both] * width + right[both], return_inverse=True, return_counts=True)
    cell[both] = places
    owner, value = np.divmod(keys, width)
    many = int(group.max(initial=-1)) + 1
    size = np.bincount(owner, weights=count, minlength=many).astype(np.int64)
    top, second, mode = (np.zeros(many, dtype=np.int64) for _ in range(3))
    order = np.lexsort((-count, owner))
    first = np.searchsorted(owner[order], np.arange(many))
    held = size > 0
    top[held], mode[held] = count[order][first[held]], value[order][first[held]]
    after = first + 1
    more = held & (after < len(order))
    more[more] = owner[order][after[more]] == np.flatnonzero(more)
    second[more] = count[order][after[more]]
    return Groups(group, cell, size, count, owner, value, top, second, mode)


def _joint(left: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """One number for each combination of values; -1 where one is missing."""
    joint, missing = np.zeros(len(left[0]), dtype=np.int64), np.zeros(len(left[0]), dtype=bool)
    for codes in left:
        joint = joint * (int(codes.max(initial=0)) + 1) + np.maximum(codes, 0)
        missing |= codes < 0
    _, dense = np.unique(joint, return_inverse=True)
    dense = dense.astype(np.int64)
    dense[missing] = -1
    return dense


def _clean(column: Coded, masked: Mapping[str, NDArray[np.bool_]]) -> NDArray[np.int64]:
    codes = column.codes.copy()
    if column.name in masked:
        codes[masked[column.name]] = -1
    if len(codes) > SAMPLE:
        chosen = np.random.default_rng(0).choice(len(codes), SAMPLE, replace=False)
        codes = codes[np.sort(chosen)]
    return codes


def _decides(column: Coded) -> bool:
    """It has values that stand several times; a measured quantity decides nothing."""
    return 2 <= len(column.values) <= 0.7 * column.present and not _measured(column)


def _decided(column: Coded) -> bool:
    return 2 <= len(column.values) <= 0.95 * column.present and not _measured(column)


def _measured(column: Coded) -> bool:
    """Numbers with a point, or spread widely: a quantity, not a name."""
    if column.number_share < 0.9:
        return False
    numbers = column.numbers[~np.isnan(column.numbers)]
    return bool((numbers % 1 != 0).mean() > 0.05)
