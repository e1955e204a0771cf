"""Near-duplicates among perceptual hashes: 64 bits that differ in few places, found exactly at scale.

Cut into k blocks, two hashes that differ in at most d bits are equal in at least k - d blocks. For every choice of
k - d blocks the hashes are sorted by those bits; equal neighbours are candidates, and the bits that differ are counted.
How many blocks is chosen so that sorting and counting cost least.

Source: Manku, Jain and Das Sarma (2007), WWW (permuted tables).
"""

from itertools import combinations, pairwise
from math import comb, log2

import numpy as np
from numpy.typing import NDArray

from roadworthy.data.set_join import components, partners
from roadworthy.data.sets import Hashes, Rows
from roadworthy.kernel.errors import DataError

_BITS = 64
_MOST_BITS = 16
_SORT_COST = 6.0
"""Cost of sorting one hash in units of counting one pair."""


def near_hashes(hashes: Hashes, *, bits: int = 6) -> Rows:
    """Row number of the first member of each group of hashes; members are joined by pairs at most `bits` apart.

    Args:
        hashes: uint64, one for each image.
        bits: how many of the 64 bits may differ, 0 to 16. Scaled and recompressed images differ in up to about 6 bits
            of a DCT hash; hashes of unlike images in 32 on average.

    Raises:
        DataError: if `bits` is outside 0 to 16.

    >>> near_hashes(np.array([0b1011, 0b1001, 1 << 60, 0b1001], dtype=np.uint64), bits=1).tolist()
    [0, 0, 2, 0]
    """
    distinct, first, inverse = np.unique(np.asarray(hashes, dtype=np.uint64), return_index=True, return_inverse=True)
    one, other = _pairs(distinct, bits)
    # groups of distinct hashes, named by the earliest row of any of them
    group = components(one, other, rows=len(distinct))
    earliest = np.full(len(distinct), len(hashes), dtype=np.int64)
    np.minimum.at(earliest, group, first)
    named: Rows = earliest[group][inverse]
    return named


def hash_pairs(hashes: Hashes, *, bits: int = 6) -> tuple[Rows, Rows, NDArray[np.int64]]:
    """Every pair of rows at most `bits` apart, `one` < `other`, with the number of bits that differ.

    Raises:
        DataError: if `bits` is outside 0 to 16.
    """
    held = np.asarray(hashes, dtype=np.uint64)
    one, other = _pairs(held, bits)
    return one, other, np.bitwise_count(held[one] ^ held[other]).astype(np.int64)


def _pairs(hashes: Hashes, bits: int) -> tuple[Rows, Rows]:
    if not 0 <= bits <= _MOST_BITS:
        raise DataError(
            f"hashes {bits} bits apart are no near-duplicates",
            where="near_hashes",
            fix=f"ask for 0 to {_MOST_BITS} of 64 bits",
        )
    found = [np.empty(0, np.int64)]
    for mask in _masks(bits, len(hashes)):
        kept = hashes & mask
        order = np.argsort(kept, kind="stable")
        ends = np.flatnonzero(np.append(np.diff(kept[order]) != 0, True)) + 1 if len(order) else order
        high = ends[np.searchsorted(ends, np.arange(len(order)), side="right")] if len(order) else order
        for low_place, high_place in partners(np.arange(1, len(order) + 1), high):
            a, b = order[low_place], order[high_place]
            near = np.bitwise_count(hashes[a] ^ hashes[b]) <= bits
            small, large = np.minimum(a[near], b[near]), np.maximum(a[near], b[near])
            found.append((small << 32) | large)
    pairs = np.unique(np.concatenate(found))
    return pairs >> 32, pairs & 0xFFFFFFFF


def _masks(bits: int, rows: int) -> list[np.uint64]:
    """The bits that are sorted by, one mask for each choice of blocks."""
    blocks = min(range(bits + 1, min(bits + 6, _BITS) + 1), key=lambda count: _cost(count, bits, rows))
    edges = np.linspace(0, _BITS, blocks + 1).round().astype(int).tolist()
    parts = [((1 << high) - (1 << low)) for low, high in pairwise(edges)]
    return [np.uint64(sum(chosen)) for chosen in combinations(parts, blocks - bits)]


def _cost(blocks: int, bits: int, rows: int) -> float:
    equal = blocks - bits
    pairs = 2.0 ** (2 * log2(max(rows, 2)) - 1 - equal * _BITS / blocks)
    return float(comb(blocks, equal) * (pairs + _SORT_COST * rows))
