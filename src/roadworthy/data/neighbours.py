"""Near-duplicates: texts that share most of their runs of four words, found exactly.

Every pair with the wanted Jaccard similarity is found, by a join of sets (`set_join`) rather than by MinHash, which
misses some: the same sets are compared, in less time, and nothing depends on a draw.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.data.set_join import Pairs, similar_groups, similar_pairs
from roadworthy.data.sets import shingles


def near_duplicates(texts: Sequence[str] | pl.Series, *, similarity: float = 0.6, length: int = 4) -> NDArray[np.int64]:
    """A group number for every text; near-duplicates share one.

    Case, links, addresses and numbers do not count, nor what comes after the first 3,000 words; marks of pseudonyms
    count as addresses, so that no group depends on their key. Texts without a word stand alone.

    Args:
        texts: any texts.
        similarity: least Jaccard similarity of the sets of runs of words, in (0, 1].
        length: how many words make a run. Four suit letters and articles; two suit a line, of which one changed word
            breaks every longer run.

    Returns:
        int64 (len(texts),): the row number of the first member of each group.

    >>> near_duplicates(["buy the new cheap watch now 1", "BUY the new cheap watch now 2", "hello"]).tolist()
    [0, 0, 2]
    """
    return similar_groups(shingles(texts, length=length), similarity=similarity)


def near_pairs(texts: Sequence[str] | pl.Series, *, similarity: float = 0.6, length: int = 4) -> Pairs:
    """Every pair of near-duplicates with its similarity; a large group has many pairs.

    >>> near_pairs(["one two three four five", "x", "one two three four six"], similarity=0.3).other.tolist()
    [2]
    """
    return similar_pairs(shingles(texts, length=length), similarity=similarity)


def shingle_sets(texts: Sequence[str]) -> list[NDArray[np.uint64]]:
    """Sorted distinct hashes of the four-word runs of each text; empty where there is no word."""
    return shingles(texts).parts()


def jaccard(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> float:
    """Shared elements by all elements of two sorted sets; 0 if one is empty.

    >>> jaccard(np.uint64([1, 2, 3]), np.uint64([2, 3, 4]))
    0.5
    """
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared) if shared else 0.0
