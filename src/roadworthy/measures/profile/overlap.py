"""Two columns of numbers laid over each other, bucket by bucket."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.measures.distances import wasserstein_counts
from roadworthy.measures.profile.buckets import coarser
from roadworthy.measures.profile.estimate import Estimate
from roadworthy.measures.profile.hashing import Words
from roadworthy.measures.profile.keys import SIGN, key_floats
from roadworthy.measures.profile.moments import mean_of
from roadworthy.measures.profile.numbers import Numbers, ends

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


class Overlap(Struct, frozen=True):
    """The buckets of two columns at one shift, in ascending order; both columns hold finite numbers.

    Attributes:
        tag: what the numbers are.
        first, second: rows of each column in each bucket.
        one, two: the value of each column there, if it is one only; else the smallest key of the bucket.
        loose: whether a column has more than one value there, for each of both.
        widest: the largest key of each bucket.
    """

    tag: str
    first: Counts
    second: Counts
    one: Words
    two: Words
    loose: tuple[NDArray[np.bool_], NDArray[np.bool_]]
    widest: Words


def overlap(first: Numbers, second: Numbers) -> Overlap:
    """Both columns at the larger of their shifts."""
    shift = max(first.buckets.shift, second.buckets.shift)
    one, two = coarser(first.buckets, shift), coarser(second.buckets, shift)
    prefix = united(one.prefix, two.prefix)
    size, low = len(prefix), prefix << np.uint64(shift)
    counts = [np.zeros(size, dtype=np.int64) for _ in range(2)]
    values = [low.copy() for _ in range(2)]
    loose = [np.zeros(size, dtype=np.bool_) for _ in range(2)]
    for side, buckets in enumerate((one, two)):
        place = np.searchsorted(prefix, buckets.prefix)
        counts[side][place], values[side][place], loose[side][place] = buckets.count, buckets.value, buckets.many
    top = low | np.uint64((1 << shift) - 1)
    return Overlap(first.tag, counts[0], counts[1], values[0], values[1], (loose[0], loose[1]), top)


def united(first: Words, second: Words) -> Words:
    """The words that stand in either of two ascending arrays, ascending."""
    # a stable sort merges two runs in one pass
    both = np.sort(np.concatenate([first, second]), kind="stable")
    return both[np.concatenate([[True], both[1:] != both[:-1]])] if len(both) else both


def ks_bounds(both: Overlap) -> Estimate:
    """Two bounds that hold the largest distance of the cumulative shares, proven; the guess is the lower one.

    At the edge of a bucket both shares are known. Inside one they are known only to lie between those at its edges,
    save where a side has no row there, or both sides have one value.
    """
    before_one, after_one = _steps(both.first)
    before_two, after_two = _steps(both.second)
    at_edges = float(np.max(np.abs(after_one - after_two)))
    shared = (both.first > 0) & (both.second > 0)
    single = shared & ~both.loose[0] & ~both.loose[1]
    rising = np.maximum(after_one - before_two, after_two - before_one)
    # of two values that differ the smaller one steps first, so that the distance between the steps is known too
    between = np.where(both.one < both.two, np.abs(after_one - before_two), np.abs(after_two - before_one))
    known = between[single & (both.one != both.two)]
    low = max(at_edges, float(known.max(initial=0.0)))
    return Estimate(low, low, max(low, float(rising[shared & ~single].max(initial=0.0))))


def wasserstein_bounds(both: Overlap, first: Numbers, second: Numbers) -> Estimate:
    """The mean distance that values must move, in the unit of the numbers, within proven bounds.

    Each bucket is taken at its middle: a row is off by half its width at most.
    """
    found = ends(first), ends(second)
    lowest = min(end[0] for end in found if end is not None)
    highest = max(end[1] for end in found if end is not None)
    left = np.maximum(np.minimum(_known(both.one, both.first), _known(both.two, both.second)), np.uint64(lowest))
    right = np.minimum(both.widest, np.uint64(highest))
    certain = (~both.loose[0] | (both.first == 0)) & (~both.loose[1] | (both.second == 0))
    right = np.where(certain, np.maximum(both.one * (both.first > 0), both.two * (both.second > 0)), right)
    start, stop = _numbers(both.tag, left), _numbers(both.tag, np.maximum(left, right))
    middle, half = start / 2 + stop / 2, stop / 2 - start / 2
    kept = np.flatnonzero(np.concatenate([[True], middle[1:] > middle[:-1]]))
    guess = wasserstein_counts(middle[kept], np.add.reduceat(both.first, kept), np.add.reduceat(both.second, kept))
    off = sum(float(counts @ half) / int(counts.sum()) for counts in (both.first, both.second))
    if off == 0.0:
        return Estimate.of(guess)
    # the means cannot lie further apart than the values have moved
    one, two = (mean_of(state.sums, state.finite, state.bits) for state in (first, second))
    low = min(max(guess - off, abs(one - two)), guess + off)
    return Estimate(min(max(guess, low), guess + off), low, guess + off)


def parted(both: Overlap, bins: int) -> tuple[Counts, Counts]:
    """Rows of both in at most so many bins that hold about as many rows of the first each, exact."""
    upto = np.cumsum(both.first)
    wanted = upto[-1] * np.arange(1, bins) / bins
    starts = np.unique(np.concatenate([[0], np.searchsorted(upto, wanted) + 1]))
    starts = starts[starts < len(upto)]
    return np.add.reduceat(both.first, starts), np.add.reduceat(both.second, starts)


def _known(values: Words, counts: Counts) -> Words:
    return np.where(counts > 0, values, np.uint64((1 << 64) - 1))


def _steps(counts: Counts) -> tuple[Floats, Floats]:
    """Share of the rows before each bucket, and with it."""
    upto = np.cumsum(counts)
    return (upto - counts) / upto[-1], upto / upto[-1]


def _numbers(tag: str, keys: Words) -> Floats:
    if tag == "number":
        return key_floats(keys)
    return keys.astype(np.float64) if tag == "unsigned" else (keys ^ SIGN).view(np.int64).astype(np.float64)
