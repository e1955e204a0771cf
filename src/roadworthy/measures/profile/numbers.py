"""The state of a column of numbers: every value with its count while there are few, sketches once there are many.

At most 8,192 distinct values are kept with their counts, and all else follows from them. Above that, what is kept are
buckets, registers and sums, which merge. Whether there are more is a property of the rows, so it does not matter in
which order or in how many parts they came.
"""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.measures.profile import registers as hll
from roadworthy.measures.profile.buckets import Buckets, exact_buckets, merged
from roadworthy.measures.profile.hashing import Words, number_hashes
from roadworthy.measures.profile.kernels import Kernel
from roadworthy.measures.profile.keys import HIGHEST, LOWEST, NAN
from roadworthy.measures.profile.moments import BITS, Sums, float_sums, int_sums

EXACT = 8192
"""Distinct values up to which a column is kept exactly."""

BUCKETS = 4096
"""Buckets that are left of a column with more values."""


class Sketch(Struct, frozen=True):
    """What is kept beside the buckets once they no longer hold every value.

    Attributes:
        registers: of distinct values.
        sums: exact sums.
        least: the smallest key.
        most: the largest key.
        zeros: rows that hold 0.
    """

    registers: hll.Registers
    sums: Sums
    least: int
    most: int
    zeros: int


class Numbers(Struct, frozen=True):
    """The state of the numbers of one kind in a column.

    Attributes:
        tag: what they are, see `kinds`.
        buckets: the finite ones.
        nan: rows that are not a number.
        above: rows that are infinite.
        below: rows that are minus infinity.
        sketch: None while the buckets hold every value.
    """

    tag: str
    buckets: Buckets
    nan: int = 0
    above: int = 0
    below: int = 0
    sketch: Sketch | None = None

    @property
    def finite(self) -> int:
        """Rows with a finite number."""
        return int(self.buckets.count.sum())

    @property
    def rows(self) -> int:
        """Rows that are not missing."""
        return self.finite + self.nan + self.above + self.below

    @property
    def bits(self) -> int:
        """A step of the sums is worth 2^-bits."""
        return BITS if self.tag == "number" else 0

    @property
    def sums(self) -> Sums:
        """Exact sums over the finite numbers."""
        if self.sketch is not None:
            return self.sketch.sums
        if self.tag == "number":
            return float_sums(self.buckets.prefix, self.buckets.count)
        return int_sums(self.buckets.prefix, self.buckets.count, signed=self.tag != "unsigned")


def numbers_of(
    keys: Words, *, tag: str, kernel: Kernel, known: Numbers | None = None, hashes: Words | None = None
) -> Numbers:
    """The state of these keys; what is known already, and their hashes if they are, saves work."""
    nan = above = below = 0
    if tag == "number":
        finite = (keys > LOWEST) & (keys < HIGHEST)
        if not finite.all():
            nan, above = int((keys == NAN).sum()), int((keys == HIGHEST).sum())
            below = len(keys) - int(finite.sum()) - nan - above
            keys = keys[finite]
            hashes = None if hashes is None else hashes[finite]
    if known is None or known.sketch is None:
        tally = kernel.tally(keys, limit=EXACT)
        if tally is not None:
            return Numbers(tag, exact_buckets(tally.words, tally.counts), nan, above, below)
    shift = 0 if known is None else known.buckets.shift
    buckets = kernel.buckets(keys, shift=shift, limit=BUCKETS)
    return Numbers(tag, buckets, nan, above, below, _sketch_of(keys, hashes, tag, kernel=kernel))


def merged_numbers(first: Numbers, second: Numbers) -> Numbers:
    """The state of the rows of both."""
    special = (first.nan + second.nan, first.above + second.above, first.below + second.below)
    if first.sketch is None and second.sketch is None:
        every = merged(first.buckets, second.buckets, limit=2 * EXACT)
        if len(every.prefix) <= EXACT:
            return Numbers(first.tag, every, *special)
    one, two = _sketch_from(first), _sketch_from(second)
    buckets = merged(first.buckets, second.buckets, limit=BUCKETS)
    return Numbers(first.tag, buckets, *special, _added(one, two))


def _sketch_of(keys: Words, hashes: Words | None, tag: str, *, kernel: Kernel) -> Sketch:
    sums = kernel.float_sums(keys) if tag == "number" else kernel.int_sums(keys, signed=tag != "unsigned")
    registers = kernel.registers(kernel.number_hashes(keys) if hashes is None else hashes)
    least, most = (int(keys.min()), int(keys.max())) if len(keys) else _NOTHING
    return Sketch(registers, sums, least, most, int(np.count_nonzero(keys == zero_key(tag))))


def _sketch_from(state: Numbers) -> Sketch:
    """The sketch of a state that holds every value."""
    if state.sketch is not None:
        return state.sketch
    keys, counts = state.buckets.prefix, state.buckets.count
    least, most = (int(keys[0]), int(keys[-1])) if len(keys) else _NOTHING
    zeros = int(counts[keys == zero_key(state.tag)].sum())
    return Sketch(hll.registers_of(number_hashes(keys)), state.sums, least, most, zeros)


def _added(one: Sketch, two: Sketch) -> Sketch:
    return Sketch(
        np.maximum(one.registers, two.registers),
        one.sums + two.sums,
        min(one.least, two.least),
        max(one.most, two.most),
        one.zeros + two.zeros,
    )


def zero_key(tag: str) -> np.uint64:
    """The key of 0."""
    return np.uint64(0 if tag == "unsigned" else 1 << 63)


def ends(state: Numbers) -> tuple[int, int] | None:
    """Smallest and largest finite key; None without one."""
    if state.sketch is not None:
        return state.sketch.least, state.sketch.most
    keys = state.buckets.prefix
    return (int(keys[0]), int(keys[-1])) if len(keys) else None


def spans(state: Numbers) -> tuple[Words, Words, NDArray[np.int64]]:
    """Smallest and largest key that each bucket may hold, and its rows, in ascending order."""
    low, high = state.buckets.low, state.buckets.high
    found = ends(state)
    if found is not None:
        low, high = np.maximum(low, np.uint64(found[0])), np.minimum(high, np.uint64(found[1]))
    return low, high, state.buckets.count


_NOTHING = ((1 << 64) - 1, 0)
