"""Count-Min: how often a value stands, never too few, from a small table of whole numbers that are added on merging.

Source: Cormode and Muthukrishnan (2005), J. Algorithms 55:58-75. With 3 rows of w cells the count of a value is too
large by more than 2.72 n / w in at most one of twenty values.
"""

import numpy as np
from numpy.typing import NDArray

from roadworthy.measures.profile.hashing import Words, mix

DEPTH = 3
STEP = 20
APART = np.uint64(0x2545F4914F6CDD1D)

Cells = NDArray[np.int64]
"""Shape (3, width); the width is a power of two."""


def places(hashes: Words, width: int) -> list[NDArray[np.int64]]:
    """The cell of each hash in each of the three rows."""
    spread = mix(hashes ^ APART)
    return [((spread >> np.uint64(STEP * row)) & np.uint64(width - 1)).astype(np.int64) for row in range(DEPTH)]


def cells_of(hashes: Words, weights: NDArray[np.int64] | None, *, width: int) -> Cells:
    """The table of these hashes, each counted `weights` times (once by default).

    >>> table = cells_of(np.array([5, 5, 9], dtype=np.uint64), None, width=1024)
    >>> most_often(table, np.array([5, 9, 7], dtype=np.uint64)).tolist()
    [2, 1, 0]
    """
    found = np.zeros((DEPTH, width), dtype=np.int64)
    for row, place in enumerate(places(hashes, width)):
        if weights is None:
            found[row] = np.bincount(place, minlength=width)
        else:
            np.add.at(found[row], place, weights)
    return found


def most_often(cells: Cells, hashes: Words) -> NDArray[np.int64]:
    """At most how often each of these hashes stands."""
    found = [cells[row][place] for row, place in enumerate(places(hashes, cells.shape[1]))]
    least: NDArray[np.int64] = np.minimum.reduce(found)
    return least
