"""Two profiles compared without their data: how far each column has moved, within which bounds.

What is compared is what both tables held; a distance says nothing yet of what a third one will hold. For that,
`noise` says how far two samples of one source lie apart.
"""

import math
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.measures.distances import jensen_shannon, psi, total_variation
from roadworthy.measures.profile.column import ColumnProfile
from roadworthy.measures.profile.countmin import cells_of
from roadworthy.measures.profile.estimate import Estimate
from roadworthy.measures.profile.hashing import Words
from roadworthy.measures.profile.numbers import Numbers, ends
from roadworthy.measures.profile.overlap import ks_bounds, overlap, parted, united, wasserstein_bounds
from roadworthy.measures.profile.profile import Profile
from roadworthy.measures.profile.quantiles import Ladder
from roadworthy.measures.profile.state import State
from roadworthy.measures.profile.texts import VALUE_CELLS, Entries, Texts

BINS = 10
FOLDED = 64
LARGEST = 50

Counts = NDArray[np.int64]


class Moved(Struct, frozen=True, kw_only=True):
    """How one column differs between two tables. What its kind does not have is None.

    Attributes:
        name: of the column.
        rows: of each table.
        before, after: rows with a value in each table.
        kinds: its kind in each table; where they differ, nothing else is compared but missing values.
        missing: share of rows without a value in each table; NaN counts as missing.
        distance: total variation over the bins (one of them for missing), in [0, 1]: at least that share has moved.
        noise: what `distance` is expected to be for two samples of one source.
        ks: largest distance of the cumulative shares of numbers, or of the lengths of texts, within proven bounds.
        wasserstein: mean distance that numbers have moved, in the unit of the kind, within proven bounds.
        psi: population stability index over the bins.
        jensen_shannon: Jensen-Shannon distance over the bins.
        unseen: share of rows with a value that the first table never held; of numbers that are not kept exactly, those
            outside its range.
    """

    name: str
    rows: tuple[int, int]
    before: int
    after: int
    kinds: tuple[str, str]
    missing: tuple[float, float]
    distance: float | None = None
    noise: float | None = None
    ks: Estimate | None = None
    wasserstein: Estimate | None = None
    psi: float | None = None
    jensen_shannon: float | None = None
    unseen: Estimate | None = None

    @property
    def excess(self) -> float:
        """By how much the distance is more than chance makes it; a column that changed its kind has moved whole."""
        if self.distance is None:
            return 1.0 if self.kinds[0] != self.kinds[1] else abs(self.missing[1] - self.missing[0])
        return max(self.distance - (self.noise or 0.0), 0.0)


class Comparison(Struct, frozen=True, kw_only=True):
    """All columns of two tables.

    Attributes:
        columns: those of both, what has moved most first.
        gone: columns that only the first table has.
        new: columns that only the second one has.
    """

    columns: list[Moved]
    gone: list[str]
    new: list[str]

    def __getitem__(self, name: str) -> Moved:
        """One column."""
        return next(column for column in self.columns if column.name == name)


def compare(before: Profile, after: Profile) -> Comparison:
    """Every column of two profiles.

    >>> from roadworthy.measures.profile.profile import empty_profile
    >>> compare(empty_profile(), empty_profile()).columns
    []
    """
    shared = [name for name in before.columns if name in after.columns]
    moved = [compared(before.columns[name], after.columns[name]) for name in shared]
    return Comparison(
        columns=sorted(moved, key=lambda one: -one.excess),
        gone=[name for name in before.columns if name not in after.columns],
        new=[name for name in after.columns if name not in before.columns],
    )


def compared(before: ColumnProfile, after: ColumnProfile) -> Moved:
    """One column in two tables."""
    one, two = _only(before), _only(after)
    figures: dict[str, Any] = {}
    held = (before.count, after.count)
    lost = (before.rows - held[0], after.rows - held[1])
    if isinstance(one, Numbers) and isinstance(two, Numbers) and one.tag == two.tag:
        figures = _numbers(one, two, lost)
    elif isinstance(one, Texts) and isinstance(two, Texts) and one.tag == two.tag:
        figures = _texts(one, two, lost)
    return Moved(
        name=before.name,
        rows=(before.rows, after.rows),
        before=held[0],
        after=held[1],
        kinds=(before.kind, after.kind),
        missing=(_missing(before, lost[0]), _missing(after, lost[1])),
        **figures,
    )


def _only(column: ColumnProfile) -> State | None:
    """The one state that holds rows; None if there is none, or several."""
    filled = [state for state in column.state.states.values() if state.rows]
    return filled[0] if len(filled) == 1 else None


def _missing(column: ColumnProfile, lost: int) -> float:
    return (lost + column.nan) / column.rows if column.rows else 0.0


def _numbers(one: Numbers, two: Numbers, lost: tuple[int, int]) -> dict[str, Any]:
    if not one.finite or not two.finite:
        return {}
    both = overlap(one, two)
    first, second = parted(both, BINS)
    first = np.append(first, [lost[0] + one.nan, one.above, one.below])
    second = np.append(second, [lost[1] + two.nan, two.above, two.below])
    return {
        **_distances(first, second),
        "ks": ks_bounds(both),
        "wasserstein": wasserstein_bounds(both, one, two),
        "unseen": _outside(one, two),
    }


def _texts(one: Texts, two: Texts, lost: tuple[int, int]) -> dict[str, Any]:
    first, second = _listed(one, two) if one.sketch is None and two.sketch is None else _folded(one, two)
    lengths = overlap(one.lengths, two.lengths)
    return {
        **_distances(np.append(first, lost[0]), np.append(second, lost[1])),
        "ks": ks_bounds(lengths),
        "unseen": _unseen(one, two),
    }


def _distances(first: Counts, second: Counts) -> dict[str, float]:
    return {
        "distance": total_variation(first, second),
        "noise": _noise(first, second),
        "psi": psi(first, second),
        "jensen_shannon": jensen_shannon(first, second),
    }


def _noise(first: Counts, second: Counts) -> float:
    """The mean of half the sum of absolute differences of two samples of one source, by the normal law."""
    one, two = int(first.sum()), int(second.sum())
    share = (first + second) / (one + two)
    spread = np.sqrt(share * (1 - share) * (1 / one + 1 / two))
    return float(spread.sum() / math.sqrt(2 * math.pi))


def _listed(one: Texts, two: Texts) -> tuple[Counts, Counts]:
    """Rows of the values that are most frequent in both tables, and of all others together."""
    every = united(one.entries.hashes, two.entries.hashes)
    first, second = _placed(one.entries, every), _placed(two.entries, every)
    if len(every) <= LARGEST:
        return first, second
    weight = first / first.sum() + second / second.sum()
    rank = np.minimum(np.argsort(np.argsort(-weight, kind="stable")), LARGEST)
    return np.bincount(rank, weights=first).astype(np.int64), np.bincount(rank, weights=second).astype(np.int64)


def _placed(entries: Entries, every: Words) -> Counts:
    found = np.zeros(len(every), dtype=np.int64)
    found[np.searchsorted(every, entries.hashes)] = entries.counts
    return found


def _folded(one: Texts, two: Texts) -> tuple[Counts, Counts]:
    """Rows by hash, in few bins: what differs there differs at least as much among the values."""
    return _cells(one), _cells(two)


def _cells(state: Texts) -> Counts:
    if state.sketch is not None:
        cells = state.sketch.cells
    else:
        cells = cells_of(state.entries.hashes, state.entries.counts, width=VALUE_CELLS)
    folded: Counts = cells[0].reshape(FOLDED, -1).sum(axis=1)
    return folded


def _unseen(one: Texts, two: Texts) -> Estimate:
    """Share of rows whose text the first table never held, from the texts that both samples hold whole."""
    level = max(state.sketch.level if state.sketch is not None else 0 for state in (one, two))
    entries = two.entries
    within = entries.hashes <= np.uint64((1 << (64 - level)) - 1)
    counts = entries.counts[within].astype(np.float64)
    new = ~np.isin(entries.hashes[within], one.entries.hashes)
    share = float(counts[new].sum() / counts.sum()) if len(counts) else 0.0
    if level == 0:
        return Estimate.of(share)
    spread = float(np.sqrt(np.sum((counts * (new - share)) ** 2)) / counts.sum()) if len(counts) else 1.0
    # where all or none of the sampled texts are new, a few in a hundred may still be otherwise
    open_ = max(1.96 * spread, 3.0 / max(len(counts), 3))
    return Estimate(share, max(share - open_, 0.0), min(share + open_, 1.0), 0.95)


def _outside(one: Numbers, two: Numbers) -> Estimate:
    if one.sketch is None and two.sketch is None:
        new = ~np.isin(two.buckets.prefix, one.buckets.prefix)
        return Estimate.of(float(two.buckets.count[new].sum() / two.finite))
    found = ends(one)
    ladder = Ladder(two)
    if found is None:
        return Estimate.of(1.0)
    below, above = ladder.below(found[0] - 1), ladder.below(found[1])
    rows = two.finite
    return Estimate(
        (below[0] + rows - above[0]) / rows, (below[1] + rows - above[2]) / rows, (below[2] + rows - above[1]) / rows
    )
