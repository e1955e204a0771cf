"""The loops over all rows, behind one interface: plain numpy, or compiled. Both give the same bytes."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from roadworthy.measures.profile.buckets import Buckets
from roadworthy.measures.profile.hashing import Words
from roadworthy.measures.profile.moments import Sums
from roadworthy.measures.profile.registers import Registers


class Tally(NamedTuple):
    """Distinct words in ascending order: how often each stands, and where one of them does."""

    words: Words
    counts: NDArray[np.int64]
    places: NDArray[np.int64]


class Shapes(NamedTuple):
    """What each text looks like.

    Attributes:
        chars: characters (code points) in it.
        classes: which classes of characters stand in it, a bit for each, see `shapes`.
        patterns: hash of its pattern.
    """

    chars: NDArray[np.int64]
    classes: NDArray[np.uint8]
    patterns: Words


class Kernel(Protocol):
    """What is done to every row. Arrays are contiguous; rows without a value were left out before."""

    def float_keys(self, values: NDArray[np.float64]) -> Words:
        """See `keys`."""

    def number_hashes(self, keys: Words) -> Words:
        """See `hashing`."""

    def text_hashes(self, offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> Words:
        """See `hashing`."""

    def add_cells(self, rows: Words, hashes: Words, *, valid: NDArray[np.bool_] | None, salt: np.uint64) -> None:
        """Add `mix(hash + salt)` to the sum of each row that has a value, in place."""

    def tally(self, words: Words, *, limit: int) -> Tally | None:
        """Every distinct word with its count; None if there are more than `limit`."""

    def buckets(self, keys: Words, *, shift: int, limit: int) -> Buckets:
        """Keys in at most `limit` buckets, by the least shift that is at least `shift`."""

    def registers(self, hashes: Words) -> Registers:
        """See `registers`."""

    def float_sums(self, keys: Words) -> Sums:
        """See `moments`."""

    def int_sums(self, keys: Words, *, signed: bool) -> Sums:
        """See `moments`."""

    def cells(self, hashes: Words, weights: NDArray[np.int64] | None, *, width: int) -> NDArray[np.int64]:
        """Cells of a Count-Min table, see `countmin`."""

    def shapes(self, offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> Shapes:
        """See `shapes`."""
