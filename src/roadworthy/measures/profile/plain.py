"""The kernel in plain numpy: nothing to compile, so it is the quicker one for small tables, and always there."""

import numpy as np
from numpy.typing import NDArray

from roadworthy.measures.profile import countmin, hashing, keys, moments, registers, shapes
from roadworthy.measures.profile.buckets import Buckets, counted
from roadworthy.measures.profile.hashing import Words
from roadworthy.measures.profile.kernels import Shapes, Tally
from roadworthy.measures.profile.moments import Sums
from roadworthy.measures.profile.registers import Registers


class PlainKernel:
    """See `kernels.Kernel`."""

    def float_keys(self, values: NDArray[np.float64]) -> Words:
        """See `keys`."""
        return keys.float_keys(values)

    def number_hashes(self, keys: Words) -> Words:
        """See `hashing`."""
        return hashing.number_hashes(keys)

    def text_hashes(self, offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> Words:
        """See `hashing`."""
        return hashing.text_hashes(offsets, data)

    def add_cells(self, rows: Words, hashes: Words, *, valid: NDArray[np.bool_] | None, salt: np.uint64) -> None:
        """Add `mix(hash + salt)` to the sum of each row that has a value, in place."""
        added = hashing.mix(hashes + salt)
        rows += added if valid is None else added * valid

    def tally(self, words: Words, *, limit: int) -> Tally | None:
        """Every distinct word with its count; None if there are more than `limit`."""
        order = np.argsort(words, kind="stable")
        ordered = words[order]
        if len(ordered) == 0:
            return Tally(ordered, np.empty(0, dtype=np.int64), order)
        first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        if len(first) > limit:
            return None
        return Tally(ordered[first], np.diff(np.append(first, len(ordered))), order[first])

    def buckets(self, keys: Words, *, shift: int, limit: int) -> Buckets:
        """Keys in at most `limit` buckets, by the least shift that is at least `shift`."""
        return counted(np.sort(keys), shift=shift, limit=limit)

    def registers(self, hashes: Words) -> Registers:
        """See `registers`."""
        return registers.registers_of(hashes)

    def float_sums(self, keys: Words) -> Sums:
        """See `moments`."""
        return moments.float_sums(keys)

    def int_sums(self, keys: Words, *, signed: bool) -> Sums:
        """See `moments`."""
        return moments.int_sums(keys, signed=signed)

    def cells(self, hashes: Words, weights: NDArray[np.int64] | None, *, width: int) -> NDArray[np.int64]:
        """Cells of a Count-Min table, see `countmin`."""
        return countmin.cells_of(hashes, weights, width=width)

    def shapes(self, offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> Shapes:
        """See `shapes`."""
        return shapes.shapes_of(offsets, data)
